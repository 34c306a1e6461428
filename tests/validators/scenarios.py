"""Planted faults and their clean twins: one scenario for each rule that rows of one night can break."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

from tests.validators.build import (
    GOOD_USCC,
    count,
    digest,
    document,
    expression,
    ledger,
    night,
    row,
    statement,
    table,
    total,
)
from validators.rule_tables import flags as flag_rules

Night = Mapping[str, pa.Table]


@dataclass(frozen=True)
class Scenario:
    """A night with one fault, the night without it, and the rules that must and may speak of the fault."""

    rule: str
    faulty: Night
    clean: Night
    also: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        return self.rule


def rows_night(*rows: dict[str, Any], **tables: list[dict[str, Any]]) -> Night:
    """A night with one ledger of the given rows."""
    return night(**{"ledger_tables": [ledger()], "ledger_rows": list(rows), **tables})


SOUND = rows_night(row(7), row(8))


def row_fault(rule: str, also: tuple[str, ...] = (), /, **changes: Any) -> Scenario:
    """A sound ledger row with one change."""
    return Scenario(rule, rows_night(row(7), row(8, **changes)), SOUND, frozenset(also))


def flag(kind: str, field: str | None = "arrears_amount_yuan", message: str = "见原表") -> str:
    """Flags with one entry."""
    return json.dumps([{"kind": kind, "field": field, "cell": "F8", "message": message}], ensure_ascii=False)


def flag_fault(kind: str, rule: str | None = None) -> Scenario:
    """A row that extraction flagged."""
    return row_fault(rule or kind, (), flags=flag(kind))


def statements_night(*rows: dict[str, Any]) -> Night:
    """A night with the given figures in prose."""
    return night(debt_statements=list(rows))


def without(tables: Night, name: str, column: str) -> Night:
    """The same night, one column of one table gone."""
    return {**tables, name: tables[name].drop_columns([column])}


def retyped(tables: Night, name: str, column: str, kind: pa.DataType) -> Night:
    """The same night, one column of one table in another type."""
    at = tables[name].column_names.index(column)
    return {**tables, name: tables[name].set_column(at, column, tables[name].column(column).cast(kind))}


MARCH_30 = dt.date(2024, 3, 30)
JUNE_FIRST = dt.date(2024, 6, 1)
TOTAL, CLEARED, REMAINING = (
    statement("debt_total", "151673926"),
    statement("cleared", "149440626"),
    statement("remaining", "2233300"),
)

SUM_TEXT = "全市共排查欠款386笔，其中已清偿312笔、尚未清偿{}笔。"
RATE_TEXT = "拖欠总额3.5亿元，已清偿2.1亿元，清偿率{}。"
MEMBERS_TEXT = "按照专人、专班要求设立由市工信局、市财政局、市国资委{}等5个部门组成专班。"


def counted(text: str, *rows: dict[str, Any], **tables: list[dict[str, Any]]) -> Night:
    """A document of one sentence with its counts."""
    return night(documents=[document(text=text)], statistics=list(rows), **tables)


def sum_night(rest: str) -> Night:
    """386 debts of which 312 are cleared and the rest are not."""
    text = SUM_TEXT.format(rest)
    return counted(
        text,
        count(text, "386笔", "386", "笔"),
        count(text, "312笔", "312", "笔"),
        count(text, f"{rest}笔", rest, "笔"),
    )


def rate_night(percent: str, value: str) -> Night:
    """2.1 of 3.5 hundred million yuan and a rate."""
    text = RATE_TEXT.format(percent)
    at = {name: text.index(name) for name in ("3.5亿元", "2.1亿元")}
    offsets = {n: {"start_offset": a, "end_offset": a + len(n), "quantum_yuan": None} for n, a in at.items()}
    return counted(
        text,
        count(text, percent, value, "ratio"),
        debt_statements=[
            statement("debt_total", "350000000", **offsets["3.5亿元"]),
            statement("cleared", "210000000", **offsets["2.1亿元"]),
        ],
    )


def members_night(more: str) -> Night:
    """Five members announced."""
    text = MEMBERS_TEXT.format(more)
    return counted(text, count(text, "5个", "5", "个"))


def text_and_table(amount: str) -> Night:
    """A paper whose text states the total of its own ledger."""
    return night(
        debt_statements=[statement("debt_total", amount, quantum_yuan=None)],
        statistics=[],
        ledger_tables=[ledger()],
        ledger_rows=[row(7), row(8)],
        ledger_totals=[total(arrears_amount_yuan=Decimal("600000"))],
    )


UNPROVEN: dict[str, Any] = {"repaid_date": None}

SCENARIOS: tuple[Scenario, ...] = (
    # counts and shares in prose
    Scenario("statistic_sum_mismatch", sum_night("84"), sum_night("74")),
    Scenario("statement_rate_mismatch", rate_night("66.7%", "0.667"), rate_night("60%", "0.6")),
    Scenario("members_miscounted", members_night(""), members_night("、市审计局、人行市分行")),
    Scenario(
        "own_level_as_subordinate",
        night(documents=[document(text="办公室负责统计汇总各市、各部门台账。")]),
        night(documents=[document(text="办公室负责统计汇总各县（市、区）、各部门台账，与全省各市、各地保持一致。")]),
    ),
    Scenario("text_contradicts_table", text_and_table("700000"), text_and_table("600000")),
    # what a ledger calls repaid
    row_fault("cleared_by_paper", (), repaid_method="商业承兑汇票"),
    Scenario(
        "resolved_in_repaid",
        rows_night(row(7), row(8, resolved_amount_yuan=Decimal("40000"))),
        rows_night(
            row(7),
            row(8, resolved_amount_yuan=Decimal("40000"), remaining_amount_yuan=Decimal("160000")),
            row(9, repaid_method="银行转账"),
            row(10, repaid_method="银行承兑汇票"),
        ),
    ),
    Scenario(
        "status_contradicts_remaining",
        rows_night(row(7), row(8, status="已销号")),
        rows_night(row(7, status="部分清偿"), row(8, status="未清偿")),
    ),
    Scenario(
        "repaid_unproven",
        rows_night(row(7), row(8), row(9, **UNPROVEN)),
        rows_night(row(7, **UNPROVEN), row(8, **UNPROVEN)),
    ),
    # the schema and the keys
    Scenario("schema_columns", without(SOUND, "ledger_rows", "remarks"), SOUND),
    Scenario("schema_type", retyped(SOUND, "ledger_rows", "arrears_amount_yuan", pa.float64()), SOUND),
    Scenario("required_missing", night(documents=[document(source=None)]), night()),
    row_fault("key_missing", (), row_id=None),
    row_fault("key_malformed", (), row_id="第8行"),
    row_fault("key_duplicate", (), row_id=row(7)["row_id"]),
    row_fault("reference_missing", (), document_id=digest("document", 99)),
    # values of single columns
    row_fault("value_not_in_domain", (), disputed="unclear"),
    row_fault("value_malformed", (), debt_id="8"),
    row_fault("region_code_malformed", (), region_code="13010"),
    row_fault("money_negative", (), period_repaid_amount_yuan=Decimal(-1), new_arrears_amount_yuan=Decimal("-0.01")),
    row_fault("value_out_of_range", (), clear_rate=Decimal("1.000001")),
    row_fault("date_implausible", (), delivery_date=dt.date(202, 5, 1)),
    row_fault("bad_uscc", (), creditor_uscc=GOOD_USCC[1][:-1] + "H"),
    # inside one ledger row
    row_fault("ledger_parts_mismatch", (), disputed_amount_yuan=Decimal("50200")),
    row_fault("ledger_balance_mismatch", (), remaining_amount_yuan=Decimal("210000")),
    row_fault(
        "repaid_exceeds_arrears",
        (),
        repaid_amount_yuan=Decimal("300100.01"),
        remaining_amount_yuan=None,
    ),
    row_fault("remaining_exceeds_arrears", (), remaining_amount_yuan=Decimal("400000"), repaid_amount_yuan=None),
    row_fault("arrears_exceeds_contract", (), contract_amount_yuan=Decimal("80")),
    row_fault("repaid_before_contract", (), repaid_date=dt.date(2020, 5, 5)),
    row_fault("formed_after_cutoff", (), arrears_formed_date=dt.date(2024, 4, 30)),
    row_fault("plan_overdue", (), plan_due_date=dt.date(2024, 3, 30)),
    Scenario(
        "agreement_expired",
        rows_night(row(7, plan_method="签订清偿协议"), row(8, plan_method="签订清偿协议", plan_due_date=MARCH_30)),
        rows_night(row(7, plan_method="签订清偿协议"), row(8, plan_method="签订清偿协议")),
    ),
    Scenario(
        "unit_unknown",
        rows_night(row(7), ledger_tables=[ledger(unit=None, columns='[{"field": "arrears_amount_yuan", "index": 3}]')]),
        rows_night(row(7), ledger_tables=[ledger(columns='[{"field": "arrears_amount_yuan", "index": 3}]')]),
    ),
    flag_fault("unit_unknown", "unit_unknown_amount"),
    # what extraction flagged
    *(
        flag_fault(kind)
        for kind in [r.name for r in flag_rules.RULES if r.name not in ("other_flag", "flags_unreadable")]
    ),
    flag_fault("a_kind_of_its_own", "other_flag"),
    row_fault("flags_unreadable", (), flags="[not json"),
    # figures and limits in prose
    Scenario(
        "statement_sum_mismatch",
        statements_night(TOTAL, CLEARED, statement("remaining", "2243300")),
        statements_night(TOTAL, CLEARED, REMAINING),
    ),
    Scenario(
        "statement_parts_mismatch",
        statements_night(TOTAL, statement("undisputed", "149440626"), statement("disputed", "2233310")),
        statements_night(TOTAL, statement("undisputed", "149440626"), statement("disputed", "2233300")),
    ),
    Scenario(
        "statement_part_exceeds_total",
        statements_night(TOTAL, statement("cleared", "1494406260")),
        statements_night(TOTAL, CLEARED),
    ),
    Scenario(
        "statement_range_inverted",
        statements_night(statement("other", "2000000", amount_high_yuan=Decimal("1000000"))),
        statements_night(statement("other", "1000000", amount_high_yuan=Decimal("2000000"))),
    ),
    Scenario(
        "due_before_issue",
        night(time_expressions=[expression(due_date=dt.date(2024, 4, 9))]),
        night(time_expressions=[expression(due_date=dt.date(2024, 4, 10))]),
    ),
    Scenario(
        "period_inverted",
        night(
            time_expressions=[expression(period_start_date=dt.date(2024, 6, 2), period_end_date=dt.date(2024, 6, 1))]
        ),
        night(
            time_expressions=[expression(period_start_date=dt.date(2024, 6, 1), period_end_date=dt.date(2024, 6, 1))]
        ),
    ),
    # files as a whole
    Scenario(
        "document_quarantined",
        night(documents=[document(status="quarantined", error_code="encrypted", error_message="文件已加密")]),
        night(),
    ),
    Scenario("document_partial", night(documents=[document(status="partial")]), night()),
    Scenario(
        "document_notice",
        night(
            document_notices=[
                {
                    "document_id": digest("document", 1),
                    "notice_number": 1,
                    "code": "encoding_guessed",
                    "message": "编码按GB18030读取。",
                    "is_partial": False,
                }
            ]
        ),
        night(document_notices=[]),
    ),
)

# Every clean twin once: many faults share one.
CLEAN_TWINS: dict[str, Night] = {
    scenario.rule: scenario.clean
    for n, scenario in enumerate(SCENARIOS)
    if all(scenario.clean is not earlier.clean for earlier in SCENARIOS[:n])
}

# A row that breaks nothing although it comes close, with what makes it right.
CLOSE_CALLS: dict[str, Night] = {
    "amounts in 万元 with two decimals, each rounded": rows_night(
        row(
            7,
            arrears_amount_yuan=Decimal("300100"),
            raw=json.dumps(
                {"arrears_amount_yuan": "30.01", "repaid_amount_yuan": "10.00", "remaining_amount_yuan": "20.00"}
            ),
            undisputed_amount_yuan=None,
        )
    ),
    "what was resolved counts as settled": rows_night(
        row(7, resolved_amount_yuan=Decimal("20000"), remaining_amount_yuan=Decimal("180000"))
    ),
    "what was resolved includes what was repaid": rows_night(
        row(7, resolved_amount_yuan=Decimal("150000"), remaining_amount_yuan=Decimal("150000"))
    ),
    "new arrears of the period explain a larger remainder": rows_night(
        row(7, new_arrears_amount_yuan=Decimal("150000"), remaining_amount_yuan=Decimal("350000"))
    ),
    "an approximate amount is an interval": rows_night(
        row(7, remaining_amount_yuan=Decimal("190000"), ranges='{"remaining_amount_yuan": [190000, 210000]}')
    ),
    "a contract date known to the year stands for any day of it": rows_night(
        row(7, contract_date=dt.date(2023, 12, 31), contract_date_precision="year")
    ),
    "arrears formed in a month that had begun by the cut-off": rows_night(
        row(7, as_of_date=dt.date(2024, 3, 15), arrears_formed_date=dt.date(2024, 3, 31))
    ),
    "two figures of different scope are not set against each other": statements_night(
        statement("debt_total", "100", scope="全市"),
        statement("cleared", "60", scope="全市"),
        statement("remaining", "10", scope="某县"),
    ),
    "two totals of different scope each have their own parts": statements_night(
        statement("debt_total", "100", 1, scope="市直"),
        statement("cleared", "60", 1, scope="市直"),
        statement("remaining", "40", 1, scope="市直"),
        statement("debt_total", "1000", 2, scope="各县"),
        statement("cleared", "900", 2, scope="各县"),
        statement("remaining", "100", 2, scope="各县"),
    ),
    "the same figures in two documents are two matters": statements_night(
        statement("debt_total", "100"),
        statement("cleared", "60"),
        statement("remaining", "45", document_number=1, document_id=digest("document", 2)),
    )
    | {"documents": table("documents", [document(1), document(2)])},
    "approximate figures in prose": statements_night(
        statement("debt_total", "660", amount_high_yuan=Decimal("670"), is_approx=True),
        statement("cleared", "600"),
        statement("remaining", "65"),
    ),
    "a past event before the document's date": night(
        time_expressions=[expression(kind="past_event", is_obligation=False, due_date=dt.date(2023, 1, 1))]
    ),
    "a total row without amounts": rows_night(row(7), ledger_totals=[total()]),
}
