"""Ruling lines from drawn outlines: what counts as an edge of a table, for every paginated format."""

from __future__ import annotations

from itertools import pairwise

Edge = tuple[float, float, float, float]
"""A ruling line as (x0, y0, x1, y1) in points from the page's top-left, horizontal or vertical."""

THIN = 3.0  # points: a filled box thinner than this is a line
SLANT = 1.0  # points a line may lean and still count as straight


def add_edges(run: list[tuple[float, float]], stroked: bool, lines: list[Edge], fills: list[Edge]) -> None:
    """Adds the straight edges of one outline: to `lines` when it is stroked or itself a line, else to `fills`."""
    xs, ys = [p[0] for p in run], [p[1] for p in run]
    x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)
    if x1 - x0 <= THIN or y1 - y0 <= THIN:  # a line, or a box so thin that it is one
        if x1 - x0 >= y1 - y0:
            lines.append((x0, (y0 + y1) / 2, x1, (y0 + y1) / 2))
        else:
            lines.append(((x0 + x1) / 2, y0, (x0 + x1) / 2, y1))
        return
    if not stroked:
        run = [*run, run[0]]
    into = lines if stroked else fills
    for (px, py), (qx, qy) in pairwise(run):
        if abs(py - qy) <= SLANT < abs(px - qx):
            into.append((min(px, qx), (py + qy) / 2, max(px, qx), (py + qy) / 2))
        elif abs(px - qx) <= SLANT < abs(py - qy):
            into.append(((px + qx) / 2, min(py, qy), (px + qx) / 2, max(py, qy)))
