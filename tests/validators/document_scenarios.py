"""Planted faults between documents of different kinds, with their clean twins."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.validators.build import APRIL, MARCH, digest, document, expression, ledger, night, row, statement
from tests.validators.scenarios import Night, Scenario

MAY = dt.date(2024, 5, 31)


def told(amount: str, role: str = "remaining", **changes: Any) -> Night:
    """A ledger of two debts and a circular that speaks of the region's whole at the same cut-off."""
    said = {"scope": "全县拖欠账款", "as_of_date": MARCH, "quantum_yuan": Decimal(50), **changes}
    return night(
        documents=[document(1), document(2)],
        ledger_tables=[ledger()],
        ledger_rows=[row(7), row(8)],
        debt_statements=[statement(role, amount, document_number=2, **said)],
    )


def summed(amount: str, subject: str = "甲县", **changes: Any) -> Night:
    """A county's ledger and the city's summary with a line for the county."""
    line = {
        "subject": subject,
        "debt_id": None,
        "match_key": None,
        "debtor_name": None,
        "creditor_name": None,
        "contract_no": None,
        "arrears_amount_yuan": None,
        "repaid_amount_yuan": None,
        "remaining_amount_yuan": Decimal(amount),
        "raw": f'{{"remaining_amount_yuan": "{Decimal(amount) / 10000:.2f}"}}',
    }
    return night(
        documents=[document(1, region_code="130123"), document(2)],
        ledger_tables=[
            ledger(1, region_code="130123"),
            ledger(2, report_type="summary", about="dispatch", **changes),
        ],
        ledger_rows=[row(7), row(8), row(9, document_number=2, **line)],
        regions=[
            {"region_code": "130100", "name": "丙市", "full_name": "丙市", "level": "city", "parent_code": "130000"},
            {"region_code": "130123", "name": "甲县", "full_name": "甲县", "level": "county", "parent_code": "130100"},
        ],
    )


def claimed(about: str, **line: Any) -> Night:
    """A ledger, and a table of complaints or disclosures of the same region."""
    return night(
        documents=[document(1), document(2)],
        ledger_tables=[ledger(1), ledger(2, about=about, report_type="detail")],
        ledger_rows=[row(7), row(8), row(9, document_number=2, match_key=None, **line)],
    )


def carried_out(limit: dt.date, action: str = "完成欠款台账建立") -> Night:
    """A county's paper that carries out the city's, each with a limit for its ledgers."""
    return night(
        documents=[document(1, doc_number="丙政办〔2024〕5号"), document(2, doc_number="甲政办〔2024〕9号")],
        ledger_tables=[],
        ledger_rows=[],
        time_expressions=[
            expression(1, action="建立完善清欠台账"),
            expression(2, document_id=digest("document", 2), due_date=limit, action=action),
        ],
        document_references=[
            {
                "reference_id": digest("reference")[:32],
                "document_id": digest("document", 2),
                "doc_number": "丙政办〔2024〕5号",
                "raw_text": "丙政办〔2024〕5号",
                "start_offset": 0,
                "end_offset": 11,
                "extraction_rule": "number",
                "origin": "rule",
            }
        ],
    )


def reported(second: list[dt.date], **changes: Any) -> Night:
    """Two units' ledgers of three months; `second` are the cut-offs the second one reported for."""
    cutoffs = [MARCH, APRIL, MAY]
    first = [(n + 1, c, "甲县工信局") for n, c in enumerate(cutoffs)]
    other = [(n + 11, c, "乙县工信局") for n, c in enumerate(second)]
    return night(
        documents=[document(n) for n, _, _ in (*first, *other)],
        ledger_tables=[
            ledger(n, as_of_date=c, series_name=s, region_code="130123" if n < 10 else "130124", **changes)
            for n, c, s in (*first, *other)
        ],
        ledger_rows=[
            row(7, document_number=n, as_of_date=c, match_key=s, contract_no=f"合同{s}") for n, c, s in (*first, *other)
        ],
    )


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("circular_differs_from_ledger", told("410000"), told("400000")),
    Scenario("summary_differs_from_detail", summed("390000"), summed("400000")),
    Scenario(
        "complaint_not_in_ledger",
        claimed("complaint", creditor_name="丁装饰公司"),
        claimed("complaint"),
    ),
    Scenario(
        "disclosure_not_in_ledger",
        claimed("disclosure", debtor_name="戊水务集团", amount_yuan=Decimal("120000")),
        claimed("disclosure", amount_yuan=Decimal("120000")),
    ),
    Scenario("limit_later_than_superior", carried_out(dt.date(2024, 6, 30)), carried_out(dt.date(2024, 5, 31))),
    Scenario("ledger_not_received", reported([MARCH, APRIL]), reported([MARCH, APRIL, MAY])),
)

CLOSE_CALLS: dict[str, Night] = {
    "a figure for a part of the region": told("410000", scope="县直部门欠款"),
    "a figure for another day": told("410000", as_of_date=APRIL),
    "a figure printed in round 万元": told("400040"),
    "a summary's line for a county without a ledger": summed("390000", subject="庚县"),
    "a summary for another day": summed("390000", as_of_date=APRIL),
    "a limit for another task": carried_out(dt.date(2024, 6, 30), action="完成欠款清偿"),
    "a unit that reported once": reported([MARCH]),
}
