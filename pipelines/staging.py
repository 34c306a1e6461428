"""From facts to staged parts: puts together what the warehouse needs to know of a file and lets it stage the rows."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Literal

import msgspec
import pyarrow as pa

from extractors.process import Extraction
from pipelines.reading import ToRead, facts_path
from warehouse.arrow import Batches, arrow_table
from warehouse.durable import write_bytes_atomic
from warehouse.parts import (
    Manifest,
    PartDamagedError,
    adopt_part,
    make_part,
    part_folder,
    part_version,
    read_manifest,
    write_part,
)
from warehouse.previews import Preview, packed_preview, preview_of, preview_path, write_preview
from warehouse.staging import DocumentInfo, is_secret, stage

_STATUS: dict[str, Literal["parsed", "partial", "quarantined"]] = {
    "ok": "parsed",
    "partial": "partial",
    "failed": "quarantined",
}
_PREVIEW = "preview.json.gz"
_BASIS = "basis"


def staged_part(home: Path, file: ToRead) -> Manifest | None:
    """The part of a file under the version at hand, its manifest only; None when it or its preview is not there."""
    if not preview_path(home, file.file_id, file.version).is_file():
        return None
    try:
        return read_manifest(home, file.file_id, part_version(file.version), verify=False)
    except PartDamagedError:
        return None


def part_of(home: Path, file: ToRead) -> Manifest | None:
    """The same with every Parquet file held against its checksum; None when anything is missing or altered."""
    try:
        return read_manifest(home, file.file_id, part_version(file.version))
    except PartDamagedError:
        return None


def stage_file(home: Path, file: ToRead, extraction: Extraction) -> Manifest:
    """Write the part of one file: the rows of its facts, and the units it names."""
    # before the part: a file counts as staged once its part is there
    write_preview(home, file.version, _preview(file, extraction))
    return write_part(home, file.file_id, part_version(file.version), tables_of(file, extraction))


def tables_of(file: ToRead, extraction: Extraction) -> dict[str, pa.Table | Batches]:
    """The staged rows of one file by table; pure. Raises ValueError for a file of which `about` is not known."""
    if file.about is None:
        raise ValueError(f"nothing is known about {file.file_id}")
    document, failure = extraction.document, extraction.failure
    info = DocumentInfo(
        file_id=file.file_id,
        name=file.name,
        path=file.about.path,
        parent_id=file.about.parent_id,
        source=file.about.source,
        extractor_version=file.version,
        first_seen_date=file.about.first_seen_date,
        status=_STATUS[extraction.status],
        format=None if document is None else document.format,
        pages=None if document is None else document.pages,
        text=None if document is None else document.text,
        notices=() if document is None else document.notices,
        grades=() if document is None else document.grades,
        seals=() if document is None else document.seals,
        error_code=None if failure is None else failure.code,
        error_message=None if failure is None else failure.message,
    )
    tables: dict[str, pa.Table | Batches] = dict(stage(extraction.facts, info))
    units = _units(extraction)
    if units.num_rows:
        tables["units"] = units
    return tables


# Staged on another machine -------------------------------------------------------------------------------------


def stage_elsewhere(folder: Path, file: ToRead, extraction: Extraction) -> None:
    """Write what `stage_file` would into a folder of its own, for the night's machine to adopt."""
    make_part(folder, file.file_id, part_version(file.version), tables_of(file, extraction))
    (folder / _PREVIEW).write_bytes(packed_preview(_preview(file, extraction)))


def keep_given(home: Path, file: ToRead, folder: Path) -> None:
    """Lay what `stage_elsewhere` wrote beside the home's parts until the night stages, with what it was made of.

    The folder is moved; it must lie on the home's disk.
    """
    (folder / _BASIS).write_text(_basis(home, file), encoding="ascii")
    target = given_folder(home, file)
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    folder.rename(target)


def take_given(home: Path, file: ToRead) -> Manifest | None:
    """Adopt what was staged elsewhere, if it was made of exactly the facts and the knowledge at hand and is whole;
    None otherwise: the file is then staged here."""
    folder = given_folder(home, file)
    try:
        if (folder / _BASIS).read_text(encoding="ascii") != _basis(home, file):
            return None
        preview = (folder / _PREVIEW).read_bytes()
        (folder / _BASIS).unlink()
        (folder / _PREVIEW).unlink()
    except FileNotFoundError:
        return None
    write_bytes_atomic(preview_path(home, file.file_id, file.version), preview)
    try:
        return adopt_part(home, folder, file.file_id, part_version(file.version))
    except PartDamagedError:
        return None


def clear_given(home: Path) -> None:
    """Remove what was staged elsewhere and not adopted, once everything is staged."""
    shutil.rmtree(home / "given", ignore_errors=True)


def given_folder(home: Path, file: ToRead) -> Path:
    """Where the rows of a file lie that another machine staged."""
    return home / "given" / part_folder(Path(), file.file_id, part_version(file.version)).relative_to("staged")


def _basis(home: Path, file: ToRead) -> str:
    """A digest of what a part is made of: the facts as they lie in the home, and what is known of the file."""
    facts = hashlib.sha256(facts_path(home, file.file_id, file.version).read_bytes())
    return hashlib.sha256(facts.digest() + msgspec.json.encode((file.name, file.about))).hexdigest()


# ---------------------------------------------------------------------------------------------------------------


def _preview(file: ToRead, extraction: Extraction) -> Preview:
    """What people are shown of the file: nothing of one that could not be read or may not be kept."""
    document = extraction.document
    if document is None or (extraction.facts is not None and is_secret(extraction.facts)):
        return Preview(file_id=file.file_id, name=file.name)
    return msgspec.structs.replace(preview_of(document, file.file_id), name=file.name)


def _units(extraction: Extraction) -> pa.Table:
    from extractors.resolve import units_of

    found = () if extraction.facts is None else units_of(extraction.facts)
    rows = [{"unit_id": u.unit_id, "name": u.unit_name, "kind": u.kind, "region_code": u.region_code} for u in found]
    return arrow_table("units", rows)
