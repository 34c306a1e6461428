"""Mixed documents for the cluster: those of the benchmark's long night, with the sample inbox among them."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from pathlib import Path

from benchmarks.big_night import make
from extractors.facts import Context
from pipelines.reading import About, ToRead, load_facts
from pipelines.staging import stage_file, take_given
from warehouse.archive import archive, archive_path

ROOT = Path(__file__).resolve().parents[2]
DAY = dt.date(2026, 8, 20)


def mixed(folder: Path, count: int) -> Path:
    """An inbox of so many documents in text, HTML, DOCX, CSV, XLSX, PDF, mail, archives and a scan."""
    samples = sorted((ROOT / "samples" / "inbox").iterdir())
    make(folder, count - len(samples))
    for path in samples:
        shutil.copy(path, folder / path.name)
    return folder


def archived(home: Path, inbox: Path) -> list[ToRead]:
    """The files of an inbox in a home's archive, ready to be read there."""
    out = {}
    for path in sorted(p for p in inbox.rglob("*") if p.is_file()):
        file_id = archive(home, path.read_bytes())
        about = About(path=path.name, source="inbox", parent_id=None, first_seen_date=DAY)
        place = str(archive_path(home, file_id))
        out[file_id] = ToRead(
            file_id=file_id, archived=place, name=path.name, context=Context(source="inbox"), about=about
        )
    return list(out.values())


def stage_all(home: Path, files: list[ToRead]) -> int:
    """Stage as a night does; how many came staged from elsewhere."""
    given = 0
    for file in files:
        if take_given(home, file) is not None:
            given += 1
            continue
        extraction = load_facts(home, file.file_id, file.version)
        assert extraction is not None
        stage_file(home, file, extraction)
    return given


def digests(home: Path) -> dict[str, str]:
    """Every file of facts, staged rows and previews, by its bytes."""
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in ("facts", "staged", "previews")
        for path in sorted((home / folder).rglob("*"))
        if path.is_file()
    }
