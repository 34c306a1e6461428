"""Planted faults between months and documents, with their clean twins."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

from tests.validators.build import APRIL, MARCH, digest, document, ledger, night, row, total
from tests.validators.scenarios import Night, Scenario

OTHER_UNIT = {"series_name": "甲县住建局"}


def april(row_number: int = 7, **changes: Any) -> dict[str, Any]:
    """The debt of that row a month later, in document 2."""
    known = {"match_key": row(row_number)["match_key"], "as_of_date": APRIL}
    return row(row_number, document_number=2, **{**known, **changes})


def months(
    now: list[dict[str, Any]],
    before: list[dict[str, Any]] | None = None,
    changes: dict[str, Any] | None = None,
    **tables: list[dict[str, Any]],
) -> Night:
    """Ledgers of March (document 1) and April (document 2) of one series."""
    return night(
        **{
            "documents": [document(1), document(2)],
            "ledger_tables": [ledger(1), ledger(2, **{"as_of_date": APRIL, **(changes or {})})],
            "ledger_rows": [*(before or [row(7), row(8)]), *now],
            **tables,
        }
    )


def with_total(amount: str, **changes: Any) -> Night:
    """A ledger of two rows and its total row."""
    return night(
        ledger_tables=[ledger()],
        ledger_rows=[row(7), row(8)],
        ledger_totals=[total(arrears_amount_yuan=Decimal(amount), **changes)],
    )


def two_ledgers(**changes: Any) -> Night:
    """The ledgers of two units for March, with a row of the second changed."""
    return night(
        documents=[document(1), document(2)],
        ledger_tables=[ledger(1), ledger(2, **OTHER_UNIT)],
        ledger_rows=[row(7), row(9, document_number=2, **{"contract_no": "合同（7）", **changes})],
    )


SOUND = months([april(7), april(8)])


def versions(*second: dict[str, Any]) -> Night:
    """The ledger of March as a workbook and as its stamped scan, with the rows of the scan."""
    keys = {"scope_key": "inbox|130100", "series_key": "inbox|130100|甲县工信局"}
    return night(
        documents=[document(1), document(2)],
        ledger_tables=[ledger(1, **keys), ledger(2, sheet=None, **keys)],
        ledger_rows=[*(row(n, debt_id=f"debt{n}") for n in (7, 8, 9)), *second],
    )


def scanned(row_number: int, **changes: Any) -> dict[str, Any]:
    """The scan's row of a debt."""
    known = {"debt_id": f"debt{row_number}", "match_key": row(row_number)["match_key"]}
    return row(row_number, document_number=2, **{**known, **changes})


SAME_TWICE = versions(scanned(7), scanned(8), scanned(9))
UNDISPUTED: dict[str, Any] = {
    "disputed": "no",
    "undisputed_amount_yuan": Decimal("300000"),
    "disputed_amount_yuan": None,
}

PAID_MORE: dict[str, Any] = {"repaid_amount_yuan": Decimal("150000"), "remaining_amount_yuan": Decimal("150000")}
BASIS = {"disputed": "yes", "dispute_reason": "2024年4月2日甲县人民法院立案，案号（2024）冀0123民初45号"}


def part(row_number: int, amount: str, **changes: Any) -> dict[str, Any]:
    """A debt of April that is none of March, nothing of it repaid."""
    return april(
        row_number,
        **{
            "arrears_amount_yuan": Decimal(amount),
            "repaid_amount_yuan": Decimal(0),
            "remaining_amount_yuan": Decimal(amount),
            "undisputed_amount_yuan": None,
            "disputed_amount_yuan": None,
            "arrears_formed_date": None,
            **changes,
        },
    )


def planned(*days: tuple[int, int, int]) -> Night:
    """One debt in a ledger for each planned day, month by month."""
    cutoffs = [MARCH, APRIL, dt.date(2024, 5, 31)][: len(days)]
    numbers = range(1, len(days) + 1)
    return night(
        documents=[document(n) for n in numbers],
        ledger_tables=[ledger(n, as_of_date=c) for n, c in zip(numbers, cutoffs, strict=True)],
        ledger_rows=[
            row(7, document_number=n, match_key="一笔", as_of_date=c, plan_due_date=dt.date(*d))
            for n, c, d in zip(numbers, cutoffs, days, strict=True)
        ],
    )


