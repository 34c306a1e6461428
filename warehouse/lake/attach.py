"""Connections to the lakehouse: DuckDB in this process, the catalog attached under the name `lake`.

The extensions come as wheels (`pip install 'qingqian[lakehouse]'`), signed, and are loaded from where they lie:
nothing is ever installed or fetched.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from warehouse.ddl import literal
from warehouse.engine import CONNECT_SECONDS, LAKE_DATA, Engine, EngineError, connect_server
from warehouse.lake.storage import is_bucket, secret_statement

if TYPE_CHECKING:
    import duckdb

TIME_ZONE = "Asia/Shanghai"
CATALOG = "qingqian_lake"  # schema of the server's database that the catalog's own tables lie in
EXTENSIONS = ("postgres_scanner", "ducklake")
NETWORK = "httpfs"
_HELD = "SELECT to_regclass('qingqian_lake.ducklake_metadata') IS NOT NULL"
_DATA = "SELECT value FROM qingqian_lake.ducklake_metadata WHERE key = 'data_path' AND scope IS NULL"


class LakeError(Exception):
    """The lakehouse was not loaded or cannot be used; one sentence says why and what to do."""


class Place(msgspec.Struct, frozen=True):
    """Where the files of a lakehouse lie, without a slash at the end; `is_made` when its catalog is there."""

    data: str
    is_made: bool


class LakeConflictError(LakeError):
    """Somebody else wrote between the start of a transaction and its commit; nothing was kept, try again."""


def extension_path(name: str) -> Path:
    """Where an extension of this very version of DuckDB lies. Raises EngineError when its wheel is missing."""
    import duckdb

    found = importlib.util.find_spec(f"duckdb_extension_{name}")
    folder = None if found is None or found.origin is None else Path(found.origin).parent
    if folder is not None:
        path = folder / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
        if path.is_file():
            return path
    raise EngineError(
        f"缺少 DuckDB {duckdb.__version__} 的扩展 {name}；请运行 pip install 'qingqian[lakehouse]'，别的不用下载。"
    )


def place_of(engine: Engine) -> Place:
    """Where the lakehouse's files lie: what its catalog says, else what is set.

    Raises EngineError when the catalog does not answer, when neither says where, or when they differ.
    """
    import psycopg

    try:
        with connect_server(engine, application="qingqian lake") as server:
            held = server.execute(_HELD).fetchone()
            row = server.execute(_DATA).fetchone() if held == (True,) else None
    except psycopg.Error as e:
        said = " ".join(str(e).split())[:200]
        raise EngineError(f"湖仓目录库 {engine.name} 能连接，但不能查询（{said}）；请检查用户的权限。") from e
    wanted = lake_folder(engine.data) if engine.data else ""
    found = wanted if row is None else str(row[0]).rstrip("/")
    if not found:
        raise EngineError(f"还没有说明湖仓的文件放在哪里；请设环境变量 {LAKE_DATA} 为共享文件夹或 s3://存储桶/前缀。")
    if wanted and wanted != found:
        raise EngineError(f"湖仓目录库登记的存放处是 {found}，与 {LAKE_DATA} 所设的不同；请改正或去掉这个设置。")
    return Place(found, is_made=row is not None)


def lake_folder(data: str) -> str:
    """Below QINGQIAN_LAKE_DATA, the folder of the catalog's own files; everything in it that the catalog does not know
    is cleared away in time."""
    return f"{data}/lake"


def opened(
    data: str, *, memory: int = 1 << 30, threads: int = 2, temp: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection that can reach the files at `data`, nothing attached yet; spills to `temp` or not at all.

    Raises EngineError when extensions are missing or the keys of the storage are set wrongly.
    """
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "python_enable_replacements": False,
        "temp_directory": "" if temp is None else str(temp),
        "memory_limit": f"{memory}B",
        "threads": threads,
    }
    paths = [extension_path(name) for name in ((*EXTENSIONS, NETWORK) if is_bucket(data) else EXTENSIONS)]
    secret = secret_statement(data) if is_bucket(data) else None
    connection = duckdb.connect(config=settings)
    try:
        for path in paths:
            connection.execute(f"LOAD {literal(str(path))}")
        connection.execute(f"SET GLOBAL TimeZone = '{TIME_ZONE}'")
        connection.execute(f"SET TimeZone = '{TIME_ZONE}'")
        connection.execute("SET enable_progress_bar = false")
        if secret is not None:
            if os.environ.get("AWS_CA_BUNDLE"):
                connection.execute(f"SET ca_cert_file = {literal(os.environ['AWS_CA_BUNDLE'])}")
            connection.execute(secret)
            for name in ("s3_access_key_id", "s3_secret_access_key", "s3_session_token"):
                connection.execute(
                    f"SET GLOBAL {name} = ''"
                )  # taken from the environment; settings are shown, secrets not
    except duckdb.Error as e:
        connection.close()
        raise EngineError(f"DuckDB 的扩展装不上（{str(e).splitlines()[0][:300]}）；请重装 qingqian[lakehouse]。") from e
    return connection


