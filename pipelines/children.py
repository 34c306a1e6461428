"""Files found inside other files: bytes into the raw archive, names made fit for paths, what is left out said.

Containers within each other are read in rounds: a round's children are files of the next, under the limits of
`warehouse.state_children`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from extractors.document import Child, Notice
from extractors.process import Extraction
from warehouse.archive import ArchiveDamagedError, archive, held
from warehouse.state_children import MAX_BELOW, MAX_BYTES_BELOW, MAX_DEPTH, ChildRecord


def put_away(home: Path, extraction: Extraction) -> Extraction:
    """The extraction with its children's bytes in the raw archive. Raises OSError when the disk refuses."""
    document = extraction.document
    if document is None or not document.children:
        return extraction
    kept = tuple(
        msgspec.structs.replace(c, data=b"", sha256=archive(home, c.data)) for c in with_own_names(document.children)
    )
    return msgspec.structs.replace(extraction, document=msgspec.structs.replace(document, children=kept))


def with_own_names(children: Sequence[Child]) -> list[Child]:
    """The children with names that no two share; the second `a.txt` becomes `a（2）.txt`."""
    taken: set[str] = set()
    out = []
    for child in children:
        name, number = child.name, 1
        while name in taken:
            number += 1
            stem, dot, kind = child.name.rpartition(".")
            name = f"{stem}（{number}）.{kind}" if dot and stem else f"{child.name}（{number}）"
        taken.add(name)
        out.append(msgspec.structs.replace(child, name=name))
    return out


def records_of(home: Path, extraction: Extraction) -> list[ChildRecord] | None:
    """What the state store keeps of the children; None when the archive lost the bytes of one (read it again)."""
    out = []
    for child in extraction.document.children if extraction.document is not None else ():
        if child.sha256 is None:
            return None
        try:
            path = held(home, child.sha256)
        except ArchiveDamagedError:
            return None
        if not path.is_file():
            return None
        out.append(ChildRecord(child_id=child.sha256, path=child.name, how=child.how, size=path.stat().st_size))
    return out


def left_out(name: str, paths: Sequence[str]) -> Notice:
    """The notice about children beyond the limits."""
    return Notice(
        code="children_left_out",
        message=f"文件“{name}”中的{len(paths)}个文件未读取（如“{paths[0][-120:]}”）：嵌套超过{MAX_DEPTH}层，或总数超过{MAX_BELOW}个、"
        f"总量超过{MAX_BYTES_BELOW // 1024 // 1024}MB，请解开后逐个报送。",
        partial=True,
    )
