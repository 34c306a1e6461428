"""Marks on the text: every statement once, the text whole, and the derivation of the words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.document import Document
from extractors.explain import Mark, derivation, marks, money, pieces
from extractors.facts import Context
from extractors.process import understand

PAPERS = sorted((Path(__file__).parents[1] / "gold" / "circulars" / "tuning").glob("*.txt"))


@pytest.mark.parametrize("path", PAPERS[:6], ids=lambda p: p.stem)
def test_every_statement_is_marked_with_its_own_words(path: Path) -> None:
    document = Document(sha256="0", name=path.name, format="txt", text=path.read_text(encoding="utf-8"))
    facts = understand(document, Context())
    found = marks(facts)
    assert [m.number for m in found] == list(range(1, len(found) + 1))
    assert all(document.text[m.start : m.end] == m.text and m.rule for m in found)
    for group, statements in (
        ("amount", facts.amounts),
        ("deadline", facts.deadlines),
        ("assignment", facts.assignments),
        ("ref", facts.refs),
        ("statistic", facts.statistics),
    ):
        assert sorted((m.start, m.end) for m in found if m.group == group) == sorted(
            (s.start, s.end) for s in statements
        )
    assert {m.kind for m in found if m.group == "metadata"} >= {"title", "issued_date"}
    assert "".join(document.text[p.start : p.end] for p in pieces(document, found)) == document.text


SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), max_size=8)


@settings(deadline=None)
@given(SPANS, st.integers(0, 45))
def test_pieces_tile_the_text_and_know_exactly_what_covers_them(spans: list[tuple[int, int]], length: int) -> None:
    document = Document(sha256="0", name="x", format="txt", text="字" * length)
    found = tuple(
        Mark(number=i, start=a, end=a + n, text="", group="amount", kind="other", value=None, rule="r")
        for i, (a, n) in enumerate(spans, 1)
        if a + n <= length
    )
    parts = pieces(document, found)
    assert [p.start for p in parts[1:]] == [p.end for p in parts[:-1]]
    assert sum(p.end - p.start for p in parts) == length
    for p in parts:
        assert set(p.marks) == {m.number for m in found if m.start <= p.start and p.end <= m.end}
        widths = [next(m.end - m.start for m in found if m.number == n) for n in p.marks]
        assert widths == sorted(widths)


@pytest.mark.parametrize(
    ("group", "words", "steps"),
    [
        ("amount", "近3亿元", [("money.figure", "近3亿元", {"before": "近", "n": "3", "mult": "亿"})]),
        (
            "deadline",
            "２０２４年2月底开始至6月30日",
            [
                ("point.month", "2024年2月底", {"y": "2024年", "m": "2", "part": "底"}),
                ("point.date", "6月30日", {"m": "6", "d": "30"}),
            ],
        ),
        ("deadline", "10个工作日内", [("term.within", "10个工作日内", {"n": "10", "u": "工作日"})]),
        ("statistic", "386笔", [("count.figure", "386笔", {"n": "386", "u": "笔"})]),
        ("assignment", "县财政局", []),
    ],
)
def test_derivation_names_rules_and_parts(group: str, words: str, steps: list[object]) -> None:
    assert [(s.rule, s.text, dict(s.parts)) for s in derivation(group, words)] == steps


def test_money_reads_as_people_write_it() -> None:
    from decimal import Decimal

    assert money(Decimal("2233300")) == "¥2,233,300"
    assert money((Decimal("0.05"), Decimal("1500000.5"))) == "¥0.05 – ¥1,500,000.50"
