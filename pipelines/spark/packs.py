"""Packs: what one task on the cluster made of its files, as one Arrow stream on the shared storage.

A row is a piece of a file: whose it is (`key`), its name, at most 4 MB of its bytes; the pieces of a file follow each
other, the files of a key too. So neither side ever holds more than a piece, however large a ledger is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

_SCHEMA = pa.schema([("key", pa.string()), ("name", pa.string()), ("data", pa.large_binary())])
_PIECE = 4 << 20
_KEY = re.compile(r"[0-9a-zA-Z_-]{1,80}")
_NAME = re.compile(r"[a-z_0-9]+(\.[a-z_0-9]+){0,3}")


class PackError(OSError):
    """A pack that is not what one of our tasks writes."""


class PackWriter:
    """Writes a pack to this machine's disk."""

    def __init__(self, path: Path) -> None:
        self._sink = pa.OSFile(str(path), "wb")
        self._stream = pa.ipc.new_stream(self._sink, _SCHEMA)
        self._waiting: list[tuple[str, str, bytes]] = []
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._flush()
        self._stream.close()
        self._sink.close()

    def add(self, key: str, name: str, data: bytes) -> None:
        """Add a file of which the bytes are at hand."""
        for start in range(0, len(data), _PIECE):
            self._piece(key, name, data[start : start + _PIECE])
        if not data:
            self._piece(key, name, b"")

    def add_folder(self, key: str, folder: Path) -> None:
        """Add every file of a folder."""
        for path in sorted(folder.iterdir()):
            with path.open("rb") as file:
                self._piece(key, path.name, file.read(_PIECE))
                while piece := file.read(_PIECE):
                    self._piece(key, path.name, piece)

    def _piece(self, key: str, name: str, data: bytes) -> None:
        self._waiting.append((key, name, data))
        self._size += len(data)
        if self._size >= _PIECE:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            columns = zip(*self._waiting, strict=True)
            arrays = [pa.array(column, field.type) for column, field in zip(columns, _SCHEMA, strict=True)]
            self._stream.write_batch(pa.record_batch(arrays, schema=_SCHEMA))
        self._waiting, self._size = [], 0


def unpacked(pack: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """Lay out a pack below a folder; yields each key with the folder of its files once they are whole.

    Raises PackError for what is no pack, OSError when the disk refuses.
    """
    key = ""
    try:
        with pa.OSFile(str(pack), "rb") as source, pa.ipc.open_stream(source) as stream:
            if stream.schema != _SCHEMA:
                raise PackError(f"{pack} is of another form")
            for batch in stream:
                for row in range(batch.num_rows):
                    whose, name = batch.column(0)[row].as_py(), batch.column(1)[row].as_py()
                    if not _KEY.fullmatch(whose) or not _NAME.fullmatch(name):
                        raise PackError(f"{pack} names {whose}/{name}")
                    if whose != key:
                        if key:
                            yield key, folder / key
                        key = whose
                        (folder / key).mkdir()
                    with (folder / key / name).open("ab") as out:
                        out.write(batch.column(2)[row].as_buffer())
    except pa.ArrowInvalid as e:
        raise PackError(f"{pack} is damaged: {e}") from e
    if key:
        yield key, folder / key
