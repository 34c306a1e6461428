"""Other documents named by this one: titles in 《》 with the number printed beside them, and numbers standing alone."""

from __future__ import annotations

import re

from extractors.circular import masks
from extractors.circular.frame import joined
from extractors.document import Document
from extractors.facts import Metadata, Reference
from extractors.rules.view import View

_BESIDE = re.compile(r"\s?\((?P<inside>[^()\n]{2,60}(?:\([^()\n]{1,20}\)[^()\n]{0,20})?)\)")
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
    return tuple(sorted(out, key=lambda r: r.start))


def _reference(document: Document, view: View, a: int, b: int, title: str | None, number: str | None) -> Reference:
    start, end = view.span(a, b)
    return Reference(
        text=document.text[start:end],
        start=start,
        end=end,
        rule="refs.title" if title is not None else "refs.number",
        evidence=document.evidence(start, end),
        title=title,
        doc_number=number,
    )