def attach(
    engine: Engine,
    place: Place,
    *,
    read_only: bool,
    memory: int = 1 << 30,
    threads: int = 2,
    temp: Path | None = None,
) -> duckdb.DuckDBPyConnection:
    """A connection with the lakehouse as its default database, in China's time.

    Raises EngineError when extensions are missing or the catalog refuses.
    """
    import duckdb

    connection = opened(place.data, memory=memory, threads=threads, temp=temp)
    try:
        connection.execute(_attach_statement(connection, engine, place.data, read_only=read_only))
        connection.execute("USE lake.main")
    except duckdb.Error as e:
        connection.close()
        why = said(e, engine, place.data)
        raise EngineError(f"湖仓 {engine.name} 打不开（{why}）；请检查目录库、存放处和权限。") from e
    return connection


def _attach_statement(connection: duckdb.DuckDBPyConnection, engine: Engine, data: str, *, read_only: bool) -> str:
    """ATTACH without the password, which goes into a secret: names of databases are shown, secrets are not."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    said = {k: str(v) for k, v in conninfo_to_dict(engine.url).items() if v is not None}
    password = said.pop("password", None)
    options = "-c default_transaction_read_only=on" if read_only else "-c lock_timeout=5min"
    said["options"] = f"{said.get('options', '')} {options} -c standard_conforming_strings=on".strip()
    said.setdefault("connect_timeout", str(CONNECT_SECONDS))
    said.setdefault("application_name", "qingqian lake")
    given = [f"METADATA_SCHEMA {literal(CATALOG)}", "DATA_INLINING_ROW_LIMIT 0"]
    if password is not None:
        connection.execute(f"CREATE SECRET lake_catalog (TYPE postgres, PASSWORD {literal(password)})")
        given.append("META_SECRET 'lake_catalog'")
    given.append("READ_ONLY" if read_only else f"DATA_PATH {literal(data + '/')}")
    return f"ATTACH {literal('ducklake:postgres:' + make_conninfo(**said))} AS lake ({', '.join(given)})"


def reason_of(error: Exception) -> str:
    """What DuckDB or the catalog's server said, in one line, without the statement that they repeat."""
    text = " ".join(str(error).split("\n\nLINE")[0].split())
    head, statement, rest = text.partition("Failed to execute query")
    if not statement:
        return text
    return f"{head}{rest[rest.rfind('ERROR:') :]}" if "ERROR:" in rest else f"{head}{rest[-200:]}"


def said(error: Exception, engine: Engine, data: str = "") -> str:
    """What DuckDB said, in one line, without anything that tells a password or where the lakehouse lies."""
    from psycopg.conninfo import conninfo_to_dict

    text = reason_of(error)
    password = conninfo_to_dict(engine.url).get("password")
    for hidden in (engine.url, data):
        text = text.replace(hidden, "湖仓") if hidden else text
    for secret in (str(password), quote(str(password))) if password else ():
        text = text.replace(secret, "…")
    return text[:500]
