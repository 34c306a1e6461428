"""Stewards' decisions replayed on a candidate: corrections put in, findings settled, nothing asked twice.

A decision is about a *subject*, by a name that outlives the file it was read from: a debt over all its ledgers, a
figure in the text of a paper, a file at its path. It holds wherever the source's text or the machine's reading of it is
what it was; where both differ the matter is open again.
"""

# ruff: noqa: S608 - names in statements come from the schema in code, values are bound

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from warehouse.arrow import arrow_schema
from warehouse.companies import fill_companies
from warehouse.ddl import quoted, sql_type
from warehouse.decisions import Decision, context_of
from warehouse.finding_regions import name_regions
from warehouse.tables import TABLES

if TYPE_CHECKING:
    import duckdb

SETTLED = {
    "accept": "accepted", "reject": "dismissed", "correct": "resolved", "defer": "deferred", "duplicate": "resolved",
    "split": "resolved",
}  # fmt: skip
"""The status of a finding by the action of the decision in force on it."""
TEXT_TABLES = ("debt_statements", "time_expressions", "assignments", "statistics", "document_references")
CORRECTABLE = ("ledger_rows", *TEXT_TABLES)

_LEDGER_SUBJECT = (
    "CASE WHEN r.debt_id IS NOT NULL THEN 'debt:' || r.debt_id "
    "ELSE 'row:' || d.source || '|' || d.path || '|' || r.table_index || '|' || r.row_number END"
)
_TOTAL_SUBJECT = "'total:' || d.source || '|' || d.path || '|' || r.table_index || '|' || r.label"
_FILE_SUBJECT = "'file:' || d.source || '|' || d.path"
_NTH = "row_number() OVER (PARTITION BY r.document_id, r.raw_text ORDER BY r.start_offset, r.{key})"
_TEXT_SUBJECT = f"'text:' || d.source || '|' || d.path || '|' || r.raw_text || '#' || {_NTH}"


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """One value put in: where, what had been read, what stands there now, and by which decision."""

    table_name: str
    row_id: str
    field: str
    machine_value: str | None
    raw_value: str | None
    decision: Decision


class Outdated(msgspec.Struct, frozen=True, kw_only=True):
    """A correction that fits no row any more: the source's text and the machine's reading have both changed, or the
    column does not take its value."""

    table_name: str
    row_id: str
    document_id: str
    field: str
    machine_value: str | None
    decision: Decision


def apply_corrections(path: Path, decided: Sequence[Decision]) -> tuple[list[Correction], list[Outdated]]:
    """Put the corrections in force into a candidate and note them in `core.corrections`.

    Findings on the corrected rows are taken out: the caller audits these rows again. Rows of superseded files are left
    as they are.
    """
    import duckdb

    wanted = [d for d in decided if d.action == "correct" and d.field and d.table_name in CORRECTABLE]
    if not wanted:
        return [], []
    done: list[Correction] = []
    outdated: list[Outdated] = []
    with duckdb.connect(str(path)) as connection:
        for table in dict.fromkeys(d.table_name for d in wanted):
            mine = [d for d in wanted if d.table_name == table]
            rows = _rows_of(connection, table, {d.row_id for d in mine})
            for decision in mine:
                missed = None
                before = len(done)
                for row_id, document_id in rows.get(decision.row_id, ()):
                    missed = _correct(connection, decision, row_id, document_id, done) or missed
                if missed is not None and len(done) == before:
                    outdated.append(missed)
        for c in done:
            connection.execute(
                "DELETE FROM core.findings WHERE table_name = ? AND row_id = ?", [c.table_name, c.row_id]
            )
        _note(connection, done)
        if any(c.table_name == "ledger_rows" for c in done):  # names and codes may be among them
            fill_companies(connection)
        connection.execute("CHECKPOINT")
    return done, outdated


def _correct(
    connection: duckdb.DuckDBPyConnection,
    decision: Decision,
    row_id: str,
    document_id: str,
    done: list[Correction],
) -> Outdated | None:
    """Correct one row, or say that the correction does not fit it."""
    import duckdb

    table, column = TABLES[decision.table_name], str(decision.field)
    key = quoted(table.key[0])
    if column not in table.column_names:
        return None
    raw = _raw_of(decision.table_name, column)
    found = connection.execute(
        f"SELECT CAST(r.{quoted(column)} AS VARCHAR), {raw} FROM core.{quoted(table.name)} r WHERE r.{key} = ?",
        [row_id],
    ).fetchone()
    assert found is not None
    machine, source_text = found
    context = context_of(decision)
    if not still_holds(context.raw, context.value, source_text, machine):
        return _outdated(decision, row_id, document_id, machine)
    try:
        connection.execute(
            f"UPDATE core.{quoted(table.name)} SET {quoted(column)} = CAST(? AS {sql_type(table.field(column))}) "
            f"WHERE {key} = ?",
            [decision.value, row_id],
        )
    except duckdb.ConversionException:
        return _outdated(decision, row_id, document_id, machine)
    if "flags" in table.column_names:
        _drop_flags(connection, table.name, row_id, column)
    if "origin" in table.column_names:
        connection.execute(
            f"UPDATE core.{quoted(table.name)} SET origin = ? WHERE {key} = ?", [f"steward:{decision.steward}", row_id]
        )
    done.append(
        Correction(
            table_name=table.name, row_id=row_id, field=column, machine_value=machine, raw_value=source_text,
            decision=decision,
        )
    )  # fmt: skip
    return None


