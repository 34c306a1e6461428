"""What the console reads: the numbers add up, and a reader with a region sees that region only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING

import msgspec
import pytest

from extractors.facts import Facts, Field, Metadata, Reference
from tests.warehouse.makers import built, circular, debt, file_id, ledger, put
from tests.warehouse.scripted_year import year_warehouse
from warehouse.access import connect
from warehouse.explore import chain, debts, documents, facts, parties
from warehouse.explore.scope import EVERYTHING, NONE, Scope

if TYPE_CHECKING:
    import duckdb

A, B = Scope(("990101",)), Scope(("990102",))
CITY = Scope(("990100",))


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(year_warehouse(tmp_path_factory.mktemp("year")).path) as connection:
        yield connection


def test_a_scope_takes_codes_only() -> None:
    for wrong in ("99", "99010", "990101' OR true --", "", "0990101", "９９０１０１"):
        with pytest.raises(ValueError, match="region"):
            Scope((wrong,))
    assert Scope(()).where("c") == "false"
    assert not Scope(()).covers("990101")
    assert CITY.covers("990101")
    assert not CITY.covers("991101")
    assert not CITY.covers(None)
    assert EVERYTHING.covers(None)


def test_totals_are_the_sum_of_the_rows_of_every_selection(year: duckdb.DuckDBPyConnection) -> None:
    asked = [
        debts.DebtFilter(status=s, disputed=d, amount=a, period=p)
        for s, d, a, p in product(
            (None, "open", "cleared"), (None, NONE), (None, "under_10w"), (None, dt.date(2031, 5, 31))
        )
    ]
    for one, scope in product(asked, (EVERYTHING, A, CITY)):
        rows = debts.page(year, scope, one, limit=10_000)
        counted = [r for r in rows if r["status"] in ("open", "cleared")]
        total = debts.totals(year, scope, one)
        assert total["debts"] == len(rows)
        assert (total["left_yuan"] or 0) == sum(r["left_yuan"] for r in counted)
        assert (total["cleared_yuan"] or 0) == sum(r["cleared_yuan"] for r in counted)


def test_choosing_a_value_of_a_facet_gives_as_many_as_it_said(year: duckdb.DuckDBPyConnection) -> None:
    start = debts.DebtFilter(status="open")
    for name, values in debts.facets(year, EVERYTHING, start).items():
        for facet in values:
            chosen = msgspec.structs.replace(start, **{name: facet.value})
            assert debts.totals(year, EVERYTHING, chosen)["debts"] == facet.count, (name, facet)


@pytest.mark.parametrize("sort", list(debts.SORTS))
def test_pages_hold_every_debt_once_either_way(year: duckdb.DuckDBPyConnection, sort: str) -> None:
    for is_reversed in (False, True):
        asked = debts.DebtFilter(sort=sort, is_reversed=is_reversed)
        ids = [r["debt_id"] for o in range(0, 40, 7) for r in debts.page(year, EVERYTHING, asked, offset=o, limit=7)]
        assert len(ids) == len(set(ids)) == debts.totals(year, EVERYTHING, asked)["debts"]


def test_search_text_is_no_pattern(year: duckdb.DuckDBPyConnection) -> None:
    assert debts.totals(year, EVERYTHING, debts.DebtFilter(text="%"))["debts"] == 0
    assert debts.totals(year, EVERYTHING, debts.DebtFilter(text="ht-a1"))["debts"] == 1
    assert debts.totals(year, EVERYTHING, debts.DebtFilter(text="' OR 1=1 --"))["debts"] == 0


def test_a_region_is_all_that_its_reader_sees(year: duckdb.DuckDBPyConnection) -> None:
    everything = debts.page(year, EVERYTHING, debts.DebtFilter(), limit=1000)
    mine = debts.page(year, A, debts.DebtFilter(), limit=1000)
    assert {r["region_code"] for r in mine} == {"990101"}
    assert len(mine) == sum(r["region_code"] == "990101" for r in everything)
    assert debts.page(year, Scope(()), debts.DebtFilter()) == []
    assert debts.facets(year, A, debts.DebtFilter(region="990102"))["region"][0].value == "990101"
    assert debts.totals(year, A, debts.DebtFilter(region="990102"))["debts"] == 0
    for row in everything:
        is_mine = row["region_code"] == "990101"
        assert (debts.one(year, A, row["debt_id"]) is not None) == is_mine
        assert bool(debts.life(year, A, row["debt_id"])) == is_mine
    strangers = {r["debtor_name"] for r in everything} - {r["debtor_name"] for r in mine}
    for name in strangers:
        assert parties.party(year, A, "debtor", name) is None
        assert parties.party_trend(year, A, "debtor", name) == []
    assert {p["name"] for p in parties.parties(year, A, "debtor")} == {r["debtor_name"] for r in mine}
    assert {p["name"] for p in parties.parties(year, A, "creditor")} == {r["creditor_name"] for r in mine}
    assert {r["code"] for r in parties.regions_below(year, A, None)} == {"990101"}
    assert parties.region_trend(year, A, "990102") == []


def test_the_life_of_a_debt_tells_every_period_and_refiling(year: duckdb.DuckDBPyConnection) -> None:
    found = debts.page(year, EVERYTHING, debts.DebtFilter(text="HT-C1"))
    life = debts.life(year, EVERYTHING, found[0]["debt_id"])
    march = [(r["left_yuan"], r["replaced_date"]) for r in life if r["as_of_date"] == dt.date(2031, 3, 31)]
    assert march == [(Decimal("90000.00"), dt.date(2031, 5, 20)), (Decimal("900000.00"), None)]
    assert life[-1]["left_yuan"] == 0
    split = debts.page(year, EVERYTHING, debts.DebtFilter(text="HT-A5", status="split"))[0]
    into = debts.lineage(year, EVERYTHING, split["debt_id"])
    assert sorted(r["amount_yuan"] for r in into) == [100000, 140000]
    assert {r["direction"] for r in into} == {"into"}


def test_trends_count_each_period_once(year: duckdb.DuckDBPyConnection) -> None:
    trend = parties.party_trend(year, EVERYTHING, "debtor", "壬局")
    assert [r["as_of_date"].month for r in trend] == list(range(1, 12))
    assert trend[2]["left_yuan"] == 920000  # March as filed again


def paper(title: str, issued: str, region: str, refs: tuple[str, ...] = (), secrecy: str | None = None) -> Facts:
    def field(value: str) -> Field:
        return Field(text=value, start=0, end=len(value), rule="test", value=value)

    return Facts(
        kind="circular",
        metadata=Metadata(
            title=field(title),
            issued_date=field(issued),
            secrecy=None if secrecy is None else field(secrecy),
            region_code=field(region),
        ),
        refs=tuple(
            Reference(text=f"《{r}》", start=i * 20, end=i * 20 + 2, rule="ref", title=r) for i, r in enumerate(refs)
        ),
    )


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    home = tmp_path_factory.mktemp("papers")
    top, middle = "关于开展账款清理专项行动的通知", "关于做好账款清理有关工作的通知"
    parts = [
        put(home, "p.txt", paper("某省办公厅" + top, "2031-01-02", "990000"), format="txt", text="省" * 60),
        put(home, "c.txt", paper("某市" + middle, "2031-02-03", "990100", (top,)), format="txt", text="市" * 60),
        put(home, "x.txt", paper("某县实施方案", "2031-03-04", "990101", (middle,)), format="txt", text="县" * 60),
        put(home, "y.txt", paper("邻县实施方案", "2031-03-05", "990102", (middle,)), format="txt", text="邻" * 60),
        put(home, "z.txt", circular(), format="txt", text="文" * 120),
        put(home, "s.txt", paper("某密件", "2031-03-06", "990101", secrecy="秘密"), format="txt"),
        put(home, "l.xlsx", ledger([debt("某局", "甲公司", 10, 10)], dt.date(2031, 1, 31))),
    ]  # fmt: skip
    with connect(built(home, parts).path) as connection:
        yield connection


def test_the_chain_runs_from_province_to_county(papers: duckdb.DuckDBPyConnection) -> None:
    up = chain.above(papers, EVERYTHING, file_id("x.txt"))
    assert [(r["document_id"], r["depth"]) for r in up] == [(file_id("c.txt"), 1), (file_id("p.txt"), 2)]
    down = chain.below(papers, EVERYTHING, file_id("p.txt"))
    assert [(r["document_id"], r["depth"]) for r in down] == [
        (file_id("c.txt"), 1),
        (file_id("x.txt"), 2),
        (file_id("y.txt"), 2),
    ]
    assert [r["document_id"] for r in chain.below(papers, Scope(("990102",)), file_id("p.txt"))] == [file_id("y.txt")]
    named = chain.named(papers, Scope(("990101",)), file_id("x.txt"))
    assert [(r["title"], r["target_id"]) for r in named] == [("关于做好账款清理有关工作的通知", None)]


def test_documents_of_other_regions_and_marked_ones_stay_closed(papers: duckdb.DuckDBPyConnection) -> None:
    mine = {r["document_id"] for r in documents.page(papers, A, documents.DocumentFilter())}
    assert mine == {file_id("x.txt")}  # of a marked document not even the region is kept
    assert documents.one(papers, A, file_id("y.txt")) is None
    assert documents.one(papers, A, file_id("z.txt")) is None  # of no region
    secret = documents.one(papers, EVERYTHING, file_id("s.txt"))
    assert secret is not None
    assert secret["is_closed"]
    assert secret["title"] is None
    assert secret["text"] is None
    assert documents.texts(papers, [file_id("s.txt")], longest=100) == {}


def test_documents_are_chosen_by_facet_number_and_day(papers: duckdb.DuckDBPyConnection) -> None:
    for name, values in documents.facets(papers, EVERYTHING, documents.DocumentFilter()).items():
        for facet in values:
            asked = msgspec.structs.replace(documents.DocumentFilter(), **{name: facet.value})
            assert documents.count(papers, EVERYTHING, asked) == facet.count, (name, facet)
    asked = documents.DocumentFilter(start=dt.date(2031, 2, 1), until=dt.date(2031, 2, 28))
    assert {r["document_id"] for r in documents.page(papers, EVERYTHING, asked)} == {file_id("c.txt"), file_id("z.txt")}
    found = documents.DocumentFilter(found=(file_id("z.txt"), file_id("x.txt"), "0" * 64), sort="rank")
    assert [r["document_id"] for r in documents.page(papers, EVERYTHING, found)] == [file_id("z.txt"), file_id("x.txt")]


def test_facts_stand_at_their_place_and_the_text_is_whole(papers: duckdb.DuckDBPyConnection) -> None:
    text = "文" * 120
    found = facts.facts(papers, file_id("z.txt"))
    assert {f.kind for f in found} == {"amount", "time", "unit", "reference", "figure"}
    pieces = facts.cut(text, found)
    assert "".join(p.text for p in pieces) == text
    assert sum(len(p.text) for p in pieces if any(f.kind == "amount" for f in p.facts)) == 6 + 6 + 5
    window = facts.cut(text[12:50], found, start=12)
    assert "".join(p.text for p in window) == text[12:50]
    assert [f.value for f in found if f.kind == "amount"][:2] == ["125,000.00 元", "3,000,000.00 — 4,000,000.00 元"]
    assert [f.value for f in found if f.kind == "figure"] == ["98.5%"]
