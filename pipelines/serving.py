"""After publishing: the server that analysts ask, where one is set, is brought to the published file.

The night does not fail with the server: the file is out, a trouble stands until the server is loaded, and every later
night tries again.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec

from warehouse.engine import EngineError, engine_set
from warehouse.state import State
from warehouse.state_troubles import begin_trouble, end_trouble, standing_troubles

_KIND = "server"


def serve_published(home: Path, state: State, *, now: dt.datetime) -> dict[str, Any] | None:
    """What became of the server tonight (`server`, `status`, `message`, `rows`, `written`); None when DuckDB alone is
    set."""
    served = _serve(home, state, now)
    failed = served is not None and served["status"] == "failed"
    standing = f"{_KIND}:{served['server'] or ''}" if served is not None and failed else None
    for trouble in standing_troubles(state):  # of a server that is well again, or is not the one set any more
        if trouble.kind == _KIND and trouble.trouble_id != standing:
            end_trouble(state, trouble.trouble_id, now=now)
    if standing is not None and served is not None:
        name = served["server"] or ""
        subject = f"湖仓 {name}" if name.startswith("ducklake:") else f"PostgreSQL 服务器 {name}".strip()
        begin_trouble(state, standing, kind=_KIND, subject=subject, message=served["message"], now=now)
    return served


def _serve(home: Path, state: State, now: dt.datetime) -> dict[str, Any] | None:
    try:
        engine = engine_set()
    except EngineError as e:
        return {"server": None, "status": "failed", "message": str(e), "rows": 0, "written": 0}
    if engine.kind == "duckdb":
        return None
    if engine.kind == "ducklake":
        from warehouse.lake.after import follow
        from warehouse.lake.publish import serve as serve_lake

        done = serve_lake(home, state, engine, now=now)
        return msgspec.structs.asdict(follow(home, state, engine, done, now=now))
    from warehouse.postgres.publish import serve

    return msgspec.structs.asdict(serve(home, state, engine, now=now))


def engine_answer() -> tuple[dict[str, Any], bool]:
    """The engine set, and whether it answers right now: `engine`, `server`, `answer` (a Chinese sentence)."""
    try:
        engine = engine_set()
    except EngineError as e:
        return {"engine": None, "server": None, "answer": str(e)}, False
    if engine.kind == "duckdb":
        return {"engine": "duckdb", "server": None, "answer": "内嵌，读已发布的仓库文件，不需要服务器"}, True
    if engine.kind == "ducklake":
        from warehouse.lake.doctor import describe_lake

        answer, is_well = describe_lake(engine)
        return {"engine": engine.kind, "server": engine.name, "answer": answer}, is_well
    from warehouse.postgres.publish import describe_server

    answer, is_well = describe_server(engine)
    return {"engine": engine.kind, "server": engine.name, "answer": answer}, is_well