def still_holds(decided_raw: str | None, decided_value: str | None, raw: str | None, value: str | None) -> bool:
    """Whether a decision holds: the source says what it said, or the machine reads what it read."""
    return (raw is not None and raw == decided_raw) or value == decided_value


def _outdated(decision: Decision, row_id: str, document_id: str, machine: str | None) -> Outdated:
    return Outdated(
        table_name=decision.table_name, row_id=row_id, document_id=document_id, field=str(decision.field),
        machine_value=machine, decision=decision,
    )  # fmt: skip


def _drop_flags(connection: duckdb.DuckDBPyConnection, table: str, row_id: str, column: str) -> None:
    """Take out what extraction had flagged on the column: a person has looked."""
    found = connection.execute(f"SELECT flags FROM core.{quoted(table)} WHERE row_id = ?", [row_id]).fetchone()
    if found is None or not found[0]:
        return
    flags = [f for f in msgspec.json.decode(found[0]) if not isinstance(f, dict) or f.get("field") != column]
    text = msgspec.json.encode(flags).decode()
    connection.execute(f"UPDATE core.{quoted(table)} SET flags = ? WHERE row_id = ?", [text, row_id])


def _raw_of(table: str, column: str) -> str:
    """SQL for the source text of a column of row `r`."""
    if table in TEXT_TABLES:
        return "r.raw_text"
    return f"json_extract_string(r.raw, '$.{quoted(column)}')" if table.startswith("ledger_") else "NULL"


def subject_queries() -> dict[str, str]:
    """By table, SELECT row_id, subject, document_id, status of its rows: what decisions are held against."""
    return {table: _subjects(table) for table in (*CORRECTABLE, "ledger_totals")}


def _subjects(table: str) -> str:
    """SELECT row_id, subject, document_id, status of every row of a table."""
    key = TABLES[table].key[0]
    subject = {"ledger_rows": _LEDGER_SUBJECT, "ledger_totals": _TOTAL_SUBJECT}.get(
        table, _TEXT_SUBJECT.format(key=quoted(key))
    )
    return (
        f"SELECT r.{quoted(key)} AS row_id, {subject} AS subject, r.document_id, d.status "
        f"FROM core.{quoted(table)} r JOIN core.documents d USING (document_id)"
    )


def _rows_of(connection: duckdb.DuckDBPyConnection, table: str, subjects: set[str]) -> dict[str, list[tuple[str, str]]]:
    """The rows that subjects stand for: (row id, document id) by subject."""
    connection.register("wanted_subjects", pa.table({"subject": pa.array(sorted(subjects), pa.string())}))
    found = connection.execute(
        f"SELECT s.subject, s.row_id, s.document_id FROM ({_subjects(table)}) s "
        "SEMI JOIN wanted_subjects USING (subject) WHERE s.status <> 'superseded' ORDER BY ALL"
    ).fetchall()
    connection.unregister("wanted_subjects")
    out: dict[str, list[tuple[str, str]]] = {}
    for subject, row_id, document_id in found:
        out.setdefault(subject, []).append((row_id, document_id))
    return out


def _note(connection: duckdb.DuckDBPyConnection, done: Iterable[Correction]) -> None:
    rows = [
        {
            "table_name": c.table_name,
            "row_id": c.row_id,
            "field": c.field,
            "machine_value": c.machine_value,
            "raw_value": c.raw_value,
            "value": c.decision.value,
            "steward": c.decision.steward,
            "decided_at": c.decision.decided_at,
            "reason": c.decision.reason,
            "decision_number": c.decision.decision_number,
        }
        for c in done
    ]
    if rows:
        connection.executemany(
            f"INSERT INTO core.corrections ({', '.join(quoted(c) for c in rows[0])}) "
            f"VALUES ({', '.join('?' * len(rows[0]))})",
            [list(r.values()) for r in rows],
        )


