"""Names a document gives to bodies itself: （以下简称市清欠办）, and where an office sits: （设在县工信局）."""

from __future__ import annotations

import re

_ALIAS = re.compile(r"\((?:以下|下)?[统简]称:?[“\"'‘]?([^()“”\"'‘’、,。;\n]{2,14})[”\"'’]?\)")
_UNIT_END = re.compile(r"(?:办|组|班|会议|中心|局|委|委员会|公司|部|办公室|法院|银行|站|院|区|集团)$")
_SEAT = re.compile(r"\((?:办公室)?设在([^()。;\n]{2,20})\)")


def alias_places(text: str) -> tuple[tuple[str, int], ...]:
    """Short names of bodies defined in a normalised text, each with the position of its bracket."""
    return tuple((m.group(1), m.start()) for m in _ALIAS.finditer(text) if _UNIT_END.search(m.group(1)))


def seats(text: str) -> tuple[tuple[int, str], ...]:
    """The bracket positions and host names of （设在…）."""
    return tuple((m.start(), m.group(1)) for m in _SEAT.finditer(text))
