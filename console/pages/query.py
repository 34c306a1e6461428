"""SQL with the dictionary beside it: examples, kept queries, a table, a simple chart, files to take along."""

from __future__ import annotations

import re
import secrets
import time
from decimal import Decimal
from functools import cache, partial
from typing import Any

import jinja2
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console import plots
from console.audit import audit, record
from console.limiting import on_limited
from console.masking import mask_text
from console.querying import Queries, points_of, rows_of
from console.render import language_of, render
from console.roles import READERS
from console.routing import Nav, page
from console.scoping import asked
from console.sending import attachment
from console.translation import Language, translate
from warehouse import export, saved_queries
from warehouse.access import Limits, QueryError, QueryResult
from warehouse.dictionary import view_columns
from warehouse.saved_queries import SavedQueryError
from warehouse.views import load_macros, load_views

nav = [Nav("query.title", "/query", READERS, 60)]
_SHOWN = 500  # rows on the page; a file has as many as a query may give
_KEY = re.compile(r"[0-9a-f]{16,64}")
FORMATS = ("csv", "xlsx", "json", "parquet")
# Name of the words, statement. Each runs as it stands.
EXAMPLES: tuple[tuple[str, str], ...] = (
    (
        "example_debtors",
        "SELECT debtor_name, count(*) AS debts, sum(remaining_amount_yuan) AS remaining_yuan\nFROM debts\n"
        "WHERE status = 'open'\nGROUP BY debtor_name\nORDER BY remaining_yuan DESC\nLIMIT 20",
    ),
    (
        "example_regions",
        "SELECT r.name, sum(d.arrears_amount_yuan) AS arrears_yuan, sum(d.remaining_amount_yuan) AS remaining_yuan\n"
        "FROM debts d JOIN regions r USING (region_code)\nGROUP BY r.name\nORDER BY remaining_yuan DESC",
    ),
    (
        "example_periods",
        "SELECT as_of_date, sum(remaining_amount_yuan) AS remaining_yuan, count(*) AS debts\nFROM debt_history\n"
        "WHERE replaced_date IS NULL\nGROUP BY as_of_date\nORDER BY as_of_date",
    ),
    (
        "example_as_of",
        "-- 某一期、按某一天已知的情况\nSELECT status, count(*) AS debts, sum(remaining_amount_yuan) AS yuan\n"
        "FROM debts_as_of(DATE '2026-06-30', DATE '2026-12-31')\nGROUP BY status",
    ),
    (
        "example_late",
        "SELECT debtor_name, creditor_name, statutory_due_date, overdue_days, interest_yuan\nFROM debt_clocks\n"
        "WHERE overdue_days > 0\nORDER BY overdue_days DESC\nLIMIT 50",
    ),
    (
        "example_findings",
        "SELECT severity, rule, count(*) AS findings\nFROM findings\nWHERE status = 'open'\nGROUP BY ALL\n"
        "ORDER BY findings DESC",
    ),
)


def index(request: Request) -> Response:
    """The empty page, or one of the examples or kept queries put into it."""
    sql = (request.query_params.get("sql") or "").replace("\x00", "")[:20_000]
    kept = asked(request, "saved")
    queries = _kept(request)
    for query in queries:
        if str(query.query_id) == kept:
            sql = query.sql
    for name, example in EXAMPLES:
        if name == asked(request, "example"):
            sql = example
    return _page(request, sql, queries=queries)


def run(request: Request) -> Response:
    """Run the statement and show its rows, or keep it under a name."""
    sql = str(request.state.form.get("sql") or "")
    if request.state.form.get("action") == "save":
        return _save(request, sql)
    try:
        result, seconds = _result(request, sql, "query")
    except QueryError as e:
        return _page(request, sql, problem=e.message, status=422)
    found = points_of(result.table)
    plot = None
    if found is not None:
        named, counted, points = found
        draw = plots.curve if _are_days([p[0] for p in points]) else plots.columns
        plot = draw(
            f"{counted} / {named}", [(label[:8], Decimal(str(v))) for label, v in points], headers=(named, counted),
            show=lambda value: f"{value:,}",
        )  # fmt: skip
    return _page(
        request, sql, result=result, rows=rows_of(result.table, _SHOWN), seconds=seconds, plot=plot,
        numeric=[_is_number(f) for f in result.table.schema],
    )  # fmt: skip


