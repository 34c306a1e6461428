"""Debts are carried on from period to period, whatever the order in which ledgers come in."""

from __future__ import annotations

import datetime as dt
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from extractors.facts import Facts
from tests.warehouse.makers import NIGHT, built, debt, ledger, put, view_contents
from warehouse.matching import pair, series_of
from warehouse.parts import Manifest

JAN, FEB, MAR = dt.date(2031, 1, 31), dt.date(2031, 2, 28), dt.date(2031, 3, 31)


def debts(home: Path, parts: list[Manifest], sql: str = "", **inputs: Any) -> list[tuple[Any, ...]]:
    columns = "debtor_name, creditor_name, arrears_amount_yuan, remaining_amount_yuan, status, period_count, as_of_date"
    candidate = built(home, parts, **inputs)
    with duckdb.connect(str(candidate.path), read_only=True) as connection:
        return connection.execute(sql or f"SELECT {columns} FROM debts ORDER BY ALL").fetchall()


def test_vanished_cleared_new_and_open_debts(tmp_path: Path) -> None:
    parts = [
        put(
            tmp_path, "1.xlsx", ledger([debt("甲", "A", 10, 10), debt("甲", "B", 20, 20), debt("乙", "C", 30, 30)], JAN)
        ),
        put(tmp_path, "2.xlsx", ledger([debt("甲", "A", 10, 0), debt("乙", "C", 30, 5), debt("丙", "D", 9, 9)], FEB)),
        put(tmp_path, "3.xlsx", ledger([debt("乙", "C", 30, 5), debt("丙", "D", 9, 9)], MAR)),
    ]
    assert debts(tmp_path, parts) == [
        ("丙", "D", 9, 9, "open", 2, MAR),
        ("乙", "C", 30, 5, "open", 3, MAR),
        ("甲", "A", 10, 0, "cleared", 2, FEB),
        ("甲", "B", 20, 20, "vanished", 1, JAN),
    ]


def test_a_zero_report_makes_what_was_owed_vanish(tmp_path: Path) -> None:
    parts = [
        put(tmp_path, "1.xlsx", ledger([debt("甲", "A", 10, 10)], JAN)),
        put(tmp_path, "2.xlsx", ledger([], FEB, report_type="zero")),
    ]
    assert [d[4] for d in debts(tmp_path, parts)] == ["vanished"]


def test_two_counties_in_one_folder_are_not_one(tmp_path: Path) -> None:
    rows = [debt("教育局", "A", 10, 10)]
    parts = [
        put(tmp_path, "a1.xlsx", ledger(rows, JAN, region="990101")),
        put(tmp_path, "b1.xlsx", ledger([debt("教育局", "A", 7, 7)], JAN, region="990102")),
        put(tmp_path, "a2.xlsx", ledger(rows, FEB, region="990101")),
    ]
    assert [(d[2], d[4], d[5]) for d in debts(tmp_path, parts)] == [(7, "open", 1), (10, "open", 2)]


def test_a_ledger_that_names_no_region_follows_its_series() -> None:
    tables = [
        {"source": "s", "region_code": "990101", "series_name": "县台账"},
        {"source": "s", "region_code": None, "series_name": "县台账"},
        {"source": "s", "region_code": None, "series_name": "别的"},
        {"source": "t", "region_code": None, "series_name": "县台账"},
    ]
    one, other, alone, foreign = series_of(tables)
    assert one == other
    assert len({one, alone, foreign}) == 3
    tables.append({"source": "s", "region_code": "990102", "series_name": "县台账"})
    assert series_of(tables)[1] not in (series_of(tables)[0], series_of(tables)[4])


def test_summaries_and_rows_without_parties_are_no_debts_of_others(tmp_path: Path) -> None:
    nameless = {"creditor_name": "A", "arrears_amount_yuan": Decimal(1)}
    parts = [
        put(tmp_path, "1.xlsx", ledger([nameless, nameless], JAN)),
        put(tmp_path, "2.xlsx", ledger([debt("甲", "A", 10, 10)], JAN, report_type="summary")),
    ]
    rows = debts(tmp_path, parts, "SELECT debt_id IS NULL, match_reason FROM ledger_rows ORDER BY ALL")
    assert rows == [(False, "none"), (False, "none"), (True, None)]
    assert len(debts(tmp_path, parts)) == 2


