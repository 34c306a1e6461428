"""The audit as the night calls it: `audit_rows` for the rows of changed files, `reconcile` over history.

Takes and gives plain values: Arrow tables in, findings out. Great Expectations is imported when rows are audited and
not before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from validators.checks import Check, Failure, Suite
from validators.circular_checks import ISSUED
from validators.findings import Finding, distinct
from validators.places import CONTEXT_COLUMNS, Places, label_of
from validators.reconcile import reconcile
from validators.rule_tables.flags import SAID_BY_CHECKS
from validators.rules import raise_finding
from validators.schema_check import schema_findings
from validators.version import VALIDATOR_VERSION
from warehouse.table import Table
from warehouse.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["VALIDATOR_VERSION", "AuditResult", "SuiteOutcome", "audit_rows", "reconcile"]

BLOCKING_SUITES = ("schema", "keys", "required")
SUITES = (*BLOCKING_SUITES, "values", "circulars", "ledgers", "extraction")


class SuiteOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """How one suite fared over all tables of an audit: rows looked at, rows with a failure.

    `passed` means nothing worse than a note. `blocking` says that a failure keeps files from being published.
    """

    suite: str
    passed: bool
    evaluated_rows: int
    failed_rows: int
    blocking: bool


class AuditResult(msgspec.Struct, frozen=True, kw_only=True):
    """What `audit_rows` found.

    `quarantined_row_ids` are the keys of rows that must not be published, as in `Finding.row_id`;
    `blocked_document_ids` the files of which nothing may be. A blocking finding without a document (a table with a
    wrong schema) concerns every file of the audit: then `is_blocked` is true.
    """

    findings: tuple[Finding, ...]
    checks: tuple[SuiteOutcome, ...]
    quarantined_row_ids: frozenset[str]
    blocked_document_ids: frozenset[str]
    is_blocked: bool


@dataclass(slots=True)
class Tally:
    """Findings and row counts of one suite while the audit runs."""

    findings: list[Finding] = field(default_factory=list)
    evaluated: int = 0
    failed: set[tuple[str, object]] = field(default_factory=set)

    def add(self, rows: int, findings: Iterable[Finding]) -> None:
        """Count rows looked at, and findings by the row (else the file, else the table) they are on."""
        self.evaluated += rows
        for finding in findings:
            self.findings.append(finding)
            self.failed.add((finding.table_name or "", finding.row_id or finding.document_id))


def audit_rows(tables: Mapping[str, pa.Table]) -> AuditResult:
    """Audit the rows of the given tables, by warehouse table name, in the warehouse's Arrow types.

    Give `documents` and `ledger_tables` with the others so that sentences can name file and sheet, limits be set
    against the document's date, and references be followed; a reference to a table that is not given is not checked.
    Raises KeyError for an unknown table name and AuditError when the audit could not be done.
    """
    tallies = {name: Tally() for name in SUITES}
    sound: dict[str, pa.Table] = {}
    for name, table in tables.items():
        wrong = schema_findings(TABLES[name], table)
        tallies["schema"].add(table.num_rows, wrong)
        if not wrong:
            sound[name] = table
    places = Places(sound)
    _run_suites(sound, places, tallies)
    _look_over_extraction(sound, places, tallies)
    findings = distinct(_said_once(tallies))
    return AuditResult(
        findings=findings,
        checks=tuple(_outcome(name, tallies[name]) for name in SUITES),
        quarantined_row_ids=frozenset(
            f.row_id for f in findings if f.severity in ("block", "quarantine") and f.row_id is not None
        ),
        blocked_document_ids=frozenset(
            f.document_id for f in findings if f.severity == "block" and f.document_id is not None
        ),
        is_blocked=any(f.severity == "block" and f.document_id is None for f in findings),
    )


def _said_once(tallies: Mapping[str, Tally]) -> Iterator[Finding]:
    """All findings, but for flags of extraction on rows of which a check of the audit says the same."""
    checked = {(f.rule, f.row_id) for name, t in tallies.items() if name != "extraction" for f in t.findings}
    for name, tally in tallies.items():
        for finding in tally.findings:
            same = SAID_BY_CHECKS.get(finding.rule)
            if name != "extraction" or (same, finding.row_id) not in checked:
                yield finding


def _outcome(name: str, tally: Tally) -> SuiteOutcome:
    return SuiteOutcome(
        suite=name,
        passed=all(f.severity == "note" for f in tally.findings),
        evaluated_rows=tally.evaluated,
        failed_rows=len(tally.failed),
        blocking=name in BLOCKING_SUITES,
    )


def _run_suites(tables: Mapping[str, pa.Table], places: Places, tallies: Mapping[str, Tally]) -> None:
    from validators.suite_runner import run_suites
    from validators.suites import suites_of

    for name, table in tables.items():
        suites = suites_of(name, tables)
        audited = with_issued_date(table, tables.get("documents")) if name == "time_expressions" else table
        failures = run_suites(audited, suites)
        for suite in suites:
            found = (f for failure in failures[suite.name] for f in findings_of(suite, audited, failure, places))
            tallies[suite.name].add(table.num_rows, found)


def _look_over_extraction(tables: Mapping[str, pa.Table], places: Places, tallies: Mapping[str, Tally]) -> None:
    from validators import extraction, statements
    from validators.levels import level_findings
    from validators.prose_figures import prose_findings

    tally = tallies["extraction"]
    flagged = sum(tables[name].num_rows for name in extraction.FLAGGED_TABLES if name in tables)
    tally.add(flagged, extraction.flag_findings(tables, places))
    if "ledger_tables" in tables and "ledger_rows" in tables:
        tally.add(0, extraction.unit_findings(tables["ledger_tables"], tables["ledger_rows"], places))
    noticed: frozenset[str] = frozenset()
    if "document_notices" in tables:
        notices = extraction.notice_findings(tables["document_notices"], places)
        noticed = frozenset(f.document_id for f in notices if f.document_id and f.rule == "document_partial")
        tally.add(tables["document_notices"].num_rows, notices)
    if "documents" in tables:
        tally.add(tables["documents"].num_rows, extraction.document_findings(tables["documents"], noticed, places))
    if "documents" in tables:
        tallies["circulars"].add(0, level_findings(tables["documents"], places))
    if "debt_statements" in tables:
        tallies["circulars"].add(0, statements.statement_findings(tables["debt_statements"], places))
    if "statistics" in tables:
        tallies["circulars"].add(tables["statistics"].num_rows, prose_findings(tables, places))


def with_issued_date(expressions: pa.Table, documents: pa.Table | None) -> pa.Table:
    """Time expressions with the date of the document each stands in; null where that is not known."""
    import pyarrow as pa

    dates: dict[str, Any] = {}
    if documents is not None:
        ids, issued = documents.column("document_id").to_pylist(), documents.column("issued_date").to_pylist()
        dates = dict(zip(ids, issued, strict=True))
    column = [dates.get(i) for i in expressions.column("document_id").to_pylist()]
    return expressions.append_column(ISSUED, pa.array(column, pa.date32()))


def findings_of(suite: Suite, table: pa.Table, failure: Failure, places: Places) -> list[Finding]:
    """A finding for each row that fails a check, with its place, value and sentence."""
    import pyarrow as pa

    declared, check = TABLES[suite.table], failure.check
    wanted = dict.fromkeys([*CONTEXT_COLUMNS, *declared.key, *check.columns])
    rows = table.select([c for c in wanted if c in table.column_names]).take(pa.array(failure.positions))
    return [finding_of(declared, check, row, places) for row in rows.to_pylist()]


def finding_of(declared: Table, check: Check, row: Mapping[str, Any], places: Places) -> Finding:
    """The finding on one row."""
    where_zh, where_en = places.of(declared.name, row, check.field)
    value = ":".join(str(row[c]) for c in check.columns) if check.kind == "unique" else row.get(check.field or "")
    return raise_finding(
        check.rule,
        where_zh=where_zh,
        where_en=where_en,
        document_id=row.get("document_id"),
        table_name=declared.name,
        row_id=":".join(str(row[name]) for name in declared.key),
        field=check.field,
        value=value,
        evidence=places.evidence(row, check.field),
        values={"label": label_of(declared.name, check.field), **check.explain(row)},
    )
