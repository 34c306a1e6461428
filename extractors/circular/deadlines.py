"""Every time expression of a circular with its kind: due, recurring, period, effective, as_of or past_event.

Nothing is dropped in silence and nothing is moved: a limit earlier than the document stays as it is and is flagged
`past_at_issue`. Dates inside 《》 and document numbers are no time expressions.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

from extractors.circular import reading
from extractors.circular.reading import Around
from extractors.document import Document
from extractors.facts import Deadline, DeadlineKind, DocumentKind, Metadata
from extractors.rules.engine import Hit, Spans
from extractors.rules.segment import Outline
from extractors.rules.time import cadence, calendar, durations, expressions, resolve
from extractors.rules.time.cadence import Cadence
from extractors.rules.time.durations import FromIssue, Term
from extractors.rules.time.expressions import Expression
from extractors.rules.time.resolve import Frame
from extractors.rules.view import View

_AS_OF = re.compile(r"(?:截至|截止到|截止至|截止|截到)\s?$")
_AS_OF_NOW = re.compile(r"(?:截至|截止到?|截止至)\s?(?P<now>目前|当前|现在|今日|今天|发稿时|发稿前)")
_CLOSING = re.compile(r"(?:截止(?:时间|日期)|截止期|报名截止|最后期限|办理期限|完成时限|完成时间|报送时间|时限|期限|限期|报送截止)\s?(?:要求)?\s?(?:为|是|[::])?\s?$")
_WINDOW = re.compile(r"(?:时间|期限|日期|公示期|时段)\s?(?:为|是|[::]|定于|安排)?\s?(?:自|从)?\s?$")
_EFFECTIVE = re.compile(r"^(?:起|开始)?(?:正式|全面|统一)?(?:施行|实施|执行|生效|起效|试行|实行)")
_VALID_UNTIL = re.compile(r"有效期(?:至|到|限至|为)?\s?$|有效期[^,。;]{0,8}(?:至|到)\s?$")
_SUBMIT = re.compile(r"报送|提交|申报|报名|反馈|上报|报至|办理|报我|报市|报县|报省")
_TOWARD = re.compile(r"(?:到|至|在|于|最迟|不晚于|不得晚于|不迟于|按)\s?$")
_ACTS = re.compile(r"^[,\s]?(?:前|内|要|应|须|需|务必|必须|确保|力争|争取|基本|全部|全面|完成|实现|清偿|偿还|化解|达到|支付|销号|办结|将|各|组织|开展|对|集中)")


@dataclass(slots=True)
class _Reader:
    """State while reading one document from start to end."""

    document: Document
    outline: Outline
    kind: DocumentKind
    reference: dt.date | None
    source: str
    issued: dt.date | None
    doc_date: Spans
    base_year: int | None  # a later year that the title plans for
    year: int | None = None
    month: int | None = None
    sentence: tuple[int, int] = (-1, -1)
    stage: tuple[int, int] | None = None  # the list of stages last read in, and the year it has come to
    plan_year: int | None = None  # a year after the document's own, named by an earlier limit
    out: list[Deadline] = field(default_factory=list)


def find_deadlines(document: Document, outline: Outline, metadata: Metadata, kind: DocumentKind, masked: Spans, fallback: dt.date | None) -> tuple[Deadline, ...]:
    """All time expressions in order. `fallback` stands in for a date that the document does not give."""
    view = outline.view
    text = view.text
    found = expressions.find(text, masked)
    cadences = cadence.LAYER.scan(text, masked)
    terms = durations.LAYER.scan(text, masked)
    issued = dt.date.fromisoformat(metadata.issued_date.value) if metadata.issued_date is not None else None
    reference, source = _reference(issued, found, text, fallback)
    reader = _Reader(document, outline, kind, reference, source, issued, _doc_date(view, metadata), _title_year(metadata, reference))
    taken = Spans((h.start, h.end) for h in cadences)
    found = [x for x in found if not taken.overlaps(x.start, x.end)]
    busy = Spans([(x.start, x.end) for x in found] + [(h.start, h.end) for h in cadences])
    everything: list[tuple[int, Expression | Hit]] = [(x.start, x) for x in found]
    everything += [(h.start, h) for h in cadences]
    everything += [(h.start, h) for h in terms if not busy.overlaps(h.start, h.end)]
    everything += [(m.start("now"), Hit("time.now", m.start("now"), m.end("now"), None)) for m in _AS_OF_NOW.finditer(text)]
    for _, item in sorted(everything, key=lambda x: x[0]):
        if isinstance(item, Expression):
            _read_expression(reader, item)
        elif isinstance(item.value, Cadence):
            _read_cadence(reader, item, item.value)
        else:
            _read_term(reader, item)
    return tuple(reader.out)


def _doc_date(view: View, metadata: Metadata) -> Spans:
    f = metadata.issued_date
    return Spans(()) if f is None else Spans([(view.position(f.start), view.position(f.end - 1) + 1)])


def _reference(issued: dt.date | None, found: list[Expression], text: str, fallback: dt.date | None) -> tuple[dt.date | None, str]:
    """The document's own date, else the latest full date its body tells of, else what the caller offers."""
    if issued is not None:
        return issued, "issued_date"
    told: list[dt.date] = []
    limits: list[dt.date] = []
    for x in found:
        if x.first.year is None or x.first.is_year_only:
            continue
        r = resolve.resolve(x.first, Frame(None, "none"))
        if r is not None:
            left = text[max(0, x.start - 6) : x.start]
            tells = x.shape in ("point", "since") and (_AS_OF.search(left) is not None or not _TOWARD.search(left))
            (told if tells else limits).append(r.end)
    if told:
        return max(told), "body"
    if fallback is not None:
        return fallback, "none"
    return (min(limits), "body") if limits else (None, "none")


