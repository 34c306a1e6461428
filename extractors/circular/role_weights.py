"""Weighs the cues of each figure: the role is the one its cues add up to most.

A log-linear (maximum entropy) model: each cue has one whole number a role, learned from invented papers whose figures
people labelled (`python -m tests.gold.learn`, docs/decisions/0020). Plain sums of whole numbers, so that the same text
gives the same roles on every machine, and that the cues which told can be shown (`reasons`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path

import msgspec

from extractors.circular.role_cues import Passages
from extractors.circular.role_reasons import shown
from extractors.circular.role_rows import Rows, Told
from extractors.facts import AmountRole

SCALE = 100  # a weight of one, as whole numbers
BIAS = "bias"
MOST = 4  # cues that are shown as reasons
UNSURE = Decimal("0.5")  # below this a role is hardly more than a guess, and people are asked
WEIGHTS = Path(str(resources.files("extractors").joinpath("lexicon", "role_weights.json")))


class Weights(msgspec.Struct, frozen=True):
    """`cues` maps a cue to its weights in the order of `roles`, in hundredths; `gold` names the texts they are from."""

    roles: tuple[AmountRole, ...]
    gold: str
    cues: dict[str, list[int]]


class Weighed(msgspec.Struct, frozen=True, gc=False):
    """The role a figure's cues add up to, how far they outweigh the others (0 to 1), and those that told most."""

    role: AmountRole
    confidence: Decimal
    cues: tuple[str, ...]


def weights() -> Weights:
    """The shipped weights, read anew."""
    return msgspec.json.decode(WEIGHTS.read_bytes(), type=Weights)


@cache
def _rows() -> tuple[Rows, tuple[AmountRole, ...]]:
    """The shipped weights as rows, and the roles they are of."""
    shipped = weights()
    return Rows(shipped.cues), shipped.roles


def weigh(passages: Passages, count: int) -> list[Weighed]:
    """The roles of a paper's figures, first to last: each sees the roles of those before it."""
    rows, names = _rows()
    bias = rows.one(BIAS, "")
    out: list[Weighed] = []
    roles: list[AmountRole] = []
    told = Told(rows)
    for number in range(count):
        told.rows = [bias]
        passages.tell(number, roles, told)
        sums = rows.add(told.rows)
        best = sums.index(max(sums))
        roles.append(names[best])
        total = sum([math.exp((s - sums[best]) // len(sums) / SCALE) for s in sums])
        told_most = rows.strongest(told.rows[1:], best, 3 * MOST)
        out.append(Weighed(names[best], Decimal(f"{1 / total:.3f}"), reasons(told_most)))
    return out


def reasons(cues: Iterable[str]) -> tuple[str, ...]:
    """The first cues as people read them, once each."""
    said: dict[str, None] = {}
    for cue in cues:
        said[shown(cue)] = None
        if len(said) == MOST:
            break
    return tuple(said)
