"""What a designer would look at, in a real browser: nothing too wide, text that can be read, a cause by keys alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.console.deciding import findings, kept
from tests.console.serving import Server, serve

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page

BrowserOf = Callable[..., "BrowserContext"]
PAGES = (
    "/", "/review", "/debts", "/debtors", "/documents", "/duties?view=list", "/duties?view=urge", "/night-audit",
    "/reports?name=monthly&period=2026-07", "/query?example=example_debtors", "/regions/341824", "/no-such-page",
)  # fmt: skip

# Texts whose contrast with the ground behind them is below WCAG AA: 4.5, or 3 where they are large.
FAINT = """() => {
  const part = (v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const parse = (text) => { const n = text.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
  const over = (top, under) => top.slice(0, 3).map((v, i) => v * top[3] + under[i] * (1 - top[3]));
  const ground = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      layers.push(color);
      if (color[3] === 1) break;
    }
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const faint = new Set();
  for (const node of document.body.querySelectorAll("*")) {
    const said = [...node.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data.trim()).join("");
    if (!said || !node.checkVisibility() || node.closest("svg, option, [disabled]")) continue;
    const style = getComputedStyle(node), behind = ground(node);
    const pair = [light(over(parse(style.color), behind)), light(behind)].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < (large ? 3 : 4.5)) faint.add(`${said.slice(0, 20)} ${ratio.toFixed(2)} ${node.className}`);
  }
  return [...faint];
}"""


def too_wide(page: Page) -> int:
    found: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_fit_and_can_be_read(width: int, server: Server, browser_of: BrowserOf) -> None:
    page = browser_of(server, "steward", width=width).new_page()
    page.set_default_timeout(90_000)
    for path in PAGES:
        page.goto(path)
        assert too_wide(page) <= 0, path
        assert page.evaluate(FAINT) == [], path
    if width == 390:
        page.goto("/debts")
        cell = page.locator("tbody td[data-label]", has_text=",").first
        box = cell.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390, "figures need no scrolling"


def test_wide_tables_fit_their_paper(server: Server, browser_of: BrowserOf) -> None:
    page = browser_of(server, "steward", width=1030).new_page()  # A4 across, less its margins
    page.set_default_timeout(90_000)
    page.emulate_media(media="print")
    for path in ("/reports?name=monthly&period=2026-07", "/night-audit", "/debts"):
        page.goto(path)
        assert too_wide(page) <= 0, path
        assert not page.locator("header.bar").is_visible()


def test_a_cause_is_decided_by_keys_alone(own_home: Path, browser_of: BrowserOf) -> None:
    bad = {str(f["finding_id"]) for f in findings(own_home) if f["rule"] == "bad_uscc"}
    assert len(bad) == 2
    with serve(own_home) as running, closing(browser_of(running, "steward")) as context:
        page = context.new_page()
        page.set_default_timeout(90_000)
        page.goto("/review?rule=bad_uscc")
        page.keyboard.press("j")
        page.keyboard.press("b")
        page.wait_for_url("**/review/cause/**")
        page.keyboard.press("a")
        page.keyboard.type("已核对营业执照")
        page.keyboard.press("Enter")
        page.wait_for_url("**/preview**")
        page.locator("button.main:focus").wait_for()
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/preview" not in url)
        assert {d.reason for d in kept(own_home)} == {"已核对营业执照"}
        page.keyboard.press("u")
        page.locator("[role=status]", has_text="撤销").wait_for()
    assert {d.action for d in kept(own_home)} == {"accept", "undo"}