def download(request: Request) -> Response:
    """The result as a file: run again, so that nobody's result is kept on the server."""
    sql, kind = str(request.state.form.get("sql") or ""), str(request.state.form.get("format") or "")
    if kind not in FORMATS:
        raise QueryError("unknown_format", f"没有格式“{kind[:20]}”；可用的有 {'、'.join(FORMATS)}。")
    try:
        result, _ = _result(request, sql, "export", format=kind)
    except QueryError as e:
        return _page(request, sql, problem=e.message, status=422)
    if kind == "csv":  # the mark lets spreadsheet programs see that it is UTF-8
        data = b"\xef\xbb\xbf" + export.to_csv(result.table).encode()
    elif kind == "json":
        data = export.to_json(result.table, result.json_columns).encode()
    else:
        data = export.to_xlsx(result.table) if kind == "xlsx" else export.to_parquet(result.table)
    stamp = request.app.state.settings.now().strftime("%Y%m%d-%H%M%S")
    return attachment(data, f"query-{stamp}.{kind}", f"查询结果_{stamp}.{kind}")


def cancel(request: Request) -> Response:
    """End a query that this person is running."""
    key = str(request.state.form.get("key") or "")
    done = request.app.state.queries.cancel(request.state.user.user_id, key)
    return Response(status_code=204 if done else 404)


def forget(request: Request) -> Response:
    """Remove a kept query."""
    number = str(request.state.form.get("query_id") or "")
    if number.isascii() and number.isdigit() and len(number) < 15:
        with request.app.state.store.open() as state:
            saved_queries.remove(state, request.state.user.user_id, int(number))
    return RedirectResponse("/query", 303)


def _save(request: Request, sql: str) -> Response:
    name = str(request.state.form.get("name") or "")
    try:
        with request.app.state.store.open() as state:
            saved_queries.save(state, request.state.user.user_id, name, sql, now=request.app.state.settings.now())
    except SavedQueryError as e:
        return _page(request, sql, problem=f"{e}。", status=422)
    return _page(request, sql, is_saved=True)


def _result(request: Request, sql: str, action: str, **detail: object) -> tuple[QueryResult, float]:
    """The result of a statement; what was asked goes into the log, whatever came of it."""
    key = str(request.state.form.get("key") or "")
    key = key if _KEY.fullmatch(key) else secrets.token_hex(16)
    began = time.monotonic()
    home = request.app.state.settings.home
    said = {"sql": mask_text(sql)[:2000], **detail}
    try:
        queries: Queries = request.app.state.queries
        user_id = request.state.user.user_id
        result = on_limited(request, lambda path: queries.run(user_id, key, home, sql, path, Limits()))
    except QueryError as e:
        record(request, action, "sql", "", result="failed", detail={**said, "code": e.code})
        raise
    audit(request, action, "sql", "", **said, rows=result.table.num_rows)
    return result, time.monotonic() - began


def _kept(request: Request) -> list[saved_queries.SavedQuery]:
    with request.app.state.store.open() as state:
        return saved_queries.listed(state, request.state.user.user_id)


def _page(request: Request, sql: str, *, status: int = 200, **values: Any) -> Response:
    given: dict[str, Any] = {
        "result": None, "rows": [], "problem": None, "plot": None, "seconds": None, "is_saved": False, "numeric": [],
        **values,
    }  # fmt: skip
    given.setdefault("queries", None)
    if given["queries"] is None:
        given["queries"] = _kept(request)
    dictionary = _dictionary_as_shown(request.app.state.templates, language_of(request))
    return render(
        request, "query/index.html", status=status, sql=sql, examples=EXAMPLES,
        dictionary=dictionary, formats=FORMATS, key=secrets.token_hex(16), most=_SHOWN, **given,
    )  # fmt: skip


@cache
def _dictionary_as_shown(templates: jinja2.Environment, language: Language) -> Markup:
    """The dictionary as it stands beside every query: thousands of words that are the same for everybody."""
    t = partial(translate, language)
    shown = templates.get_template("query/dictionary.html")
    return Markup(shown.render(t=t, lang=language, dictionary=_dictionary(), macros=load_macros()))  # noqa: S704 - escaped by the template


@cache
def _dictionary() -> list[tuple[Any, list[tuple[str, str, str, str]]]]:
    """Every view with its columns: name, type, Chinese label, meaning."""
    types = view_columns(load_views())
    out = []
    for view in load_views():
        columns = []
        for name, kind in types[view.name]:
            label, _, meaning = (view.comment_of(name) or "").partition(": ")
            columns.append((name, kind, label, meaning))
        out.append((view, columns))
    return out


def _are_days(labels: list[str]) -> bool:
    return all(re.fullmatch(r"\d{4}-\d{2}-\d{2}", label) for label in labels)


def _is_number(field: Any) -> bool:
    import pyarrow.types as pt

    return bool(pt.is_integer(field.type) or pt.is_floating(field.type) or pt.is_decimal(field.type))


routes = [
    page("/query", index, roles=READERS),
    page("/query", run, roles=READERS, methods=("POST",), is_slow=True),
    page("/query/download", download, roles=READERS, methods=("POST",), is_slow=True),
    page("/query/cancel", cancel, roles=READERS, methods=("POST",)),
    page("/query/forget", forget, roles=READERS, methods=("POST",)),
]
