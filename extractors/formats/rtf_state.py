"""What the RTF parser keeps while it reads: the open group, the stream of lines being filled, and the findings."""

from __future__ import annotations

import msgspec

from extractors.formats.flow import CellFormat, Line


class Group(msgspec.Struct):
    """State that a closing brace gives back."""

    skip: bool = False
    starred: bool = False  # \\* was just seen
    in_label: bool = False
    first_of_upr: bool = False
    unicode_skip: int = 1
    font: str | None = None
    hidden: bool = False
    deleted: bool = False
    opens: str = ""  # the context that ends with this group
    name: str = ""


class Context(msgspec.Struct):
    """Lines read so far and the paragraph, row and label being read."""

    lines: list[Line] = []
    out: list[str] = []
    label: list[str] = []
    boxes: list[Line] = []
    rows: dict[int, list[CellFormat]] = {}
    in_table: bool = False
    depth: int | None = None
    outline: int = 9
    list_id: int = 0
    merge: CellFormat = msgspec.field(default_factory=lambda: CellFormat(left=0, right=0))
    left: int = 0


class Parsed(msgspec.Struct):
    """What an RTF file says: lines by context, and what was left out."""

    body: list[Line] = []
    heads: list[list[Line]] = []
    feet: list[list[Line]] = []
    notes: list[list[Line]] = []
    title: list[str] = []
    deleted: int = 0
    hidden: int = 0
    pictures: int = 0
    large_pictures: int = 0
    objects: list[bytes] = []  # OLE 1.0 objects
    comments: int = 0
    unnumbered: int = 0
    characters: int = 0  # put into any context, blanks left out
    unclosed: bool = False
    trailing: int = 0
