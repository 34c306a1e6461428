"""A limited warehouse holds what its reader may see and nothing else, personal data masked, figures unchanged."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pytest

from extractors.facts import Contact, Facts, Metadata
from tests.warehouse.makers import NOW, built, debt, ledger, put
from tests.warehouse.scripted_year import year_warehouse
from warehouse import accounts
from warehouse.access import Cancel, Limits, QueryError, run_query
from warehouse.explore.scope import EVERYTHING, Scope
from warehouse.limited import catalog, masks, rows
from warehouse.limited.accounts import scopes_of_accounts
from warehouse.limited.catalog import clear, limited_warehouse, prepare
from warehouse.publish import publish, warehouse_path
from warehouse.state import open_state
from warehouse.views import VIEW_NAMES

COUNTY = Scope(("990101",))
PHONE, PERSON, MAIL = "13812345678", "赵钱孙", "zhao@example.org"


class Stars:
    """Masks with stars, so that a test sees what was handed over."""

    def field(self, column: str, value: str) -> str:
        if column in ("contact_name", "responsible_person", "contact_phone", "creditor_contact_name", "signed_off_by"):
            return "*"
        return self.text(value, ())

    def text(self, value: str, names: Iterable[str]) -> str:
        for secret in (PHONE, MAIL, *names):
            value = value.replace(secret, "*")
        return value


def published(home: Path, path: Path) -> Path:
    path.replace(warehouse_path(home))
    return home


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("year")
    return published(home, year_warehouse(home).path)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city's ledger with rows of two counties, and personal data wherever it can stand."""
    home = tmp_path_factory.mktemp("mixed")
    personal = {"contact_name": PERSON, "contact_phone": PHONE, "remarks": f"电话 {PHONE}，{MAIL}"}
    table = ledger(
        [
            debt("甲局", "一公司", 100, 60, region_code="990101", **personal),
            debt("乙局", "二公司", 200, 200, region_code="990102"),
        ],
        dt.date(2031, 1, 31),
        region="990100",
        title="乙市台账标题",
    )
    contact = Contact(text=PERSON, start=0, end=3, rule="c", name=PERSON, phones=(PHONE,))
    letter = Facts(kind="circular", metadata=Metadata(contacts=(contact,)))
    parts = [
        put(home, "乙市台账文件.xlsx", table),
        put(home, "letter.txt", letter, format="txt", text=f"联系人{PERSON}，{PHONE}，金额 12345678901 元"),
    ]
    return published(home, built(home, parts).path)


