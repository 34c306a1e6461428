"""Evidence of the warehouse as a place: page and box, paragraph, sheet and cell."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands; whatever the evidence does not say is None. `row` counts as the file's own rows."""

    page: int | None = None
    bbox: Box | None = None
    paragraph: int | None = None
    sheet: str | None = None
    table: int | None = None
    row: int | None = None
    cell: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether it says anything."""
        return any(v is not None for v in (self.page, self.paragraph, self.sheet, self.table, self.row, self.cell))


class _Written(msgspec.Struct):
    page: int | None = None
    bbox: tuple[float, float, float, float] | None = None
    paragraph: int | None = None
    sheet: str | None = None
    table: int | None = None
    row: int | None = None
    cell: str | None = None


def place_of(evidence: str | None) -> Place:
    """The place that a column `evidence` names; an empty one for null and for what is no evidence."""
    if not evidence:
        return Place()
    try:
        w = msgspec.json.decode(evidence, type=_Written)
    except msgspec.MsgspecError:
        return Place()
    return Place(w.page, w.bbox, w.paragraph, w.sheet, w.table, w.row, w.cell)
