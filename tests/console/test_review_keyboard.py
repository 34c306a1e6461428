"""A steward's morning with the keyboard alone: ten findings, one corrected, and the next night keeps what was said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.console.deciding import findings, kept
from tests.console.serving import serve
from tests.pipelines.nights import SAMPLES, nightly, rows

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

RIGHT_CODE = "91341824MAX204069H"
KINDS = 10


def decide_by_keys(page: Page, rule: str, n: int) -> str:
    """Decide the finding on the page with keys only; the action."""
    if rule == "bad_uscc":
        page.keyboard.press("c")
        page.keyboard.type(RIGHT_CODE)
        page.keyboard.press("Tab")
        action = "correct"
    else:
        action, key = (("accept", "a"), ("reject", "r"), ("defer", "d"))[n % 3]
        page.keyboard.press(key)
    page.keyboard.press("Control+a")
    page.keyboard.type(f"已核对 {n}")
    page.keyboard.press("Enter")
    return action


def test_ten_findings_by_keyboard_and_the_correction_stays(
    own_home: Path, browser_of: Callable[..., BrowserContext]
) -> None:
    by_id = {f["finding_id"]: f for f in findings(own_home)}
    done: dict[str, str] = {}
    with serve(own_home) as server:
        page = browser_of(server, "steward").new_page()
        page.set_default_timeout(120_000)
        said: list[str] = []
        page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: said.append(str(e)))
        page.goto("/review")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/review/**")
        if "/cause/" in page.url:
            page.keyboard.press("j")
            page.keyboard.press("Enter")
        for n in range(60):
            page.wait_for_url("**/review/finding/**")
            finding_id = page.url.split("/finding/")[1].split("?")[0]
            rule = by_id[finding_id]["rule"]
            if rule in done:
                page.keyboard.press("j")
            else:
                done[rule] = decide_by_keys(page, rule, n)
            page.wait_for_url(lambda url, was=finding_id: was not in url)
            if len(done) == KINDS and "bad_uscc" in done:
                break
        assert len(done) >= KINDS
        page.keyboard.press("?")
        assert page.locator("dialog#keys").is_visible()
        page.keyboard.press("Escape")
        assert not said
    decided = kept(own_home)
    assert sorted(d.action for d in decided) == sorted(done.values())
    assert all(d.steward == "steward" and d.reason.startswith("已核对") for d in decided if d.reason)
    corrected = next(d for d in decided if d.action == "correct")
    nightly(own_home, SAMPLES, "2026-08-01")
    told = rows(
        own_home, f"SELECT DISTINCT creditor_uscc AS code FROM ledger_rows WHERE debt_id = '{corrected.row_id[5:]}'"
    )
    assert {t["code"] for t in told} == {RIGHT_CODE}
    left = rows(own_home, "SELECT rule, status, decision_number AS number FROM findings")
    assert "bad_uscc" not in {f["rule"] for f in left}
    by_number = {d.decision_number: d for d in decided if d.action != "correct"}
    settled = {f["number"]: f["status"] for f in left if f["number"] is not None}
    words = {"accept": "accepted", "reject": "dismissed", "defer": "deferred"}
    assert settled == {n: words[d.action] for n, d in by_number.items()}