def test_like_debts_in_one_ledger_pair_by_amount_then_by_order() -> None:
    ledgers = [
        [("a1", Decimal(10)), ("a2", Decimal(20))],
        [("b1", Decimal(20))],
        [("c1", Decimal(15)), ("c2", Decimal(20)), ("c3", Decimal(5))],
    ]
    assert sorted(pair(ledgers)) == [
        ("a1", 0, "new"),
        ("a2", 1, "new"),
        ("b1", 1, "amount"),
        ("c1", 0, "order"),
        ("c2", 1, "amount"),
        ("c3", 2, "new"),
    ]


def test_a_corrected_ledger_takes_the_place_of_the_one_it_supersedes_under_the_same_ids(tmp_path: Path) -> None:
    wrong = put(tmp_path, "1.xlsx", ledger([debt("甲", "A", 100, 100), debt("甲", "B", 1, 1)], JAN))
    right = put(
        tmp_path, "1b.xlsx", ledger([debt("甲", "A", 10, 10)], JAN), first_seen_date=NIGHT + dt.timedelta(days=1)
    )
    ids = "SELECT debt_id FROM debts WHERE creditor_name = 'A'"
    before = debts(tmp_path, [wrong], ids)
    assert debts(tmp_path, [wrong, right], ids, superseded=[wrong.file_id]) == before
    assert debts(tmp_path, [wrong, right], superseded=[wrong.file_id]) == [("甲", "A", 10, 10, "open", 1, JAN)]
    status = debts(tmp_path, [wrong, right], "SELECT status FROM documents ORDER BY 1", superseded=[wrong.file_id])
    assert status == [("parsed",), ("superseded",)]


def test_a_late_ledger_of_an_earlier_period_leaves_known_ids_alone(tmp_path: Path) -> None:
    february = put(tmp_path, "2.xlsx", ledger([debt("甲", "A", 10, 10)], FEB))
    january = put(
        tmp_path, "1.xlsx", ledger([debt("甲", "A", 10, 10)], JAN), first_seen_date=NIGHT + dt.timedelta(days=9)
    )
    ids = "SELECT debt_id FROM debts"
    assert debts(tmp_path, [february], ids) == debts(tmp_path, [february, january], ids)


names = st.sampled_from(["甲", "乙"])
row = st.builds(
    lambda d, c, a, n: debt(d, c, a, a, **({"contract_no": n} if n else {})),
    names,
    names,
    st.integers(1, 3),
    st.sampled_from(["", "H1", "H2"]),
)


# No shrinking: each example builds two warehouses, and the generated ones are small as they are.
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(
    ledgers=st.lists(
        st.tuples(st.sampled_from([JAN, FEB, MAR, None]), st.lists(row, max_size=5)), min_size=1, max_size=4
    ),
    data=st.data(),
)
def test_ids_and_contents_do_not_depend_on_the_order_of_parts(ledgers: Any, data: Any) -> None:
    facts: list[tuple[str, Facts]] = [(f"{i}.xlsx", ledger(rows, day)) for i, (day, rows) in enumerate(ledgers)]
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        first = [put(Path(one), name, f) for name, f in facts]
        second = [put(Path(other), name, f) for name, f in data.draw(st.permutations(facts))]
        contents = view_contents(built(Path(one), first).path)
        assert contents == view_contents(built(Path(other), second).path)
        rows = contents["ledger_rows"]
    pairs = {(r[1], r[2], r[4]) for r in rows}
    assert len(pairs) == len(rows), "one debt stands at most once in one ledger"


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_one_document_under_two_versions_is_refused(tmp_path: Path, version: str) -> None:
    from tests.warehouse.makers import circular, info
    from warehouse.parts import write_part
    from warehouse.staging import stage

    described = info("a.txt")
    parts = [put(tmp_path, "a.txt", circular())]
    parts.append(write_part(tmp_path, described.file_id, version, stage(circular(), described)))
    with pytest.raises(ValueError, match="one version"):
        built(tmp_path, parts)
