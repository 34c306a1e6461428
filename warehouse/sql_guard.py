"""What an analyst's statement may be: one SELECT over the warehouse's views and tables.

DuckDB's own parser gives the syntax tree, also of statements to PostgreSQL, and everything that reads from somewhere
must be on a list. SET, COPY, ATTACH, INSTALL, PRAGMA, CALL and WITH … (INSERT …) never get that far: only SELECT has a
tree. This guard is one of three: the connection is read-only, without access to files, and locked (on a server: of a
role that may read and nothing else); the process is limited and killable.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from warehouse.views import MACRO_NAMES

if TYPE_CHECKING:
    import duckdb

MAX_SQL_CHARACTERS = 100_000

_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_FROM = frozenset({"BASE_TABLE", "TABLE_FUNCTION", "JOIN", "SUBQUERY", "EXPRESSION_LIST", "EMPTY", "PIVOT", "SHOW_REF"})
_SCHEMAS = frozenset({"", "main", "core"})
_INFORMATION = frozenset({"tables", "columns"})
_TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest", "repeat", "json_each", "json_tree", *MACRO_NAMES})
_SCALARS_REFUSED = re.compile(
    r"current_setting|getvariable|getenv|nextval|currval|setseed|write_log|sleep_ms|pg_sleep|get_block_size|"
    r"parse_duckdb_log_message|json_serialize_\w+|json_deserialize_\w+|json_execute_\w+|inet_\w+|pg_conf_load_time|"
    r"pg_postmaster_start_time|current_connection_id|current_transaction_id|current_query_id|txid_current|"
    r"duckdb_\w+|pragma_\w+|read_\w+|query|query_table|glob"
)
_CATALOG_NAME = re.compile(r"(duckdb|pragma|sqlite|pg)_.*")


class QueryError(Exception):
    """A query that was refused or failed: a stable `code` and one sentence that says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Statement(msgspec.Struct, frozen=True):
    """A statement that passed: `functions` are the names it calls, `shows` is set for SHOW TABLES ("tables"), DESCRIBE
    ("describe") and SUMMARIZE ("summary") of `shown`, the relation asked about."""

    functions: frozenset[str]
    shows: str | None = None
    shown: str = ""


def check(
    sql: str,
    connection: duckdb.DuckDBPyConnection,
    relations: Collection[str],
    table_functions: Collection[str] = _TABLE_FUNCTIONS,
) -> Statement:
    """Raise QueryError unless `sql` is one SELECT that reads `relations` (names in lower case) and nothing else.

    `table_functions` are those it may read from.
    """
    if len(sql) > MAX_SQL_CHARACTERS:
        raise QueryError("too_long", f"语句超过 {MAX_SQL_CHARACTERS} 个字符，请拆短后重试。")
    statements = _parse(sql, connection)
    if len(statements) != 1:
        what = "没有语句" if not statements else f"有 {len(statements)} 条语句"
        raise QueryError("one_statement", f"一次只能执行一条 SELECT 语句，这里{what}。")
    try:
        nodes = list(_walk(statements[0]))
    except RecursionError as e:
        raise QueryError("too_deep", "语句嵌套太深，请改写后重试。") from e
    named = {str(entry["key"]).lower() for node in nodes for entry in _ctes(node)}
    for name in named:
        if _CATALOG_NAME.fullmatch(name):
            raise _refused_table(name)
    for node in nodes:
        _check_node(node, named, relations, table_functions)
    functions = frozenset(str(n.get("function_name", "")).lower() for n in nodes if n.get("class") == "FUNCTION")
    source = statements[0].get("node", {}).get("from_table") or {}
    if source.get("type") != "SHOW_REF":
        return Statement(functions)
    if source.get("query") is None:
        return Statement(functions, "tables")
    of = source["query"].get("from_table") or {}
    return Statement(functions, str(source.get("show_type", "")).lower(), str(of.get("table_name") or "").lower())


def _parse(sql: str, connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    row = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchone()
    assert row is not None
    try:
        tree = json.loads(row[0])
    except RecursionError as e:
        raise QueryError("too_deep", "语句嵌套太深，请改写后重试。") from e
    if tree["error"]:
        message = str(tree.get("error_message", "")).splitlines()[0]
        if tree.get("error_type") == "not implemented" or "CTE needs a SELECT" in message:
            raise QueryError("not_select", "只能执行 SELECT 查询；修改、导出、设置、附加数据库等语句都不允许。")
        raise QueryError("syntax", f"语句有语法错误：{message}")
    return list(tree["statements"])


def _walk(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for child in value.values():
            yield from _walk(child)
    elif isinstance(value, list):
        for child in value:
            yield from _walk(child)


def _ctes(node: dict[str, Any]) -> list[dict[str, Any]]:
    ctes = node.get("cte_map")
    return list(ctes["map"]) if isinstance(ctes, dict) else []


def _check_node(
    node: dict[str, Any], named: set[str], relations: Collection[str], table_functions: Collection[str]
) -> None:
    kind = node.get("type")
    if "cte_map" in node and kind not in _NODES:
        raise QueryError("not_select", "只能执行 SELECT 查询。")
    if "sample" in node and "alias" in node:
        _check_source(node, named, relations, table_functions)
    elif node.get("class") == "FUNCTION":
        name = str(node.get("function_name", "")).lower()
        if _SCALARS_REFUSED.fullmatch(name):
            raise refused_function(name)


def _check_source(
    node: dict[str, Any], named: set[str], relations: Collection[str], table_functions: Collection[str]
) -> None:
    kind = node["type"]
    if kind not in _FROM:
        raise QueryError("forbidden", f"不支持的查询来源：{kind}。")
    if kind == "TABLE_FUNCTION":
        name = str(node["function"].get("function_name", "")).lower()
        if name not in table_functions:
            raise refused_function(name)
    elif kind == "SHOW_REF":
        if node.get("query") is None and node.get("table_name") != '"tables"':
            raise QueryError("forbidden", "不能列出数据库、设置或变量；列出视图请用 SHOW TABLES。")
    elif kind == "BASE_TABLE":
        catalog, schema, table = (str(node.get(k) or "").lower() for k in ("catalog_name", "schema_name", "table_name"))
        if catalog == "" and schema == "information_schema" and table in _INFORMATION:
            return
        known = table in relations or (schema == "" and table in named)
        if catalog or schema not in _SCHEMAS or not known:
            raise _refused_table(".".join(part for part in (catalog, schema, table) if part))


def _refused_table(name: str) -> QueryError:
    return QueryError("unknown_table", f"仓库里没有可查询的表或视图“{name}”；用 SHOW TABLES 查看有哪些。")


def refused_function(name: str) -> QueryError:
    """The refusal of a function."""
    return QueryError("forbidden_function", f"不允许使用函数“{name}”：它会读取文件、设置或系统目录。")
