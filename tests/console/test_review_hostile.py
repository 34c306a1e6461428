"""What is written in file names, cells, texts and reasons stays text: no page of the queue lets it become markup."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from tests.console.deciding import findings, form_of, send
from tests.console.serving import Server, add_people, serve, sign_in
from tests.pipelines.nights import nightly

SCRIPT = '<script>alert("x")</script>'
IMAGE = "<img src=x onerror=alert(1)>"
ATTRIBUTE = '" autofocus onfocus=alert(1) x="'
TEMPLATE = "{{ 7191*7919 }}{% raw %}"
QUOTED = '"乙公司' + ATTRIBUTE.replace('"', '""') + '"'
CSV = f"""甲县拖欠中小企业账款台账（截至2026年6月30日）
填报单位：甲县清欠办{IMAGE}
单位：万元
序号,拖欠主体,债权企业,债权企业统一社会信用代码,合同编号,拖欠金额,累计清偿金额,剩余金额,备注,经办栏{IMAGE}
1,甲县住建局{SCRIPT},{QUOTED},91110000802100433C,HT-1,30,10,25,{TEMPLATE},x
2,甲县水利局,丙水务公司,91110000802100433B,HT-2,50,10,20,javascript:alert(1),y
"""
TEXT = f"""甲县关于清理拖欠账款的通知
各乡镇{SCRIPT}：
请于2026年2月30日前将{IMAGE}欠款12.5万元清偿完毕。
请于5月底以前{ATTRIBUTE}报送台账。
甲县清欠办
2026年6月3日
"""


class Markup(HTMLParser):
    """Collects what a browser would take for scripts, handlers and addresses that run."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name.startswith("on") or name == "style" or (value or "").strip().lower().startswith("javascript:"):
                self.bad.append(f"<{tag} {name}={value}>")
        if tag == "script" and not dict(attrs).get("src", "").startswith("/static/"):  # type: ignore[union-attr]
            self.bad.append("<script>")
        if tag == "img" and dict(attrs).get("src") == "x":
            self.bad.append("<img src=x>")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("hostile")
    inbox = folder / "inbox"
    inbox.mkdir()
    (inbox / f"台账{IMAGE}_6月.csv").write_text(CSV, encoding="utf-8")
    (inbox / 'x" onmouseover="alert(1).txt').write_text(TEXT, encoding="utf-8")
    (inbox / f"{IMAGE}.pdf").write_bytes(b"%PDF-1.7\nbroken")
    home = folder / "home"
    nightly(home, inbox, "2026-07-31")
    add_people(home)
    with serve(home) as running:
        yield running


def pages(browser: httpx.Client, home: Path) -> Iterator[httpx.Response]:
    """Every page of the queue and the spots, in both languages."""
    every = findings(home)
    paths = [
        "/review",
        "/review?status=any",
        "/review?text=" + IMAGE,
        "/review?rule=" + SCRIPT + "&region=" + ATTRIBUTE,
    ]
    for f in every:
        paths.append(f"/review/finding/{f['finding_id']}?text={SCRIPT}")
        if f["row_id"] and f["table_name"] in ("ledger_rows", "time_expressions"):
            paths.append(f"/evidence/{f['table_name']}/{f['row_id']}?field={f['field'] or SCRIPT}")
    for language in ("zh", "en"):
        browser.get("/language", params={"to": language, "next": "/review"})
        for path in paths:
            yield browser.get(path)


def test_no_page_turns_text_into_markup(hostile: Server) -> None:
    with closing(sign_in(hostile, "steward")) as browser:
        every = findings(hostile.home)
        assert any(f["table_name"] == "ledger_rows" for f in every)
        first = next(f for f in every if f["table_name"] == "ledger_rows")
        form = form_of(browser.get(f"/review/finding/{first['finding_id']}").text, "/decide")
        assert send(browser, form, action="accept", reason=f"{SCRIPT}{ATTRIBUTE}").status_code == 303
        refused = send(browser, {**form, "key": "k" * 20}, action=SCRIPT, reason=ATTRIBUTE)
        late = send(browser, {**form, "key": "j" * 20}, action="reject", reason=IMAGE)
        assert late.status_code == 409
        seen = [refused, late, *pages(browser, hostile.home)]
    shown = 0
    for answer in seen:
        assert answer.status_code in (200, 404, 409, 422), answer.url
        markup = Markup()
        markup.feed(answer.text)
        assert not markup.bad, (answer.url, markup.bad)
        assert str(7191 * 7919) not in answer.text
        shown += "&lt;script&gt;" in answer.text or "&lt;img" in answer.text
        assert "unsafe-inline" not in answer.headers["content-security-policy"]
    assert shown > 4  # the texts were there, as texts
