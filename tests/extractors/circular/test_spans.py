"""`Document.text[start:end] == text` for every statement, whatever layout, scanners and copying did to a paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors.document import Document
from extractors.facts import Context, Facts, Statement
from extractors.process import extract, understand

GOLD = Path(__file__).parents[2] / "gold" / "circulars" / "tuning"
PAPERS = [p.read_text(encoding="utf-8") for p in sorted(GOLD.glob("*.txt"))]
_INVISIBLE = ("\u200b", "\u200d", "\ufeff", "\u00ad", "\u2060", "\u202a")
_WIDE = {c: c + 0xFEE0 for c in range(0x21, 0x7F)} | {0x20: 0x3000}
_NARROW = {wide: narrow for narrow, wide in _WIDE.items()}


def _sprinkled(text: str, r: Random) -> str:
    """Characters without width inside words."""
    return "".join(c + r.choice(_INVISIBLE) if r.random() < 0.08 else c for c in text)


def _wide(text: str, r: Random) -> str:
    """Digits, letters and marks in full width, all or some."""
    return (
        text.translate(_WIDE)
        if r.random() < 0.5
        else "".join(c.translate(_WIDE) if r.random() < 0.5 else c for c in text)
    )


def _broken(text: str, r: Random) -> str:
    """Lines cut at a narrow page, some with a blank line between."""
    width = r.randint(8, 40)
    return "\n".join(
        (r.choice(("\n", "\n\n"))).join(line[i : i + width] for i in range(0, max(len(line), 1), width))
        for line in text.split("\n")
    )


def _spaced(text: str, r: Random) -> str:
    """Blanks of every kind between characters."""
    return "".join(c + r.choice(" \u3000\u00a0\t\u2003") if r.random() < 0.06 else c for c in text)


def _returns(text: str, r: Random) -> str:
    """Line ends of other systems that got through."""
    return text.replace("\n", r.choice(("\r\n", "\r", "\n\r", "\u2028", "\x0b", "\x0c")))


def _joined(text: str, r: Random) -> str:
    """Lines run together, all or some."""
    return "".join("" if c == "\n" and r.random() < 0.7 else c for c in text)


def _ligatures(text: str, r: Random) -> str:
    """Characters that normalisation makes longer or shorter."""
    return (
        text.replace("元", r.choice(("元", "㊎", "⼀元"))).replace("号", r.choice(("号", "№", "㈱"))).replace(".", "․")
    )


def _doubled(text: str, r: Random) -> str:
    """A stretch copied twice, another lost."""
    a, b = sorted((r.randrange(len(text) + 1), r.randrange(len(text) + 1)))
    return text[:b] + text[a : min(b, a + 200)] + text[min(len(text), b + r.randrange(60)) :]


HARM: tuple[Callable[[str, Random], str], ...] = (
    _sprinkled, _wide, _broken, _spaced, _returns, _joined, _ligatures, _doubled,
)  # fmt: skip


def _statements(facts: Facts) -> Iterator[Statement]:
    m = facts.metadata
    single = (m.title, m.issuer, m.doc_number, m.doc_type, m.issued_date, m.urgency, m.secrecy, m.signed_off_by)
    yield from (f for f in single if f is not None)
    for many in (
        m.recipients,
        m.attachments,
        m.contacts,
        facts.amounts,
        facts.deadlines,
        facts.assignments,
        facts.refs,
    ):
        yield from many
    yield from facts.statistics
    yield from (p.title for p in facts.parts if p.title is not None)


def _check(text: str, facts: Facts) -> int:
    found = list(_statements(facts))
    for s in found:
        assert s.text
        assert text[s.start : s.end] == s.text
    for p in facts.parts:
        assert 0 <= p.start < p.end <= len(text)
    return len(found)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PAPERS), st.lists(st.sampled_from(HARM), min_size=1, max_size=4), st.integers(0, 10**6))
def test_spans_are_exact_whatever_happened_to_the_paper(
    paper: str, harm: list[Callable[[str, Random], str]], seed: int
) -> None:
    random = Random(seed)
    for one in harm:
        paper = one(paper, random)
    document = Document(sha256="0", name="x", format="txt", text=paper)
    _check(paper, understand(document, Context()))


@pytest.mark.parametrize("harm", HARM, ids=lambda h: h.__name__)
def test_most_is_still_found(harm: Callable[[str, Random], str]) -> None:
    """The exactness above must not be that of an empty result."""
    whole = damaged = 0
    for number, paper in enumerate(PAPERS[:6]):
        whole += _check(paper, understand(Document(sha256="0", name="x", format="txt", text=paper), Context()))
        worse = harm(paper, Random(number))
        damaged += _check(worse, understand(Document(sha256="0", name="x", format="txt", text=worse), Context()))
    assert damaged >= whole * 0.4


@pytest.mark.parametrize("ends", ["\r\n", "\r", "\n"])
def test_spans_are_those_of_the_text_as_read_from_a_file(ends: str) -> None:
    for paper in PAPERS[:4]:
        found = extract(paper.replace("\n", ends).encode("gb18030"), "x.txt", Context())
        assert found.document is not None and found.facts is not None
        assert "\r" not in found.document.text
        assert _check(found.document.text, found.facts) > 10
