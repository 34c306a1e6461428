"""Other documents named by this one: titles in 《》 with the number printed beside them, and numbers standing alone."""

from __future__ import annotations

import re

from extractors.circular import masks
from extractors.circular.frame import joined
from extractors.document import Document
from extractors.facts import Metadata, Reference, ReferenceRelation
from extractors.rules.view import View

_BESIDE = re.compile(r"\s?\((?P<inside>[^()\n]{2,60}(?:\([^()\n]{1,20}\)[^()\n]{0,20})?)\)")
# What a paper does with another one, by the words in front of it or behind it; the first that fits decides.
_BEFORE: tuple[tuple[ReferenceRelation, str], ...] = (
    ("repeals", r"(?:废止|停止执行|取代|代替)[^,。;]{0,8}$"),
    ("forwards", r"(?:转发|批转|翻印)[^,。;《》]{0,40}$"),
    ("amends", r"(?:修订|修改|调整|完善)(?:了)?[^,。;]{0,4}$"),
    ("implements", r"(?:贯彻落实|贯彻执行|贯彻|落实|执行|对照|落细|推进落实)(?:好|了)?[^,。;、]{0,24}$"),
    ("basis", r"(?:根据|按照|依据|依照|遵照|参照|按|依)[^,。;]{0,30}$"),
    ("issues", r"(?:印发|制定|下发|出台|修订印发|发布)(?:了)?[^,。;]{0,4}$"),
)
_AFTER: tuple[tuple[ReferenceRelation, str], ...] = (
    ("repeals", r"(?:\([^()]{1,30}\))?(?:同时|即行|自[^,。;]{1,12}起|相应)?(?:废止|失效|停止执行)"),
    ("answers", r"(?:\([^()]{1,30}\))?(?:的)?(?:建议|提案|议案|来函)?(?:已)?(?:收悉|收到)"),
    ("implements", r"(?:\([^()]{1,30}\))?(?:的)?(?:贯彻落实|落实情况|要求(?:抓好)?落实)"),
    ("basis", r"(?:\([^()]{1,30}\))?(?:的)?(?:要求|规定|精神|有关规定|有关要求|第)"),
)
_RELATIONS_BEFORE = tuple((r, re.compile(p)) for r, p in _BEFORE)
_RELATIONS_AFTER = tuple((r, re.compile(p)) for r, p in _AFTER)
_ORDER_OF_AFTER = ("repeals", "answers")  # said behind the title, these decide before anything in front of it
_FORWARDED = re.compile(
    r"(?:转发|批转)(?P<title>[^《》]{6,90}?(?:通知|意见|办法|方案|规定|细则|函|通报))的(?:紧急)?通知", re.DOTALL
)
_HEAD_WORDS = re.compile(r"(?:国务院办公厅|国务院|国家|省政府|市政府|省|市|国办|中办)$")


def find_references(document: Document, view: View, metadata: Metadata) -> tuple[Reference, ...]:
    """All references in order; the document's own number and its own title line are none."""
    text = view.text
    numbers = masks.doc_numbers(text)
    used: set[int] = set()
    own = metadata.doc_number.start if metadata.doc_number is not None else -1
    out: list[Reference] = []
    for m in masks.TITLE.finditer(text):
        end, number = m.end(), None
        beside = _BESIDE.match(text, m.end())
        if beside is not None:
            inside = next((n for n in numbers if beside.start() < n.start < beside.end()), None)
            decree = masks.DECREE.search(beside["inside"])
            if inside is not None:
                number, end = inside.value, beside.end()
                used.add(inside.start)
            elif decree is not None:
                number, end = decree.group(), beside.end()
        out.append(_reference(document, view, m.start(), end, joined(m.group()[1:-1]), number))
    for n in numbers:
        start, _ = view.span(n.start, n.end)
        if n.start not in used and start != own:
            out.append(_reference(document, view, n.start, n.end, None, n.value))
    forwarded = _forwarded(document, view, metadata)
    if forwarded is not None:
        out.append(forwarded)
    return tuple(sorted(out, key=lambda r: r.start))


def _forwarded(document: Document, view: View, metadata: Metadata) -> Reference | None:
    """The paper that the own title hands on without 《》: 转发市清欠办关于…的通知的通知."""
    title = metadata.title
    if title is None or "转" not in title.value:
        return None
    a, b = view.position(title.start), view.position(title.end - 1) + 1
    m = _FORWARDED.search(view.text, a, b)
    if m is None:
        return None
    name = joined(m["title"])
    return _reference(document, view, m.start("title"), m.end("title"), name, None, "forwards")


def _relation(text: str, a: int, b: int) -> ReferenceRelation | None:
    """What the paper does with the one named at [a, b); None where the words around it do not say."""
    behind = [(r, p) for r, p in _RELATIONS_AFTER if p.match(text, b)]
    if behind and behind[0][0] in _ORDER_OF_AFTER:
        return behind[0][0]
    floor = max(a - 48, 0)
    before = text[floor:a]
    for relation, pattern in _RELATIONS_BEFORE:
        if pattern.search(before):
            return relation
    return behind[0][0] if behind else None


def _reference(
    document: Document,
    view: View,
    a: int,
    b: int,
    title: str | None,
    number: str | None,
    relation: ReferenceRelation | None = None,
) -> Reference:
    start, end = view.span(a, b)
    return Reference(
        text=document.text[start:end],
        start=start,
        end=end,
        rule="refs.title" if title is not None else "refs.number",
        evidence=document.evidence(start, end),
        title=title,
        doc_number=number,
        relation=relation or _relation(view.text, a, b),
    )
