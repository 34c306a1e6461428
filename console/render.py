"""Pages from templates: escaping always on, words in the reader's language, personal data masked by filters."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from console import formats
from console.masking import Masker, masker_of
from console.roles import User
from console.routing import Nav
from console.translation import Language, translate, words
from validators.findings import rule_label

LANGUAGE_COOKIE = "qingqian_language"
TEMPLATES = Path(__file__).resolve().parent / "templates"


def environment() -> jinja2.Environment:
    """The template environment: autoescape for every file, and a name that is not there is an error."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # a program's templates do not change under it; looking whether they did costs at every page
    )
    env.filters.update(
        money=formats.money,
        count=formats.count,
        percent=formats.percent,
        day=formats.day,
        moment=formats.moment,
        filesize=formats.size,
    )
    return env


def language_of(request: Request) -> Language:
    """The reader's language: Chinese unless they switched."""
    return "en" if request.cookies.get(LANGUAGE_COOKIE) == "en" else "zh"


def render(
    request: Request, template: str, *, status: int = 200, masker: Masker | None = None, **values: Any
) -> HTMLResponse:
    """A page. `masker` decides what is masked on it; without one everything personal is."""
    html = request.app.state.templates.get_template(template).render(**context(request, masker), **values)
    return HTMLResponse(html, status, headers={"Cache-Control": "no-store"})


def context(request: Request, masker: Masker | None = None) -> dict[str, Any]:
    """What every template can use."""
    language = language_of(request)
    user: User | None = getattr(request.state, "user", None)
    csrf = getattr(request.state, "csrf", "")
    nav: list[Nav] = request.app.state.nav
    shown = [n for n in nav if user is not None and user.has(*n.roles) and not user.must_change]
    return {
        "request": request,
        "t": partial(translate, language),
        "has_word": words().__contains__,
        "lang": language,
        "user": user,
        "nav": shown,
        "path": request.url.path,
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "csrf": csrf,
        "csrf_field": Markup('<input type="hidden" name="csrf" value="{}">').format(csrf),
        "mask": masker if masker is not None else masker_of(request),
        "short_money": partial(formats.short_money, language=language),
        "duration": partial(formats.duration, language=language),
        "with_query": partial(with_query, request),
        "rule_name": partial(rule_label, english=language == "en"),
        "sentence": partial(formats.sentence, language=language),
        "shown_value": partial(formats.value, language=language),
        "today": request.app.state.settings.today(),
    }


def with_query(request: Request, **changes: object) -> str:
    """This page's address with some query parameters changed; None takes one out. Starts over at the first page."""
    params = {k: v for k, v in request.query_params.items() if k != "page"}
    for name, value in changes.items():
        params.pop(name, None)
        if value is not None:
            params[name] = str(value)
    return f"?{urlencode(params)}" if params else request.url.path


def local_path(text: str | None, default: str = "/") -> str:
    """A path on this site to go on to; the default for anything that could lead elsewhere."""
    ok = (
        text and text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable() and "\\" not in text
    )
    return text if ok and text else default
