"""Documents, debts, duties, queries, reports: everyone sees what is theirs, masked, and nothing they type does harm."""

from __future__ import annotations

import io
import json
import re
import sqlite3
from collections.abc import Callable
from urllib.parse import quote

import duckdb
import httpx
import pytest

from tests.console.serving import Server, post
from warehouse.publish import warehouse_path

HttpOf = Callable[[str], httpx.Client]
PAGES = (
    "/documents", "/documents?q=欠款", "/debts", "/debtors", "/creditors", "/duties?month=2026-07", "/query",
    "/duties?view=list&month=2026-07", "/duties?view=urge&day=2026-07-20", "/reports",
    "/reports?name=monthly&period=2026-07", "/reports?name=duties&period=2026-07",
    "/reports?name=quarterly&period=2026Q3", "/reports?name=overdue&period=2026-07",
)  # fmt: skip
ELSEWHERE = ("溆浦县", "河池市", "环县")
"""Regions of the samples that lie outside `local`'s 宣城市."""


def rows(server: Server, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(warehouse_path(server.home)), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_pages_show_the_readers_regions_only(http_of: HttpOf) -> None:
    """The areas themselves; `test_scope` walks over everything their links lead to."""
    for path in (*PAGES, "/debts/export.xlsx", "/duties/calendar.ics"):
        answer = http_of("local").get(path)
        assert answer.status_code == 200, path
        for other in ELSEWHERE:
            assert other not in answer.text, (path, other)


def test_what_is_elsewhere_is_not_there(http_of: HttpOf, server: Server) -> None:
    reader = http_of("local")
    outside = rows(
        server, "SELECT document_id FROM main.documents WHERE region_code IS NULL OR region_code[:4] <> '3418'"
    )
    assert outside
    for (document_id,) in outside:
        for path in (
            f"/documents/{document_id}",
            f"/documents/{document_id}/download",
            f"/rows/documents/{document_id}",
        ):
            assert reader.get(path).status_code == 404
    held = "SELECT obligation_id FROM main.time_expressions t JOIN main.documents d USING (document_id) "
    for (row_id,) in rows(server, held + "WHERE d.region_code[:4] <> '3418' LIMIT 3"):
        assert reader.get(f"/rows/time_expressions/{row_id}").status_code == 404
    assert reader.get("/regions/431224").status_code == 404
    assert reader.get("/regions/340000").status_code == 404
    assert '<a href="/debts/' not in reader.get("/debts?region=431224").text.replace("/debts/export.xlsx", "")
    assert reader.get("/reports?name=monthly&period=2026-07&region=431200").status_code == 404


def test_queries_and_their_files_hold_the_region_only(http_of: HttpOf, server: Server) -> None:
    reader = http_of("local")
    sql = "SELECT DISTINCT region_code FROM documents UNION SELECT DISTINCT region_code FROM debts"
    answer = post(reader, "/query/download", "/query", sql=sql, format="json")
    codes = {r["region_code"] for r in answer.json()} - {None}
    assert codes
    assert all(c.startswith("3418") for c in codes)
    everything = post(http_of("steward"), "/query/download", "/query", sql=sql, format="json").json()
    assert {r["region_code"][:4] for r in everything if r["region_code"]} > {"3418"}
    texts = "SELECT title, text, path FROM core.documents"
    held = post(reader, "/query/download", "/query", sql=texts, format="csv").text
    for other in ELSEWHERE:
        assert other not in held


def test_personal_data_is_masked_on_pages_in_files_and_queries(http_of: HttpOf, server: Server) -> None:
    listed_contacts = rows(server, "SELECT document_id, contacts FROM main.documents WHERE contacts IS NOT NULL")
    contacts = [(d, c) for d, listed in listed_contacts for c in json.loads(str(listed)) if c["name"] and c["phones"]]
    named = [(d, c["name"], c["phones"][0]) for d, c in contacts]
    assert named
    reader = http_of("analyst")
    for document_id, name, phone in named:
        html = reader.get(f"/documents/{document_id}").text
        assert str(name) not in html
        assert str(phone) not in html
        found = reader.get("/documents", params={"q": str(name)}).text
        assert str(name) not in found.replace(f'value="{name}"', "")
    asked = "SELECT contacts, text FROM documents"
    for kind in ("csv", "json"):
        held = post(reader, "/query/download", "/query", sql=asked, format=kind).text
        for _, name, phone in named:
            assert str(name) not in held
            assert str(phone) not in held


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')", "COPY debts TO '/tmp/x.csv'", "DROP TABLE core.documents",
        "ATTACH '/tmp/x.duckdb'", "SELECT 1; SELECT 2", "SELECT * FROM duckdb_databases()", "PRAGMA version",
        "SELECT current_setting('home_directory')", "SELECT * FROM '/etc/passwd'", "SET memory_limit='9GB'",
        "SELECT * FROM src.core.documents", "", "SELECT", "<script>alert(1)</script>",
    ],
)  # fmt: skip
def test_what_is_no_query_is_refused_with_a_sentence(http_of: HttpOf, sql: str) -> None:
    answer = post(http_of("analyst"), "/query", "/query", sql=sql, action="run")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "<script>alert" not in answer.text
    assert str(answer.request.url.host) not in re.findall(r'role="alert">([^<]*)', answer.text)[0]


