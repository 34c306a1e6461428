"""Lookups that stewards teach for one source: a column header stands for a field, a name for its full form.

A taught header changes how the source's ledgers are read (`headers_taught` is handed to the readers). A taught name is
put in when the warehouse is built, before debts are matched; the machine's own reading stays in `core.corrections`, and
the ids of debts follow the names as printed, so that nothing decided about a debt is lost.
"""

# ruff: noqa: S608 - names in statements come from the schema in code, values are bound

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec
import pyarrow as pa

from warehouse.ddl import quoted
from warehouse.decisions import Decision, context_of
from warehouse.keys import normal_name

if TYPE_CHECKING:
    import duckdb

LOOKUPS = "lookups"
"""`Decision.table_name` of what was taught."""
PARTIES = ("debtor_name", "creditor_name")
_UNIT_TABLES = ("assignments", "obligation_units")

Kind = Literal["header", "alias"]


class Lookup(msgspec.Struct, frozen=True, kw_only=True):
    """In files of `source`, the header or name `said` means `meant`."""

    kind: Kind
    source: str
    said: str
    meant: str
    decision: Decision


def lookup_subject(kind: Kind, source: str, said: str) -> str:
    """The stable name of what is taught: one meaning for one wording in one source."""
    return f"{kind}:{source}|{normal_name(said)}"


def lookups_of(decided: Iterable[Decision]) -> list[Lookup]:
    """What the decisions in force teach, oldest first."""
    out: list[Lookup] = []
    for d in decided:
        if d.action == "map" and d.table_name == LOOKUPS and d.value is not None:
            kind, _, rest = d.row_id.partition(":")
            said = context_of(d).raw or rest.partition("|")[2]
            source = rest.rpartition("|")[0]
            out.append(
                Lookup(
                    kind="header" if kind == "header" else "alias",
                    source=source,
                    said=said,
                    meant=d.value,
                    decision=d,
                )
            )
    return out


def headers_taught(decided: Iterable[Decision]) -> dict[str, dict[str, str]]:
    """Taught headers by source: header to canonical field, `-` to leave a column as it stands."""
    out: dict[str, dict[str, str]] = {}
    for lookup in lookups_of(decided):
        if lookup.kind == "header":
            out.setdefault(lookup.source, {})[lookup.said] = lookup.meant
    return out


def with_full_names(connection: duckdb.DuckDBPyConnection, source: str, taught: Sequence[Lookup]) -> str:
    """What to select ledger rows from, with taught names put in and match keys to suit; makes `said_names`.

    `said_names(row_id, debtor_name, creditor_name)` keeps the machine's readings of the rows that differ; needs the
    temporary table `staged_documents`.
    """
    connection.execute("CREATE TEMP TABLE said_names (row_id VARCHAR, debtor_name VARCHAR, creditor_name VARCHAR)")
    meant = _by_wording(taught)
    if not meant:
        return source
    names = connection.execute(
        f"SELECT DISTINCT d.source, n.name FROM (SELECT document_id, unnest([debtor_name, creditor_name]) AS name "
        f"FROM {source}) n JOIN staged_documents d USING (document_id) WHERE n.name IS NOT NULL"
    ).fetchall()
    known = [(s, n, meant[s, normal_name(n)].meant) for s, n in names if (s, normal_name(n)) in meant]
    _temp(connection, "full_names", ("source", "said", "meant"), [k for k in known if k[1] != k[2]])
    connection.execute(
        "CREATE TEMP TABLE renamed AS "
        "SELECT p.row_id, p.debtor_name AS said_debtor, p.creditor_name AS said_creditor, "
        "a.meant AS debtor_name, b.meant AS creditor_name, p.match_key "
        f"FROM {source} p JOIN staged_documents d USING (document_id) "
        "LEFT JOIN full_names a ON a.source = d.source AND a.said = p.debtor_name "
        "LEFT JOIN full_names b ON b.source = d.source AND b.said = p.creditor_name "
        "WHERE a.meant IS NOT NULL OR b.meant IS NOT NULL"
    )
    connection.execute("INSERT INTO said_names SELECT row_id, said_debtor, said_creditor FROM renamed")
    keys = [
        (row_id, _renamed_key(key, debtor, creditor))
        for row_id, key, debtor, creditor in connection.execute(
            "SELECT row_id, match_key, debtor_name, creditor_name FROM renamed WHERE match_key IS NOT NULL"
        ).fetchall()
    ]
    _temp(connection, "renamed_keys", ("row_id", "match_key"), keys)
    return (
        "(SELECT p.* REPLACE (coalesce(n.debtor_name, p.debtor_name) AS debtor_name, "
        "coalesce(n.creditor_name, p.creditor_name) AS creditor_name, coalesce(k.match_key, p.match_key) AS match_key) "
        f"FROM {source} p LEFT JOIN renamed n USING (row_id) LEFT JOIN renamed_keys k USING (row_id))"
    )


