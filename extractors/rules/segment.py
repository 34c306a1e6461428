"""`Outline`: a view cut into paragraphs with their headings, sentences, items and clauses.

Official prose is layered (GB/T 9704-2012, 7.3.3): 一、 then （一） then 1. then （1）; plans add 第一阶段：,
reports often start at 1. A heading may stand alone or run in (（一）分类推进欠款清偿。各县…). A line that is
nothing but a bracket of units belongs to the paragraph above it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import Literal

import msgspec

from extractors.rules.swift import Swift
from extractors.rules.view import View

Kind = Literal["body", "heading", "trailer", "salutation", "date", "label", "table"]

_CN = "一二三四五六七八九十百"
_MARKS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (1, re.compile(rf"第[{_CN}]{{1,3}}(?:章|部分)\s?")),
    (2, re.compile(rf"[{_CN}]{{1,3}}、\s?")),
    (3, re.compile(rf"\([{_CN}]{{1,3}}\)\s?、?")),
    (4, re.compile(rf"第[{_CN}]{{1,3}}(?:阶段|步)\s?[:,(]?")),
    (4, re.compile(rf"第[{_CN}\d]{{1,4}}条\s?")),
    (5, re.compile(r"\d{1,2}(?:[.、](?!\d)|\.(?=[12]\d{3}年))\s?")),
    (6, re.compile(r"(?:\(\d{1,2}\)|[①-⑳])\s?")),
)
_LABEL = re.compile(
    r"(?:联\s?系\s?人|联系电话|联系方式|电话|传真|邮箱|电子邮[箱件]|附\s?件|抄送|抄报|签发人?|签批|发往|等级|主题词)\s?[:\d]"
)
_NOTE = re.compile(r"\((?:代章|盖章|公章|此件|联\s?系\s?人|共印|印发|依申请|主动公开)")
_DATE_LINE = re.compile(
    r"\(?[\d〇○零一二三四五六七八九十O]{2,4}\s?年\s?[\d一二三四五六七八九十]{1,3}\s?月(?:\s?[\d一二三四五六七八九十]{1,3}\s?日)?\)?$"
)
_SENTENCE_END = Swift(re.compile(r"[。!?](?:[”』」\")]+)?|\n"))
_ITEM_END = Swift(re.compile(r"[。!?;](?:[”』」\")]+)?|\n"))
_CLAUSE_END = Swift(
    re.compile(r"(?:[。!?;]|(?<!\d),|,(?!\d{3}(?!\d))|(?<!\d):|:(?![0-5]\d(?!\d)))(?:[”』」\")]+)?|\n")
)  # 16:00 is one clause


class Paragraph(msgspec.Struct, frozen=True, gc=False):
    """`view.text[start:end]`, one line. `body` is where the text after the marker and run-in heading starts.

    `level` is 0 for plain text, else 1 (章) to 6 (（1）); `title` the heading's words without its marker; `parent` the
    index of the paragraph whose heading this one stands under, or None.
    """

    index: int
    start: int
    end: int
    kind: Kind
    level: int
    marker: str
    title: str
    body: int
    parent: int | None


class Outline:
    """Paragraphs and the boundaries of sentences (。), items (；) and clauses (，). All numbers are view positions."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.paragraphs = _paragraphs(view)
        self._starts = [p.start for p in self.paragraphs]

    def paragraph_at(self, position: int) -> Paragraph:
        """The paragraph that holds a position."""
        return self.paragraphs[max(bisect_right(self._starts, position) - 1, 0)]

    def path(self, paragraph: Paragraph) -> tuple[Paragraph, ...]:
        """The headings above a paragraph, outermost first, without itself."""
        out: list[Paragraph] = []
        at = paragraph.parent
        while at is not None:
            p = self.paragraphs[at]
            out.append(p)
            at = p.parent
        return tuple(reversed(out))

    def sentence_at(self, position: int) -> tuple[int, int]:
        """The sentence (ends with 。！？) around a position, its closing mark included."""
        return _around(self._sentences, position)

    def item_at(self, position: int) -> tuple[int, int]:
        """The part of a sentence between ；."""
        return _around(self._items, position)

    def clause_at(self, position: int) -> tuple[int, int]:
        """The part of a sentence between ，；：."""
        return _around(self._clauses, position)

    def sentences(self, start: int, end: int) -> list[tuple[int, int]]:
        """All sentences that begin in [start, end)."""
        return self._all(self._sentences, start, end)

    def items(self, start: int, end: int) -> list[tuple[int, int]]:
        """All items that begin in [start, end)."""
        return self._all(self._items, start, end)

    def clauses(self, start: int, end: int) -> list[tuple[int, int]]:
        """All clauses that begin in [start, end)."""
        return self._all(self._clauses, start, end)

    @cached_property
    def _sentences(self) -> list[int]:
        return self._cuts(_SENTENCE_END)

    @cached_property
    def _items(self) -> list[int]:
        return self._cuts(_ITEM_END)

    @cached_property
    def _clauses(self) -> list[int]:
        return self._cuts(_CLAUSE_END)

    def _cuts(self, ends: Swift) -> list[int]:
        text = self.view.text
        cuts = [0, *[end for _, end in ends.spans(text)]]
        if cuts[-1] != len(text):
            cuts.append(len(text))
        return cuts

    def _all(self, cuts: list[int], start: int, end: int) -> list[tuple[int, int]]:
        i = bisect_right(cuts, start) - 1
        out: list[tuple[int, int]] = []
        while i < len(cuts) - 1 and cuts[i] < end:
            a, b = max(cuts[i], start), min(cuts[i + 1], end)
            if self.view.text[a:b].strip():
                out.append((a, b))
            i += 1
        return out


