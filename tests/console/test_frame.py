"""The frame's promises: every route says who may see it, every word exists in both languages, nothing inline."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from console import app as frame
from console.app import create_app
from console.roles import ROLES
from console.routing import Access, access_of, page
from console.settings import Settings
from console.translation import words

CONSOLE = Path(frame.__file__).parent
PUBLIC = {"/sign-in", "/setup", "/language"}


def own_routes(app: Starlette) -> list[tuple[Route, Access]]:
    found = [(r, access_of(r)) for r in app.routes if isinstance(r, Route)]
    assert all(access is not None for _, access in found)
    return [(r, access) for r, access in found if access is not None]


def test_every_route_says_who_may_use_it_and_only_signing_in_is_open(tmp_path: Path) -> None:
    routes = own_routes(create_app(Settings(tmp_path)))
    assert len(routes) > 5
    assert {r.path for r, access in routes if access.is_public} == PUBLIC
    assert all(access.roles <= set(ROLES) for _, access in routes)


def test_a_route_without_a_role_is_refused() -> None:
    def anyone(_request: object) -> Response:
        return Response()

    with pytest.raises(ValueError):
        page("/x", anyone, roles=())
    with pytest.raises(TypeError, match="does not say who"):
        frame._check(Route("/x", anyone))


@pytest.mark.parametrize("name", ROLES)
def test_each_role_is_kept_out_of_every_page_that_is_not_its_own(
    name: str, tmp_path: Path, http_of: Callable[[str], httpx.Client]
) -> None:
    browser = http_of(name)
    tried = 0
    for route, access in own_routes(create_app(Settings(tmp_path))):
        if access.is_public or name in access.roles:
            continue
        path = re.sub(r"\{[^}]*\}", "1", route.path)
        for method in sorted((route.methods or set()) - {"HEAD"}):
            answer = browser.request(method, path)
            assert answer.status_code == 403, (method, path, answer.status_code)
            tried += 1
    assert tried or name == "steward"


def test_nobody_unknown_sees_any_page(tmp_path: Path, server: object, http_of: Callable[[str], httpx.Client]) -> None:
    base = http_of("steward").base_url
    with httpx.Client(base_url=base) as stranger:
        for route, access in own_routes(create_app(Settings(tmp_path))):
            if access.is_public:
                continue
            for method in sorted((route.methods or set()) - {"HEAD"}):
                answer = stranger.request(method, re.sub(r"\{[^}]*\}", "1", route.path))
                assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in"), route.path


def test_every_word_used_exists_in_both_languages() -> None:
    known = words()  # raises unless each key has both
    used: set[tuple[str, str]] = set()
    for path in CONSOLE.rglob("*"):
        if path.suffix == ".html":
            used |= {
                (k, path.name)
                for k in re.findall(r"""\bt\(\s*["']([a-z_]+\.[a-z0-9_]+)["']\s*[,)]""", path.read_text())
            }
    assert used
    assert not {(k, f) for k, f in used if k not in known}


def test_pages_hold_no_inline_script_or_style_and_no_unescaped_text() -> None:
    for path in CONSOLE.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"<style|\sstyle=|\son[a-z]+=|\|\s*safe\b|autoescape\s+false|https?://(?!www\.w3\.org)", text
        ), path
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), path
    for path in CONSOLE.rglob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|\beval\(|https?://", path.read_text()), path
    for path in CONSOLE.rglob("*.css"):
        assert not re.search(r"@import|https?://", path.read_text()), path


def test_the_console_starts_without_the_pipelines_libraries() -> None:
    code = (
        "import sys; from pathlib import Path; from console.app import create_app\n"
        "from console.settings import Settings\n"
        "create_app(Settings(Path('nowhere')))\n"
        "bad = {'dagster', 'great_expectations', 'pandas', 'pdfplumber', 'rapidocr', 'pipelines'} & set(sys.modules)\n"
        "assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=CONSOLE.parent)
