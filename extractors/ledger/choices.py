"""Printed choices with one ticked: □中型 ☑小型 □微型, 是□ 否☑, √工程 □货物."""

from __future__ import annotations

import re

from extractors.ledger.words import plain

_EMPTY, _TICKED = "□☐○〇◻", "☑√✓✔■●☒◼"
_BOX = re.compile(rf"[{_EMPTY}{_TICKED}]")


def chosen(text: str) -> str:
    """What is ticked among printed choices, in normal form; "" when nothing is; a text without boxes as it is.

    A lone tick, and a text whose only mark stands before or after it, are answers by themselves and stay.
    """
    flat = plain(text)
    marks = _BOX.findall(flat)
    if len(marks) < 2 and not (marks and marks[0] in _EMPTY and len(flat) > 1):
        return flat
    parts = [p.strip(",、;/") for p in _BOX.split(flat)]
    # before its mark (是□ 否☑) when the text does not begin with one
    words = parts[:-1] if parts[0] else parts[1:]
    return "、".join(w for w, mark in zip(words, marks, strict=True) if mark in _TICKED and w)
