"""Names instead of codes, the night's audit, English reports, and what people are told when they may not go on."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import openpyxl

from console import formats
from console.masking import Masker
from console.night_audit import body, days
from tests.console.serving import Server, client, csrf_of, serve, sign_in
from validators.findings import rule_label
from validators.rules import RULES
from warehouse import accounts, audit_log
from warehouse.state import open_state

Http = Callable[[str], httpx.Client]
CODE = re.compile(r">[^<]*\b(" + "|".join(sorted(RULES, key=len, reverse=True)) + r")\b[^<]*<")


def seen(html: str) -> str:
    """A page without what is only in attributes."""
    return re.sub(r"<(?:script|style).*?</(?:script|style)>", "", html, flags=re.DOTALL)


def test_no_page_shows_a_rule_by_its_code(http_of: Http) -> None:
    steward = http_of("steward")
    queue = steward.get("/review?status=any").text
    found = re.findall(r'href="(/review/finding/[0-9a-f]+)[^"]*"', queue)
    causes = re.findall(r'href="(/review/cause/\d+)[^"]*"', steward.get("/").text)
    documents = re.findall(r'href="(/documents/[0-9a-f]{64})"', steward.get(found[-1]).text)
    assert found and causes and documents
    for path in ("/", "/review", found[0], found[-1], causes[0], documents[0], "/night-audit"):
        for language in ("zh", "en"):
            page = steward.get(path, headers={"Cookie": f"{cookies(steward)}; qingqian_language={language}"})
            assert page.status_code == 200
            shown = [m for m in CODE.findall(seen(page.text)) if m != "duplicate"]
            assert not shown, (path, language, shown)
    assert rule_label("debt_vanished") in queue
    english = steward.get("/review", headers={"Cookie": f"{cookies(steward)}; qingqian_language=en"}).text
    assert rule_label("debt_vanished", english=True) in english


def cookies(browser: httpx.Client) -> str:
    return "; ".join(f"{c.name}={c.value}" for c in browser.cookies.jar)


def test_a_sentence_leaves_out_its_file_and_keeps_the_rest() -> None:
    finding = {
        "message_zh": "文件《甲.csv》表1第2行有误；请核对。",
        "message_en": "file “甲.csv”, table 1: wrong.",
        "path": "乙/甲.csv",
    }
    assert formats.sentence(finding) == "表1第2行有误；请核对。"
    assert formats.sentence(finding, "en") == "Table 1: wrong."
    assert formats.sentence({**finding, "path": "丙.csv"}) == finding["message_zh"]
    assert formats.sentence({**finding, "message_zh": "文件《甲.csv》"}) == "文件《甲.csv》"
    assert formats.value("arrears_amount_yuan", "1234567.5") == "1,234,567.50"
    assert formats.value("arrears_amount_yuan", "约三万") == "约三万"
    assert formats.value("disputed", "partial") == "部分有分歧" and formats.value("disputed", None) == "—"


def test_readers_of_all_regions_see_the_nights_audit_and_no_one_else(http_of: Http, home: Path) -> None:
    for name in ("steward", "analyst"):
        page = http_of(name).get("/night-audit")
        assert page.status_code == 200 and "逐份逐行对账" in page.text
        assert "unsafe" not in page.headers["content-security-policy"] and "<style" not in page.text
        assert 'href="/night-audit"' in http_of(name).get("/").text
    for name in ("local", "admin", "auditor"):
        refused = http_of(name).get("/night-audit")
        assert refused.status_code == 403 and "逐份逐行对账" not in refused.text
    assert "/night-audit" not in http_of("local").get("/").text
    for night in ("2020-01-01", "../state/state", "latest", "2026-07-31.html"):
        assert http_of("steward").get("/night-audit", params={"night": night}).status_code == 404
    assert days(home) == ["2026-07-31"]
    log = http_of("auditor").get("/log?action=view").text
    assert "审核页" in log and "2026-07-31" in log


def test_of_an_audit_page_only_its_words_come_through_and_they_are_masked(tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    folder.mkdir()
    (folder / "2026-01-02.html").write_text(
        "<html><style>td{}</style><script>alert(1)</script><h2 onclick=x>标题</h2><iframe src=x></iframe>"
        '<table><tr><td class="warn">警告</td><td class="n" style="x">5</td>'
        "<td>联系电话13912345678 &lt;b&gt;</td></tr></table>",
        encoding="utf-8",
    )
    told = str(body(tmp_path, "2026-01-02", Masker()))
    assert "13912345678" not in told and "联系电话" in told
    assert "&lt;b&gt;" in told and '<td class="num">5</td>' in told and '<span class="tag warn">警告</span>' in told
    assert not re.search(r"script|alert|onclick|iframe|style", told)
    assert body(tmp_path, "2026-01-03", Masker()) is None and body(tmp_path, "../2026-01-02", Masker()) is None


def test_reports_speak_english_when_asked(http_of: Http) -> None:
    steward = http_of("steward")
    said = {"Cookie": f"{cookies(steward)}; qingqian_language=en"}
    page = steward.get("/reports?name=monthly&period=2026-07", headers=said).text
    assert "Clearing of arrears: monthly progress, 2026-7" in page and "Share cleared" in page
    assert 'href="/debts?region=341824"' in page
    book = steward.get("/reports/download.xlsx?name=quarterly&period=2026-07", headers=said)
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).worksheets[0]
    assert sheet["A1"].value == "Clearing of arrears: ranking of regions, 2026 Q3"
    assert "Quarterly%20ranking" in book.headers["content-disposition"]
    assert "月调度表" in steward.get("/reports?name=monthly&period=2026-07").text


def test_an_ended_session_is_said_and_leads_back(own_home: Path, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("0", encoding="utf-8")
    with serve(own_home, clock=clock) as running, contextlib.closing(sign_in(running, "steward")) as browser:
        before = browser.get("/review").text
        clock.write_text(str(31 * 60), encoding="utf-8")
        to = browser.get("/review?severity=warn").headers["location"]
        assert to == "/sign-in?ended=yes&next=/review%3Fseverity%3Dwarn"
        assert "登录已到期（30 分钟没有操作" in browser.get(to).text
        sent = browser.post(
            "/sign-out", data={"csrf": csrf_of(before)}, headers={"Referer": f"{running.url}/review?severity=warn"}
        )
        assert sent.headers["location"] == "/sign-in?ended=form&next=/review%3Fseverity%3Dwarn"
        page = browser.get(sent.headers["location"]).text
        assert "刚才提交的内容没有记下" in page and 'value="/review?severity=warn"' in page
        elsewhere = browser.post("/sign-out", headers={"Referer": "https://evil.example/x"})
        assert elsewhere.headers["location"] == "/sign-in?ended=form&next=/"


def test_a_stranger_is_only_asked_to_sign_in(server: Server) -> None:
    with client(server) as browser:
        assert browser.get("/review").headers["location"] == "/sign-in?next=/review"
        assert "登录已到期" not in browser.get("/sign-in?next=/review").text
        unknown = browser.get("/no-such-page")
        assert unknown.status_code == 404 and ">登录</a>" in unknown.text


def test_errors_say_who_one_is_and_where_to_go(http_of: Http, server: Server) -> None:
    refused = http_of("admin").get("/debts", headers={"Referer": f"{server.url}/people"})
    assert refused.status_code == 403
    assert "您现在用的账号是 admin（管理员）" in refused.text and 'href="/people">回到上一页' in refused.text
    missing = http_of("steward").get("/no-such-page", headers={"Referer": "https://evil.example/"})
    assert missing.status_code == 404 and "evil.example" not in missing.text
    assert 'href="/review"' in missing.text, "the menu stays"


def test_a_proxy_names_who_has_signed_in_and_unknown_names_are_told_what_to_do(own_home: Path) -> None:
    told = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "desk.example",
        "X-Forwarded-For": "198.51.100.7, 10.1.2.3",
    }
    with open_state(own_home) as state:
        accounts.add_account(
            state, name="wang", display_name="王", password_hash=None, roles=("analyst",), regions=("341800",),
            now=dt.datetime.now(dt.UTC),
        )  # fmt: skip
    options = ("--behind-proxy", "--user-header", "X-Forwarded-User", "--allowed-host", "desk.example")
    with serve(own_home, *options) as behind:
        told["Host"] = "desk.example"
        with httpx.Client(base_url=behind.url, headers=told, timeout=60) as browser:
            page = browser.get("/", headers={"X-Forwarded-User": "Wang"})
            assert page.status_code == 200 and "分析人员" in page.text and "341800" in page.text
            unknown = browser.get("/sign-in", headers={"X-Forwarded-User": "li<b>", "Cookie": ""})
            assert unknown.status_code == 200 and "没有这个账号" in unknown.text and "li&lt;b&gt;" in unknown.text
            assert browser.get("/", headers={"Cookie": "", "X-Forwarded-User": ""}).status_code == 303
        with httpx.Client(
            base_url=behind.url, headers={"X-Forwarded-User": "Wang", "Host": "evil.example"}, timeout=60
        ) as other:
            assert other.get("/").status_code == 400
    with open_state(own_home) as state:
        log = audit_log.records(state, user="wang")
    assert {r.address for r in log} == {"10.1.2.3"} and any('"proxy"' in r.detail for r in log)