def test_a_query_shows_rows_a_chart_and_files(http_of: HttpOf) -> None:
    reader = http_of("analyst")
    sql = "SELECT '=1+1' AS a, '<b>x</b>' AS b, 12345678901234567.89::DECIMAL(19,2) AS c"
    html = post(reader, "/query", "/query", sql=sql, action="run").text
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert "12,345,678,901,234,567.89" in html
    assert post(reader, "/query/download", "/query", sql=sql, format="csv").text.splitlines()[1].startswith("'=1+1,")
    book = post(reader, "/query/download", "/query", sql=sql, format="xlsx")
    from openpyxl import load_workbook

    cells = [c for row in load_workbook(io.BytesIO(book.content)).worksheets[0].iter_rows() for c in row]
    assert not any(c.data_type == "f" for c in cells)
    assert book.headers["content-disposition"].startswith("attachment")
    example = reader.get("/query?example=example_periods").text
    statement = re.findall(r"<textarea[^>]*>([^<]*)", example)[0].replace("&#39;", "'")
    assert '<svg class="plot"' in post(reader, "/query", "/query", sql=statement, action="run").text
    cut = post(reader, "/query", "/query", sql="SELECT * FROM range(20000)", action="run").text
    assert "只取了前 10,000 行" in cut


def test_kept_queries_are_ones_own(http_of: HttpOf, server: Server) -> None:
    reader, other = http_of("analyst"), http_of("steward")
    name = '<img src=x onerror="alert(1)">'
    assert post(reader, "/query", "/query", sql="SELECT 7 AS seven", action="save", name=name).status_code == 200
    html = reader.get("/query").text
    assert "<img src=x" not in html
    number = re.findall(r"saved=(\d+)", html)[0]
    assert "SELECT 7 AS seven" in reader.get(f"/query?saved={number}").text
    assert "SELECT 7 AS seven" not in other.get(f"/query?saved={number}").text
    post(other, "/query/forget", "/query", query_id=number)
    assert f"saved={number}" in reader.get("/query").text
    post(reader, "/query/forget", "/query", query_id=number)
    assert f"saved={number}" not in reader.get("/query").text
    assert post(reader, "/query", "/query", sql="SELECT 1", action="save", name=" ").status_code == 422


def test_queries_are_logged_and_need_the_forms_token(http_of: HttpOf, server: Server) -> None:
    reader = http_of("analyst")
    assert reader.post("/query", data={"sql": "SELECT 1", "action": "run"}).status_code == 403
    post(reader, "/query", "/query", sql="SELECT 4242 AS marked", action="run")
    with sqlite3.connect(f"file:{server.home}/state/state.sqlite?mode=ro", uri=True) as state:
        logged = state.execute("SELECT detail FROM audit_log WHERE action = 'query'").fetchall()
    assert any("4242" in str(d) for (d,) in logged)


def test_roles(http_of: HttpOf, server: Server) -> None:
    ((document_id,),) = rows(server, "SELECT document_id FROM main.documents WHERE title IS NOT NULL LIMIT 1")
    for path in (*PAGES, f"/documents/{document_id}"):
        for nobody in ("auditor", "admin"):
            assert http_of(nobody).get(path).status_code == 403, path
        assert http_of("analyst").get(path).status_code == 200, path
    assert http_of("analyst").get(f"/documents/{document_id}/download").status_code == 403


