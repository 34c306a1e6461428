"""The nights that a lakehouse holds: each a snapshot that names it, kept so long as the catalog's housekeeping says."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import msgspec

from warehouse.lake.load import AUTHOR

if TYPE_CHECKING:
    import duckdb

# Changes that leave every row as it is, by the catalog's names for them.
_HARMLESS = frozenset({"merge_adjacent", "rewrite_delete", "inline_flush", "flushed_inlined", "inlined_flush"})


class Night(msgspec.Struct, frozen=True, kw_only=True):
    """One load: `snapshot` is what DuckLake numbers it, `night` the day it is named by."""

    snapshot: int
    night: dt.date
    load_id: str
    committed_at: dt.datetime


class _Told(msgspec.Struct, frozen=True):
    load_id: str
    night: dt.date


def nights(lake: duckdb.DuckDBPyConnection) -> list[Night]:
    """Every load that is still kept, latest first; a night loaded twice is there twice."""
    rows = lake.execute(
        "SELECT snapshot_id, snapshot_time, commit_extra_info FROM lake.snapshots() WHERE author = ? "
        "AND commit_extra_info IS NOT NULL ORDER BY snapshot_id DESC",
        [AUTHOR],
    ).fetchall()
    out = []
    for snapshot, at, info in rows:
        told = msgspec.json.decode(info, type=_Told)
        out.append(Night(snapshot=snapshot, night=told.night, load_id=told.load_id, committed_at=at))
    return out


def is_untouched_since(lake: duckdb.DuckDBPyConnection, load_id: str) -> bool:
    """Whether a load is still there and nobody changed a row or a table after it."""
    mine = next((n.snapshot for n in nights(lake) if n.load_id == load_id), None)
    if mine is None:
        return False
    later = lake.execute("SELECT changes FROM lake.snapshots() WHERE snapshot_id > ?", [mine]).fetchall()
    return all(set(changes) <= _HARMLESS for (changes,) in later)
