"""Every time expression of a circular with its kind: due, recurring, period, effective, as_of or past_event.

Nothing is dropped in silence and nothing is moved: a limit earlier than the document stays as it is and is flagged
`past_at_issue`. Dates inside 《》 and document numbers are no time expressions, nor are bare years that only describe
(2021年度年报).
"""

from __future__ import annotations

import datetime as dt
import re

import msgspec

from extractors.circular import reading, terms, time_kinds
from extractors.circular.drafts import Draft
from extractors.circular.reading import Around
from extractors.circular.time_kinds import Situation
from extractors.circular.years import YearKeeper, planned_year, reference_date
from extractors.document import Document
from extractors.facts import Deadline, DocumentKind, Metadata
from extractors.rules.engine import Hit, Spans
from extractors.rules.segment import Outline
from extractors.rules.time import cadence, durations, expressions
from extractors.rules.time.cadence import Cadence
from extractors.rules.time.expressions import Expression
from extractors.rules.view import View

_REPORT = re.compile(r"[日周旬月季年]度?报")
_REPORT_SENT = re.compile(r"[将把][^,。;]{0,8}$")
_REPORT_NOUN = re.compile(r"(?:报送|上报|填报|编报|提交|报告|形成|编制|编发|撰写|编写|汇总成)(?:本|上|当)?$")
_NAMED_RATES = ("cadence.noun", "cadence.daily_noun")
_MONTHLY = re.compile(r"每月|按月|逐月|月报|上月|当月")
_AS_OF_NOW = re.compile(r"(?:截至|截止到?|截止至)\s?(?P<now>目前|当前|现在|今日|今天|发稿时|发稿前)")


def find_deadlines(
    document: Document,
    outline: Outline,
    metadata: Metadata,
    kind: DocumentKind,
    masked: Spans,
    fallback: dt.date | None,
) -> tuple[Deadline, ...]:
    """All time expressions in order. `fallback` stands in for a date that the document does not give."""
    view = outline.view
    found, hits = _scan(view.text, masked)
    issued = dt.date.fromisoformat(metadata.issued_date.value) if metadata.issued_date is not None else None
    reference, source = reference_date(issued, found, view.text, fallback)
    years = YearKeeper(outline, reference, source, issued, planned_year(metadata, reference))
    own_date = _own_date(view, metadata)
    doc_type = metadata.doc_type.value if metadata.doc_type is not None else ""
    out: list[Deadline] = []
    everything: list[Expression | Hit] = [*found, *hits]
    last = -1
    for item in sorted(everything, key=lambda x: x.start):
        near = reading.around(outline, item.start, item.end, kind, doc_type)
        clause, earlier = item.start - len(near.before), last
        last = item.end
        if isinstance(item, Hit) and _REPORT.fullmatch(view.text, item.start, item.end) is not None:
            sent = _REPORT_SENT.search(near.before) is not None and near.after.startswith(("发", "报", "送"))
            if sent or (earlier > clause and _REPORT_NOUN.search(near.before) is not None):
                continue  # 季度终了后15日内报送季报, 将周报发送至: the report is the object, the time is said
        if isinstance(item, Hit) and item.rule in _NAMED_RATES and _said_below(outline, item, hits):
            continue
        if isinstance(item, Expression):
            draft = _expression(item, near, years, own_date)
        elif isinstance(item.value, Cadence):
            draft = terms.read_cadence(item, item.value, near)
        elif item.rule == "time.now":
            iso = reference.isoformat() if reference is not None and source == "issued_date" else None
            draft = Draft(item, "as_of", None, iso, near, source if iso else "none")
        else:
            draft = terms.read_term(item, near, view.text, issued)
        if draft is not None:
            out.append(draft.statement(document, view))
    return tuple(out)


def _said_below(outline: Outline, named: Hit, hits: list[Hit]) -> bool:
    """Whether a heading names a rate (四、实行日报告制度。) that its own text then says in full (每日16时前)."""
    p = outline.paragraph_at(named.start)
    if named.start >= p.body or not isinstance(named.value, Cadence) or named.value.rule is None:
        return False
    return any(
        p.body <= h.start < p.end and isinstance(h.value, Cadence) and (h.value.rule or "").startswith(named.value.rule)
        for h in hits
    )


def _scan(text: str, masked: Spans) -> tuple[list[Expression], list[Hit]]:
    """Dates, and cadences and terms beside them; where they overlap a cadence wins over a date, a date over a term."""
    cadences = cadence.LAYER.scan(text, masked)
    rates = Spans((h.start, h.end) for h in cadences)
    found = [x for x in expressions.find(text, masked) if not rates.overlaps(x.start, x.end)]
    busy = Spans([(x.start, x.end) for x in found] + [(h.start, h.end) for h in cadences])
    others = [h for h in durations.LAYER.scan(text, masked) if not busy.overlaps(h.start, h.end)]
    now = [Hit("time.now", m.start("now"), m.end("now"), None) for m in _AS_OF_NOW.finditer(text)]
    return found, [*cadences, *others, *now]


def _own_date(view: View, metadata: Metadata) -> Spans:
    """Where the document's own date stands."""
    f = metadata.issued_date
    return Spans(()) if f is None else Spans([(view.position(f.start), view.position(f.end - 1) + 1)])


def _expression(x: Expression, near: Around, years: YearKeeper, own_date: Spans) -> Draft | None:
    """A date or range: its days, then what it is for; None for a bare year that only describes."""
    days = years.days(x, near)
    paragraph = years.outline.paragraph_at(x.start)
    situation = Situation(
        years.outline.view.text,
        years.reference,
        is_doc_date=x.start in own_date,
        is_stage=paragraph.level == 4,
        is_heading=paragraph.kind == "heading",
    )
    if x.shape == "before" and x.first.day is not None and x.first.month is None:
        if x.first.month_shift == 1 and _MONTHLY.search(near.item):
            # 次月5日前报送上月数据: of every month
            hit = Hit("time.next_month", x.start, x.end, x, x.children)
            return Draft(hit, "recurring", None, f"FREQ=MONTHLY;BYMONTHDAY={x.first.day}", near, None)
        if x.first.month_shift is None and years.month is None and days is not None and years.reference is not None:
            if days.end < years.reference:
                # 3日前报送: three days before something, or the third of a month that is past
                hit = Hit("time.bare_day", x.start, x.end, x, x.children)
                return Draft(hit, "due", None, None, near, "none", ("ambiguous_day",))
            days = msgspec.structs.replace(days, flags=(*days.flags, "month_assumed"))
    verdict = time_kinds.classify(situation, x, near, days)
    if verdict is None:
        said = x.first.year
        if said is None and x.first.year_shift is not None and years.reference is not None and x.first.is_year_only:
            said = years.reference.year + x.first.year_shift
        if said is not None:
            years.lend(x, said, near)  # 2026年，各单位要在一季度内…; 去年，我县12月底完成…; 2026年为清零年。6月底前…
        return None
    kind, subtype, resolved = verdict
    flags = days.flags if days is not None else ("unresolved",)
    limit = kind in ("due", "period", "effective") and subtype is None
    if limit and days is not None and years.issued is not None and days.end < years.issued:
        flags = (*flags, "past_at_issue")
    if days is not None:
        years.remember(x, days, limit=kind == "due", obligation=limit and kind != "effective")
    hit = Hit(x.rule, x.start, x.end, x, x.children)
    return Draft(hit, kind, subtype, resolved, near, days.year_source if days else "none", flags)
