"""What comes after a load of the lakehouse: the views as plain Parquet, then housekeeping."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec

from warehouse import publications, server_loads
from warehouse.engine import Engine, EngineError
from warehouse.lake.attach import LakeError, place_of, said
from warehouse.lake.housekeeping import kept_nights, tidy
from warehouse.lake.parquet import is_wanted, publish_parquet, shelf_of
from warehouse.lake.publish import night_of
from warehouse.publish import warehouse_path
from warehouse.server_loads import Served
from warehouse.state import State


def follow(home: Path, state: State, engine: Engine, done: Served, *, now: dt.datetime) -> Served:
    """Publish the Parquet that is not published yet and tidy up after a load; the answer of the whole.

    What fails is said in it, not raised: the lakehouse is loaded all the same, and the next night does the rest.
    """
    import duckdb

    held, published = server_loads.current(state, engine.name), publications.current(state)
    if done.status == "failed" or held is None or published is None:
        return done
    try:
        place, keep = place_of(engine), kept_nights()
        if is_wanted():
            night = night_of(state, published, published.published_at or now)
            path, shelf = warehouse_path(home), shelf_of(place.data)
            publish_parquet(shelf, path, night=night, load_id=held.load_id, tables=held.tables, keep=keep, now=now)
        if done.status == "loaded":
            tidy(engine, keep=keep)
    except (EngineError, LakeError, duckdb.Error, OSError) as e:
        why = said(e, engine, engine.data)
        message = f"湖仓 {engine.name} 已是这一夜的数据，但 Parquet 快照或整理没有做完（{why}）；下一夜重试。"
        return msgspec.structs.replace(done, status="failed", message=message)
    return done
