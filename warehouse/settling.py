"""What the decisions of the day settle in the queue of the night, kept up to date as they come in.

A decision settles the finding it was taken on, and every other on the same subject, column and rule for which the
source or the reading is what it was; the latest counts. What was undone today and is settled in the published
warehouse is open again.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from warehouse.recent_decisions import Recent, Settles, newer_than, newest_number, recent_decisions, settles
from warehouse.tables import FINDING_STATUSES

if TYPE_CHECKING:
    import numpy.typing as npt

    from warehouse.queue_index import QueueIndex
    from warehouse.state import State

Places = dict[int, tuple[str, int | None]]
"""Positions in the queue that decisions settle, each with its status and the decision's number."""


@dataclass(frozen=True, slots=True)
class Overlay:
    """What the day changed: the status of every finding by its number among `FINDING_STATUSES`, and what is behind."""

    status: npt.NDArray[np.int8]
    places: Places


class Settled:
    """What of one publication's queue the day's decisions settled. Share it between threads."""

    def __init__(self, index: QueueIndex, since: dt.datetime | None) -> None:
        """Decisions count from `since`, when the run that published the warehouse began (None: all)."""
        self.index = index
        self._since = since
        self._lock = threading.Lock()
        self._until = -1
        self._overlay = Overlay(index.status, {})

    def now(self, state: State) -> Overlay:
        """What is settled by now, never behind what `state` holds."""
        newest = newest_number(state)
        with self._lock:
            if newest <= self._until:
                return self._overlay
            newer = newer_than(state, self._until) if self._until >= 0 else ()
            if self._until < 0 or any(d.action == "undo" for d in newer):  # what was settled by it is open again
                recent = recent_decisions(state, self._since)
                self._overlay = laid_over(self.index, places_of(self.index, recent))
            else:
                added = places_of(self.index, Recent(decided=tuple(newer)))
                self._overlay = laid_over(self.index, {**self._overlay.places, **added})
            self._until = newest  # what came in since is laid over once more with the next
            return self._overlay


def laid_over(index: QueueIndex, places: Places) -> Overlay:
    """The same with the status of every finding."""
    status = index.status.copy()
    for position, (told, _) in places.items():
        status[position] = FINDING_STATUSES.index(told)
    return Overlay(status, places)


def places_of(index: QueueIndex, recent: Recent) -> Places:
    """What decisions settle; of several the last."""
    out: Places = dict.fromkeys(index.decided_by(recent.undone), ("open", None))
    for decision in recent.decided:
        told = settles(decision)
        out.update((position, (told.status, told.number)) for position in _touched(index, told))
    return out


def _touched(index: QueueIndex, told: Settles) -> Iterator[int]:
    yield from index.with_text("finding_id", told.finding_id)
    for p in index.with_text("subject", told.subject):
        is_same = told.field == index.field.at(p) and told.rule in (None, index.rule.at(p))
        is_raw = told.raw is not None and told.raw == index.text("raw_value", p)
        if is_same and (is_raw or told.value == index.text("value", p)):
            yield p
    if told.header_of is not None and told.rule is not None and told.raw is not None:
        of_source = index.source.is_value(told.header_of) & index.rule.is_value(told.rule)
        yield from (p for p in np.flatnonzero(of_source).tolist() if index.text("value", p) == told.raw)
