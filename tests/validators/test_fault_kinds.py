"""The tally: every kind of planted fault is found; clean twins and thousands of clean rows are left in peace.

`pytest -s` shows it.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from tests.validators import calendar_scenarios, document_scenarios, history_scenarios, scenarios
from tests.validators.build import GOOD_USCC, digest, document, ledger, night, row, total
from tests.validators.fault_kinds import KINDS
from validators.audit import audit_rows, reconcile
from validators.findings import Finding

STOPS = ("block", "quarantine")
BY_RULE = {s.rule: s for s in (*scenarios.SCENARIOS,)}
OVER_TIME = {s.rule: s for s in (*history_scenarios.SCENARIOS, *document_scenarios.SCENARIOS)}
CALENDAR = {s.rule: s for s in calendar_scenarios.SCENARIOS}
MONTHS = [dt.date(2024, m, d) for m, d in ((1, 31), (2, 29), (3, 31))]


def looked_at(rule: str, *, faulty: bool) -> tuple[Finding, ...]:
    """What the audit says of the scenario of a rule, or of its clean twin."""
    if rule in CALENDAR:
        return tuple(CALENDAR[rule].look(faulty))
    if rule in OVER_TIME:
        planted = OVER_TIME[rule]
        return reconcile(planted.faulty if faulty else planted.clean)
    scenario = BY_RULE[rule]
    return audit_rows(scenario.faulty if faulty else scenario.clean).findings


def test_the_tally_of_planted_faults(record_property: Any) -> None:
    lines: list[str] = []
    missed, alarms = [], []
    for where, what, rule in KINDS:
        found = {f.rule for f in looked_at(rule, faulty=True)}
        twin = looked_at(rule, faulty=False)
        if rule not in found:
            missed.append(rule)
        alarms += [f for f in twin if f.rule == rule or f.severity in STOPS]
        lines.append(f"{where}\t{what}\t{rule}\t{'找到' if rule in found else '漏掉'}\t孪生{len(twin)}条")
    recall = 1 - len(missed) / len(KINDS)
    record_property("recall", recall)
    sys.stdout.write("\n".join([*lines, f"{len(KINDS)} 类，召回率 {recall:.3f}，孪生误报 {len(alarms)}\n"]))
    assert len(KINDS) >= 26
    assert missed == []
    assert [f.message_zh for f in alarms] == []


def clean_rows(number: int, month: int, seed: int, size: int) -> list[dict[str, Any]]:
    """One county's debts in one month: amounts that balance, repaid a little every month, as printed in 万元."""
    out = []
    for i in range(size):
        rng = random.Random(1000 * seed + i)  # the same debt every month
        owed = Decimal(rng.randrange(100, 90_000)) * 100
        paid = [Decimal(0)]
        for _ in MONTHS:
            paid.append(min(owed, paid[-1] + Decimal(rng.choice((0, 0, 0, 100, 1300, 25_700)))))
        disputed = rng.random() < 0.2
        priced = owed * rng.randrange(2, 9)
        repaid = paid[month + 1]
        values = {
            "arrears_amount_yuan": owed,
            "undisputed_amount_yuan": Decimal(0) if disputed else owed,
            "disputed_amount_yuan": owed if disputed else Decimal(0),
            "disputed": "yes" if disputed else "no",
            "dispute_reason": "结算未完成" if disputed else None,
            "repaid_amount_yuan": repaid,
            "repaid_date": None if not repaid else MONTHS[month].replace(day=rng.randrange(2, 20)),
            "repaid_method": "银行转账" if repaid else None,
            "remaining_amount_yuan": owed - repaid,
            "contract_amount_yuan": priced,
        }
        money = [k for k, v in values.items() if k.endswith("_yuan") and v is not None]
        raw = {k: f"{values[k] / 10_000:.2f}" for k in money}
        out.append(
            row(
                i + 7,
                document_number=number,
                as_of_date=MONTHS[month],
                match_key=f"{seed}局|{i}公司|c:{i}",
                debtor_name=f"第{seed}局",
                creditor_name=f"第{i}建筑公司",
                creditor_uscc=GOOD_USCC[i % 3],
                contract_no=f"HT-{seed}-{i}",
                debt_id=digest("debt", seed, i)[:32],
                **values,
                raw=str(raw).replace("'", '"'),
            )
        )
    return out


@pytest.fixture(scope="module")
def clean_corpus() -> dict[str, Any]:
    """Ledgers of five counties over three months, with their total rows: 4,500 rows."""
    documents, tables, rows, totals = [], [], [], []
    for county in range(5):
        for month, day in enumerate(MONTHS):
            number = county * 10 + month + 1
            listed = clean_rows(number, month, county, 300)
            code = f"1301{county + 23}"
            documents.append(document(number, kind="ledger", region_code=code, issued_date=None))
            tables.append(ledger(number, as_of_date=day, series_name=f"县{county}", region_code=code))
            rows += [{**r, "region_code": code} for r in listed]
            sums = {
                c: sum((r[c] for r in listed), Decimal(0))
                for c in ("arrears_amount_yuan", "repaid_amount_yuan", "remaining_amount_yuan")
            }
            totals.append(total(document_number=number, row_number=400, as_of_date=day, **sums))
    return dict(night(documents=documents, ledger_tables=tables, ledger_rows=rows, ledger_totals=totals))


def test_false_alarms_on_clean_rows(clean_corpus: dict[str, Any]) -> None:
    size = clean_corpus["ledger_rows"].num_rows
    found = [*audit_rows(clean_corpus).findings, *reconcile(clean_corpus)]
    by_rule = Counter(f.rule for f in found)
    sys.stdout.write(f"{size} 行，误报 {len(found)}，每千行 {1000 * len(found) / size:.2f}：{dict(by_rule)}\n")
    assert [f.message_zh for f in found if f.severity in STOPS] == []
    assert len(found) <= size / 1000, by_rule
