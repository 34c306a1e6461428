"""Personal data in the columns of the warehouse, masked while a limited warehouse is made.

How a name, a number or a text is masked is the caller's (`Masks`): there is one set of rules for pages and for queries.
Only what may hold something personal is handed to it, so that a million amounts and ids cost nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from warehouse.ddl import quoted
from warehouse.tables import TABLES

if TYPE_CHECKING:
    import duckdb

    from warehouse.fields import Field


class Masks(Protocol):
    """How values are masked."""

    def field(self, column: str, value: str) -> str:
        """A value of a column of the warehouse, by the column's name."""

    def text(self, value: str, names: Iterable[str]) -> str:
        """A running text in which these persons are named."""


# What could be a number of somebody's: ten digits and more (blanks and hyphens between them), seven after a word or
# mark that announces a telephone, an e-mail address.
_GAP = r"[ \x{3000}\-－—·]?"
_SUSPECT = (
    rf"[0-9０-９](?:{_GAP}[0-9０-９]){{9}}|@|"
    rf"(?:电话|手机|联系方式|座机|传真|热线|Tel|TEL|[：:、，（(])[^0-9０-９]{{0,5}}[0-9０-９](?:{_GAP}[0-9０-９]){{6}}"
)
_PERSONS = frozenset(
    {
        "contact_name", "creditor_contact_name", "responsible_person", "signed_off_by", "debtor_legal_person",
        "creditor_legal_person",
    }
)  # fmt: skip
_NUMBERS = frozenset({"contact_phone", "creditor_contact_phone"})
_PARTIES = frozenset({"debtor_name", "creditor_name"})
_PARTY_TABLES = frozenset({("company_names", "name")})
_NAMED_BY_FIELD = frozenset({("findings", "value"), ("findings", "raw_value"), ("corrections", "machine_value"),
                             ("corrections", "raw_value"), ("corrections", "value")})  # fmt: skip
_DROPPED = frozenset({"signatures", "metadata_evidence"})
# Texts without anything personal in them, of which there are many.
_PLAIN = frozenset({"evidence", "cells", "flags", "page_grades", "columns", "seq_no", "match_key", "unit", "rule"})
_KEYS = {"name": "contact_name", "phones": "contact_phone", "email": "remarks", "signer": "contact_name"}


def expression(table: str, field: Field, alias: str) -> str:
    """The SQL expression for a masked column of a base table, called `alias`."""
    column = f"{alias}.{quoted(field.name)}"
    name = field.name
    if field.type not in ("text", "json") or field.domain or field.pattern or name in _PLAIN:
        return column
    if name.endswith(("_id", "_code", "_key", "_hash", "_precision", "_version")):
        return column
    if name in _DROPPED:
        return "NULL"
    if (table, name) in _NAMED_BY_FIELD:
        return _where_any(column, f"mask_by({alias}.field, {column})")
    if name in _PERSONS or name in _NUMBERS:
        return _where_any(column, f"mask_field('{name}', {column})")
    if name in _PARTIES or (table, name) in _PARTY_TABLES:
        may_be_person = f"length(trim({column})) <= 3 OR {suspects(column)}"
        return f"CASE WHEN {may_be_person} THEN mask_field('debtor_name', {column}) ELSE {column} END"
    if (table, name) == ("documents", "text"):
        return _where_any(column, f"mask_body({column}, {alias}.contacts::VARCHAR, {alias}.signed_off_by)")
    if field.type == "json":
        masked = f"mask_json('{name}', {column}::VARCHAR)::JSON"
        if name in ("contacts", "raw", "extra"):
            names = "|".join(sorted(_PERSONS | set(_KEYS)))
            may_be_personal = f"regexp_matches({column}::VARCHAR, '\"({names})\"') OR {suspects(f'{column}::VARCHAR')}"
            return f"CASE WHEN {may_be_personal} THEN {masked} ELSE {column} END"
        return f"CASE WHEN {suspects(f'{column}::VARCHAR')} THEN {masked} ELSE {column} END"
    return f"CASE WHEN {suspects(column)} THEN mask_field('{name}', {column}) ELSE {column} END"


def _where_any(column: str, masked: str) -> str:
    """Masked where there is a value: calling Python for each null costs as much as for a name."""
    return f"CASE WHEN {column} IS NOT NULL THEN {masked} END"


def suspects(column: str) -> str:
    """The SQL test for texts that may hold something personal: never false where masking would change the text."""
    return f"regexp_matches({column}, '{_SUSPECT}')"


def register(connection: duckdb.DuckDBPyConnection, masks: Masks) -> None:
    """Make the functions that the expressions call. Equal values are masked once."""

    def body(text: str, contacts: str | None, signed_off_by: str | None) -> str:
        names = [c.get("name") for c in json.loads(contacts or "[]") if isinstance(c, dict)]
        return masks.text(text, [n for n in (*names, signed_off_by) if n])

    def masked_json(column: str, value: str) -> str:
        return json.dumps(_walk(json.loads(value), column, masks), ensure_ascii=False)

    _create(connection, "mask_field", masks.field, 2)
    _create(connection, "mask_by", lambda column, value: masks.field(column or "value", value), 2)
    _create(connection, "mask_json", masked_json, 2)
    _create(connection, "mask_body", body, 3)


def _create(connection: duckdb.DuckDBPyConnection, name: str, mask: Callable[..., str], arguments: int) -> None:
    import pyarrow as pa
    from duckdb.func import ARROW, SPECIAL

    subject = 0 if name == "mask_body" else 1  # null stays null

    def vector(*columns: Any) -> Any:
        known: dict[tuple[Any, ...], str | None] = {}
        out = []
        for given in zip(*(c.to_pylist() for c in columns), strict=True):
            if given not in known:
                known[given] = None if given[subject] is None else mask(*given)
            out.append(known[given])
        return pa.array(out, pa.string())

    def of_two(a, b):  # type: ignore[no-untyped-def]  # DuckDB counts parameters and would evaluate their types
        return vector(a, b)

    def of_three(a, b, c):  # type: ignore[no-untyped-def]
        return vector(a, b, c)

    function = of_two if arguments == 2 else of_three
    connection.create_function(name, function, ["VARCHAR"] * arguments, "VARCHAR", type=ARROW, null_handling=SPECIAL)


def _walk(value: Any, column: str, masks: Masks) -> Any:
    """A JSON value with its texts masked, each by the key it stands under where that is a column's name."""
    if isinstance(value, dict):
        return {k: _walk(v, _KEYS.get(k, k if k in _COLUMNS else column), masks) for k, v in value.items()}
    if isinstance(value, list):
        return [_walk(v, column, masks) for v in value]
    return masks.field(column, value) if isinstance(value, str) else value


_COLUMNS = frozenset(f.name for table in TABLES.values() for f in table.fields)