def test_a_download_is_the_file_itself_and_always_an_attachment(http_of: HttpOf, server: Server) -> None:
    import hashlib

    for document_id, name in rows(server, "SELECT document_id, name FROM main.documents WHERE error_code IS NULL"):
        answer = http_of("steward").get(f"/documents/{document_id}/download")
        assert hashlib.sha256(answer.content).hexdigest() == document_id
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert quote(str(name), safe="") in answer.headers["content-disposition"]
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/documents/../../etc/passwd", "/documents/%2e%2e%2f%2e%2e%2fetc%2fpasswd/download",
        "/documents/" + "g" * 64 + "/download", "/documents/" + "A" * 64, "/documents/" + "0" * 64,
        "/rows/users/" + "0" * 32,
        "/rows/ledger_rows/..%2f..%2f", "/rows/ledger_rows/0", "/debts/%27%20OR%201=1", "/regions/34%27--",
        "/documents/" + "0" * 64 + "/tables/99999999999999999999", "/debtors/one?name=%27%20OR%20%271%27=%271",
    ],
)  # fmt: skip
def test_invented_addresses_are_not_found(http_of: HttpOf, path: str) -> None:
    answer = http_of("steward").get(path)
    assert answer.status_code == 404
    assert "root:" not in answer.text


HOSTILE = ("<script>alert(1)</script>", '"><svg onload=alert(1)>', "'; DROP TABLE debts; --", "{{7*7}}", "\x00")


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_typed_is_shown_as_text(http_of: HttpOf, text: str) -> None:
    reader = http_of("analyst")
    for path, name in (
        ("/documents", "q"), ("/documents", "issuer"), ("/documents", "number"), ("/debts", "q"), ("/debts", "region"),
        ("/debts", "sort"), ("/debts", "period"), ("/debtors", "q"), ("/duties", "unit"), ("/duties", "month"),
        ("/duties", "day"), ("/query", "sql"), ("/query", "example"), ("/reports", "party"), ("/documents", "part"),
        ("/debts", "page"), ("/documents", "from"),
    ):  # fmt: skip
        answer = reader.get(path, params={name: text})
        assert answer.status_code == 200, (path, name)
        assert "<script>alert" not in answer.text
        assert "<svg onload" not in answer.text
        assert "{{7*7}}" in answer.text or text != "{{7*7}}" or name not in ("q", "sql", "issuer", "number")
    answer = reader.get("/reports", params={"name": "debtor", "period": "2026-07" + text, "party": text})
    assert answer.status_code == 200
    assert 'role="status"' in answer.text


def test_figures_of_a_page_are_those_of_the_warehouse(http_of: HttpOf, server: Server) -> None:
    ((left,),) = rows(server, "SELECT sum(remaining_amount_yuan) FROM main.debts WHERE status IN ('open', 'cleared')")
    html = http_of("analyst").get("/debts").text
    assert f"{left:,.2f}" in html
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(http_of("analyst").get("/debts/export.xlsx").content))
    last = [c.value for c in list(book.worksheets[0].iter_rows())[-1]]
    assert any(abs(float(v) - float(str(left))) < 0.005 for v in last if isinstance(v, int | float))


def test_english_has_no_chinese_label_left(http_of: HttpOf) -> None:
    reader = http_of("analyst")
    reader.cookies.set("qingqian_language", "en")
    try:
        for path in PAGES:
            html = reader.get(path).text
            headers = re.findall(r"<(?:h1|label|th|button)[^>]*>([^<]+)", html) if "/reports?" not in path else []
            assert not [h for h in headers if re.search("[一-鿿]", h) and "（" not in h], path
    finally:
        reader.cookies.delete("qingqian_language")


def test_a_calendar_file_is_one(http_of: HttpOf) -> None:
    unit = re.findall(r'<option value="([^"-][^"]*)"', http_of("analyst").get("/duties?month=2026-07").text)[0]
    answer = http_of("analyst").get("/duties/calendar.ics", params={"unit": unit})
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.text.startswith("BEGIN:VCALENDAR\r\n")
