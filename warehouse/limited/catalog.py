"""A limited warehouse file for each scope: made before a night is published, else when first asked of, and kept while
that publication is current.

Conditions in views are no wall: a database may run a reader's own condition first, and an error in it tells of rows
that were never to be shown. So queries of a reader run on a file that holds nothing else. It has the same tables, views
and macros as the whole warehouse.
"""

# ruff: noqa: S608 - names come from the schema in code, a scope holds checked digits only

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from warehouse.access import TIME_ZONE
from warehouse.arrow import schema_digest
from warehouse.build import create_views
from warehouse.ddl import literal, quoted, schema_statements
from warehouse.explore.scope import Scope
from warehouse.limited import masks as masking
from warehouse.limited import rows
from warehouse.publish import warehouse_path
from warehouse.sql_guard import QueryError
from warehouse.tables import TABLES
from warehouse.views import load_views

if TYPE_CHECKING:
    import duckdb

FOLDER = "limited"
_VERSION = "1"


def limited_warehouse(home: Path, scope: Scope, masks: masking.Masks, *, memory: str = "1GB") -> Path:
    """The file that holds what readers with this scope may see of the current publication; made if it is not there.

    Whoever asks while it is being made waits for it. Raises QueryError where nothing is published, the disk refuses, or
    a table has no rule of whose its rows are.
    """
    source = warehouse_path(home)
    if not source.is_file():
        raise QueryError("no_warehouse", "还没有已发布的仓库；请先运行 qingqian nightly。")
    return _made(source, source.parent / FOLDER, scope, masks, memory)


def prepare(candidate: Path, home: Path, scopes: Iterable[Scope], masks: masking.Masks, *, memory: str = "1GB") -> None:
    """Make the files of these scopes for a warehouse that is about to be published, so that nobody waits for theirs.

    It must not change any more: what it is known by stays the same when it takes the published file's place. Raises
    QueryError as `limited_warehouse` does.
    """
    for scope in scopes:
        _made(candidate, warehouse_path(home).parent / FOLDER, scope, masks, memory)


def clear(home: Path) -> None:
    """Remove what is of earlier publications, and what a making that died left behind."""
    source = warehouse_path(home)
    folder = source.parent / FOLDER
    if not folder.is_dir() or not source.is_file():
        return
    stat = source.stat()
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another process clears at the same time
            # What is newer than the publication and not its own is being made for the next one.
            if not path.name.startswith(_night(stat)) and path.stat().st_mtime_ns < stat.st_mtime_ns:
                path.unlink()


def _night(stat: os.stat_result) -> str:
    """What one publication is known by: its inode, time and size, which renaming does not change."""
    return hashlib.sha256(f"{_VERSION}:{stat.st_ino}:{stat.st_mtime_ns}:{stat.st_size}".encode()).hexdigest()[:16]


def _made(source: Path, folder: Path, scope: Scope, masks: masking.Masks, memory: str) -> Path:
    regions = msgspec.json.encode(None if scope.regions is None else sorted(scope.regions))
    target = folder / f"{_night(source.stat())}-{hashlib.sha256(regions).hexdigest()[:16]}.duckdb"
    if target.is_file():
        return target
    if rows.tables_without_rule():
        raise QueryError("not_limited", "有新的数据表还没有规定谁能看，查询和报表暂停；请通知维护人员。")
    folder.mkdir(parents=True, exist_ok=True)
    with _only_one(folder / f".{target.stem}.lock"):
        if not target.is_file():
            clear(folder.parent.parent)
            _make(source, target, scope, masks, memory)
    return target


@contextlib.contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """One maker at a time of one file, in whatever process; the others wait for what it makes."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _make(source: Path, target: Path, scope: Scope, masks: masking.Masks, memory: str) -> None:
    import duckdb

    part = target.with_name(f".{uuid.uuid4().hex}.part")
    link = target.with_name(f".{uuid.uuid4().hex}.source")
    try:
        link.hardlink_to(source)  # one night, whatever is published meanwhile
        with duckdb.connect(str(part), config={"memory_limit": memory, "threads": 2}) as connection:
            connection.execute(f"SET TimeZone = '{TIME_ZONE}'")
            connection.execute(f"ATTACH {literal(str(link))} AS src (READ_ONLY)")
            made_by = connection.execute(
                "SELECT value FROM src.core.publication WHERE key = 'schema_digest'"
            ).fetchone()
            if made_by != (schema_digest(),):
                message = "仓库是旧版本程序建立的，表结构与现在的程序不同；请运行 qingqian nightly 重建后再查询。"
                raise QueryError("old_warehouse", message)
            connection.execute("BEGIN")
            for statement in schema_statements():
                connection.execute(statement)
            create_views(connection)
            connection.execute("CREATE TABLE core.publication AS SELECT * FROM src.core.publication")
            connection.execute("COMMIT")
            masking.register(connection, masks)
            rows.choose(connection, scope)
            fill(connection, scope)
            connection.execute("DETACH src")
            connection.execute("CHECKPOINT")
        os.replace(part, target)  # noqa: PTH105 - the very system call is meant
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as e:
        raise QueryError("cannot_prepare", "为您的地区准备数据时磁盘或内存不足；请清理磁盘后重试。") from e
    finally:
        for path in (part, part.with_name(f"{part.name}.wal"), link):
            path.unlink(missing_ok=True)


def fill(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Copy what is seen from the attached warehouse `src`, masked, table by table."""
    for table in TABLES.values():
        test = rows.is_bare(table.name, scope)
        columns = []
        for field in table.fields:
            shown = masking.expression(table.name, field, "s")
            instead = rows.bare(table.name, field.name, scope)
            if test != "false" and instead is not None:
                kept = f"s.{quoted(field.name)}" if instead == field.name else instead
                shown = kept if test == "true" else f"CASE WHEN {test} THEN {kept} ELSE {shown} END"
            columns.append(f"{shown} AS {quoted(field.name)}")
        connection.execute(
            f"INSERT INTO core.{quoted(table.name)} BY NAME SELECT {', '.join(columns)} "
            f"FROM src.core.{quoted(table.name)} s WHERE {rows.condition(table.name)}"
        )
    if not scope.is_everything:  # who filed another region's table is not the reader's to know
        connection.execute(
            "UPDATE core.ledger_rows SET placed_reporting_unit = reporting_unit WHERE (document_id, table_index) IN "
            "(SELECT (document_id, table_index) FROM seen_tables WHERE NOT is_whole)"
        )
    for view in load_views():
        if view.stored is not None:
            _copy_stored(connection, f"{view.name}_stored", view.stored, scope)


def _copy_stored(connection: duckdb.DuckDBPyConnection, name: str, order: str, scope: Scope) -> None:
    """A stored view as it was worked out over everything, limited like the rest: its figures are those of the pages."""
    fields = {f.name: f for t in TABLES.values() for f in t.fields}
    described = connection.execute(f"DESCRIBE core.{quoted(name)}").fetchall()
    columns = []
    for column, kind, *_ in described:
        field = fields.get(column)
        shown = f"s.{quoted(column)}"
        if field is not None and kind in ("VARCHAR", "JSON"):
            shown = masking.expression("ledger_rows", field, "s")
        columns.append(f"{shown} AS {quoted(column)}")
    connection.execute(
        f"INSERT INTO core.{quoted(name)} BY NAME SELECT {', '.join(columns)} FROM src.core.{quoted(name)} s "
        f"WHERE {scope.where('region_code')} ORDER BY {quoted(order)}"
    )
