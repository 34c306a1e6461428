"""Debts: the explorer with its totals, the selection as a file, and the life of one debt."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from functools import partial
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console import formats
from console.audit import audit
from console.masking import masker_of
from console.paging import page_of
from console.plots import Plot, curve
from console.reading import Reader
from console.render import language_of, render
from console.roles import READERS
from console.routing import Nav, page
from console.scoping import asked, asked_day, scope_of
from console.sending import attachment
from console.translation import translate
from warehouse.explore import debts, rows
from warehouse.explore.scope import Facet, Scope
from warehouse.workbook import Column, Sheet, workbook

nav = [Nav("debts.title", "/debts", READERS, 40)]
_ID = re.compile(r"[0-9a-f]{16,64}")
_NATURALLY_DOWN = ("left", "arrears", "as_of")
_BLOCK = 400  # debts read at once: whole pages of any size
_MOST_EXPORTED = 50_000
_COMPARED = ("debtor_name", "creditor_name", "contract_no", "project_name", "arrears_amount_yuan",
             "repaid_amount_yuan", "left_yuan", "disputed", "status_reported", "plan_due_date")  # fmt: skip


def filter_of(request: Request) -> debts.DebtFilter:
    """The conditions in the address."""
    sort = asked(request, "sort") or "-left"
    name, is_down = sort.lstrip("-"), sort.startswith("-")
    name = name if name in debts.SORTS else "left"
    return debts.DebtFilter(
        **{f: asked(request, f) for f in debts.FACETS},
        period=asked_day(request, "period"),
        text=asked(request, "q"),
        debtor=asked(request, "debtor"),
        creditor=asked(request, "creditor"),
        sort=name,
        is_reversed=is_down != (name in _NATURALLY_DOWN),
    )


def selection(
    q: Reader, scope: Scope, wanted: debts.DebtFilter
) -> tuple[dict[str, Any], dict[str, list[Facet]], list[dt.date]]:
    """The totals of a selection, what to choose by, and the periods there are. A publication does not change: many
    people look at the same selections of it, however they sort them."""
    key = (scope, msgspec.structs.replace(wanted, sort="left", is_reversed=False))
    total = q.cached(("debts.totals", *key), lambda: debts.totals(q.connection, scope, wanted))
    facets = q.cached(("debts.facets", *key), lambda: debts.facets(q.connection, scope, wanted))
    return total, facets, q.cached(("debts.periods", scope), lambda: debts.periods(q.connection, scope))


def listed(q: Reader, scope: Scope, wanted: debts.DebtFilter, offset: int, limit: int) -> list[dict[str, Any]]:
    """A page of the list. Finding which debts come first costs the same for many pages as for one."""
    block, within = divmod(offset, _BLOCK)
    found = q.cached(
        ("debts.block", scope, wanted, block),
        lambda: debts.page(q.connection, scope, wanted, offset=block * _BLOCK, limit=_BLOCK),
    )
    return found[within : within + limit]


def index(request: Request) -> Response:
    """The explorer."""
    wanted, scope = filter_of(request), scope_of(request)
    with request.app.state.warehouse.open() as q:
        total, facets, periods = selection(q, scope, wanted)
        pages = page_of(request, total["debts"])
        found = listed(q, scope, wanted, pages.offset, pages.size)
    return render(
        request, "debts/index.html", rows=found, pages=pages, total=total, facets=facets, periods=periods,
        wanted=wanted, sort=asked(request, "sort") or "-left",
        rate=_share(total["cleared_yuan"], total["arrears_yuan"]),
    )  # fmt: skip


def _share(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    return None if not whole or part is None else part / whole


def export(request: Request) -> Response:
    """The selection as a workbook, masked, with its totals."""
    wanted, scope = filter_of(request), scope_of(request)
    with request.app.state.warehouse.open() as q:
        total = debts.totals(q.connection, scope, wanted)
        found = debts.page(q.connection, scope, wanted, limit=_MOST_EXPORTED)
    audit(request, "export", "debts", "", rows=len(found))
    masker = masker_of(request)
    say = partial(translate, language_of(request))
    for row in found:
        row["status"] = say(f"debts.status_{row['status']}")
        row["disputed"] = say(f"debts.disputed_{row['disputed']}") if row["disputed"] else None
    columns = (
        Column(key="region_name", header=say("debts.region"), width=12),
        Column(key="debtor_name", header=say("debts.debtor"), width=28),
        Column(key="creditor_name", header=say("debts.creditor"), width=28),
        Column(key="project_name", header=say("debts.project"), width=22),
        Column(key="contract_no", header=say("debts.contract"), width=14),
        Column(key="arrears_amount_yuan", header=say("debts.arrears"), kind="yuan", width=16),
        Column(key="cleared_yuan", header=say("debts.cleared"), kind="yuan", width=16),
        Column(key="left_yuan", header=say("debts.left"), kind="yuan", width=16),
        Column(key="disputed", header=say("debts.disputed"), width=10),
        Column(key="status", header=say("debts.status"), width=12),
        Column(key="since_date", header=say("debts.since"), kind="date", width=11),
        Column(key="as_of_date", header=say("debts.as_of"), kind="date", width=11),
        Column(key="debt_id", header=say("debts.id"), width=34),
    )
    sums = {"debtor_name": say("debts.total"), "arrears_amount_yuan": total["arrears_yuan"],
            "cleared_yuan": total["cleared_yuan"], "left_yuan": total["left_yuan"]}  # fmt: skip
    cut = (say("debts.export_cut", n=_MOST_EXPORTED),) if total["debts"] > len(found) else ()
    sheet = Sheet(
        name=say("debts.title"), title=say("debts.title"), unit=say("debts.unit_yuan"), columns=columns,
        rows=[masker.row(r) for r in found], total=sums, notes=cut,
    )  # fmt: skip
    return attachment(workbook([sheet]), "debts.xlsx", say("debts.title") + ".xlsx")


def one(request: Request) -> Response:
    """The life of one debt over all its ledgers."""
    debt_id = request.path_params["debt_id"]
    if not _ID.fullmatch(debt_id):
        raise HTTPException(404)
    scope = scope_of(request)
    with request.app.state.warehouse.open() as q:
        debt = debts.one(q.connection, scope, debt_id)
        if debt is None:
            raise HTTPException(404)
        life = debts.life(q.connection, scope, debt_id)
        lineage = debts.lineage(q.connection, scope, debt_id)
        for row in life:
            row["corrections"] = rows.corrections(q.connection, row["row_id"])
            row["row_findings"] = rows.findings(q.connection, row["row_id"]) if row["findings"] else []
    audit(request, "view", "debt", debt_id)
    _mark_changes(life, debt_id)
    masker = masker_of(request, "debt", debt_id, [debt["responsible_person"]] if debt["responsible_person"] else [])
    return render(
        request, "debts/one.html", masker=masker, d=debt, life=life, lineage=lineage,
        plot=plot_of(request, "debts.plot_one", [r for r in life if r["debt_id"] == debt_id and _counts(r)]),
    )  # fmt: skip


def _counts(row: dict[str, Any]) -> bool:
    return row["replaced_date"] is None and not row["is_quarantined"] and row["as_of_date"] is not None


def _mark_changes(life: list[dict[str, Any]], debt_id: str) -> None:
    """What differs from the period before, in the rows that stand; `changes` maps a column to the value before."""
    before: dict[str, Any] | None = None
    for row in life:
        row["changes"] = {}
        if row["debt_id"] != debt_id or not _counts(row):
            continue
        if before is not None:
            row["changes"] = {c: before[c] for c in _COMPARED if before[c] != row[c]}
        before = row


def plot_of(request: Request, key: str, points: list[dict[str, Any]]) -> Plot | None:
    """What was still owed from period to period; None for fewer than two periods."""
    known = {p["as_of_date"]: p["left_yuan"] for p in points if p["left_yuan"] is not None}
    if len(known) < 2:
        return None
    language = language_of(request)
    say = partial(translate, language)
    return curve(
        say(key),
        [(day.strftime("%Y-%m"), left) for day, left in sorted(known.items())],
        headers=(say("debts.as_of"), say("debts.left")),
        show=partial(formats.short_money, language=language),
    )


routes = [
    page("/debts", index, roles=READERS),
    page("/debts/export.xlsx", export, roles=READERS, is_slow=True),
    page("/debts/{debt_id}", one, roles=READERS),
]
