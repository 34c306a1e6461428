"""Whatever a reader of one county takes along holds that county only: every route that hands out a file."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import httpx
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from console.app import create_app
from console.settings import Settings
from tests.console.serving import PEOPLE, post
from warehouse.publish import warehouse_path
from warehouse.reports.catalog import REPORTS

Http = Callable[[str], httpx.Client]
COUNTY = PEOPLE["county"][1][0]
HANDED_OUT = {
    "/debts/export.xlsx", "/duties/calendar.ics", "/query/download", "/reports/download.xlsx",
    "/documents/{document_id}/download", "/evidence/{document_id}/page/{page}.png",
}  # fmt: skip
VIEWS = (
    "documents", "debts", "debt_history", "ledger_rows", "ledger_tables", "findings", "obligations", "assignments",
    "files", "companies", "company_names", "document_parts",
)  # fmt: skip
OF_ROW = "coalesce(r.region_code, t.region_code, d.region_code)"
ROWS = (
    "FROM core.ledger_rows r JOIN core.ledger_tables t USING (document_id, table_index) "
    "JOIN core.documents d USING (document_id)"
)


@pytest.fixture(scope="module")
def held(home: Path) -> tuple[set[str], set[str], list[str]]:
    """What only other regions' rows and papers say; what the county's ledgers say; papers that are not the county's."""
    with duckdb.connect(str(warehouse_path(home)), read_only=True) as con:

        def said(test: str) -> set[str]:
            columns = "[debtor_name, creditor_name, contract_no, project_name, debt_id, r.row_id]"
            words = con.execute(f"SELECT DISTINCT unnest({columns}) {ROWS} WHERE {test}").fetchall()
            return {w for (w,) in words if w is not None and len(w) > 3}

        mine = f"coalesce(starts_with({OF_ROW}, '{COUNTY}'), false)"
        own = said(mine)
        others = said(f"NOT {mine}")
        paper = f"coalesce(starts_with(region_code, '{COUNTY}'), false)"
        papers = con.execute(f"SELECT document_id, title, path FROM core.documents WHERE NOT {paper}").fetchall()
        bare = {d for (d,) in con.execute(f"SELECT DISTINCT document_id {ROWS} WHERE {mine}").fetchall()}
        others |= {w for p in papers for w in p if w is not None and w not in bare}
        told = "concat_ws(chr(10), text, title, path, parent_id)"  # its path and parent name the archive it came in
        texts = "\n".join(t for (t,) in con.execute(f"SELECT {told} FROM core.documents WHERE {paper}").fetchall())
    elsewhere = {w for w in others - own if w not in texts and not any(w in o for o in own)}
    assert len(elsewhere) > 40 and len(own) > 10
    return elsewhere, own, [p[0] for p in papers]


def words_of(answer: httpx.Response, kind: str) -> str:
    """All that a file says."""
    assert answer.status_code == 200, answer.text[:300]
    assert answer.headers["content-disposition"].startswith("attachment")
    if kind == "xlsx":
        sheets = load_workbook(io.BytesIO(answer.content)).worksheets
        return "\n".join(str(c.value) for s in sheets for row in s.iter_rows() for c in row) + "".join(
            s.title for s in sheets
        )
    if kind == "parquet":
        return str(pq.read_table(io.BytesIO(answer.content)).to_pylist())
    return re.sub(r"\r\n[ \t]", "", answer.content.decode("utf-8-sig"))


def test_no_other_route_hands_out_a_file(home: Path) -> None:
    paths = {getattr(r, "path", "") for r in create_app(Settings(home=home)).routes}
    files = {p for p in paths if re.search(r"\.\w+$|/(?:download|export|file)\b", p)}
    assert files == HANDED_OUT  # a new one needs its test here


@pytest.mark.parametrize(("number", "view"), list(enumerate(VIEWS)), ids=VIEWS)
def test_queries(number: int, view: str, http_of: Http, held: tuple[set[str], set[str], list[str]]) -> None:
    kind = ("csv", "xlsx", "json", "parquet")[number % 4]
    told = words_of(post(http_of("county"), "/query/download", "/query", sql=f"FROM {view}", format=kind), kind)
    assert not [w for w in held[0] if w in told]
    if view in ("debts", "ledger_rows", "debt_history"):
        assert any(w in told for w in held[1])


def test_the_list_of_debts(http_of: Http, held: tuple[set[str], set[str], list[str]]) -> None:
    for query in ("", "?region=341825", "?region=340000", "?sort=debtor&status=open"):
        told = words_of(http_of("county").get(f"/debts/export.xlsx{query}"), "xlsx")
        assert not [w for w in held[0] if w in told], query
    assert any(w in words_of(http_of("county").get("/debts/export.xlsx"), "xlsx") for w in held[1])


def test_reports(http_of: Http, home: Path, held: tuple[set[str], set[str], list[str]]) -> None:
    with duckdb.connect(str(warehouse_path(home)), read_only=True) as con:
        debtor, creditor = con.execute(
            f"SELECT debtor_name, creditor_name {ROWS} WHERE starts_with({OF_ROW}, '{COUNTY}') AND debt_id IS NOT NULL"
        ).fetchall()[0]
    own = 0
    for report in REPORTS:
        asked = {"name": report.name, "period": "2026Q3" if report.name == "quarterly" else "2026-07"}
        if report.name in ("debtor", "creditor"):
            asked["party"] = debtor if report.name == "debtor" else creditor
        told = words_of(http_of("county").get("/reports/download.xlsx", params=asked), "xlsx")
        assert not [w for w in held[0] if w in told], report.name
        own += any(w in told for w in held[1])
    assert own >= 2
    other = {"name": "monthly", "period": "2026-07", "region": "341825"}
    assert http_of("county").get("/reports/download.xlsx", params=other).status_code == 404


def test_the_calendar(http_of: Http, held: tuple[set[str], set[str], list[str]]) -> None:
    for query in ("", "?unit=-"):
        told = words_of(http_of("county").get(f"/duties/calendar.ics{query}"), "ics")
        assert not [w for w in held[0] if w in told]


def test_papers_and_their_pictures(http_of: Http, held: tuple[set[str], set[str], list[str]]) -> None:
    assert len(held[2]) > 5
    for document_id in held[2]:
        assert http_of("county").get(f"/documents/{document_id}/download").status_code == 404
        assert http_of("county").get(f"/evidence/{document_id}/page/1.png").status_code in (403, 404)
