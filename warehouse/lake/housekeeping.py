"""Keeping a lakehouse small: files joined, old nights let go, files of nobody cleared away.

Run by the one committer's lock, so that no load is under way. Readers are not disturbed: a file that no kept night
needs any more stays for another day.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from warehouse.engine import Engine, EngineError
from warehouse.lake.attach import LakeError, attach, place_of, said
from warehouse.lake.load import committing
from warehouse.lake.nights import nights

if TYPE_CHECKING:
    import duckdb

VARIABLE = "QINGQIAN_LAKE_NIGHTS"
KEPT_NIGHTS = 7
GRACE = "1 day"  # how long a reader's transaction may last without losing a file under its feet
ORPHANS = "2 days"  # longer than any load takes
_DELETED_SHARE = 0.2  # from this share of deleted rows on, a file is written anew


class Tidied(msgspec.Struct, frozen=True, kw_only=True):
    """What housekeeping did: files written anew or joined, snapshots let go, files deleted, nights that are kept."""

    compacted: int
    expired: int
    deleted: int
    kept: int


def kept_nights(environment: Mapping[str, str] | None = None) -> int:
    """How many nights are kept. Raises EngineError for a value that is no number from 1 on."""
    value = (os.environ if environment is None else environment).get(VARIABLE, "").strip() or str(KEPT_NIGHTS)
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise EngineError(f"环境变量 {VARIABLE} 应为不小于 1 的整数（保留几夜），不能是“{value}”；请改正。")
    return int(value)


def tidy(engine: Engine, *, keep: int, wait: float = 300.0, grace: str = GRACE, orphans: str = ORPHANS) -> Tidied:
    """Join files, keep the last `keep` nights, delete files that none of them needs.

    Raises EngineError when catalog or storage do not answer, LakeError when a load is under way for longer than `wait`
    seconds or something fails; whatever is done by then stays done, and nothing that a kept night needs is touched.
    """
    import duckdb

    place = place_of(engine)
    with committing(engine, wait=wait), attach(engine, place, read_only=False, memory=4 << 30) as lake:
        try:
            compacted = _rows(lake, f"ducklake_rewrite_data_files('lake', delete_threshold => {_DELETED_SHARE})")
            compacted += _rows(lake, "ducklake_merge_adjacent_files('lake')")
            expired, kept = _expire(lake, keep)
            deleted = _rows(lake, f"ducklake_cleanup_old_files('lake', older_than => now() - INTERVAL '{grace}')")
            deleted += _rows(
                lake, f"ducklake_delete_orphaned_files('lake', older_than => now() - INTERVAL '{orphans}')"
            )
        except duckdb.Error as e:
            raise LakeError(f"湖仓整理没有做完（{said(e, engine, place.data)}）；数据不受影响，请稍后再运行。") from e
    return Tidied(compacted=compacted, expired=expired, deleted=deleted, kept=kept)


def _expire(lake: duckdb.DuckDBPyConnection, keep: int) -> tuple[int, int]:
    """Let go of every snapshot but those of the last nights and the newest; how many went, how many nights stay."""
    found = nights(lake)
    if not found:
        return 0, 0
    latest: dict[object, int] = {}
    for n in found:  # a night loaded more than once is kept as it was loaded last
        latest.setdefault(n.night, n.snapshot)
    stay = set(list(latest.values())[:keep])
    current = lake.execute("SELECT max(snapshot_id) FROM lake.snapshots()").fetchone()
    assert current is not None
    stay.add(int(current[0]))
    gone = [
        str(s)
        for (s,) in lake.execute("SELECT snapshot_id FROM lake.snapshots() ORDER BY 1").fetchall()
        if s not in stay
    ]
    if gone:
        lake.execute(f"CALL ducklake_expire_snapshots('lake', versions => [{', '.join(gone)}])")
    return len(gone), min(keep, len(latest))


def _rows(lake: duckdb.DuckDBPyConnection, call: str) -> int:
    return len(lake.execute(f"CALL {call}").fetchall())