def _around(cuts: list[int], position: int) -> tuple[int, int]:
    i = bisect_right(cuts, position)
    if i >= len(cuts):
        i = len(cuts) - 1
    return cuts[i - 1] if i else cuts[0], cuts[i]


def outline(view: View) -> Outline:
    """The outline of a view."""
    return Outline(view)


def _paragraphs(view: View) -> tuple[Paragraph, ...]:
    out: list[Paragraph] = []
    stack: list[tuple[int, int]] = []  # (level, index) of open headings
    start = 0
    for line in view.text.split("\n"):
        end = start + len(line)
        kind, level, marker, title, body = _read(line, view.in_table(start))
        if level:
            while stack and stack[-1][0] >= level:
                stack.pop()
        parent = stack[-1][1] if stack else None
        index = len(out)
        if kind == "trailer" and out:
            above = out[-1]
            parent = above.index if above.level else above.parent
        out.append(Paragraph(index, start, end, kind, level, marker, title, start + body, parent))
        if level:
            stack.append((level, index))
        start = end + 1
    return tuple(out)


def _read(line: str, in_table: bool) -> tuple[Kind, int, str, str, int]:
    """Kind, level, marker, heading words and body offset of one paragraph."""
    if in_table:
        return "table", 0, "", "", 0
    for level, pattern in _MARKS:
        m = pattern.match(line)
        if not m:
            continue
        rest = line[m.end() :]
        stop = re.search(r"[。:;]", rest[:60])
        if stop is None:
            alone = len(rest) <= 45 and not rest.endswith(",")
            return ("heading" if alone else "body"), level, m.group(), rest if alone else "", m.end()
        title = rest[: stop.start()]
        if stop.start() == len(rest) - 1:
            return "heading", level, m.group(), title, len(line)
        if stop.group() == ";" or ("," in title and len(title) > 30):
            return "body", level, m.group(), "", m.end()
        return "body", level, m.group(), title, m.end() + stop.end()
    if line.startswith("(") and line.endswith(")") and "(" not in line[1:-1].replace("()", ""):
        if _DATE_LINE.fullmatch(line):
            return "date", 0, "", "", 0
        return ("label" if _NOTE.match(line) else "trailer"), 0, "", "", 0
    if _DATE_LINE.fullmatch(line):
        return "date", 0, "", "", 0
    if _LABEL.match(line):
        return "label", 0, "", "", 0
    if line.endswith(":") and len(line) < 120 and "。" not in line:
        return "salutation", 0, "", "", 0
    return "body", 0, "", "", 0
