"""Facts become rows: exact, under stable ids, nothing dropped in silence."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.facts import Amount, Assignment, Facts, Field, Metadata, Part, Reference
from tests.warehouse.makers import cell, circular, debt, info, ledger
from warehouse.keys import debt_key, series_name
from warehouse.ledger_fields import CANONICAL_FIELDS
from warehouse.staging import stage
from warehouse.values import column_value, exact_money


def rows(facts: Facts | None, table: str, **changes: Any) -> list[dict[str, Any]]:
    staged = stage(facts, info("x.xlsx", **changes))
    return list(staged[table].to_pylist()) if table in staged else []


def test_a_failed_file_stages_one_document_row_that_says_why() -> None:
    staged = stage(None, info("bad.pdf", status="quarantined", error_code="encrypted", error_message="文件已加密。"))
    assert list(staged) == ["documents"]
    row = staged["documents"].to_pylist()[0]
    assert (row["status"], row["error_code"], row["text"], row["kind"]) == ("quarantined", "encrypted", None, None)


def test_amounts_keep_value_range_place_and_role() -> None:
    exact, rough, other = rows(circular(), "debt_statements")
    assert (exact["amount_yuan"], exact["amount_high_yuan"], exact["role"]) == (Decimal("125000.00"), None, "remaining")
    assert (exact["raw_text"], exact["start_offset"], json.loads(exact["evidence"])) == (
        "12.5万元",
        10,
        {"paragraph": 3},
    )
    assert (rough["amount_yuan"], rough["amount_high_yuan"], rough["is_approx"]) == (3000000, 4000000, True)
    assert other["role"] == "other"


def test_parts_groups_and_relations_are_kept() -> None:
    title = Field(text="某县清欠方案", start=20, end=26, rule="parts.promised", value="某县清欠方案")
    facts = Facts(
        kind="circular",
        parts=(Part(number=1, kind="方案", title=title, start=20, end=90, issued_date="2024-06-03"),),
        assignments=(
            Assignment(text="各乡镇", start=0, end=3, rule="r", role="responsible"),
            Assignment(text="各县区", start=4, end=7, rule="r", role="responsible", expands_to=("甲县", "乙区")),
        ),
        refs=(Reference(text="《某条例》", start=8, end=13, rule="refs.title", title="某条例", relation="basis"),),
    )
    (part,) = rows(facts, "document_parts")
    assert (part["part_number"], part["title"], part["kind"]) == (1, "某县清欠方案", "方案")
    assert (part["start_offset"], part["end_offset"], part["issued_date"]) == (20, 90, dt.date(2024, 6, 3))
    alone, group = rows(facts, "assignments")
    assert (alone["expands_to"], json.loads(group["expands_to"])) == (None, ["甲县", "乙区"])
    assert rows(facts, "document_references")[0]["relation"] == "basis"


def test_time_expressions_become_dates_rules_and_who_must_act() -> None:
    due, monthly, past, window, vague = rows(circular(), "time_expressions")
    assert (due["due_date"], due["rule"], due["is_obligation"]) == (dt.date(2031, 2, 28), None, True)
    assert (monthly["due_date"], monthly["rule"]) == (None, "FREQ=MONTHLY;BYMONTHDAY=5")
    assert (past["is_obligation"], past["due_date"], past["period_end_date"]) == (False, None, dt.date(2030, 12, 31))
    assert (window["period_start_date"], window["due_date"]) == (dt.date(2031, 1, 1), dt.date(2031, 3, 31))
    assert window["is_past_at_issue"]
    assert (vague["due_date"], vague["rule"], vague["resolved"], vague["is_obligation"]) == (None, None, None, True)
    units = {(u["unit"], u["role"], u["unit_id"]) for u in rows(circular(), "obligation_units")}
    assert units == {
        ("县财务办", "responsible", "u1"),
        ("县工程办", "responsible", None),
        ("县专班", "recipient", None),
    }


def test_the_same_statement_twice_in_one_place_gets_two_ids_and_a_rerun_the_same_ones() -> None:
    amount = circular().amounts[0]
    twice = Facts(kind="circular", amounts=(amount, amount))
    ids = [r["statement_id"] for r in rows(twice, "debt_statements")]
    assert len(set(ids)) == 2
    assert ids == [r["statement_id"] for r in rows(twice, "debt_statements")]
    spelled = msgspec.structs.replace(amount, amount_yuan=Decimal("125000.0"))
    assert rows(Facts(kind="circular", amounts=(spelled,)), "debt_statements")[0]["statement_id"] == ids[0]


def test_ledger_values_are_typed_and_what_does_not_fit_is_kept_and_flagged() -> None:
    facts = ledger(
        [
            debt(
                "某局",
                "甲公司",
                "100",
                "50",
                due_date="2030-06",
                contract_date="去年",
                evidence="回单3张",
                mystery="谜",
                repaid_amount_yuan=(Decimal(40), Decimal(60)),
                is_gov_invested="是",
                seq_no=Decimal(7),
            )
        ],
        dt.date(2031, 1, 31),
    )
    (row,) = rows(facts, "ledger_rows")
    assert (row["due_date"], row["due_date_precision"]) == (dt.date(2030, 6, 30), "month")
    assert (row["contract_date"], json.loads(row["raw"])["contract_date"]) == (None, "去年")
    assert [(f["kind"], f["field"]) for f in json.loads(row["flags"])] == [("untyped_value", "contract_date")]
    assert (row["voucher"], json.loads(row["extra"])) == ("回单3张", {"mystery": "谜"})
    assert (row["repaid_amount_yuan"], json.loads(row["ranges"])) == (40, {"repaid_amount_yuan": ["40.00", "60.00"]})
    assert (row["is_gov_invested"], row["seq_no"]) == (True, "7")
    assert json.loads(row["evidence"]) == {"sheet": "台账", "row": 4}


def test_the_period_of_a_ledger_says_where_it_came_from() -> None:
    issued = Metadata(issued_date=Field(text="", start=0, end=0, rule="r", value="2031-02-03"))
    bare = msgspec.structs.replace(ledger([]), metadata=issued)
    assert rows(bare, "ledger_tables")[0]["as_of_source"] == "issued_date"
    assert rows(ledger([]), "ledger_tables")[0]["as_of_source"] == "none"
    assert rows(ledger([], dt.date(2031, 1, 31)), "ledger_tables")[0]["as_of_source"] == "ledger"


def test_a_document_marked_secret_leaves_no_content_behind() -> None:
    mark = Field(text="机密★10年", start=0, end=6, rule="secrecy", value="机密★10年")
    secret = msgspec.structs.replace(circular(), metadata=Metadata(secrecy=mark))
    staged = stage(secret, info("s.docx", text="不可外传"))
    assert list(staged) == ["documents"]
    row = staged["documents"].to_pylist()[0]
    assert (row["text"], row["error_code"], row["status"]) == (None, "classified", "quarantined")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**15), max_value=10**15))
def test_money_is_kept_to_the_fen_or_said_to_be_rounded(value: Decimal) -> None:
    exact, doubt = exact_money(value)
    assert exact is not None
    assert abs(exact - value) <= Decimal("0.005")
    assert (doubt is None) == (exact == value)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), Decimal(10) ** 17])
def test_money_no_column_can_hold_becomes_null_and_is_said(value: Decimal) -> None:
    facts = Facts(kind="circular", amounts=(Amount(text="x", start=0, end=1, rule="r", amount_yuan=value),))
    (row,) = rows(facts, "debt_statements")
    assert (row["amount_yuan"], json.loads(row["flags"])) == (None, ["out_of_range"])


scalars = st.one_of(
    st.none(), st.booleans(), st.text(max_size=12), st.decimals(), st.tuples(st.decimals(), st.decimals())
)


@given(st.sampled_from(CANONICAL_FIELDS), scalars)
def test_no_cell_value_whatever_stops_staging(field: Any, value: Any) -> None:
    typed = column_value(field, cell(value))
    assert typed.value is None or typed.doubt is None or typed.doubt[0] == "rounded_to_fen"
    if value is not None and value != "" and typed.value is None:
        assert typed.doubt is not None
    stage(ledger([{field.name: value}]), info("x.xlsx"))


def test_debts_are_known_by_normalised_parties_and_contract() -> None:
    assert debt_key("某 局", "甲公司（某市）", "ＨＴ-01", None) == debt_key(
        "某局", "甲公司(某市)", "ht－01", "别的项目"
    )
    assert debt_key("某局", "甲公司", None, "桥") != debt_key("某局", "甲公司", None, "路")
    assert debt_key("某局", None, "1", None) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("某县2031年1月账款台账", "某县2031年12月账款台账"),
        ("账款台账（截至2031年3月31日）", "账款台账（截至 2030 年 12 月 31 日）"),
        ("一季度台账", "四季度台账"),
        ("a-ledger-203101.xlsx", "a-ledger-203102.xlsx"),
    ],
)
def test_ledgers_of_two_periods_are_one_series(one: str, other: str) -> None:
    assert series_name([one]) == series_name([other]) != "-"