def corrected_tables(path: Path, done: Sequence[Correction]) -> dict[str, pa.Table]:
    """The corrected rows with their documents and ledger tables, for the audit, in the warehouse's Arrow types."""
    import duckdb

    out: dict[str, pa.Table] = {}
    if not done:
        return out
    with duckdb.connect(str(path), read_only=True) as connection:
        documents: set[str] = set()
        for table in dict.fromkeys(c.table_name for c in done):
            ids = pa.table({"wanted": pa.array(sorted({c.row_id for c in done if c.table_name == table}), pa.string())})
            connection.register("wanted_rows", ids)
            key = quoted(TABLES[table].key[0])
            rows = connection.execute(
                f"SELECT * FROM core.{quoted(table)} WHERE {key} IN (SELECT wanted FROM wanted_rows) ORDER BY ALL"
            ).to_arrow_table()
            connection.unregister("wanted_rows")
            out[table] = rows.cast(arrow_schema(table))
            documents.update(rows.column("document_id").to_pylist())
        connection.register("wanted_documents", pa.table({"id": pa.array(sorted(documents), pa.string())}))
        for table in ("documents", "ledger_tables"):
            select = "* REPLACE (NULL AS text)" if table == "documents" else "*"
            rows = connection.execute(
                f"SELECT {select} FROM core.{table} WHERE document_id IN (SELECT id FROM wanted_documents) ORDER BY ALL"
            ).to_arrow_table()
            out[table] = rows.cast(arrow_schema(table))
    return out


def settle_findings(path: Path, decided: Sequence[Decision]) -> int:
    """Name what each finding is about and set its status by the decisions in force; how many were settled."""
    import duckdb

    with duckdb.connect(str(path)) as connection:
        _name_subjects(connection)
        name_regions(connection)
        by_subject: dict[str, list[Decision]] = {}
        for d in decided:
            if d.action != "map":  # what is taught settles nothing by itself: it is read by, or does not fit
                by_subject.setdefault(d.row_id, []).append(d)
        settled: list[tuple[str, int, str]] = []
        if by_subject:
            names = pa.table({"subject": pa.array(sorted(by_subject), pa.string())})
            connection.register("decided_subjects", names)
            found = connection.execute(
                "SELECT finding_id, table_name, subject, rule, field, value, raw_value FROM core.findings "
                "SEMI JOIN decided_subjects USING (subject) ORDER BY finding_id"
            ).fetchall()
            connection.unregister("decided_subjects")
            for finding_id, table, subject, rule, field, value, raw in found:
                mine = [d for d in by_subject.get(subject, ()) if d.table_name == (table or "")]
                decision = _in_force(mine, rule, field, value, raw)
                if decision is not None:
                    settled.append((SETTLED[decision.action], decision.decision_number, finding_id))
        if settled:
            connection.executemany(
                "UPDATE core.findings SET status = ?, decision_number = ? WHERE finding_id = ?",
                [list(s) for s in settled],
            )
        connection.execute("CHECKPOINT")
    return len(settled)


def _in_force(
    decisions: Iterable[Decision], rule: str, field: str | None, value: str | None, raw: str | None
) -> Decision | None:
    """The last decision on this finding that still holds. A correction settles nothing by itself: what is wrong with
    the new value is a new finding."""
    held = None
    for d in decisions:
        context = context_of(d)
        if (
            d.action != "correct"
            and context.rule == rule
            and d.field == field
            and still_holds(context.raw, context.value, raw, value)
        ):
            held = d
    return held


def _name_subjects(connection: duckdb.DuckDBPyConnection) -> None:
    tables = [
        r[0]
        for r in connection.execute(
            "SELECT DISTINCT table_name FROM core.findings WHERE row_id IS NOT NULL ORDER BY 1"
        ).fetchall()
    ]
    for table in tables:
        if table not in (*CORRECTABLE, "ledger_totals"):
            continue
        connection.execute(
            f"UPDATE core.findings f SET subject = s.subject FROM ({_subjects(table)}) s "
            "WHERE f.table_name = ? AND f.row_id = s.row_id",
            [table],
        )
        key = quoted(TABLES[table].key[0])
        raw = "r.raw_text" if table in TEXT_TABLES else "json_extract_string(r.raw, '$.\"' || f.field || '\"')"
        connection.execute(
            f"UPDATE core.findings f SET raw_value = {raw} FROM core.{quoted(table)} r "
            f"WHERE f.table_name = ? AND f.field IS NOT NULL AND f.row_id = r.{key}",
            [table],
        )
    connection.execute("UPDATE core.findings SET subject = 'due:' || row_id WHERE table_name = 'reports_due'")
    connection.execute(
        f"UPDATE core.findings f SET subject = {_FILE_SUBJECT} || coalesce('|' || f.row_id[65:], '') "
        "FROM core.documents d WHERE f.subject IS NULL AND f.document_id = d.document_id"
    )
