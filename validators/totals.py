"""Total rows of detail ledgers against the sum of their rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from validators.arithmetic import printed_quantum
from validators.history import plain, rows_of_tables
from validators.places import Places, json_object, label_of
from validators.rules import raise_finding
from warehouse.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

    from validators.findings import Finding

# Totals over the whole table; 小计 and 其中 cover a part that only the reader of the ledger can tell.
GRAND_TOTALS = frozenset({"合计", "总计", "共计", "总合计", "合计数", "总计数"})
Row = Mapping[str, Any]
TableKey = tuple[object, object]


def total_findings(tables: Mapping[str, pa.Table], places: Places) -> Iterator[Finding]:
    """Grand totals that differ from their rows by more than the printed precision.

    A table with several grand totals, a total extraction has already flagged, and columns with approximate amounts
    are left alone.
    """
    money = [f.name for f in TABLES["ledger_totals"].fields if f.type == "money"]
    details = {
        (t["document_id"], t["table_index"])
        for t in tables["ledger_tables"].select(["document_id", "table_index", "report_type"]).to_pylist()
        if t["report_type"] == "detail"
    }
    grand: dict[TableKey, list[Row]] = defaultdict(list)
    for row in tables["ledger_totals"].to_pylist():
        key = (row["document_id"], row["table_index"])
        if key in details and plain(row["label"]).rstrip(":：") in GRAND_TOTALS:
            grand[key].append(row)
    alone = {key: rows[0] for key, rows in grand.items() if len(rows) == 1}
    members: dict[TableKey, list[Row]] = defaultdict(list)
    columns = ["document_id", "table_index", "raw", "ranges", *money]
    for row in rows_of_tables(tables["ledger_rows"].select(columns), alone):
        members[row["document_id"], row["table_index"]].append(row)
    for key, total in alone.items():
        if "total_mismatch" in (total["flags"] or "") or not members[key]:
            continue
        for column in money:
            yield from column_finding(column, total, members[key], places)


def column_finding(column: str, total: Row, rows: list[Row], places: Places) -> Iterator[Finding]:
    """The finding on one column of a total row, if there is one."""
    given = [r for r in rows if r[column] is not None]
    if total[column] is None or not given or any(column in json_object(r["ranges"]) for r in (*given, total)):
        return
    added = sum((r[column] for r in given), Decimal(0))
    quanta = [printed_quantum(json_object(r["raw"]).get(column), r[column]) for r in given]
    known = [q for q in quanta if q is not None]
    # Spreadsheets drop trailing zeros: the finest figure of the column tells how all of it is printed.
    slack = min(known, default=Decimal(0)) * len(known)
    slack += printed_quantum(json_object(total["raw"]).get(column), total[column]) or Decimal(0)
    gap = abs(added - total[column])
    if gap <= slack:
        return
    where_zh, where_en = places.of("ledger_totals", total, column)
    yield raise_finding(
        "ledger_total_mismatch",
        where_zh=where_zh,
        where_en=where_en,
        document_id=total["document_id"],
        table_name="ledger_totals",
        row_id=total["row_id"],
        field=column,
        value=total[column],
        evidence=places.evidence(total, column),
        values={"label": label_of("ledger_totals", column), "sum": added, "difference": gap},
    )
