"""Packs carry files whole, in pieces, and nothing that is not what a task wrote gets out of one."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.spark import packs
from pipelines.spark.packs import PackError, PackWriter, unpacked

keys = st.text("0123456789abcdef", min_size=1, max_size=8)
names = st.sampled_from(["report", "facts.json.gz", "debts.parquet", "manifest.json"])


@given(
    st.dictionaries(keys, st.dictionaries(names, st.binary(max_size=40), min_size=1), max_size=5), st.integers(1, 16)
)
@settings(max_examples=40, deadline=None)
def test_what_goes_in_comes_out(files: dict[str, dict[str, bytes]], piece: int) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(packs, "_PIECE", piece)
        folder = Path(name)
        with PackWriter(folder / "pack") as pack:
            for key, wanted in files.items():
                for name, data in wanted.items():
                    pack.add(key, name, data)
        (folder / "out").mkdir()
        found = {}
        for key, place in unpacked(folder / "pack", folder / "out"):
            found[key] = {p.name: p.read_bytes() for p in place.iterdir()}
        assert found == files


def test_a_folder_goes_in_whole(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "debts.parquet").write_bytes(bytes(9 << 20))
    (tmp_path / "in" / "manifest.json").write_bytes(b"")
    with PackWriter(tmp_path / "pack") as pack:
        pack.add_folder("a", tmp_path / "in")
    with pa.OSFile(str(tmp_path / "pack")) as source:
        sizes = [batch.nbytes for batch in pa.ipc.open_stream(source)]
    assert max(sizes) < 5 << 20  # neither side holds more than a piece
    (tmp_path / "out").mkdir()
    ((key, place),) = unpacked(tmp_path / "pack", tmp_path / "out")
    assert key == "a" and {p.name: p.stat().st_size for p in place.iterdir()} == {
        "debts.parquet": 9 << 20,
        "manifest.json": 0,
    }


@pytest.mark.parametrize(
    ("key", "name"), [("../a", "report"), ("a", "../report"), ("a", "/etc/x"), ("", "report"), ("a", "")]
)
def test_nothing_is_written_beside(key: str, name: str, tmp_path: Path) -> None:
    with PackWriter(tmp_path / "pack") as pack:
        pack.add(key, name, b"x")
    (tmp_path / "out").mkdir()
    with pytest.raises(PackError):
        list(unpacked(tmp_path / "pack", tmp_path / "out"))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "pack"]


@pytest.mark.parametrize("keep", [0, 10, 200])
def test_what_is_cut_short_is_refused(keep: int, tmp_path: Path) -> None:
    with PackWriter(tmp_path / "pack") as pack:
        pack.add("a", "report", bytes(1000))
    whole = (tmp_path / "pack").read_bytes()
    (tmp_path / "pack").write_bytes(whole[:keep])
    (tmp_path / "out").mkdir()
    with pytest.raises(OSError):
        list(unpacked(tmp_path / "pack", tmp_path / "out"))