def everything_in(path: Path) -> str:
    """All that a reader could ever select from a warehouse file, base tables and views, as one text."""
    with duckdb.connect(str(path), read_only=True) as connection:
        names = connection.execute("SELECT schema_name, table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
        names += [("main", v) for v in VIEW_NAMES]
        found = [connection.execute(f'SELECT * FROM {s}."{t}"').fetchall() for s, t in names]
        return json.dumps(found, ensure_ascii=False, default=str)


def test_every_table_has_its_rule() -> None:
    assert rows.tables_without_rule() == set()


def test_a_county_finds_no_word_of_another(year: Path) -> None:
    path = limited_warehouse(year, COUNTY, Stars())
    held = everything_in(path)
    for mine in ("甲局", "一公司", "HT-A1"):
        assert mine in held
    for other in ("戊局", "六公司", "九公司", "HT-B", "HT-C", "990102", "990103", "b/01.xlsx", "c/07"):
        assert other not in held
    assert b"HT-B9" not in path.read_bytes()


def test_figures_are_those_of_the_whole_warehouse(year: Path) -> None:
    mine, whole = limited_warehouse(year, COUNTY, Stars()), limited_warehouse(year, EVERYTHING, Stars())
    assert mine != whole
    for sql in (
        "SELECT * FROM debts WHERE region_code = '990101' ORDER BY debt_id",
        "SELECT * FROM debt_history WHERE region_code = '990101' ORDER BY ALL",
        "SELECT * FROM debts_as_of('2031-05-31', '2031-06-30') WHERE region_code = '990101' ORDER BY debt_id",
    ):
        expected = run_query(year, sql)
        assert expected.table.num_rows > 0
        assert run_query(year, sql, path=mine).table.equals(expected.table)
        assert run_query(year, sql, path=whole).table.equals(expected.table)


def test_an_error_tells_nothing_of_other_rows(year: Path) -> None:
    path = limited_warehouse(year, COUNTY, Stars())
    for sql in (
        "SELECT sum(CAST(debtor_name AS INT)) FROM debts",
        "SELECT * FROM core.ledger_rows WHERE CAST(contract_no AS INT) > 0 AND region_code = '990102'",
        "SELECT error(string_agg(creditor_name, '')) FROM core.ledger_rows",
    ):
        try:
            said = str(run_query(year, sql, path=path).table.to_pylist())
        except QueryError as e:
            said = e.message
        assert "六公司" not in said
        assert "HT-B" not in said


def test_no_scope_at_all_holds_no_row(year: Path) -> None:
    path = limited_warehouse(year, Scope(()), Stars())
    assert run_query(year, "SELECT count(*) AS n FROM ledger_rows", path=path).table.to_pylist() == [{"n": 0}]
    assert "公司" not in everything_in(path)


def test_of_another_regions_document_only_its_rows_of_mine_remain(mixed: Path) -> None:
    path = limited_warehouse(mixed, COUNTY, Stars())
    held = everything_in(path)
    assert "甲局" in held
    assert rows.ELSEWHERE in held
    for other in ("乙局", "二公司", "乙市台账", "990100", "990102"):
        assert other not in held
    found = run_query(mixed, "SELECT debtor_name, remaining_amount_yuan AS y FROM debts", path=path).table.to_pylist()
    assert [(r["debtor_name"], r["y"]) for r in found] == [("甲局", 60)]
    found = run_query(mixed, "SELECT debtor_name FROM debts_as_of('2031-01-31', '2031-12-31')", path=path)
    assert found.table.num_rows == 1


def test_personal_data_is_masked_wherever_it_stands(mixed: Path) -> None:
    held = everything_in(limited_warehouse(mixed, EVERYTHING, Stars()))
    for secret in (PHONE, PERSON, MAIL):
        assert secret not in held
    assert "12345678901" in held  # an amount that only looks like a number of somebody's
    assert "乙局" in held


def test_a_new_night_has_its_own_files_and_old_ones_go(tmp_path: Path) -> None:
    home = published(tmp_path, year_warehouse(tmp_path).path)
    first = limited_warehouse(home, COUNTY, Stars())
    assert limited_warehouse(home, COUNTY, Stars()) == first
    published(
        home, built(home, [put(home, "n.xlsx", ledger([debt("新局", "新公司", 1, 1)], dt.date(2031, 1, 31)))]).path
    )
    second = limited_warehouse(home, COUNTY, Stars())
    assert second != first
    assert not first.exists()
    assert [p.name for p in second.parent.iterdir()] == [second.name]
    assert "新局" in everything_in(second)


def test_what_was_made_for_a_candidate_is_there_when_it_is_published(tmp_path: Path) -> None:
    home = published(tmp_path, year_warehouse(tmp_path).path)
    old = limited_warehouse(home, COUNTY, Stars())
    part = put(home, "n.xlsx", ledger([debt("新局", "新公司", 1, 1)], dt.date(2031, 1, 31), region="990101"))
    with open_state(home) as state:
        for name, regions in (("local", ("990101",)), ("other", ("990101",)), ("all", ()), ("admin", ())):
            role = "admin" if name == "admin" else "analyst"
            accounts.add_account(
                state, name=name, display_name=name, password_hash=None, roles=(role,), regions=regions, now=NOW
            )
        candidate = built(home, [part])
        made: list[Path] = []

        def ready(path: Path) -> None:
            prepare(path, home, scopes_of_accounts(state), Stars())
            made.extend(p for p in old.parent.iterdir() if p != old)

        publish(candidate, home, state, now=NOW, prepare=ready)
    assert len(made) == 2 and old.exists()  # the old one for as long as somebody reads it
    mine, whole = limited_warehouse(home, COUNTY, Stars()), limited_warehouse(home, EVERYTHING, Stars())
    assert {mine, whole} == set(made)
    assert "新局" in everything_in(mine)
    clear(home)
    assert set(old.parent.iterdir()) == set(made)


def test_those_who_ask_at_once_wait_for_one_making(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = published(tmp_path, year_warehouse(tmp_path).path)
    done: list[Path] = []
    make = catalog._make

    def counted(source: Path, target: Path, *rest: Any) -> None:
        done.append(target)
        make(source, target, *rest)

    monkeypatch.setattr(catalog, "_make", counted)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: limited_warehouse(home, COUNTY, Stars()), range(4)))
    assert len(done) == 1 and set(found) == set(done)


def test_a_warehouse_of_another_program_is_a_sentence(tmp_path: Path) -> None:
    home = published(tmp_path, year_warehouse(tmp_path).path)
    with duckdb.connect(str(warehouse_path(home))) as connection:
        connection.execute("UPDATE core.publication SET value = 'older' WHERE key = 'schema_digest'")
    with pytest.raises(QueryError, match="旧版本"):
        limited_warehouse(home, COUNTY, Stars())
    with pytest.raises(QueryError, match="还没有已发布"):
        limited_warehouse(tmp_path / "nowhere", COUNTY, Stars())


def test_only_what_may_be_personal_is_handed_over() -> None:
    from warehouse.tables import TABLES

    for name in ("debt_id", "region_code", "evidence", "arrears_amount_yuan", "disputed", "debtor_uscc"):
        assert masks.expression("ledger_rows", TABLES["ledger_rows"].field(name), "s") == f's."{name}"'


def test_a_query_is_cancelled_from_another_thread(year: Path) -> None:
    cancel = Cancel()
    threading.Timer(0.5, cancel.cancel).start()
    with pytest.raises(QueryError) as caught:
        run_query(year, "SELECT count(*) FROM range(10000000000) a, range(100000) b", Limits(seconds=60), cancel=cancel)
    assert caught.value.code == "cancelled"
    with pytest.raises(QueryError, match="已取消"):
        run_query(year, "SELECT 1", cancel=cancel)