def _title_year(metadata: Metadata, reference: dt.date | None) -> int | None:
    """A year after the document's that its title plans for (2025年清欠工作方案, issued in December 2024)."""
    if metadata.title is None or reference is None:
        return None
    m = re.search(r"(20\d\d)\s?年", metadata.title.value)
    return int(m[1]) if m and int(m[1]) == reference.year + 1 else None


def _frame(r: _Reader, x: Expression, near: Around) -> Frame:
    """What the expression may inherit: from its sentence, from the stage before it, from a plan for a later year."""
    sentence = r.outline.sentence_at(x.start)
    if sentence != r.sentence:
        r.sentence, r.year, r.month = sentence, None, None
    year = r.year
    limit = x.shape in ("before", "inside")
    if year is not None and r.reference is not None and year < r.reference.year and limit and not near.is_told():
        year = None  # a limit to come does not take its year from a story
    ahead = x.shape != "since" and not near.is_told() and not near.narrates()
    if year is None and ahead:
        stage = _stage(r, x)
        if stage is not None and r.stage is not None and stage == r.stage[0]:
            year = r.stage[1]
        elif r.base_year is not None and x.first.day is None:
            year = r.base_year
        else:
            later = r.plan_year or r.base_year
            own = resolve.resolve(x.first, Frame(r.reference, r.source))
            if later is not None and own is not None and r.issued is not None and own.end < r.issued:
                year = later
    return Frame(r.reference, r.source, year=year, month=r.month)


def _stage(r: _Reader, x: Expression) -> int | None:
    """The list of stages an expression stands in (第一阶段, （二）排查阶段（…）), by its heading; None outside one."""
    p = r.outline.paragraph_at(x.start)
    if p.level == 4 or "阶段" in p.title or "阶段(" in r.outline.view.text[max(p.start, x.start - 30) : x.start]:
        return -1 if p.parent is None else p.parent
    return None


def _read_expression(r: _Reader, x: Expression) -> None:
    near = reading.around(r.outline, x.start, x.end, r.kind)
    frame = _frame(r, x, near)
    days = resolve.span(x, frame) if x.shape == "range" else resolve.limit(x, frame)
    if days is not None:
        days = _rolled(r, x, near, days, frame)
    verdict = _classify(r, x, near, days)
    if verdict is None:
        return
    kind, subtype, resolved = verdict
    if days is not None:
        if x.first.year is not None or x.first.year_shift is not None or x.first.festival is None:
            r.year, r.month = days.end.year, days.end.month
        if kind == "due" and r.reference is not None and x.first.year is not None and days.end.year > r.reference.year and not x.first.is_year_only:
            r.plan_year = days.end.year
        stage = _stage(r, x)
        if stage is not None and kind in ("due", "period") and subtype is None:
            r.stage = (stage, days.end.year)
    flags = list(days.flags) if days is not None else ["unresolved"]
    if kind in ("due", "period", "effective") and subtype is None and r.issued is not None and days is not None and days.end < r.issued:
        flags.append("past_at_issue")
    _add(r, x.start, x.end, x.rule, kind, subtype, resolved, near, days.year_source if days else "none", flags)


