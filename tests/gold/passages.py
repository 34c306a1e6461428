"""Short invented passages of papers on arrears, every sum of money labelled with what it counts.

A file `sums/NAME.txt` holds passages, each opened by a line `## NUMBER kind of paper`; a sum stands as `{1,200万元|D}`.
They are what the weights of cues are learned from (`learn.py`); passages whose number ends in 0 or 5 are kept out of it
and measured instead (`make eval` shows them as `passages`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SUMS = Path(__file__).parent / "sums"
ROLES = {
    "D": "debt_total",
    "C": "cleared",
    "R": "remaining",
    "X": "disputed",
    "U": "undisputed",
    "N": "new_debt",
    "O": "other",
    "?": "ignore",  # two roles are truly defensible
}
_SUM = re.compile(r"\{([^{}|]+)\|([A-Z?])\}")


class Labelled(NamedTuple):
    """A passage: its name, its text, and (start, end, role) of each sum."""

    name: str
    text: str
    sums: list[tuple[int, int, str]]

    @property
    def is_kept_apart(self) -> bool:
        """Whether the passage is for measuring only."""
        return self.name[-1] in "05"


def parse(content: str, name: str) -> Iterator[Labelled]:
    """The passages of one file. Raises ValueError for a brace that closes no sum, KeyError for an unknown letter."""
    for block in re.split(r"(?m)^## ", content)[1:]:
        head, _, body = block.partition("\n")
        body = body.strip() + "\n"
        text, sums, at = "", [], 0
        for m in _SUM.finditer(body):
            text += body[at : m.start()]
            sums.append((len(text), len(text) + len(m[1]), ROLES[m[2]]))
            text += m[1]
            at = m.end()
        text += body[at:]
        if "{" in text or "}" in text:
            raise ValueError(f"{name} {head}: a sum is not written {{words|R}}")
        yield Labelled(f"{name}:{head.split()[0]}", text, sums)


def passages() -> list[Labelled]:
    """All passages of this folder."""
    return [p for path in sorted(SUMS.glob("*.txt")) for p in parse(path.read_text(encoding="utf-8"), path.stem)]
