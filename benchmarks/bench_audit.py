"""The audit of a million ledger rows: every suite, as a night runs it, beside Great Expectations as its guide has it.

The peer puts the same checks of single columns, as the library's own expectations, on a pandas frame of the same rows
and asks for complete results with the rows' ids; it has none of the written rules over several columns. It is given a
tenth of the rows and its figure is told for ten times as many, since its cost grows with them. Processor seconds, and
the greatest resident size the kernel counted, each side in a process of its own.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from benchmarks.row import Row

if TYPE_CHECKING:
    import pyarrow as pa

ROWS, LEDGERS = 1_000_000, 20
PEER_SHARE = 10
HISTORY_SHARE = 5
AT_ONCE = 50_000
"""As many rows as a night audits at once (`pipelines.auditing.ROWS_AT_ONCE`)."""
_SECONDS, _GIB = 60, 3.0
_CODES = ("91110000802100433B", "9144030071526726XG", "914403001922038216")


def run() -> list[Row]:
    """Ours and the peer's, one after the other."""
    rows, history, peer = (_measured(what) for what in ("rows", "history", "peer"))
    scaled = peer["cpu"] * PEER_SHARE
    return [
        {
            "what": f"audit of {ROWS:,} ledger rows, all suites",
            "ours": f"{rows['cpu']:.1f} cpu-s, {rows['gib']:.2f} GiB, {rows['wall']:.1f} s",
            "peer": f"{scaled:.0f} cpu-s, {peer['gib']:.2f} GiB for a tenth (GX on pandas, COMPLETE)",
            "ratio": rows["cpu"] / scaled,
            "target": f"≤ {_SECONDS} s and ≤ {_GIB:.0f} GiB",
            "ok": rows["cpu"] <= _SECONDS and rows["gib"] <= _GIB,
            "note": f"{rows['found']} findings of {rows['planted']} planted faults; the peer's own figure is for "
            f"{ROWS // PEER_SHARE:,} rows: {peer['cpu']:.1f} cpu-s, {peer['found']} failing values",
        },
        {
            "what": f"reconciliation over ten months, {ROWS // HISTORY_SHARE:,} rows",
            "ours": f"{history['cpu']:.1f} cpu-s, {history['gib']:.2f} GiB",
            "peer": "-",
            "ratio": None,
            "target": f"≤ {_SECONDS // HISTORY_SHARE} s",
            "ok": history["cpu"] <= _SECONDS / HISTORY_SHARE,
            "note": f"{history['found']} findings; it holds the rows of all periods in memory",
        },
    ]


