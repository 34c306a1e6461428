"""The version changes with the audit's source and with nothing else."""

from __future__ import annotations

from pathlib import Path

from validators.version import VALIDATOR_VERSION, source_digest


def test_the_version_follows_the_source(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "inner" / "b.py").write_text("y = 2\n")
    first = source_digest(tmp_path)
    (tmp_path / "notes.txt").write_text("no source")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.cpython-311.pyc").write_bytes(b"\x00")
    assert source_digest(tmp_path) == first
    (tmp_path / "a.py").write_bytes(b"x = 1\r\n")
    assert source_digest(tmp_path) == first
    (tmp_path / "a.py").write_text("x = 2\n")
    second = source_digest(tmp_path)
    (tmp_path / "a.py").rename(tmp_path / "c.py")
    assert len({first, second, source_digest(tmp_path)}) == 3


def test_the_version_of_this_audit_covers_all_of_its_files() -> None:
    room = Path(__file__).resolve().parents[2] / "validators"
    assert source_digest(room) == VALIDATOR_VERSION
    assert len(list(room.rglob("*.py"))) > 10