def _rolled(r: _Reader, x: Expression, near: Around, days: resolve.Resolved, frame: Frame) -> resolve.Resolved:
    """A month before the document's, in words that look ahead (计划, 拟, 力争), is next year's; said with a flag."""
    given = x.first.year is not None or x.first.year_shift is not None or x.first.month_shift is not None or frame.year is not None
    if given or r.issued is None or x.first.month is None or days.end >= r.issued or days.start.month >= r.issued.month:
        return days
    if not near.is_forward() or near.is_told() or x.shape not in ("before", "inside"):
        return days
    again = resolve.limit(x, Frame(r.reference, r.source, year=days.end.year + 1))
    return resolve.Resolved(again.start, again.end, r.source, (*again.flags, "rolled_to_next_year")) if again else days


Verdict = tuple[DeadlineKind, str | None, "str | tuple[str, str] | None"]


def _classify(r: _Reader, x: Expression, near: Around, days: resolve.Resolved | None) -> Verdict | None:
    """Kind, subtype and resolved value; None for a bare year that only describes something (2021年度年报)."""
    text = r.outline.view.text
    left = text[max(0, x.start - 14) : x.start]
    iso = days.end.isoformat() if days is not None else None
    both = (days.start.isoformat(), days.end.isoformat()) if days is not None else None
    over = days is not None and r.reference is not None and days.end <= r.reference
    if x.start in r.doc_date or text.startswith(("印发", " 印发"), x.end):
        return "past_event", "doc_date", iso
    if _CLOSING.search(left):
        return "due", None, iso
    if _AS_OF.search(left) and x.shape != "range":
        if _SUBMIT.search(near.after) and (x.shape == "before" or (left.rstrip().endswith(("截止", "截止到", "截止至")) and not near.is_told())):
            return "due", None, iso
        return "as_of", None, iso
    if _VALID_UNTIL.search(left):
        return "period", "scope", iso
    if x.shape in ("point", "since") and _EFFECTIVE.match(near.after) and not x.first.is_year_only and not near.is_told():
        return "effective", None, days.start.isoformat() if days else None
    if x.shape == "point" and near.after.startswith("起") and not over and not near.is_told():
        return "effective", None, days.start.isoformat() if days else None
    if x.shape == "range":
        return "period", _window(r, x, near, left, over), both
    if x.shape == "since":
        if x.first.is_year_only:
            return None
        end = r.reference.isoformat() if r.reference is not None else None
        return "period", "past_period", (days.start.isoformat(), end) if days is not None and end is not None and days.start.isoformat() <= end else None
    if x.shape in ("before", "inside"):
        return _limit(x, near, iso, both, over)
    return _point(r, x, near, left, iso, both, over)


def _window(r: _Reader, x: Expression, near: Around, left: str, over: bool) -> str | None:
    """A window to act in, one that is over (past_period), or one that defines what counts (scope)."""
    paragraph = r.outline.paragraph_at(x.start)
    if near.is_formed() or (near.is_scope() and not near.after.startswith((",", ")", ";", ":"))):
        return "scope"
    if _WINDOW.search(left) or paragraph.level == 4 or (paragraph.kind == "heading" and not over):
        return None
    if near.is_told() and (over or near.narrates()):
        return "past_period"
    if over and (near.narrates() or not (near.is_demanded() or near.has_task())):
        return "past_period"
    if x.first.is_year_only and over:
        return "past_period"
    return None


def _limit(x: Expression, near: Around, iso: str | None, both: tuple[str, str] | None, over: bool) -> Verdict:
    """前, 内, 底前: a limit, unless the clause tells history, forecasts, or says what counts."""
    if near.is_formed():
        return "period", "scope", None
    if over and re.search(r"(?:约定|承诺|协议)[^,。;]{0,12}$", near.before):
        return "past_event", None, iso
    if x.first.is_year_only and x.shape == "before" and (near.is_scope() or over and not near.is_demanded()):
        return "period", "scope", None
    if near.is_scope() and not near.is_demanded() and over and not near.after.startswith(","):
        return "period", "scope", None
    if over and near.is_told() and not near.is_demanded():
        return "past_event", None, iso
    if over and near.narrates() and not near.is_demanded():
        return "past_event", None, iso
    if near.is_forecast():
        return "due", "forecast", iso
    return "due", None, iso


