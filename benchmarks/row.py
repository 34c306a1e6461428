"""One line of the table that `make bench` prints."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class Row(TypedDict):
    """One measurement. `ours` and `peer` carry their unit; `target` says what `ratio` or `ours` has to reach.

    `ok` is None where the peer is not installed or the machine lacks what is needed; `note` then says what.
    """

    what: str
    ours: str
    peer: str
    ratio: float | None
    target: str
    ok: bool | None
    note: NotRequired[str]
