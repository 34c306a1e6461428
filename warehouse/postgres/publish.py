"""Publishing to the server after the file: compared first, loaded when it does not hold what was published last.

The file is the truth and is never touched here. What fails is said in the answer; a later night tries again.
"""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse import publications, server_loads
from warehouse.engine import Engine, EngineError, connect_server
from warehouse.postgres.load import LoadError, has_schema, load, publication_of, table_digest
from warehouse.publish import warehouse_path
from warehouse.relations import loaded_tables
from warehouse.server_loads import Served, ServerState
from warehouse.state import State

if TYPE_CHECKING:
    import psycopg


def serve(home: Path, state: State, engine: Engine, *, now: dt.datetime) -> Served:
    """Bring the server to the published file of a home; what fails is said in the answer, not raised."""
    import duckdb
    import psycopg

    published = publications.current(state)
    if published is None:
        raise LookupError("nothing was published yet")
    load_id = uuid.uuid4().hex
    try:
        with connect_server(engine, application="qingqian load") as connection:
            found = reconcile_server(connection, state, engine)
            if found.is_sound and found.publication_id == published.publication_id:
                return Served(
                    server=engine.name, status="unchanged", message="服务器上已是这一夜的数据，没有重新装入。"
                )
            done = load(
                connection,
                warehouse_path(home),
                load_id,
                facts={
                    "inputs_digest": published.inputs_digest,
                    "file_sha256": published.file_sha256,
                    "published_at": (published.published_at or now).isoformat(timespec="seconds"),
                },
                is_trusted=found.is_sound,
            )
            server_loads.prepare(
                state,
                load_id=load_id,
                server=engine.name,
                publication_id=published.publication_id,
                tables={n: (done.rows[n], done.digests[n]) for n in done.rows},
                written=done.written,
                now=now,
            )
            connection.commit()
        server_loads.confirm(state, load_id, engine.name)
    except (EngineError, LoadError, psycopg.Error, duckdb.Error) as e:
        server_loads.drop_prepared(state, engine.name)
        return Served(server=engine.name, status="failed", message=_sentence(e, engine))
    total = sum(done.rows.values())
    message = f"已装入 PostgreSQL 服务器 {engine.name}：共 {total:,} 行，今夜写入 {done.written:,} 行。"
    return Served(server=engine.name, status="loaded", message=message, rows=total, written=done.written)


def reconcile_server(connection: psycopg.Connection[tuple[object, ...]], state: State, engine: Engine) -> ServerState:
    """Compare the server with the state store: the load it names, and rows and digest of every table.

    A commit that a crash left unconfirmed is confirmed or dropped, whichever the server tells. Raises LoadError when
    the schemas are somebody else's, psycopg.Error when the server refuses.
    """
    told = publication_of(connection)
    held = told.get("load_id")
    known = server_loads.settled(state, engine.name, held)
    if known is None or held is None:
        return ServerState(is_sound=False, reason="服务器上还没有装入过这个状态目录的数据，需要整库装入。")
    if held != known.load_id:
        return ServerState(is_sound=False, reason="服务器上的数据不是这个状态目录装入的，需要整库重新装入。")
    if not has_schema(connection, told):
        return ServerState(is_sound=False, reason="服务器上的表和视图与本版程序的不同，需要重建并整库装入。")
    for name in loaded_tables():
        if table_digest(connection, name) != known.tables.get(name):
            return ServerState(is_sound=False, reason=f"服务器上的表 {name} 与装入时不同，需要整库重新装入。")
    return ServerState(is_sound=True, publication_id=known.publication_id)


def _sentence(error: Exception, engine: Engine) -> str:
    if isinstance(error, EngineError | LoadError):
        return f"{error}数据仓库文件照常发布，服务器没有更新，下一夜重试。"
    said = " ".join(str(error).split())[:300]
    return (
        f"装入 PostgreSQL 服务器 {engine.name} 失败（{said}）；数据仓库文件照常发布，服务器上仍是原来的数据，"
        "下一夜重试。"
    )


def describe_server(engine: Engine) -> tuple[str, bool]:
    """Whether a server answers and what it holds, as a Chinese sentence; False when it does not answer or holds schemas
    of somebody else."""
    import psycopg

    try:
        with connect_server(engine, application="qingqian doctor") as connection:
            version = connection.info.server_version // 10_000
            told = publication_of(connection)
    except (EngineError, LoadError) as e:
        return str(e), False
    except psycopg.Error as e:
        return f"服务器 {engine.name} 能连接，但不能查询（{' '.join(str(e).split())[:200]}）；请检查用户的权限。", False
    holds = f"装有 {told['published_at'][:16]} 发布的仓库" if "published_at" in told else "还没有装入仓库，下一夜装入"
    return f"{engine.name} 能连接，第 {version} 版，{holds}", True