def _point(r: _Reader, x: Expression, near: Around, left: str, iso: str | None, both: tuple[str, str] | None, over: bool) -> Verdict | None:
    """A date without a limit word: an event told, a target (到2025年底), a day on which something is to be done."""
    text = r.outline.view.text
    toward = _TOWARD.search(left) is not None
    bare = x.first.year is None and x.first.year_shift is None and x.first.month is None
    coarse = x.first.day is None and x.first.weekday is None and x.first.part not in ("end",)
    if text[x.start - 1 : x.start] == "(" and text[x.end : x.end + 1] == ")" and re.search(r"(?:阶段|步骤|环节)\($", left):
        return "period", None, both
    if x.first.is_year_only:
        if toward and left.rstrip().endswith(("到", "至")) and not over and not near.is_told():
            return "due", None, iso
        return None
    if bare and x.first.part in ("h1", "h2", "q0", "q1", "q2", "q3", "q4", "start") and not toward and not _ACTS.match(near.after):
        if not near.after.startswith(","):
            return None  # 一季度进展: it describes
    if near.is_scope() and (over or coarse) and not near.is_demanded():
        return "period", "scope", both
    if over or iso is None:
        return ("period", "past_period", both) if coarse and x.first.part is not None else ("past_event", None, both if coarse else iso)
    vague = x.first.month is not None and x.first.day is None if x.first.part is None else x.first.part[0] in "hq"
    if vague and not toward and not _ACTS.match(near.after):
        return "period", "scope", both
    if near.is_forecast():
        return "due", "forecast", iso
    if near.is_told() and not near.is_demanded():
        return "past_event", None, both if coarse else iso
    if toward or near.has_task() or near.is_demanded():
        return "due", None, iso
    return "period", "scope", both


_NARRATED = re.compile(r"已(?!进入)|(?<![为除])了(?![解结断])|先后|累计|共(?:计|召开|通报|下发)|均(?!须|要|应|需)|曾|一直|始终坚持")

_NARRATED_NEARBY = re.compile(r"先后|累计|(?:共|已)(?:计|召开|通报|下发|开展|组织|调度|印发)")


def _read_cadence(r: _Reader, hit: Hit, value: Cadence) -> None:
    near = reading.around(r.outline, hit.start, hit.end, r.kind)
    told = bool(_NARRATED.search(near.clause)) or (near.narrates() and bool(_NARRATED_NEARBY.search(near.item)))
    told = told and not near.is_demanded()
    told = told or near.before.endswith(("未", "没有", "未能", "没", "不"))
    _add(r, hit.start, hit.end, hit.rule, "recurring", "past" if told else None, value.rule, near, None, list(value.flags))


def _read_term(r: _Reader, hit: Hit) -> None:
    text = r.outline.view.text
    near = reading.around(r.outline, hit.start, hit.end, r.kind)
    if hit.rule == "time.now":
        iso = r.reference.isoformat() if r.reference is not None and r.source == "issued_date" else None
        _add(r, hit.start, hit.end, hit.rule, "as_of", None, iso, near, r.source if iso else "none", [])
    elif isinstance(hit.value, FromIssue):
        iso = r.issued.isoformat() if r.issued is not None else None
        _add(r, hit.start, hit.end, hit.rule, "effective", None, iso, near, "issued_date" if iso else "none", [] if iso else ["unresolved"])
    elif isinstance(hit.value, Term):
        _read_duration(r, hit, hit.value, near, text)
    else:
        if near.is_told() and near.narrates():
            return
        _add(r, hit.start, hit.end, hit.rule, "due", None, None, near, "none", ["no_computable_time"])


def _read_duration(r: _Reader, hit: Hit, term: Term, near: Around, text: str) -> None:
    """A term: open until its event is known; the document's own issue is known."""
    event = durations.start_event(text, hit.start)
    flags = ["hard_cap"] if term.cap else []
    if near.is_told() and near.narrates():
        _add(r, hit.start, hit.end, hit.rule, "due", "past", term.rule, near, None, flags)
        return
    if event is not None and durations.is_issue_event(event[1]) and r.issued is not None:
        day, covered = _after(r.issued, term)
        if not covered:
            flags.append("calendar_by_weekday")
        _add(r, hit.start, hit.end, hit.rule, "due", None, day.isoformat(), near, "issued_date", [*flags, "from_issue"])
        return
    flags.append("event_anchored" if event is not None else "anchor_unknown")
    _add(r, hit.start, hit.end, hit.rule, "due", None, term.rule, near, None, flags)


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


def _add(
    r: _Reader,
    a: int,
    b: int,
    rule: str,
    kind: DeadlineKind,
    subtype: str | None,
    resolved: str | tuple[str, str] | None,
    near: Around,
    year_source: str | None,
    flags: list[str],
) -> None:
    start, end = r.outline.view.span(a, b)
    obligation = kind in ("due", "recurring", "effective", "period") and subtype is None
    r.out.append(
        Deadline(
            text=r.document.text[start:end],
            start=start,
            end=end,
            rule=rule,
            evidence=r.document.evidence(start, end),
            flags=tuple(dict.fromkeys(flags)),
            kind=kind,
            subtype=subtype,
            resolved=resolved,
            action=reading.action(near) if obligation else None,
            year_source=year_source,
            strength=near.strength() if obligation else None,
        )
    )