def _measured(what: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bench_audit", what], check=True, capture_output=True, text=True
    )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def tables(rows: int, ledgers: int, *, months: int = 1) -> dict[str, pa.Table]:
    """Ledgers of `rows` debts in all, one of a hundred with a fault, in the warehouse's types.

    With several months each county's debts come again every month, repaid a little.
    """
    import pyarrow as pa

    from warehouse.arrow import arrow_schema

    named: dict[str, list[dict[str, Any]]] = {"documents": [], "ledger_tables": []}
    columns: dict[str, list[Any]] = {}
    for n in range(ledgers):
        document = f"{n:064x}"
        named["documents"].append(_document(document, n))
        named["ledger_tables"].append(_table(document, n // months, n % months, rows // ledgers))
        for row in _rows(document, n // months, n % months, rows // ledgers):
            for name, value in row.items():
                columns.setdefault(name, []).append(value)
    out = {name: pa.Table.from_pylist(listed, schema=arrow_schema(name)) for name, listed in named.items()}
    schema = arrow_schema("ledger_rows")
    arrays = [pa.array(columns[f.name], f.type) if f.name in columns else pa.nulls(rows, f.type) for f in schema]
    out["ledger_rows"] = pa.Table.from_arrays(arrays, schema=schema)
    return out


def _document(document: str, n: int) -> dict[str, Any]:
    import datetime as dt

    day = dt.date(2026, 1, 31)
    return {
        "document_id": document, "title": f"台账{n}", "kind": "ledger", "source": "bench", "path": f"台账{n}.xlsx",
        "name": f"台账{n}.xlsx", "format": "xlsx", "status": "parsed", "first_seen_date": day, "extractor_version": "1",
    }  # fmt: skip


def _table(document: str, county: int, month: int, rows: int) -> dict[str, Any]:
    columns = [{"header": "拖欠金额", "field": "arrears_amount_yuan", "unit": "元", "index": 5}]
    return {
        "document_id": document, "table_index": 1, "sheet": "台账", "title": "台账", "unit": "元",
        "region_code": f"{130100 + county}", "as_of_date": _day(month), "as_of_source": "ledger",
        "report_type": "detail", "about": "arrears", "series_name": f"县{county}", "row_count": rows,
        "columns": json.dumps(columns, ensure_ascii=False), "flags": "[]",
    }  # fmt: skip


def _day(month: int) -> Any:
    import datetime as dt

    return dt.date(2026, month + 2, 1) - dt.timedelta(days=1)


def _rows(document: str, county: int, month: int, rows: int) -> Iterator[dict[str, Any]]:
    import datetime as dt
    from decimal import Decimal

    rng = random.Random(county)
    day = _day(month)
    for i in range(rows):
        owed = rng.randrange(1_000_000, 500_000_000)
        paid = owed * month // 24
        code = _CODES[i % 3]
        left = owed - paid
        fault = i % 100 == 7
        said = "no" if i % 9 else "yes"
        match i % 3 if fault else None:
            case 0:
                code = code[:-1] + ("0" if code[-1] != "0" else "1")
            case 1:
                left += 100_000
            case 2:
                said = "待定"
        yield {
            "row_id": f"{county:04x}{month:04x}{i:024x}", "document_id": document, "table_index": 1,
            "row_number": i + 5, "match_key": f"县{county}局{i % 300}|公司{i}|c:ht{i}", "as_of_date": day,
            "seq_no": str(i + 1), "region_code": f"{130100 + county}", "debtor_name": f"县{county}第{i % 300}局",
            "debtor_uscc": _CODES[0], "debtor_type": "机关", "creditor_name": f"某某建设{i}有限公司",
            "creditor_uscc": code, "creditor_size": "小型", "project_name": f"道路改造{i % 2000}期",
            "payment_kind": "工程", "contract_no": f"HT-{county}-{i:07d}",
            "contract_date": dt.date(2019, 1 + i % 12, 5), "contract_amount_yuan": Decimal(owed * 2).scaleb(-2),
            "arrears_formed_date": dt.date(2021, 1 + i % 12, 28),
            "arrears_amount_yuan": Decimal(owed).scaleb(-2), "disputed": said,
            "undisputed_amount_yuan": Decimal(owed if i % 9 else 0).scaleb(-2),
            "disputed_amount_yuan": Decimal(0 if i % 9 else owed).scaleb(-2),
            "repaid_amount_yuan": Decimal(paid).scaleb(-2), "remaining_amount_yuan": Decimal(left).scaleb(-2),
            "plan_due_date": dt.date(2027, 6, 30), "fund_source": "财政资金", "status": "推进中",
            "cells": f'{{"arrears_amount_yuan":"F{i + 5}","remaining_amount_yuan":"H{i + 5}"}}',
            "raw": f'{{"arrears_amount_yuan":"{owed / 100:.2f}","remaining_amount_yuan":"{left / 100:.2f}"}}',
            "flags": "[]", "evidence": f'{{"sheet":"台账","row":{i + 5}}}',
        }  # fmt: skip


def _ours() -> dict[str, Any]:
    """The suites over all rows, so many at once as a night takes."""
    from validators.audit import audit_rows

    found, spent, wall = 0, 0.0, 0.0
    for _ in range(0, ROWS, AT_ONCE):
        given = tables(AT_ONCE, LEDGERS * AT_ONCE // ROWS)
        before, clock = time.process_time(), time.perf_counter()
        found += len(audit_rows(given).findings)
        spent += time.process_time() - before
        wall += time.perf_counter() - clock
    return {"cpu": spent, "wall": wall, "found": found, "planted": ROWS // 100}


def _history() -> dict[str, Any]:
    from validators.audit import reconcile

    given = tables(ROWS // HISTORY_SHARE, 20, months=10)
    before, clock = time.process_time(), time.perf_counter()
    found = len(reconcile(given))
    return {"cpu": time.process_time() - before, "wall": time.perf_counter() - clock, "found": found}


def _peer() -> dict[str, Any]:
    """The checks of single columns as the library's guide says: a pandas frame, its own expectations, COMPLETE."""
    import os

    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    import great_expectations.expectations as gxe

    from validators.suites import suites_of

    given = tables(ROWS // PEER_SHARE, 2)
    checks = [c for s in suites_of("ledger_rows", given) for c in s.checks]
    frame = given["ledger_rows"].to_pandas()
    before, clock = time.process_time(), time.perf_counter()
    context = gx.get_context(mode="ephemeral")
    batch = (
        context.data_sources.add_pandas("pandas")
        .add_dataframe_asset("rows")
        .add_batch_definition_whole_dataframe("all")
        .get_batch({"dataframe": frame})
    )
    suite = gx.ExpectationSuite(name="rows")
    for check in checks:
        if len(check.columns) == 1 and not frame[check.columns[0]].isna().all():
            expectation = _as_the_guide_says(gxe, check)
            if expectation is not None:
                suite.add_expectation(expectation)
    answer = batch.validate(
        suite, result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["row_id"]}
    )
    failing = sum(r.result.get("unexpected_count", 0) for r in answer.results)
    return {"cpu": time.process_time() - before, "wall": time.perf_counter() - clock, "found": failing}


def _as_the_guide_says(gxe: Any, check: Any) -> Any:
    column = check.columns[0]
    match check.kind:
        case "not_null":
            return gxe.ExpectColumnValuesToNotBeNull(column=column)
        case "unique":
            return gxe.ExpectColumnValuesToBeUnique(column=column)
        case "in_set":
            return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=list(check.allowed))
        case "matches":
            return gxe.ExpectColumnValuesToMatchRegex(column=column, regex=str(check.pattern))
        case "between":
            limits = {k: v for k, v in (("min_value", check.minimum), ("max_value", check.maximum)) if v is not None}
            return gxe.ExpectColumnValuesToBeBetween(column=column, **limits)
    return None


if __name__ == "__main__":
    answer = {"rows": _ours, "history": _history, "peer": _peer}[sys.argv[1]]()
    answer["gib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(json.dumps(answer))
