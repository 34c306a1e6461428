"""One published night for every test of the console, a server over it, and signed-in clients and browsers.

`home` and `server` are shared by all: tests that decide or publish take `own_home` (a copy) and `serve` it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.console.serving import PASSWORD, Server, add_people, serve, sign_in
from tests.pipelines.nights import sample_night

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

CHROMIUM = os.environ.get("QINGQIAN_CHROMIUM", "/usr/bin/chromium")


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the samples' night published, and the accounts of PEOPLE. Do not change it."""
    folder = tmp_path_factory.mktemp("console") / "home"
    sample_night(folder, tmp_path_factory)
    add_people(folder)
    return folder


@pytest.fixture
def own_home(home: Path, tmp_path: Path) -> Path:
    """A copy of `home` to change at will."""
    target = tmp_path / "home"
    shutil.copytree(home, target, ignore=shutil.ignore_patterns("dagster", "console"))
    return target


@pytest.fixture(scope="session")
def server(home: Path) -> Iterator[Server]:
    """A server over `home`."""
    with serve(home) as running:
        yield running


@pytest.fixture(scope="session")
def http_of(server: Server) -> Iterator[Callable[[str], httpx.Client]]:
    """`http_of("steward")`: an HTTP client signed in as one of PEOPLE, kept for the whole run."""
    clients: dict[str, httpx.Client] = {}

    def get(name: str) -> httpx.Client:
        if name not in clients:
            clients[name] = sign_in(server, name)
        return clients[name]

    yield get
    for each in clients.values():
        each.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser; tests that need it are skipped where there is none."""
    api = pytest.importorskip("playwright.sync_api")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: the pages were not tried in a browser")
    with api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def browser_of(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """`browser_of(server, "steward", width=1280)`: a browser context, signed in unless no name is given."""
    contexts: list[BrowserContext] = []

    def get(running: Server, name: str | None = None, width: int = 1280, height: int = 900) -> BrowserContext:
        context = chromium.new_context(
            base_url=running.url, viewport={"width": width, "height": height}, locale="zh-CN"
        )
        contexts.append(context)
        if name is not None:
            page = context.new_page()
            page.goto("/sign-in")
            page.fill("input[name=name]", name)
            page.fill("input[name=password]", PASSWORD)
            page.click("button.main")
            page.wait_for_url(lambda url: "/sign-in" not in url)
            page.close()
        return context

    yield get
    for each in contexts:
        each.close()