def note_names(connection: duckdb.DuckDBPyConnection, taught: Sequence[Lookup]) -> None:
    """Tell in `core.corrections` which names were put in; call it when `core.ledger_rows` is filled."""
    meant = _by_wording(taught)
    if not meant:
        return
    found = connection.execute(
        "SELECT r.row_id, s.debtor_name, r.debtor_name, s.creditor_name, r.creditor_name, d.source "
        "FROM said_names s JOIN core.ledger_rows r USING (row_id) JOIN core.documents d USING (document_id)"
    ).fetchall()
    notes = [
        _note("ledger_rows", row_id, column, said, meant[source, normal_name(said)])
        for row_id, debtor, full_debtor, creditor, full_creditor, source in found
        for column, said, full in (("debtor_name", debtor, full_debtor), ("creditor_name", creditor, full_creditor))
        if said != full
    ]
    _keep(connection, notes)


def name_units(connection: duckdb.DuckDBPyConnection, taught: Sequence[Lookup]) -> None:
    """Put taught names of units into assignments and duties, with the unit's id where the register knows it."""
    meant = _by_wording(taught)
    if not meant:
        return
    for table in _UNIT_TABLES:
        found = connection.execute(
            f"SELECT DISTINCT d.source, t.unit FROM core.{quoted(table)} t JOIN staged_documents d USING (document_id)"
        ).fetchall()
        for source, said in found:
            lookup = meant.get((source, normal_name(said)))
            if lookup is None:
                continue
            where = "t.unit = ? AND t.document_id IN (SELECT document_id FROM staged_documents WHERE source = ?)"
            if table == "assignments":
                rows = connection.execute(
                    f"SELECT assignment_id, unit_name FROM core.assignments t WHERE {where}", [said, source]
                ).fetchall()
                _keep(
                    connection,
                    [_note(table, i, "unit_name", name, lookup) for i, name in rows if name != lookup.meant],
                )
            connection.execute(
                f"UPDATE core.{quoted(table)} t SET unit_name = ?, "
                f"unit_id = (SELECT min(u.unit_id) FROM core.units u WHERE u.name = ?) WHERE {where}",
                [lookup.meant, lookup.meant, said, source],
            )


def _by_wording(taught: Iterable[Lookup]) -> dict[tuple[str, str], Lookup]:
    return {(x.source, normal_name(x.said)): x for x in taught if x.kind == "alias"}


def _renamed_key(key: str, debtor: str | None, creditor: str | None) -> str:
    """The match key of `keys.debt_key` with a party's name in place of another."""
    parts = key.split("|", 2)
    for at, name in enumerate((debtor, creditor)):
        if name is not None and at < len(parts):
            parts[at] = normal_name(name)
    return "|".join(parts)


def _note(table: str, row_id: str, column: str, machine: str | None, lookup: Lookup) -> list[object]:
    d = lookup.decision
    return [
        table, row_id, column, machine, machine, lookup.meant, d.steward, d.decided_at, d.reason, d.decision_number,
    ]  # fmt: skip


def _keep(connection: duckdb.DuckDBPyConnection, notes: list[list[object]]) -> None:
    if notes:
        connection.executemany(
            "INSERT INTO core.corrections (table_name, row_id, field, machine_value, raw_value, value, steward, "
            "decided_at, reason, decision_number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            notes,
        )


def _temp(
    connection: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    given = pa.table({c: pa.array([r[i] for r in rows], pa.string()) for i, c in enumerate(columns)})
    connection.register("given_rows", given)
    connection.execute(f"CREATE TEMP TABLE {quoted(name)} AS SELECT * FROM given_rows")
    connection.unregister("given_rows")
