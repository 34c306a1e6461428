"""The chain of documents: what a document names and, through those, what they name; and who names it in turn.

Provinces write to cities and cities to counties, each naming the paper it carries out. A reference is one to a document
we hold when its number is that document's, or, without one, its title.
"""

# ruff: noqa: S608 - conditions come from code, values are bound; a scope holds checked digits only

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from warehouse.explore.documents import OPEN
from warehouse.explore.scope import Rows, Scope, rows_of

if TYPE_CHECKING:
    import duckdb

LEVELS_ZH = {"province": "省级", "city": "市级", "county": "县级", "other": "其他"}
_DEEPEST = 4
_MOST = 200
# Titles are compared from 关于 on (a title may begin with who issued it), without the brackets and spaces that printing
# adds; numbers with one kind of bracket. Both as equalities, which a database joins fast.
_PLAIN = "regexp_replace({0}, '[\\s《》〈〉“”\"]', '', 'g')"
_TITLE = f"coalesce(nullif(regexp_extract({_PLAIN}, '关于.*$'), ''), {_PLAIN})"
_NUMBER = "translate(regexp_replace({0}, '\\s', '', 'g'), '[]()（）【】', '〔〕〔〕〔〕〔〕')"
_LINKS = f"""
papers AS MATERIALIZED (
  SELECT d.document_id, {_TITLE.format("d.title")} AS title_key, {_NUMBER.format("d.doc_number")} AS number_key
  FROM main.documents d WHERE d.status <> 'superseded' AND {OPEN.format("d.")}
), links AS MATERIALIZED (
  SELECT r.document_id AS source_id, r.reference_id, p.document_id AS target_id
  FROM main.document_references r JOIN papers p ON p.number_key = {_NUMBER.format("r.doc_number")}
  WHERE p.document_id <> r.document_id
  UNION
  SELECT r.document_id, r.reference_id, p.document_id
  FROM main.document_references r JOIN papers p ON p.title_key = {_TITLE.format("r.title")}
  WHERE r.doc_number IS NULL AND length(p.title_key) >= 6 AND p.document_id <> r.document_id
)"""
_WALK = """
WITH RECURSIVE {links}, walk AS (
  SELECT {there} AS document_id, {here} AS through_id, 1 AS depth FROM links
  WHERE {here} = $id AND {there} IS NOT NULL
  UNION
  SELECT l.{there}, l.{here}, w.depth + 1 FROM walk w JOIN links l ON l.{here} = w.document_id
  WHERE w.depth < $deepest AND l.{there} IS NOT NULL AND l.{there} <> $id
)
SELECT w.document_id, min(w.depth) AS depth, arg_min(w.through_id, w.depth) AS through_id, any_value(d.title) AS title,
       any_value(d.name) AS name, any_value(d.issuer) AS issuer, any_value(d.doc_number) AS doc_number,
       any_value(d.issued_date) AS issued_date, any_value(d.region_code) AS region_code, any_value(r.level) AS level
FROM walk w JOIN main.documents d USING (document_id) LEFT JOIN main.regions r USING (region_code)
WHERE {scope}
GROUP BY w.document_id ORDER BY depth, issued_date NULLS LAST, w.document_id LIMIT $most
"""


def named(connection: duckdb.DuckDBPyConnection, scope: Scope, document_id: str) -> Rows:
    """References of a document in the order of its text, each with the document it means (`target_id`) where we hold
    it and the reader may see it."""
    return rows_of(
        connection,
        f"WITH {_LINKS} SELECT r.reference_id, r.title, r.doc_number, r.raw_text, r.start_offset, r.end_offset, "
        "t.document_id AS target_id, t.title AS target_title, t.issuer AS target_issuer, t.issued_date AS target_date "
        "FROM main.document_references r LEFT JOIN links l ON l.reference_id = r.reference_id "
        f"LEFT JOIN main.documents t ON t.document_id = l.target_id AND {scope.where('t.region_code')} "
        "WHERE r.document_id = $id ORDER BY r.start_offset, target_date NULLS LAST, target_id LIMIT $most",
        {"id": document_id, "most": _MOST},
    )


def above(connection: duckdb.DuckDBPyConnection, scope: Scope, document_id: str) -> list[dict[str, Any]]:
    """Documents that this one rests on, near ones first: `depth` 1 is named by it, 2 by one of those, and so on."""
    return _walk(connection, scope, document_id, here="source_id", there="target_id")


def below(connection: duckdb.DuckDBPyConnection, scope: Scope, document_id: str) -> list[dict[str, Any]]:
    """Documents that rest on this one, near ones first."""
    return _walk(connection, scope, document_id, here="target_id", there="source_id")


def _walk(
    connection: duckdb.DuckDBPyConnection, scope: Scope, document_id: str, *, here: str, there: str
) -> list[dict[str, Any]]:
    sql = _WALK.format(links=_LINKS, here=here, there=there, scope=scope.where("d.region_code"))
    return rows_of(connection, sql, {"id": document_id, "deepest": _DEEPEST, "most": _MOST})
