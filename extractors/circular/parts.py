"""Documents inside a document: the 方案 below its 通知, the 附件 behind the signature.

A part begins where its title stands (the one that 印发 names, or any title below the date of the paper) or at a line
附件1; it ends where the next begins, or at the imprint (抄送, 印发). It shares the paper's date unless it has its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.circular.frame import DATE, joined, title_kind, to_iso
from extractors.document import Document
from extractors.facts import Field, Metadata, Part
from extractors.rules import lexicon
from extractors.rules.segment import Outline, Paragraph

_ANNEX = re.compile(r"附\s?件\s?(?P<number>\d{1,2}|[一二三四五六七八九十]{1,3})?\s?[:.、]?\s?(?P<title>\S.{2,60})?$")
_ISSUES = re.compile(
    r"(?:印发|下发|制定|发布)(?:了)?《?(?P<title>[^《》]{4,70}?<metadata.part_kinds>(?:\([^()]{1,12}\))?)》?的?(?:的通知|通知|$)"
    .replace("<metadata.part_kinds>", lexicon.alternation("metadata", "part_kinds"))
)  # fmt: skip
_IMPRINT = re.compile(r"(?:抄\s?[送报]|分送|主题词)\s?:|[^,。;]{2,40}\d{1,2}\s?日\s?印发|\(?共印")
_PROSE_MARK = re.compile(r"[。;!?]")
_NO_TITLE = re.compile(r"[。;!?:,\t]")
_TITLE_LINES = 4
_LEAST = 10  # characters below its title that make a part


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a part begins: its first paragraph, the paragraphs of its title, its kind, the rule that saw it."""

    first: int
    title: tuple[int, int] | None  # view positions
    kind: str
    rule: str


def find_parts(document: Document, outline: Outline, metadata: Metadata) -> tuple[Part, ...]:
    """The embedded documents in order, counted from 1; none for a paper that stands alone."""
    starts = _starts(outline, metadata)
    if not starts:
        return ()
    view, paragraphs = outline.view, outline.paragraphs
    last = _last_paragraph(outline, starts[-1].first)
    out: list[Part] = []
    for place, begin in enumerate(starts, 1):
        end = starts[place].first - 1 if place < len(starts) else last
        a, b = view.span(paragraphs[begin.first].start, paragraphs[max(end, begin.first)].end)
        head = begin.title[1] if begin.title is not None else paragraphs[begin.first].end
        if paragraphs[max(end, begin.first)].end - head < _LEAST:
            continue  # 附件：某台账 on the last line: named, not carried
        title = None
        if begin.title is not None:
            x, y = view.span(*begin.title)
            title = Field(
                text=document.text[x:y],
                start=x,
                end=y,
                rule=begin.rule,
                evidence=document.evidence(x, y),
                value=joined(view.text[begin.title[0] : begin.title[1]]),
            )
        own = _own_date(outline, begin.first + 1, end)
        shared = metadata.issued_date.value if metadata.issued_date is not None else None
        flags = () if own is not None or shared is None else ("shared_date",)
        out.append(
            Part(
                number=len(out) + 1,
                kind=begin.kind,
                title=title,
                start=a,
                end=b,
                issued_date=own or shared,
                flags=flags,
            )
        )
    return tuple(out)


def _starts(outline: Outline, metadata: Metadata) -> list[_Start]:
    view, paragraphs = outline.view, outline.paragraphs
    floor = _signature(outline, metadata)
    title = metadata.title
    promised = _promised(title.value) if title is not None else None
    below_title = outline.paragraph_at(view.position(title.end - 1)).index if title is not None else -1
    out: list[_Start] = []
    taken = below_title
    for p in paragraphs[below_title + 1 :]:
        if p.index <= taken or p.kind == "table" or p.end - p.start > 90:
            continue
        behind = floor is not None and p.index > floor
        found = _annex(outline, p, behind=behind) or _titled(outline, p, promised, behind=behind)
        if found is None:
            continue
        out.append(found)
        taken = outline.paragraph_at(found.title[1] - 1).index if found.title is not None else p.index
    return out