def repaid_on(day: dt.date, amount: str) -> Night:
    """A ledger of six debts, each repaid on that day."""
    return night(
        ledger_tables=[ledger()],
        ledger_rows=[row(7 + n, repaid_date=day, repaid_amount_yuan=Decimal(amount)) for n in range(6)],
    )


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        "debt_relabelled_with_basis",
        months([april(7, **BASIS), april(8, **UNDISPUTED)], [row(7, **UNDISPUTED), row(8, **UNDISPUTED)]),
        months([april(7, **UNDISPUTED), april(8, **UNDISPUTED)], [row(7, **UNDISPUTED), row(8, **UNDISPUTED)]),
    ),
    Scenario(
        "undisputed_fell",
        months(
            [
                april(7, undisputed_amount_yuan=Decimal("150000"), disputed_amount_yuan=Decimal("150000")),
                april(8),
            ]
        ),
        months([april(7, undisputed_amount_yuan=Decimal("200000"), **PAID_MORE), april(8)]),
    ),
    Scenario(
        "arrears_restated",
        months(
            [
                april(7, arrears_amount_yuan=Decimal("250000"), remaining_amount_yuan=Decimal("150000")),
                april(8),
            ]
        ),
        months([april(7, **PAID_MORE), april(8)]),
    ),
    Scenario(
        "roll_forward_mismatch",
        months([april(7, remaining_amount_yuan=Decimal("120000")), april(8)]),
        months([april(7, **PAID_MORE), april(8)]),
    ),
    Scenario(
        "plan_slipped", planned((2024, 6, 30), (2024, 9, 30), (2024, 12, 31)), planned((2024, 6, 30), (2024, 5, 31))
    ),
    Scenario(
        "debt_listed_late",
        months([april(7), april(8), april(9)]),
        months([april(7), april(8), april(9, arrears_formed_date=None)]),
    ),
    Scenario(
        "new_arrears",
        months(
            [
                april(7),
                april(8),
                april(9, arrears_formed_date=dt.date(2024, 4, 15), arrears_formed_date_precision=None),
            ]
        ),
        months(
            [
                april(7),
                april(8),
                april(9, arrears_formed_date=dt.date(2024, 6, 30), arrears_formed_date_precision="half"),
            ]
        ),
    ),
    Scenario("round_repayments_at_cutoff", repaid_on(MARCH, "100000"), repaid_on(dt.date(2024, 3, 29), "100000")),
    Scenario("debt_split", months([april(7), part(9, "120000"), part(10, "180000")]), SOUND),
    Scenario(
        "debts_merged",
        months([part(9, "600000")]),
        SOUND,
    ),
    Scenario(
        "debt_renamed",
        months([april(7), april(8, debtor_name="甲县住房保障局", match_key="改名后", contract_no="合同8")]),
        SOUND,
    ),
    Scenario("debt_vanished", months([april(7)]), SOUND),
    Scenario(
        "debt_relabelled",
        months([april(7, disputed="yes"), april(8, **UNDISPUTED)], [row(7, **UNDISPUTED), row(8, **UNDISPUTED)]),
        months([april(7, **UNDISPUTED), april(8, **UNDISPUTED)], [row(7, **UNDISPUTED), row(8)]),
    ),
    Scenario(
        "repaid_fell",
        months([april(7, repaid_amount_yuan=Decimal("90000")), april(8)]),
        months([april(7, repaid_amount_yuan=Decimal("110000"), remaining_amount_yuan=Decimal("190000")), april(8)]),
    ),
    Scenario("remaining_rose", months([april(7, remaining_amount_yuan=Decimal("260000")), april(8)]), SOUND),
    Scenario("ledger_total_mismatch", with_total("610000"), with_total("600000")),
    Scenario("debt_in_two_ledgers", two_ledgers(), two_ledgers(contract_no="合同9")),
    Scenario(
        "versions_differ",
        versions(scanned(7), scanned(8, remaining_amount_yuan=Decimal("190000")), scanned(9)),
        SAME_TWICE,
    ),
    Scenario("version_lacks_row", versions(scanned(7), scanned(8)), SAME_TWICE),
)

