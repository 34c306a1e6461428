"""Who sees some regions only sees nothing of the others: on no page that a link leads to, nor by its address."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.console.serving import PEOPLE
from tests.pipelines.nights import rows

Http = Callable[[str], httpx.Client]
SKIPPED = re.compile(r"^/(?:language|static|password)\b|\.(?:png|ics|xlsx|csv|parquet)\b|/download\b|/page/")


def pages(browser: httpx.Client, most: int = 60) -> Iterator[tuple[str, httpx.Response]]:
    """Every page that links lead to from the first one, each address once, few of each shape."""
    waiting, seen, shapes = ["/"], set[str](), dict[str, int]()
    while waiting and len(seen) < most:
        path = waiting.pop(0)
        shape = re.sub(r"[0-9a-f]{16,64}|\d+|=[^&]*", "*", path)
        if path in seen or SKIPPED.search(path) or shapes.get(shape, 0) >= 1 + ("document" in shape):
            continue
        seen.add(path)
        shapes[shape] = shapes.get(shape, 0) + 1
        answer = browser.get(path)
        yield path, answer
        if answer.headers.get("content-type", "").startswith("text/html"):
            found = re.findall(r'<a\b[^>]*?href="(/[^"#]*|\?[^"#]*)', answer.text)
            base = path.split("?")[0]
            waiting += [(base + h if h.startswith("?") else h).replace("&amp;", "&") for h in found]


@pytest.mark.parametrize("name", ["steward", "auditor", "admin"])
def test_every_link_leads_to_a_page(name: str, http_of: Http) -> None:
    bad = [(p, a.status_code) for p, a in pages(http_of(name)) if a.status_code not in (200, 303)]
    assert not bad


def test_nothing_of_another_region_is_shown(home: Path, http_of: Http) -> None:
    prefix = PEOPLE["local"][1][0][:4]
    outside = rows(
        home,
        "SELECT document_id, title, region_code FROM main.documents "
        f"WHERE region_code IS NULL OR NOT starts_with(region_code, '{prefix}')",
    )
    assert len(outside) >= 3
    marks = {d["document_id"] for d in outside} | {d["title"] for d in outside if d["title"] and d["region_code"]}
    browser = http_of("local")
    for path, answer in pages(browser):
        assert answer.status_code in (200, 303), path
        leaked = [m for m in marks if m in answer.text]
        assert not leaked, (path, leaked)
    for d in outside:
        assert browser.get(f"/documents/{d['document_id']}").status_code in (403, 404)
