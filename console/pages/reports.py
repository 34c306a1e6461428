"""Reports: choose one with its period, region or party, look at it, take it along as a workbook."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console.audit import audit
from console.limiting import on_limited
from console.render import language_of, render
from console.roles import READERS
from console.routing import Nav, page
from console.scoping import asked, asked_day, scope_of
from console.sending import attachment
from console.translation import translate
from warehouse.explore import debts, parties
from warehouse.reports.catalog import REPORTS, find, make_sheets, period_of
from warehouse.reports.common import ReportError
from warehouse.reports.english import in_english
from warehouse.sql_guard import QueryError
from warehouse.workbook import Sheet, workbook

nav = [Nav("reports.title", "/reports", READERS, 70)]
_SHOWN = 200  # rows of a sheet in the preview


def index(request: Request) -> Response:
    """The choice and, when one is made, the report."""
    name, problem, sheets = asked(request, "name"), None, []
    if name is not None and asked(request, "period") is not None:
        try:
            sheets = _made(request)
        except (ReportError, QueryError) as e:
            problem = str(e)
    scope = scope_of(request)
    with request.app.state.warehouse.open() as q:
        periods = debts.periods(q.connection, scope)
        regions = parties.regions_below(q.connection, scope, None)
    return render(
        request, "reports/index.html", reports=REPORTS, name=name, period=asked(request, "period"), problem=problem,
        sheets=sheets, periods=periods, regions=regions, region=asked(request, "region"), party=asked(request, "party"),
        known=asked_day(request, "known"), most=_SHOWN, cell=_cell,
    )  # fmt: skip


def _made(request: Request) -> list[Sheet]:
    """The sheets, from the reader's limited warehouse: nothing of other regions is in it, and names are masked."""
    report = find(asked(request, "name") or "")
    region = asked(request, "region")
    if region is not None and not (len(region) == 6 and region.isascii() and region.isdigit()):
        raise ReportError(f"地区要写六位行政区划代码，不能是“{region}”。")
    if region is not None and not scope_of(request).covers(region):
        raise HTTPException(404)
    period = period_of(asked(request, "period") or "")
    known_at, party = asked_day(request, "known"), asked(request, "party")
    made = on_limited(
        request,
        lambda path: make_sheets(path, report.name, period=period, known_at=known_at, region_code=region, party=party),
    )
    return in_english(made) if language_of(request) == "en" else made


def _cell(value: Any, kind: str) -> str:
    """A value as the workbook's number formats show it."""
    from decimal import Decimal

    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal | int | float):
        number = Decimal(value)
        if kind == "wan":
            return f"{number / 10_000:,.2f}"
        if kind == "percent":
            return f"{number * 100:.2f}%"
        return f"{number:,.2f}" if kind == "yuan" else f"{number:,}" if kind == "int" else f"{number:f}"
    return str(value)


def download(request: Request) -> Response:
    """The report as a workbook."""
    try:
        report, sheets = find(asked(request, "name") or ""), _made(request)
    except ReportError as e:
        raise QueryError("report", str(e)) from e
    period = period_of(asked(request, "period") or "")
    label = translate(language_of(request), f"reports.report_{report.name}")
    audit(request, "export", "report", report.name, period=str(period), region=asked(request, "region") or "")
    return attachment(workbook(sheets), f"{report.name}.xlsx", f"{label}_{period}.xlsx")


routes = [
    page("/reports", index, roles=READERS, is_slow=True),
    page("/reports/download.xlsx", download, roles=READERS, is_slow=True),
]