CLOSE_CALLS: dict[str, Night] = {
    "arrears kept as a running balance": months(
        [
            april(
                7,
                arrears_amount_yuan=Decimal("250000"),
                repaid_amount_yuan=Decimal("150000"),
                remaining_amount_yuan=Decimal("150000"),
            ),
            april(8),
        ]
    ),
    "what was resolved by other means": months(
        [april(7, resolved_amount_yuan=Decimal("50000"), remaining_amount_yuan=Decimal("150000")), april(8)]
    ),
    "a repayment of the period only": months(
        [
            april(
                7,
                repaid_amount_yuan=None,
                period_repaid_amount_yuan=Decimal("50000"),
                remaining_amount_yuan=Decimal("150000"),
            ),
            april(8),
        ]
    ),
    "a few round repayments on the cut-off": night(
        ledger_tables=[ledger()], ledger_rows=[row(7 + n, repaid_date=MARCH) for n in range(4)]
    ),
    "round repayments among many others of the month": night(
        ledger_tables=[ledger()],
        ledger_rows=[
            row(7 + n, repaid_date=MARCH if n < 5 else dt.date(2024, 3, 3 + n), repaid_amount_yuan=Decimal("100000"))
            for n in range(16)
        ],
    ),
    "a ledger and its copy": SAME_TWICE,
    "versions that write names with other brackets and blanks": versions(
        scanned(7, debtor_name="甲县 住建局"), scanned(8, contract_no="（合同8）"), scanned(9)
    ),
    "a debt that was cleared may leave the ledger": months(
        [april(7)],
        [row(7), row(8, remaining_amount_yuan=Decimal(0), repaid_amount_yuan=Decimal("300000"))],
    ),
    "a debt that moved to another ledger of the region": months(
        [april(7), row(8, document_number=3, match_key=row(8)["match_key"], as_of_date=APRIL)],
        documents=[document(1), document(2), document(3)],
        ledger_tables=[ledger(1), ledger(2, as_of_date=APRIL), ledger(3, as_of_date=APRIL, **OTHER_UNIT)],
    ),
    "a file read in part may hold the debt that is missing": months(
        [april(7)], documents=[document(1), document(2, status="partial")]
    ),
    "a superseded file is no month": months([april(7)], documents=[document(1), document(2, status="superseded")]),
    "new arrears that are entered": months(
        [
            april(7, remaining_amount_yuan=Decimal("260000"), new_arrears_amount_yuan=Decimal("60000")),
            april(8),
        ]
    ),
    "a remainder printed less exactly": months(
        [
            april(7, remaining_amount_yuan=Decimal("204000"), raw=json.dumps({"remaining_amount_yuan": "20.4"})),
            april(8),
        ],
        [
            row(7, remaining_amount_yuan=Decimal("203700"), raw=json.dumps({"remaining_amount_yuan": "20.37"})),
            row(8),
        ],
    ),
    "a subtotal covers a part": with_total("300000", label="小计"),
    "a total printed in round figures": with_total(
        "601000",
        label="合  计",
        raw=json.dumps({"arrears_amount_yuan": "60.1"}),
    )
    | {
        "ledger_rows": night(
            ledger_rows=[
                row(7, arrears_amount_yuan=Decimal("300400"), raw=json.dumps({"arrears_amount_yuan": "30.04"})),
                row(8, arrears_amount_yuan=Decimal("300200"), raw=json.dumps({"arrears_amount_yuan": "30.02"})),
            ]
        )["ledger_rows"]
    },
    "a total that extraction flagged already": with_total(
        "610000", flags='[{"kind": "total_mismatch", "field": "arrears_amount_yuan", "message": "差1万元"}]'
    ),
    "the same contract in the next month's ledger of another unit": two_ledgers()
    | {"ledger_tables": night(ledger_tables=[ledger(1), ledger(2, as_of_date=APRIL, **OTHER_UNIT)])["ledger_tables"]},
    "the ids of debts count more than their names": months(
        [april(7, debt_id=digest("d", 7)[:32], match_key="改名"), april(8, debt_id=digest("d", 8)[:32])],
        [row(7, debt_id=digest("d", 7)[:32]), row(8, debt_id=digest("d", 8)[:32])],
    ),
}

ZERO_REPORT = months([], changes={"report_type": "zero"})
assert MARCH < APRIL