def _signature(outline: Outline, metadata: Metadata) -> int | None:
    """The paragraph of the paper's own date where it closes the paper's body, None where it stands in the head."""
    date = metadata.issued_date
    if date is None:
        return None
    at = outline.paragraph_at(outline.view.position(date.start)).index
    body = any(_PROSE_MARK.search(outline.view.text, p.start, p.end) or p.level for p in outline.paragraphs[:at])
    return at if body else None


def _promised(title: str) -> str | None:
    """The title of what a notice hands down: 关于印发某市清欠工作方案的通知 promises 某市清欠工作方案."""
    m = _ISSUES.search(title)
    return re.sub(r"\s", "", m["title"]) if m is not None else None


def _annex(outline: Outline, p: Paragraph, *, behind: bool) -> _Start | None:
    """附件1 alone on its line, or 附件1：某表 behind the signature; the list of annexes in the body is none."""
    text = outline.view.text
    m = _ANNEX.match(text, p.start, p.end)
    if m is None or m.end() != p.end:
        return None
    following = outline.paragraphs[p.index + 1 : p.index + 1 + _TITLE_LINES]
    if m["title"] is not None:
        if not behind or m["title"][0].isdigit() or _PROSE_MARK.search(m["title"]):
            return None
        return _Start(p.index, m.span("title"), "附件", "parts.annex")
    if text[p.end - 1] == ":" and following and following[0].level:
        return None  # 附件: with a numbered list below
    return _Start(p.index, _title_below(text, following), "附件", "parts.annex")


def _title_below(text: str, following: Sequence[Paragraph]) -> tuple[int, int] | None:
    """The title on the lines after 附件1: up to the first that names a kind, else the first short line."""
    for i, p in enumerate(following):
        line = text[p.start : p.end]
        if p.level or p.kind in ("table", "date") or _PROSE_MARK.search(line) or len(line) > 60 or "\t" in line:
            break
        if title_kind(line) is not None:
            return following[0].start, p.end
        if i == 1:
            break
    if following and following[0].kind == "body" and 3 < following[0].end - following[0].start <= 40:
        line = text[following[0].start : following[0].end]
        if not (_PROSE_MARK.search(line) or "\t" in line or following[0].level):
            return following[0].start, following[0].end
    return None


def _titled(outline: Outline, p: Paragraph, promised: str | None, *, behind: bool) -> _Start | None:
    """A title without 附件 above it: the promised one anywhere, any that names a kind of paper behind the signature."""
    text = outline.view.text
    if p.level or p.kind in ("date", "label", "salutation"):
        return None
    lines = ""
    for n in range(3):
        if p.index + n >= len(outline.paragraphs):
            break
        q = outline.paragraphs[p.index + n]
        line = text[q.start : q.end]
        if q.level or _NO_TITLE.search(line) or _IMPRINT.match(line) or _ANNEX.match(line):
            break
        lines += "".join(line.split())
        if promised is not None and lines == promised:
            return _Start(p.index, (p.start, q.end), _kind(lines), "parts.promised")
        if len(lines) > 80:
            break
        if behind and not line.startswith("《") and lexicon.compiled("<metadata.part_kinds>$").search(_bare(line)):
            return _Start(p.index, (p.start, q.end), _kind(lines), "parts.title")
    return None


def _bare(line: str) -> str:
    return re.sub(r"\([^()]{1,12}\)$", "", line.strip())


def _kind(title: str) -> str:
    bare = re.sub(r"的通知$", "", _bare(title))  # 某县专项行动方案的通知, above the plan itself: it is the plan
    m = lexicon.compiled("<metadata.part_kinds>$").search(bare) or re.search(r"通知$", title)
    return m.group() if m is not None else "附件"


def _own_date(outline: Outline, first: int, last: int) -> str | None:
    """A date on a line of its own inside a part (a forwarded paper keeps its own)."""
    for p in outline.paragraphs[first : last + 1]:
        m = DATE.search(outline.view.text, p.start, p.end) if p.kind == "date" else None
        if m is not None:
            return to_iso(m)
    return None


def _last_paragraph(outline: Outline, first: int) -> int:
    """The last paragraph of the last part: the imprint below it belongs to the whole paper."""
    text = outline.view.text
    last = len(outline.paragraphs) - 1
    for index in range(max(first + 1, last - 5), last + 1):
        p = outline.paragraphs[index]
        if _IMPRINT.match(text, p.start, p.end):
            return index - 1
    return last
