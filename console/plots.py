"""Plots as plain SVG made on the server: coordinates here, drawing in `macros/plots.html`, a table behind each."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH, HEIGHT = 560, 210
_LEFT, _RIGHT, _TOP, _BOTTOM = 92, 14, 14, 32


@dataclass(frozen=True, slots=True)
class Mark:
    """One value: where it stands, its label below and its value as people read it."""

    x: float
    y: float
    label: str
    value: str
    has_label: bool
    width: float = 0
    height: float = 0


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawn plot: `title` says what it shows (also to screen readers), `ticks` are (y, label) of its scale."""

    title: str
    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, str], ...]
    kind: str
    headers: tuple[str, str]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    base: int = HEIGHT - _BOTTOM

    @property
    def line(self) -> str:
        """The curve's points."""
        return " ".join(f"{m.x:.1f},{m.y:.1f}" for m in self.marks)

    @property
    def area(self) -> str:
        """The curve closed along the base."""
        if not self.marks:
            return ""
        return f"{self.marks[0].x:.1f},{self.base} {self.line} {self.marks[-1].x:.1f},{self.base}"


def curve(
    title: str,
    points: Sequence[tuple[str, Decimal | float | int]],
    *,
    headers: tuple[str, str],
    show: Callable[[Decimal], str] = str,
    lowest: Decimal | None = None,
    highest: Decimal | None = None,
) -> Plot:
    """A curve through (label, value) points, oldest first. The scale begins at nought unless `lowest` says."""
    return _plot(title, points, "curve", headers, show, lowest, highest)


def columns(
    title: str,
    points: Sequence[tuple[str, Decimal | float | int]],
    *,
    headers: tuple[str, str],
    show: Callable[[Decimal], str] = str,
) -> Plot:
    """Columns for (label, value) pairs."""
    return _plot(title, points, "columns", headers, show, None, None)


def _plot(
    title: str,
    points: Sequence[tuple[str, Decimal | float | int]],
    kind: str,
    headers: tuple[str, str],
    show: Callable[[Decimal], str],
    lowest: Decimal | None,
    highest: Decimal | None,
) -> Plot:
    values = [Decimal(v) for _, v in points]
    low = min([Decimal(0), *values]) if lowest is None else lowest
    top = highest if highest is not None else max([low, *values])
    step = _step((top - low) / 4 if top > low else Decimal(1))
    steps = max(1, math.ceil((top - low) / step))
    top = low + step * steps
    high, wide = HEIGHT - _TOP - _BOTTOM, WIDTH - _LEFT - _RIGHT

    def y_of(value: Decimal) -> float:
        return _TOP + high * float((top - value) / (top - low))

    slot = wide / max(1, len(points))
    every = max(1, math.ceil(len(points) / 7))
    marks = []
    for i, ((label, _), value) in enumerate(zip(points, values, strict=True)):
        middle = kind == "columns" or len(points) == 1
        x = _LEFT + (slot * (i + 0.5) if middle else wide * i / (len(points) - 1))
        y = y_of(value)
        has_label = (len(points) - 1 - i) % every == 0
        marks.append(Mark(x, y, label, show(value), has_label, min(slot * 0.7, 46), HEIGHT - _BOTTOM - y))
    ticks = tuple((y_of(low + step * n), _round(show(low + step * n))) for n in range(steps + 1))
    return Plot(title, tuple(marks), ticks, kind, headers)


def _round(shown: str) -> str:
    """The scale's values are round: 1,500.00 万元 is 1,500 万元, 25.0% is 25%."""
    return re.sub(r"(\d)\.0+(?!\d)", r"\1", shown)


def _step(rough: Decimal) -> Decimal:
    """A round step of the scale: 1, 2, 2.5 or 5 times a power of ten, no smaller than asked."""
    power = Decimal(10) ** (rough.adjusted())
    for factor in (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10)):
        if power * factor >= rough:
            return power * factor
    return power * 10
