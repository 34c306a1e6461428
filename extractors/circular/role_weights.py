"""Weighs the cues of each figure: the role is the one its cues add up to most.

A log-linear (maximum entropy) model: each cue has one whole number a role, learned from invented papers whose figures
people labelled (`python -m tests.gold.learn`, docs/decisions/0020). Plain sums of whole numbers, so that the same text
gives the same roles on every machine, and that the cues which told can be shown (`reasons`).
"""

from __future__ import annotations

import heapq
import math
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path

import msgspec

from extractors.circular.role_cues import Passages
from extractors.circular.role_reasons import shown
from extractors.facts import AmountRole

SCALE = 100  # a weight of one, as whole numbers
BIAS = "bias"
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


@cache
def weights() -> Weights:
    """The shipped weights."""
    return msgspec.json.decode(WEIGHTS.read_bytes(), type=Weights)


def weigh(passages: Passages, count: int) -> list[Weighed]:
    """The roles of a paper's figures, first to last: each sees the roles of those before it."""
    known = weights()
    bias = known.cues[BIAS]
    out: list[Weighed] = []
    roles: list[AmountRole] = []
    for number in range(count):
        told = [(cue, row) for cue in passages.cues(number, roles) if (row := known.cues.get(cue)) is not None]
        sums = [sum(column) for column in zip(bias, *(row for _, row in told), strict=True)]
        best = max(range(len(sums)), key=sums.__getitem__)
        roles.append(known.roles[best])
        total = sum(math.exp((s - sums[best]) / SCALE) for s in sums)
        out.append(Weighed(known.roles[best], Decimal(f"{1 / total:.3f}"), reasons(told, best)))
    return out


def reasons(told: list[tuple[str, list[int]]], role: int, most: int = 4) -> tuple[str, ...]:
    """The cues that spoke most for a role against the mean of all, as people read them, strongest first, once each."""
    gains = heapq.nlargest(3 * most, ((len(row) * row[role] - sum(row), cue) for cue, row in told))
    said = dict.fromkeys(shown(cue) for gain, cue in gains if gain > 0)
    return tuple(said)[:most]
