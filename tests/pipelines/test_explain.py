"""`qingqian explain` as a person runs it: on the terminal, as a page, in two languages, on hostile files."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from extractors.document import Document
from extractors.facts import Context
from extractors.process import Extraction, understand
from pipelines import cli_explain
from pipelines.explain_words import Words
from tests.pipelines.nights import qingqian

INBOX = Path(__file__).parents[2] / "samples" / "inbox"
PLAN = INBOX / "2026-05-20_绩溪县_清欠百日行动方案.txt"
HOSTILE = """关于<script>alert(1)</script>清欠的通知
各县区"><img src=x onerror=alert(2)>人民政府：
请于6月底前将台账报送<b>市财政局</b>，剩余欠款近3亿元。
[bold red]市国资委[/bold red]负责督促&lt;落实&gt;。
某市<style>body{display:none}</style>财政局
2026年5月1日
"""


class Page(HTMLParser):
    """What a browser would see: tags, links, and the text of the left column."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self._depth = 0
        self._aside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src"):
                self.links.append(value or "")
            assert not name.startswith("on"), "a handler came in"
        self._aside += tag in ("aside", "sup", "header", "style")

    def handle_endtag(self, tag: str) -> None:
        self._aside -= tag in ("aside", "sup", "header", "style")

    def handle_data(self, data: str) -> None:
        if not self._aside:
            self.words.append(data)


def page(source: Path, target: Path, *arguments: str) -> tuple[str, Page]:
    done = qingqian("explain", str(source), "--html", str(target), *arguments, home=target.parent / "home")
    assert done.stdout == ""
    html = target.read_text(encoding="utf-8")
    seen = Page()
    seen.feed(html)
    return html, seen


def test_terminal_shows_text_findings_rules_and_derivation(tmp_path: Path) -> None:
    shown = qingqian("explain", str(PLAN), home=tmp_path).stdout
    assert "截至2026年4月30日[" in shown
    assert re.search(r"768\.4万元  拖欠总额 → ¥7,684,000 .*规则 money\.figure（数 768\.4，倍数 万）", shown)
    assert re.search(r"8月底  期限 → 2026-08-31  事项 .*年份依据 成文日期", shown)
    assert re.search(r"县住建局  责任 → 绩溪县住房和城乡建设局", shown)
    assert re.search(r"规则 time\.range ← point\.date（月 5，日 25） ← point\.date（月 6，日 5）", shown)


def test_terminal_in_english(tmp_path: Path) -> None:
    shown = qingqian("explain", str(PLAN), "--lang", "en", home=tmp_path).stdout
    assert re.search(r"768\.4万元  total owed → ¥7,684,000 .*rule money\.figure", shown)


def test_page_holds_the_whole_text_and_needs_nothing_else(tmp_path: Path) -> None:
    html, seen = page(PLAN, tmp_path / "plan.html")
    text = PLAN.read_text(encoding="utf-8-sig")
    assert "".join("".join(text.split())) in "".join("".join(seen.words).split())
    assert all(link.startswith("#") for link in seen.links)
    assert "http://" not in html and "https://" not in html and "script" not in seen.tags
    assert {link[1:] for link in seen.links} <= set(seen.ids)
    assert len(seen.ids) == len(set(seen.ids))
    assert "¥7,684,000" in html and "money.figure" in html


def test_page_of_a_paginated_file_has_anchors(tmp_path: Path) -> None:
    _, seen = page(next(INBOX.glob("2026-05-12*.pdf")), tmp_path / "notice.html")
    assert {"page-1", "page-2"} <= set(seen.ids)


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    source = tmp_path / "x<svg onload=alert(1)>.txt"
    source.write_text(HOSTILE, encoding="utf-8")
    html, seen = page(source, tmp_path / "x.html")
    assert not {"script", "img", "svg", "b"} & (set(seen.tags) - {"b"})
    assert seen.tags.count("style") == 1
    assert "<b>市财政局" not in html and "".join(HOSTILE.split()) in "".join("".join(seen.words).split())
    shown = qingqian("explain", str(source), home=tmp_path).stdout
    assert "[bold red]" in shown  # no markup of the terminal library either


def test_control_characters_do_not_reach_the_terminal() -> None:
    text = "关于清欠的通知\n各县区：\n请\x1b[31m于6月底前\x1b]0;x\x07报送市财政局。\n2026年5月1日\n"
    document = Document(sha256="0", name="x", format="txt", text=text)
    extraction = Extraction(name="x", sha256="0", document=document, facts=understand(document, Context()))
    shown = io.StringIO()
    cli_explain.show(extraction, "x", Words("zh"), Console(file=shown, soft_wrap=True))
    assert not set(shown.getvalue()) & {"\x1b", "\x07"}
    assert "6月底前" in shown.getvalue()


def test_ledger_shows_its_columns_and_rows(tmp_path: Path) -> None:
    ledger = INBOX / "台账_绩溪县_2026年7月.xlsx"
    html, _ = page(ledger, tmp_path / "ledger.html")
    assert "arrears_amount_yuan" in html and "<td>678,700</td>" in html
    assert "→ 拖欠金额（列M，万元）" in qingqian("explain", str(ledger), home=tmp_path).stdout


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["nowhere.txt"], 1, "不存在"),
        ([str(INBOX)], 1, "是文件夹"),
        ([str(PLAN), "--lang", "fr"], 2, "zh 或 en"),
        ([str(PLAN), "--reference-date", "6月"], 2, "YYYY-MM-DD"),
        ([str(PLAN), "--html", "/nowhere/at/all.html"], 1, "写不了"),
    ],
)
def test_failures_say_what_to_do_in_one_line(arguments: list[str], status: int, said: str, tmp_path: Path) -> None:
    done = qingqian("explain", *arguments, home=tmp_path, check=False)
    assert done.returncode == status
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_file_that_cannot_be_read_is_a_failure(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4\nnothing here")
    done = qingqian("explain", str(broken), home=tmp_path, check=False)
    assert done.returncode == 1
    assert "broken.pdf" in done.stderr
