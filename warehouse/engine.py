"""Which engine readers ask: DuckDB embedded in the program, or a PostgreSQL server loaded from the same file.

Set by `QINGQIAN_WAREHOUSE`: not set or `duckdb` is the published file alone; `postgresql://user@host/database` is a
server that every night is loaded into after the file was published. The file is there either way.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    import psycopg

VARIABLE = "QINGQIAN_WAREHOUSE"
CONNECT_SECONDS = 10
OLDEST = 140_000  # PostgreSQL 14: hash_record_extended
_SCHEMES = ("postgresql://", "postgres://")


class EngineError(Exception):
    """The engine set cannot be used; one sentence says why and what to do."""


class Engine(msgspec.Struct, frozen=True, kw_only=True):
    """The engine readers ask. `url` and `name` (host, port and database, never a password) are for the server only."""

    kind: Literal["duckdb", "postgresql"]
    url: str = ""
    name: str = ""


def engine_set(environment: Mapping[str, str] | None = None) -> Engine:
    """The engine of the environment (the process's own when none is given). Raises EngineError for a value that
    names none."""
    value = (os.environ if environment is None else environment).get(VARIABLE, "").strip()
    if value in ("", "duckdb"):
        return Engine(kind="duckdb")
    if not value.startswith(_SCHEMES):
        raise EngineError(
            f"环境变量 {VARIABLE} 只能是 duckdb 或 postgresql://用户@主机/库名；请改正，或去掉它改用 DuckDB。"
        )
    return Engine(kind="postgresql", url=value, name=server_name(value))


def server_name(url: str) -> str:
    """Host, port and database of a URL, for people; never a password. Raises EngineError for no URL of a server."""
    import psycopg

    try:
        parts = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        raise EngineError(f"环境变量 {VARIABLE} 里的地址写得不对；应为 postgresql://用户@主机:端口/库名。") from None
    host = str(parts.get("host") or "localhost")
    port = str(parts.get("port") or "5432")
    return f"{host}:{port}/{parts.get('dbname') or parts.get('user') or ''}"


def connect_server(engine: Engine, *, application: str = "qingqian") -> psycopg.Connection[tuple[object, ...]]:
    """A plain connection to the server, in a transaction from the first statement on, its clock China's.

    Raises EngineError when it does not answer, refuses us, is too old or does not keep UTF-8.
    """
    import psycopg

    try:
        connection: psycopg.Connection[tuple[object, ...]] = psycopg.connect(
            engine.url,
            connect_timeout=CONNECT_SECONDS,
            application_name=application,
            client_encoding="UTF8",
            options="-c TimeZone=Asia/Shanghai -c DateStyle=ISO,YMD -c standard_conforming_strings=on",
        )
    except psycopg.Error as e:
        said = " ".join(str(e).split()) or type(e).__name__
        raise EngineError(
            f"连不上 PostgreSQL 服务器 {engine.name}（{said[:300]}）；请检查 {VARIABLE}、网络和服务器是否在运行。"
        ) from e
    if connection.info.server_version < OLDEST:
        version = connection.info.server_version // 10_000
        connection.close()
        raise EngineError(f"PostgreSQL 服务器 {engine.name} 是第 {version} 版，太旧；需要第 14 版或更新的版本。")
    if connection.info.parameter_status("server_encoding") != "UTF8":
        connection.close()
        raise EngineError(f"数据库 {engine.name} 的编码不是 UTF8；请用 CREATE DATABASE … ENCODING 'UTF8' 另建一个。")
    return connection
