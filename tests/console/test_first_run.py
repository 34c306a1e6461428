"""The first start in a real browser: from an empty home to a steward who reads how to run the first night."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.console.serving import Server, serve

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

PASSWORD = "First light 42"


def fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.fill(f"input[name={name}]", value)


def test_from_nothing_to_a_steward(tmp_path: Path, browser_of: Callable[..., BrowserContext]) -> None:
    with serve(tmp_path / "home") as running:
        code = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2}", running.said)
        assert code, running.said
        page = browser_of(running).new_page()
        page.goto("/")
        assert page.url.endswith("/setup")
        fill(page, code="AAAA-AAAA-AAAA", name="主任", password=PASSWORD, again=PASSWORD)
        page.click("button.main")
        assert "设置码不对" in page.inner_text("[role=alert]")
        fill(page, code=code.group().lower(), name="主任", password=PASSWORD, again=PASSWORD)
        page.click("button.main")
        page.wait_for_url("**/people")

        fill(page, name="xiao-li", display_name="小李")
        page.check("input[name=role][value=steward]")
        page.click("button.main")
        temporary = page.inner_text(".figure.mono")
        page.click("details.me summary")
        page.click(".me-menu button")
        page.wait_for_url("**/sign-in")

        fill(page, name="xiao-li", password=temporary)
        page.click("button.main")
        page.wait_for_url("**/password")
        fill(page, old=temporary, password="Own words 77", again="Own words 77")
        page.click("button.main")
        page.wait_for_url(lambda url: not url.endswith("/password"))
        assert "还没有发布过仓库" in page.inner_text("h1")
        assert "qingqian nightly" in page.inner_text("pre")


def test_the_one_time_code_works_once_and_only_while_there_is_no_account(tmp_path: Path, home: Path) -> None:
    import httpx

    from tests.console.serving import csrf_of

    with serve(tmp_path / "new") as running:
        code = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2}", running.said)
        assert code
        answers = []
        for name in ("anyone", "another"):
            with httpx.Client(base_url=running.url) as browser:
                start = browser.get("/setup")
                if start.status_code == 303:
                    answers.append(start.headers["location"])
                    start = browser.get("/sign-in")
                typed = {"code": code.group(), "name": name, "password": PASSWORD, "again": PASSWORD}
                made = browser.post("/setup", data={"csrf": csrf_of(start.text), **typed})
                answers.append(str(made.status_code))
        assert answers == ["303", "/sign-in", "400"]
    with serve(home) as running:
        assert "设置码" not in running.said


def test_a_taken_port_is_said_in_one_line(server: Server) -> None:
    port = server.url.rsplit(":", 1)[1]
    done = subprocess.run(
        [sys.executable, "-m", "pipelines", "console", "--home", str(server.home), "--port", port],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1 and "端口用不了" in done.stderr and len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("width", [1280, 390])
def test_the_morning_page_fits_and_its_table_sorts_without_script(
    width: int, server: Server, browser_of: Callable[..., BrowserContext]
) -> None:
    context = browser_of(server, "steward", width=width)
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on("request", lambda r: problems.append(r.url) if not r.url.startswith(server.url) else None)
    page.goto("/")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    rows = page.locator("#regions tbody tr")
    first = rows.first.inner_text()
    page.click("#regions thead a >> nth=6")
    assert page.url.endswith("sort=left") and rows.first.inner_text() != first
    page.fill("input[name=region]", "旌德")
    page.press("input[name=region]", "Enter")
    page.wait_for_url("**region=**")
    assert rows.count() == 1 and "旌德县" in rows.first.inner_text()
    assert page.locator("svg.plot").count() == 2
    assert not problems
