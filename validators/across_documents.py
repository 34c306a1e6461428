"""What different documents say of the same thing: circulars against ledgers, summaries against details, complaints and
disclosures against what is listed, a lower body's limit against its superior's, and silence where reports were due.

Figures are compared for one region and one cut-off only, and a figure that agrees with any ledger of its region is
taken to mean that one: ledgers of parts of a region are many, and a guess between them would be a false alarm.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from validators.arithmetic import printed_quantum
from validators.history import LIVE, Key, Row, Snapshot, plain, remaining_of, rows_of_tables, total_of
from validators.places import Places, json_object, label_of
from validators.rules import raise_finding

if TYPE_CHECKING:
    import pyarrow as pa

    from validators.findings import Finding

ROLE_COLUMNS = {
    "debt_total": "arrears_amount_yuan",
    "cleared": "repaid_amount_yuan",
    "remaining": "remaining_amount_yuan",
}
_WHOLE_REGION = re.compile(r"^(?:截至[^，,]*[，,])?(?:我|全)[省市县区州旗](?!直|属|本级)")
_TOPICS = {
    "排查": r"排查|摸排|摸底|梳理",
    "台账": r"台账",
    "计划": r"(?:还款|清偿|支付|化解)计划|制定[^，。]{0,12}(?:计划|方案)",
    "清偿": r"清偿|偿还|支付|兑付|付清|清零|化解",
    "报送": r"报送|上报|反馈|报告|报至",
}
# What a task is about, most telling first: 报送台账 is about the ledger, 清偿计划 about the plan.
_ORDER = ("计划", "台账", "排查", "清偿", "报送")


def across_documents(tables: Mapping[str, pa.Table], series: list[list[Snapshot]], places: Places) -> Iterator[Finding]:
    """Every finding between documents; looks at those tables that are given."""
    ledgers = by_region(tables, series)
    if "debt_statements" in tables:
        yield from _circulars_against_ledgers(tables, ledgers, places)
    yield from _summaries_against_details(tables, ledgers, places)
    yield from _claims_against_ledgers(tables, series, places)
    if "time_expressions" in tables and "document_references" in tables:
        yield from _limits_against_superiors(tables, places)
    yield from _silence(tables, series, places)


Ledgers = Mapping[tuple[str, dt.date], list[Snapshot]]


def by_region(tables: Mapping[str, pa.Table], series: list[list[Snapshot]]) -> Ledgers:
    """Snapshots of debt ledgers by region and cut-off."""
    regions = {
        (t["document_id"]): t["region_code"]
        for t in tables["ledger_tables"].select(["document_id", "region_code"]).to_pylist()
        if t["region_code"]
    }
    out: dict[tuple[str, dt.date], list[Snapshot]] = defaultdict(list)
    for line in series:
        for snapshot in line:
            codes = {regions.get(d) for d in snapshot.documents} - {None}
            if len(codes) == 1:
                out[str(codes.pop()), snapshot.as_of].append(snapshot)
    return out


def sum_of(snapshot: Snapshot, column: str) -> Decimal | None:
    """The sum of one amount over all debts of a ledger; None where no debt has it."""
    amounts = [
        remaining_of(rows) if column == "remaining_amount_yuan" else total_of(rows, column)
        for rows in snapshot.debts.values()
    ]
    given = [a for a in amounts if a is not None]
    return sum(given, Decimal(0)) if given else None


def sums_of(snapshots: list[Snapshot], column: str) -> list[Decimal]:
    """What a figure for a region may be: the sum of each ledger of it, and of all of them."""
    each = [s for s in (sum_of(x, column) for x in snapshots) if s is not None]
    return [*each, sum(each, Decimal(0))] if len(each) > 1 else each


def _circulars_against_ledgers(tables: Mapping[str, pa.Table], ledgers: Ledgers, places: Places) -> Iterator[Finding]:
    documents = {d["document_id"]: d for d in _documents(tables)}
    for row in tables["debt_statements"].to_pylist():
        document = documents.get(row["document_id"])
        column = ROLE_COLUMNS.get(row["role"])
        if document is None or column is None or row["amount_high_yuan"] is not None or row["amount_yuan"] is None:
            continue
        if not _WHOLE_REGION.search(row["scope"] or "") or row["debtor_name"] or not document["region_code"]:
            continue
        sums = sums_of(ledgers.get((document["region_code"], row["as_of_date"]), []), column)
        slack = row["quantum_yuan"] or Decimal(0)
        if sums and all(abs(s - row["amount_yuan"]) > slack for s in sums):
            values = {"text": row["raw_text"], "as_of": row["as_of_date"], "sum": sums[-1]}
            values["label"] = label_of("ledger_rows", column)
            yield _finding("circular_differs_from_ledger", "debt_statements", row, "amount_yuan", values, places)


def _summaries_against_details(tables: Mapping[str, pa.Table], ledgers: Ledgers, places: Places) -> Iterator[Finding]:
    summaries = {
        (t["document_id"], t["table_index"]): t
        for t in tables["ledger_tables"].to_pylist()
        if t["report_type"] == "summary" and t["about"] in ("arrears", "dispatch", "ranking")
    }
    if not summaries:
        return
    names = _region_names(tables)
    live = {d["document_id"] for d in _documents(tables)}
    for row in rows_of_tables(tables["ledger_rows"], summaries):
        table = summaries[row["document_id"], row["table_index"]]
        if row["document_id"] not in live or not row["subject"]:
            continue
        code = _code_of(row["subject"], table["region_code"], names)
        found = ledgers.get((code, table["as_of_date"]), []) if code else []
        raw = json_object(row["raw"])
        for column in ROLE_COLUMNS.values():
            sums = sums_of(found, column)
            if row[column] is None or not sums:
                continue
            slack = printed_quantum(raw.get(column), row[column]) or Decimal(0)
            if all(abs(s - row[column]) > slack for s in sums):
                values: dict[str, object] = {
                    "subject": row["subject"],
                    "label": label_of("ledger_rows", column),
                    "sum": sums[-1],
                    "as_of": table["as_of_date"],
                    "difference": abs(sums[-1] - row[column]),
                }
                yield _finding("summary_differs_from_detail", "ledger_rows", row, column, values, places)


def _claims_against_ledgers(
    tables: Mapping[str, pa.Table], series: list[list[Snapshot]], places: Places
) -> Iterator[Finding]:
    """Complaints and disclosures that name a debt which no ledger of the region ever listed."""
    claims = {
        (t["document_id"], t["table_index"]): t
        for t in tables["ledger_tables"].to_pylist()
        if t["about"] in ("complaint", "disclosure") and t["report_type"] != "zero" and t["region_code"]
    }
    if not claims:
        return
    regions = {t["document_id"]: t["region_code"] for t in tables["ledger_tables"].to_pylist()}
    debtors: dict[str, set[str]] = defaultdict(set)
    pairs: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for line in series:
        for snapshot in line:
            for code in {regions.get(d) for d in snapshot.documents} - {None}:
                known = pairs[str(code)]
                for rows in snapshot.debts.values():
                    known.add((plain(rows[0]["debtor_name"]), plain(rows[0]["creditor_name"])))
                    debtors[str(code)].add(plain(rows[0]["debtor_name"]))
    for row in rows_of_tables(tables["ledger_rows"], claims):
        table = claims[row["document_id"], row["table_index"]]
        if not pairs.get(table["region_code"]):
            continue
        if table["about"] == "complaint":
            parties = plain(row["debtor_name"]), plain(row["creditor_name"])
            if all(parties) and parties not in pairs[table["region_code"]]:
                values: dict[str, object] = {"debtor": row["debtor_name"], "creditor": row["creditor_name"]}
                yield _finding("complaint_not_in_ledger", "ledger_rows", row, "debtor_name", values, places)
        else:
            unit = row["disclosing_unit"] or row["debtor_name"] or table["reporting_unit"]
            if row["amount_yuan"] and unit and plain(unit) not in debtors[table["region_code"]]:
                values = {"unit": unit, "amount": row["amount_yuan"]}
                yield _finding("disclosure_not_in_ledger", "ledger_rows", row, "amount_yuan", values, places)


def _limits_against_superiors(tables: Mapping[str, pa.Table], places: Places) -> Iterator[Finding]:
    """A limit for the same task, later than that of the document it is said to carry out."""
    numbers: dict[str, str] = {}
    for d in _documents(tables):
        if d["doc_number"]:
            numbers[plain(d["doc_number"])] = d["document_id"]
    limits: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in tables["time_expressions"].to_pylist():
        if row["kind"] == "due" and row["is_obligation"] and row["due_date"] is not None:
            topic = topic_of(row["action"])
            if topic is not None:
                limits[row["document_id"]][topic].append(row)
    seen: set[tuple[str, str]] = set()
    for reference in tables["document_references"].to_pylist():
        child, parent = reference["document_id"], numbers.get(plain(reference["doc_number"]))
        if parent is None or parent == child or (child, parent) in seen:
            continue
        seen.add((child, parent))
        for topic, rows in limits[child].items():
            above = limits[parent].get(topic, [])
            if len(rows) == 1 and len(above) == 1 and rows[0]["due_date"] > above[0]["due_date"]:
                values: dict[str, object] = {
                    "topic": topic,
                    "text": rows[0]["raw_text"],
                    "parent": reference["doc_number"],
                    "limit": above[0]["due_date"],
                }
                yield _finding("limit_later_than_superior", "time_expressions", rows[0], "due_date", values, places)


def topic_of(action: object) -> str | None:
    """What a task is about; None where no word tells."""
    text = str(action or "")
    return next((t for t in _ORDER if re.search(_TOPICS[t], text)), None)


def _silence(tables: Mapping[str, pa.Table], series: list[list[Snapshot]], places: Places) -> Iterator[Finding]:
    """A series that reported month by month and stops while others of its source go on; a zero report is no silence."""
    regular = [line for line in series if len(line) >= 2 and _is_monthly(line)]
    latest: dict[object, tuple[dt.date, Key]] = {}
    for line in regular:
        source = _source_of(line[-1])
        at = (line[-1].as_of, line[-1].series)
        if source not in latest or at[0] > latest[source][0]:
            latest[source] = at
    heads = {
        (t["document_id"], t["table_index"]): t
        for t in tables["ledger_tables"].to_pylist()
        if t["report_type"] != "summary"
    }
    for line in regular:
        last, (newest, other) = line[-1], latest[_source_of(line[-1])]
        if other == last.series or _months(last.as_of, newest) < 1:
            continue
        table = next((t for (document, _), t in sorted(heads.items()) if document in last.documents), None)
        if table is not None:
            values: dict[str, object] = {
                "series": table["reporting_unit"] or table["series_name"],
                "last": last.as_of,
                "newest": newest,
                "months": _months(last.as_of, newest),
            }
            yield _finding("ledger_not_received", "ledger_tables", table, "as_of_date", values, places)


def _is_monthly(line: list[Snapshot]) -> bool:
    gaps = [_months(a.as_of, b.as_of) for a, b in itertools.pairwise(line)]
    return max(gaps) <= 1


def _months(one: dt.date, other: dt.date) -> int:
    return (other.year - one.year) * 12 + other.month - one.month


def _source_of(snapshot: Snapshot) -> object:
    scope = snapshot.scope[0]
    return scope.partition("|")[0] if isinstance(scope, str) else scope[0] if isinstance(scope, tuple) else scope


def _documents(tables: Mapping[str, pa.Table]) -> list[Row]:
    columns = ["document_id", "status", "region_code", "doc_number"]
    rows: list[Row] = tables["documents"].select(columns).to_pylist()
    return [r for r in rows if r["status"] in LIVE]


def _region_names(tables: Mapping[str, pa.Table]) -> dict[str, list[tuple[str, str]]]:
    """Region codes by name and by name without its last word (宁国 for 宁国市)."""
    names: dict[str, list[tuple[str, str]]] = defaultdict(list)
    if "regions" in tables:
        for r in tables["regions"].select(["region_code", "name", "parent_code"]).to_pylist():
            for name in {r["name"], r["name"][:-1] if len(r["name"]) > 2 else r["name"]}:
                names[plain(name)].append((r["region_code"], r["parent_code"] or ""))
    return names


def _code_of(subject: str, above: object, names: Mapping[str, list[tuple[str, str]]]) -> str | None:
    """The region a summary's line speaks of: the one of that name right below the table's own region."""
    found = {code for code, parent in names.get(plain(subject), []) if parent == above or code == above}
    return found.pop() if len(found) == 1 else None


def _finding(rule: str, table: str, row: Row, field: str, values: Mapping[str, Any], places: Places) -> Finding:
    keys = {"debt_statements": "statement_id", "time_expressions": "obligation_id", "ledger_rows": "row_id"}
    key = keys.get(table)
    where_zh, where_en = places.of(table, row, field)
    return raise_finding(
        rule,
        where_zh=where_zh,
        where_en=where_en,
        document_id=row["document_id"],
        table_name=table,
        row_id=row[key] if key else f"{row['document_id']}:{row['table_index']}",
        field=field,
        value=row[field],
        evidence=places.evidence(row, field) if "evidence" in row else None,
        values=values,
    )
