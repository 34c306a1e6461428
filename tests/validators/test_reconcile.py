"""Between months and documents: planted faults are found, clean twins and explained changes are silent."""

from __future__ import annotations

import pytest

from tests.validators import document_scenarios, history_scenarios
from tests.validators.build import APRIL, digest, row
from tests.validators.history_scenarios import SOUND, ZERO_REPORT, april, months
from tests.validators.scenarios import Scenario
from validators.audit import reconcile
from validators.findings import to_rows
from warehouse.arrow import arrow_table

SCENARIOS = (*history_scenarios.SCENARIOS, *document_scenarios.SCENARIOS)
CLOSE_CALLS = {**history_scenarios.CLOSE_CALLS, **document_scenarios.CLOSE_CALLS}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.id)
def test_the_planted_fault_is_found_once(scenario: Scenario) -> None:
    found = reconcile(scenario.faulty)
    assert [f.rule for f in found] == [scenario.rule]
    assert "{" not in found[0].message_zh
    assert "None" not in found[0].message_zh


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.id)
def test_the_clean_twin_is_silent(scenario: Scenario) -> None:
    assert reconcile(scenario.clean) == ()


@pytest.mark.parametrize("name", CLOSE_CALLS)
def test_close_calls_raise_no_alarm(name: str) -> None:
    assert [f.message_zh for f in reconcile(CLOSE_CALLS[name])] == []


def test_a_zero_report_makes_every_open_debt_vanish() -> None:
    assert [f.rule for f in reconcile(ZERO_REPORT)] == ["debt_vanished"] * 2


def test_a_vanished_debt_is_told_with_both_months_and_its_last_row() -> None:
    (finding,) = reconcile(months([april(7)]))
    assert finding.row_id == row(8)["row_id"]
    assert finding.document_id == digest("document", 1)
    assert finding.message_zh == (
        "文件《文件1.docx》工作表“台账”第8行（单元格H8）登记的欠款（甲县住建局欠乙建筑公司）截至2024-03-31"
        "尚剩余200,000元，2024-04-30的同一台账中已无此笔；请核实是否漏报或擅自删除，并补报或说明依据。"
    )


def test_findings_fit_their_table_and_do_not_depend_on_the_order_of_rows() -> None:
    faulty = dict(months([april(7, disputed="yes")]))
    first = reconcile(faulty)
    rows = faulty["ledger_rows"]
    faulty["ledger_rows"] = rows.take(list(reversed(range(rows.num_rows))))
    assert reconcile(faulty) == first
    assert arrow_table("findings", to_rows(first, first_seen_date=APRIL)).num_rows == len(first) == 1


def test_without_ledgers_there_is_nothing_to_reconcile() -> None:
    assert reconcile({}) == ()
    assert reconcile({**SOUND, "ledger_rows": SOUND["ledger_rows"].slice(0, 0)}) == ()
