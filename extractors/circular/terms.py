"""Cadences and terms in context: told or demanded, and whether what a term runs from is known."""

from __future__ import annotations

import datetime as dt
import re

from extractors.circular.drafts import Draft
from extractors.circular.reading import Around
from extractors.rules.engine import Hit
from extractors.rules.time import calendar, durations
from extractors.rules.time.cadence import Cadence
from extractors.rules.time.durations import Ahead, FromIssue, NoTime, Term

_NARRATED = re.compile(
    r"已(?!进入)|(?<![为除终])了(?![解结断])|先后|累计|共(?:计|召开|通报|下发)|均(?!须|要|应|需)|曾|一直|始终坚持"
)

_NARRATED_NEARBY = re.compile(r"先后|累计|(?:共|已)(?:计|召开|通报|下发|开展|组织|调度|印发)")

# 账龄1年以内的欠款, 一年内到期的债务: how old a debt is, not a term to act in.
_AGE = re.compile(r"(?:账龄|账期|逾期|工期|质保期|合同期)(?:在|超过|为)?$")
_OF_AGE = re.compile(
    r"(?:\s?\(?含\)?)?(?:的(?:欠款|账款|款项|债务|应[收付]|逾期|项目|合同|小额|存量|短期)|到期的|账期|形成的|发生的)"
)


def read_cadence(hit: Hit, value: Cadence, near: Around) -> Draft:
    """A cadence; one that is told as done, or missed (未按月更新), is no duty of this document."""
    told = bool(_NARRATED.search(near.clause)) or (near.narrates() and bool(_NARRATED_NEARBY.search(near.item)))
    told = (told and not near.is_demanded()) or near.before.endswith(("未", "没有", "未能", "没", "不"))
    return Draft(hit, "recurring", "past" if told else None, value.rule, near, None, value.flags)


def read_term(hit: Hit, near: Around, text: str, issued: dt.date | None) -> Draft | None:
    """即日起, 30日内, 限期. A term stays open (`WITHIN=30D`) until its event is known; the document's own issue is."""
    value = hit.value
    if isinstance(value, FromIssue):
        iso = issued.isoformat() if issued is not None else None
        return Draft(
            hit, "effective", None, iso, near, "issued_date" if iso else "none", () if iso else ("unresolved",)
        )
    if isinstance(value, NoTime):
        told = near.is_told() and near.narrates()
        return None if told else Draft(hit, "due", None, None, near, "none", ("no_computable_time",))
    if isinstance(value, Ahead):
        if (
            near.is_told()
            or re.match(r"完成|实现|达到|清零", near.after)
            or re.search(r"[较比][^,]{0,8}$", near.before)
        ):
            return None  # 比计划提前一个月完成
        return Draft(hit, "due", None, None, near, "none", ("before_event",))
    if not isinstance(value, Term) or _AGE.search(near.before) or _OF_AGE.match(near.after):
        return None
    flags = ("hard_cap",) if value.cap else ()
    told = near.narrates() and (near.is_told() or (near.kind == "bulletin" and near.is_outcome()))
    if told or near.before.endswith("平均"):
        return Draft(hit, "due", "past", value.rule, near, None, flags)
    event = durations.start_event(text, hit.start)
    if event is not None and durations.is_issue_event(event[1]) and issued is not None:
        day, covered = _after(issued, value)
        flags = (*flags, "from_issue") if covered else (*flags, "from_issue", "calendar_by_weekday")
        return Draft(hit, "due", None, day.isoformat(), near, "issued_date", flags)
    anchor = "event_anchored" if event is not None else "anchor_unknown"
    return Draft(hit, "due", None, value.rule, near, None, (*flags, anchor))


def _after(start: dt.date, term: Term) -> tuple[dt.date, bool]:
    """The last day of a term that runs from `start`, which is not counted (Civil Code art. 201 to 203)."""
    match term.unit:
        case "BD":
            return calendar.add_working_days(start, term.count)
        case "M":
            return calendar.add_months(start, term.count), True
        case "Y":
            return calendar.add_months(start, 12 * term.count), True
        case "H":
            return start + dt.timedelta(days=-(-term.count // 24)), True
        case _:
            return start + dt.timedelta(days=term.count), True
