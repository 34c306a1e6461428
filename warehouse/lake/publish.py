"""Publishing to the lakehouse after the file: loaded when it does not hold what was published last.

The file is the truth and is never touched here. What fails is said in the answer; a later night tries again.
"""

from __future__ import annotations

import datetime as dt
import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from warehouse import publications, server_loads
from warehouse.engine import Engine, EngineError
from warehouse.lake.attach import LakeConflictError, LakeError, Place, attach, place_of, said
from warehouse.lake.load import Loaded, committing, load, publication_of, table_digest
from warehouse.lake.nights import is_untouched_since
from warehouse.lake.schema import kept_tables, lake_schema_digest
from warehouse.lake.storage import is_bucket
from warehouse.publications import Publication
from warehouse.publish import warehouse_path
from warehouse.server_loads import Served, ServerState
from warehouse.state import State

if TYPE_CHECKING:
    import duckdb

ATTEMPTS = 4
_PAUSE_SECONDS = 2.0
LOADER_MEMORY = 4 << 30
_TEMP = ".tmp-lake"
_RELOAD = "请运行 qingqian lake reload 整库重新装入。"


def serve(home: Path, state: State, engine: Engine, *, now: dt.datetime, wait: float = 300.0) -> Served:
    """Bring the lakehouse to the published file of a home; what fails is said in the answer, not raised."""
    import duckdb

    published = publications.current(state)
    if published is None:
        raise LookupError("nothing was published yet")
    try:
        place = place_of(engine)
        if not is_bucket(place.data):
            Path(place.data).mkdir(parents=True, exist_ok=True)
        with committing(engine, wait=wait) as still_held:
            return _attempted(home, state, engine, place, published, now, still_held)
    except (EngineError, LakeError, duckdb.Error, OSError) as e:
        server_loads.drop_prepared(state, engine.name)
        return Served(server=engine.name, status="failed", message=_sentence(e, engine))


def _attempted(
    home: Path,
    state: State,
    engine: Engine,
    place: Place,
    published: Publication,
    now: dt.datetime,
    still_held: Callable[[], None],
) -> Served:
    """Load, and again when somebody else wrote meanwhile. Raises LakeConflictError when that does not end."""
    for attempt in range(1, ATTEMPTS):
        try:
            return _serve(home, state, engine, place, published, now, still_held)
        except LakeConflictError:
            time.sleep(_PAUSE_SECONDS * attempt)
    return _serve(home, state, engine, place, published, now, still_held)


def _serve(
    home: Path,
    state: State,
    engine: Engine,
    place: Place,
    published: Publication,
    now: dt.datetime,
    still_held: Callable[[], None],
) -> Served:
    temp = warehouse_path(home).with_name(_TEMP)
    cores = os.cpu_count() or 2
    with attach(engine, place, read_only=False, memory=LOADER_MEMORY, threads=cores, temp=temp) as lake:
        found = reconcile_lake(lake, state, engine)
        if found.is_sound and found.publication_id == published.publication_id:
            return Served(server=engine.name, status="unchanged", message="湖仓里已是这一夜的数据，没有重新装入。")
        load_id = uuid.uuid4().hex

        def before_commit(done: Loaded) -> None:
            server_loads.prepare(
                state, load_id=load_id, server=engine.name, publication_id=published.publication_id,
                tables=done.tables, written=done.written, now=now,
            )  # fmt: skip
            still_held()

        at = published.published_at or now
        facts = {
            "inputs_digest": published.inputs_digest,
            "file_sha256": published.file_sha256,
            "published_at": at.isoformat(timespec="seconds"),
        }
        done = load(
            lake, warehouse_path(home), load_id, night=night_of(state, published, at), facts=facts,
            is_trusted=found.is_sound, before_commit=before_commit,
        )  # fmt: skip
    server_loads.confirm(state, load_id, engine.name)
    total = sum(rows for rows, _ in done.tables.values())
    message = f"已装入湖仓 {engine.name}：共 {total:,} 行，今夜写入 {done.written:,} 行。"
    return Served(server=engine.name, status="loaded", message=message, rows=total, written=done.written)


def night_of(state: State, published: Publication, at: dt.datetime) -> str:
    """The night of a publication: its run's, else the day it was published on in China."""
    nights = [r.as_of for r in state.runs() if r.run_id == published.run_id]
    return (nights[0] if nights else at.astimezone(ZoneInfo("Asia/Shanghai")).date()).isoformat()


def reconcile_lake(lake: duckdb.DuckDBPyConnection, state: State, engine: Engine) -> ServerState:
    """Compare the lakehouse with the state store: the load it names, and whether anybody changed anything since.

    A commit that a crash left unconfirmed is confirmed or dropped, whichever the lakehouse tells. Snapshots tell every
    change, so that no table need be read; `verify` reads them all. Raises LakeError for tables of somebody else.
    """
    told = publication_of(lake)
    held = told.get("load_id")
    known = server_loads.settled(state, engine.name, held)
    if known is None or held is None:
        return ServerState(is_sound=False, reason="湖仓里还没有装入过这个状态目录的数据，需要整库装入。")
    if held != known.load_id:
        return ServerState(is_sound=False, reason="湖仓里的数据不是这个状态目录装入的，需要整库重新装入。")
    if told.get("lake_schema") != lake_schema_digest():
        return ServerState(is_sound=False, reason="湖仓里的表和视图与本版程序的不同，需要重建并整库装入。")
    if not is_untouched_since(lake, held):
        return ServerState(is_sound=False, reason="装入之后别人改过湖仓，或那一夜的快照不见了，需要整库重新装入。")
    return ServerState(is_sound=True, publication_id=known.publication_id)


def verify(state: State, engine: Engine) -> list[str]:
    """Read every table of the lakehouse and compare it with what was loaded; sentences on what differs.

    Raises EngineError when it does not answer, LakeError when it holds nothing of this home.
    """
    import duckdb

    with attach(engine, place_of(engine), read_only=True, memory=LOADER_MEMORY) as lake:
        known = server_loads.current(state, engine.name)
        if known is None or publication_of(lake).get("load_id") != known.load_id:
            raise LakeError("湖仓里的数据不是这个状态目录装入的；请先运行 qingqian nightly。")
        out = []
        for name in kept_tables():
            try:
                if table_digest(lake, f'lake.core."{name}"') != known.tables.get(name):
                    out.append(f"湖仓的表 {name} 与装入时不同；{_RELOAD}")
            except duckdb.Error as e:
                out.append(
                    f"湖仓的表 {name} 读不出来（{said(e, engine)}）；请检查存放处，再运行 qingqian lake reload。"
                )
        return out


def _sentence(error: Exception, engine: Engine) -> str:
    if isinstance(error, EngineError | LakeError):
        return f"{error}数据仓库文件照常发布，湖仓没有更新，下一夜重试。"
    return (
        f"装入湖仓 {engine.name} 失败（{said(error, engine, engine.data)}）；"
        "数据仓库文件照常发布，湖仓里仍是原来的数据，下一夜重试。"
    )
