"""What readers do in a real browser: look for a document, follow a figure to its cell, ask, print a report."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.console.serving import Server

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

BrowserOf = Callable[..., "BrowserContext"]


def opened(context: BrowserContext, path: str, problems: list[str]) -> Page:
    """A page that notes what the browser refuses or misses."""
    page = context.new_page()
    page.set_default_timeout(90_000)
    page.on("console", lambda m: problems.append(m.text) if m.type in ("error", "warning") else None)
    page.goto(path)
    return page


def test_from_words_to_the_fact_to_its_row(server: Server, browser_of: BrowserOf) -> None:
    problems: list[str] = []
    page = opened(browser_of(server, "steward"), "/documents", problems)
    page.fill("input[name=q]", "百日行动")
    page.click("button.main")
    assert page.locator("article.hit mark").first.inner_text() == "百日行动"
    page.locator("article.hit h2 a").first.click()
    mark = page.locator("a.fact-amount").first
    words = mark.inner_text()
    mark.click()
    fact = page.locator("details.one-fact:target")
    fact.locator("summary").click()
    assert words in fact.inner_text()
    fact.get_by_text("看这一行").click()
    assert words in page.locator("main").inner_text()
    assert not problems


def test_from_the_sum_to_the_debt_to_the_cell(server: Server, browser_of: BrowserOf) -> None:
    problems: list[str] = []
    page = opened(browser_of(server, "analyst"), "/debts", problems)
    page.select_option("select[name=status]", "open")
    page.wait_for_url(re.compile("status=open"))
    page.locator("tbody td.num a").first.click()
    assert page.locator("h2", has_text="历次台账").count() == 1
    page.locator("tbody a", has_text="行号").first.click()
    cell = page.locator("a[href^='/evidence/']").first
    shown = cell.inner_text()
    cell.click()
    assert shown in page.locator("main").inner_text()
    assert not problems


def test_a_query_is_run_kept_and_cancelled_by_keys_and_buttons(server: Server, browser_of: BrowserOf) -> None:
    problems: list[str] = []
    page = opened(browser_of(server, "analyst"), "/query", problems)
    page.click("text=谁欠得最多")
    page.locator("#sql").press("Control+Enter")
    page.wait_for_selector("#result")
    assert page.locator("#result tbody tr").count() > 5
    assert page.locator("svg.plot").count() == 1
    page.fill("#sql", "SELECT count(*) FROM range(10000000000) a, range(100000) b")
    page.evaluate("""() => {
      const cancel = document.getElementById('cancel');
      setInterval(() => { if (!cancel.hidden) cancel.click(); }, 1000);
    }""")
    page.click("button[value=run]", no_wait_after=True)
    page.wait_for_selector("[role=alert]")
    assert re.search("已取消|已中止", page.locator("[role=alert]").inner_text())
    assert [p for p in problems if "422" not in p and "404" not in p] == []


def test_pages_fit_a_telephone(server: Server, browser_of: BrowserOf) -> None:
    problems: list[str] = []
    page = opened(browser_of(server, "steward", width=390), "/documents", problems)
    first = page.locator("article.hit h2 a").first.get_attribute("href")
    for path in (first, "/debts", "/debtors", "/duties?month=2026-07", "/duties?view=list&month=2026-07", "/query",
                 "/reports?name=monthly&period=2026-07"):  # fmt: skip
        page.goto(str(path))
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    assert not problems


def test_an_urging_sheet_prints_without_the_frame(server: Server, browser_of: BrowserOf) -> None:
    page = opened(browser_of(server, "steward"), "/duties?view=urge&day=2026-07-20", [])
    assert page.locator(".urge").count() > 0
    page.emulate_media(media="print")
    assert not page.locator("header.bar").is_visible()
    assert not page.locator("form.filters").is_visible()
    assert page.locator(".urge").first.is_visible()
