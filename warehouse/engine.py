"""Which engine readers ask: DuckDB embedded in the program, or what is loaded from the same file for many machines.

Set by `QINGQIAN_WAREHOUSE`: not set or `duckdb` is the published file alone; `postgresql://user@host/database` is a
server that every night is loaded into after the file was published; `ducklake:postgres://user@host/database` is a
lakehouse, Parquet on the storage of `QINGQIAN_LAKE_DATA` under a catalog in that server. The file is there either way.
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
LAKE_DATA = "QINGQIAN_LAKE_DATA"
_SCHEMES = ("postgresql://", "postgres://")
_LAKE = "ducklake:"


class EngineError(Exception):
    """The engine set cannot be used; one sentence says why and what to do."""


class Engine(msgspec.Struct, frozen=True, kw_only=True):
    """The engine readers ask. `url` of the server (of a lakehouse, of its catalog) and `name` (host, port and database,
    never a password) are empty for the file; `data` is where a lakehouse keeps its files, "" for where they are."""

    kind: Literal["duckdb", "postgresql", "ducklake"]
    url: str = ""
    name: str = ""
    data: str = ""

    @property
    def setting(self) -> str:
        """What QINGQIAN_WAREHOUSE is set to for this engine."""
        return _LAKE + self.url if self.kind == "ducklake" else self.url or self.kind


def engine_set(environment: Mapping[str, str] | None = None) -> Engine:
    """The engine of the environment (the process's own when none is given). Raises EngineError for a value that
    names none."""
    variables = os.environ if environment is None else environment
    value = variables.get(VARIABLE, "").strip()
    if value in ("", "duckdb"):
        return Engine(kind="duckdb")
    url = value.removeprefix(_LAKE)
    if not url.startswith(_SCHEMES):
        raise EngineError(
            f"环境变量 {VARIABLE} 只能是 duckdb、postgresql://用户@主机/库名 或 ducklake:postgres://用户@主机/库名；"
            "请改正，或去掉它改用 DuckDB。"
        )
    if url == value:
        return Engine(kind="postgresql", url=url, name=server_name(url))
    data = variables.get(LAKE_DATA, "").strip().rstrip("/")
    if data and not data.startswith(("/", "s3://")):
        raise EngineError(f"环境变量 {LAKE_DATA} 只能是以 / 开头的文件夹或 s3://存储桶/前缀；请改正。")
    return Engine(kind="ducklake", url=url, name=f"ducklake:{server_name(url)}", data=data)


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
