"""`python -m tests.console.screenshots HOME OUT`: every page that a link leads to, as each role sees it, at two widths.

HOME is copied, so nothing in it changes; it needs a published night, and no accounts of its own.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Browser, sync_playwright

from tests.console.conftest import CHROMIUM
from tests.console.serving import PASSWORD, Server, add_people, serve

WIDTHS = (1280, 390)
PER_SHAPE = 2
"""How many pages of one shape (/debts/… whatever the id) are taken."""
MORE = {"/review/finding/*": 30}
"""Shapes of which more are taken: findings differ with rule and format."""
TELLING = ("view", "name", "example")
"""Parameters that make another page of the same path."""
ENGLISH = ["/", "/review", "/debts", "/documents", "/duties?view=urge", "/query", "/reports?name=monthly", "/password"]


def main(home: Path, out: Path) -> None:
    """Take the pictures; the file's name tells role, page and width."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "home"
        shutil.copytree(home, copy, ignore=shutil.ignore_patterns("dagster", "console"))
        with serve(copy) as server, sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--lang=zh-CN"])
            _walk(browser, server, None, out, ["/setup"])
            add_people(copy)
            _walk(browser, server, None, out, ["/sign-in"])
            _walk(browser, server, "steward", out, ["/", "/review", "/duties?view=urge", "/password", "/no-such-page"])
            _walk(browser, server, "local", out, ["/", "/night-audit"], follow=False)
            _walk(browser, server, "analyst", out, ["/review"], follow=False)
            for role in ("admin", "auditor"):
                _walk(browser, server, role, out, ["/", "/debts", "/no-such-page"])
            _walk(browser, server, "steward", out, ENGLISH, follow=False, language="en")
            browser.close()


def _walk(
    browser: Browser, server: Server, role: str | None, out: Path, start: list[str], *, follow: bool = True,
    language: str = "zh",
) -> None:  # fmt: skip
    """Visit pages from `start` on (along their links, one of each shape), and photograph each at both widths."""
    context = browser.new_context(base_url=server.url, locale="zh-CN" if language == "zh" else "en-GB")
    page = context.new_page()
    if role is not None:
        page.goto("/sign-in")
        page.fill("input[name=name]", role)
        page.fill("input[name=password]", PASSWORD)
        page.click("button.main")
        page.wait_for_url(lambda url: "/sign-in" not in url)
    if language == "en":
        page.goto("/language?to=en")
    seen: dict[str, int] = {}
    waiting = list(start)
    while waiting:
        path = waiting.pop(0)
        shape = _shape(path)
        if seen.get(shape, 0) >= MORE.get(shape, PER_SHAPE if "*" in shape else 1) or shape == "/language":
            continue
        seen[shape] = seen.get(shape, 0) + 1
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            answer = page.goto(path)
            if answer is None or not answer.headers.get("content-type", "").startswith("text/html"):
                break
            name = re.sub(r"[^\w-]+", "_", shape.replace("*", "x")).strip("_") or "morning"
            name += f"-{seen[shape]}" if seen[shape] > 1 else ""
            page.screenshot(path=out / f"{role or 'nobody'}-{name}-{language}-{width}.png", full_page=True)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 0:
                sys.stdout.write(f"{path} is {wide} pixels too wide at {width}\n")
        if follow:
            links = page.eval_on_selector_all(
                "main a[href], nav a[href]", "all => all.map(a => a.getAttribute('href'))"
            )
            waiting += [
                h for h in links if h and h.startswith("/") and not re.search(r"download|\.(ics|xlsx|csv|png)", h)
            ]
    context.close()


def _shape(path: str) -> str:
    """A path with its ids starred, and the parameters that make it another page."""
    parts = urlsplit(path)
    told = [f"{k}={v}" for k, v in parse_qsl(parts.query) if k in TELLING]
    return re.sub(r"[0-9a-f]{16,64}|\d+", "*", parts.path) + ("?" + "&".join(told) if told else "")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
