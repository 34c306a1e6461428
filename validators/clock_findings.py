"""Statutory clocks that have run out: complaints passed on or answered late, disclosures made late, terms agreed beyond
what the law allows. The clocks themselves are worked out in `statutes`; here they become findings on their rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from validators.places import Places
from validators.rules import raise_finding

if TYPE_CHECKING:
    import pyarrow as pa

    from validators.findings import Finding

RULE_OF = {
    "transfer": "complaint_passed_on_late",
    "result": "complaint_answered_late",
    "disclosure": "disclosure_late",
}
_DONE = {"transfer": "transferred_date", "result": "closed_date", "disclosure": "publish_date"}
_COLUMNS = (
    "row_id", "document_id", "table_index", "row_number", "debt_id", "cells", "evidence", "as_of_date", "debtor_name",
    "creditor_name", "is_extended", *_DONE.values(),
)  # fmt: skip


def clock_findings(
    tables: Mapping[str, pa.Table], row_clocks: pa.Table, debt_clocks: pa.Table, places: Places
) -> Iterator[Finding]:
    """Findings of the clocks that are known to have run out; `tables` are those of `reconcile`.

    A complaint whose longer time was approved (`is_extended`) is held to the longest clock instead of the usual one.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    late = row_clocks.filter(pc.fill_null(row_clocks.column("is_late"), False)).to_pylist()
    too_long = debt_clocks.filter(
        pc.fill_null(pc.match_substring(debt_clocks.column("clock_flags"), "term_too_long"), False)
    ).to_pylist()
    if not late and not too_long:
        return
    rows = tables["ledger_rows"].select(list(_COLUMNS))
    ids = {c["row_id"] for c in late}
    by_row = {
        r["row_id"]: r for r in rows.filter(pc.is_in(rows.column("row_id"), pa.array(ids, pa.string()))).to_pylist()
    }
    for clock in late:
        row = by_row.get(clock["row_id"])
        if row is None:
            continue
        name = clock["clock"]
        if name == "longest":
            name = "result" if row["is_extended"] else None
        elif name == "result" and row["is_extended"]:
            name = None
        if name is not None:
            yield _late(name, row, clock, places)
    yield from _terms(rows, too_long, places)


def _late(name: str, row: Mapping[str, Any], clock: Mapping[str, Any], places: Places) -> Finding:
    field = _DONE[name]
    where_zh, where_en = places.of("ledger_rows", row, field)
    done = clock["done_date"]
    return raise_finding(
        RULE_OF[name],
        where_zh=where_zh,
        where_en=where_en,
        document_id=row["document_id"],
        table_name="ledger_rows",
        row_id=row["row_id"],
        field=field,
        value=done,
        evidence=places.evidence(row, field),
        values={
            "due": clock["due_date"],
            "done": "至今没有办理日期" if done is None else f"实际为{done.isoformat()}",
            "article": f"国务院令第{str(clock['rule_version']).partition('-')[0]}号{clock['article'] or ''}",
        },
    )


def _terms(rows: pa.Table, clocks: list[dict[str, Any]], places: Places) -> Iterator[Finding]:
    """Told once for a debt, on the row of its latest ledger."""
    import pyarrow as pa
    import pyarrow.compute as pc

    ids = pa.array([c["debt_id"] for c in clocks], pa.string())
    latest: dict[str, dict[str, Any]] = {}
    for row in rows.filter(pc.is_in(rows.column("debt_id"), ids)).to_pylist():
        known = latest.get(row["debt_id"])
        if known is None or _place(row) > _place(known):
            latest[row["debt_id"]] = row
    for clock in clocks:
        row = latest.get(clock["debt_id"])
        if row is None:
            continue
        where_zh, where_en = places.of("ledger_rows", row, "due_date")
        yield raise_finding(
            "agreed_term_too_long",
            where_zh=where_zh,
            where_en=where_en,
            document_id=row["document_id"],
            table_name="ledger_rows",
            row_id=row["row_id"],
            field="due_date",
            value=clock["statutory_due_date"],
            evidence=places.evidence(row, "due_date"),
            values={"debtor": row["debtor_name"], "creditor": row["creditor_name"], "days": clock["term_days"],
                    "base": clock["base_date"]},
        )  # fmt: skip


def _place(row: Mapping[str, Any]) -> tuple[str, str, int]:
    return (str(row["as_of_date"] or ""), row["document_id"], row["row_number"])
