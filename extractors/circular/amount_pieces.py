"""Figures of money with the words of their clause: the pieces the roles are read from."""

from __future__ import annotations

import re

import msgspec

from extractors.rules import money
from extractors.rules.engine import Hit
from extractors.rules.money_value import Money
from extractors.rules.numbers import arabic, quantum
from extractors.rules.segment import Outline

# No clause of prose is longer; text without punctuation must not make reading quadratic.
REACH = 300
# 1.3亿元欠款中已清偿2000万元: from here on the words belong to the figure that follows.
_NEXT_FIGURE = re.compile(r"其?中|[已尚仍未]|累计|剩余|实际|目前|现")


# 涉及金额, 金额合计: words of a sum that say nothing of their own
_SUM_OF_CASES = re.compile(r"(?:共|累计)?(?:涉及)?(?:总?金额|资金|款项)(?:总额|总计|共计|合计|共)?(?:约?为|达到?|约)?")
_CASES = re.compile(r"\d\s?(?:笔|件|户|家|条|个|项|起|宗)$")
# 调剂库款共计1500万元: summing up changes nothing
_SUMMED_UP = re.compile(r"(?<![金息费务作等])(?<=[\u4e00-\u9fa5)])(?:共计|合计|总计|总共)(?:约?为|达到?|约)?$")
# 1200万元（涉及企业36家）已清偿
_ASIDE = re.compile(r"\((?!其中|含|不含)[^()元万亿\n]{1,24}\)")


class Piece(msgspec.Struct, frozen=True, gc=False):
    """One figure of the text with its words: before it in its clause, after it up to the next figure or mark."""

    start: int
    end: int
    value: Money
    rule: str
    before: str
    since: int  # where those before it begin
    after: str  # cut short where its words already speak of the next figure (80万元已清偿50万元)


def pieces(text: str, outline: Outline, hits: list[Hit]) -> list[Piece]:
    """One piece for each figure, in order; bare figures of a list with a shared unit (200、300和150万元) come first."""
    out: list[Piece] = []
    floor = 0
    for k, hit in enumerate(hits):
        assert isinstance(hit.value, Money)
        clause_start, clause_end = outline.clause_at(hit.start)
        _, clause_end = outline.clause_at(hit.end - 1)
        nxt = hits[k + 1].start if k + 1 < len(hits) else len(text)
        p = outline.paragraph_at(hit.start)
        clause_start = max(clause_start, p.start + len(p.marker) if hit.start >= p.start + len(p.marker) else p.start)
        clause_start, clause_end = max(clause_start, hit.start - REACH), min(clause_end, hit.end + REACH)
        begin = max(clause_start, floor)
        before = text[begin : hit.start]
        if begin > max(p.start, floor) and text[begin - 1] == "," and _SUM_OF_CASES.fullmatch(before):
            led = max(outline.clause_at(begin - 2)[0], floor, hit.start - REACH)
            if _CASES.search(text, led, begin - 1):  # 清偿36笔,涉及金额1500万元: what was counted is what the sum is of
                begin, before = led, text[led : begin - 1]
        before = _SUMMED_UP.sub("", before)
        start, clause_end = _past_aside(text, outline, hit.end, nxt, clause_end)
        after = text[start : min(clause_end, nxt)]
        if nxt < clause_end and not after.endswith(("、", "和", "及", "与")):
            after = _NEXT_FIGURE.split(after)[0]
        for a, b in money.shared_unit(text, hit.start):
            value = _with_unit_of(text[a:b], hit)
            if value is not None and a >= floor:
                out.append(Piece(a, b, value, "money.shared_unit", text[begin:a] or before, begin, ""))
                before = text[begin:a] or before
        out.append(Piece(hit.start, hit.end, hit.value, hit.rule, before, begin, after))
        floor = hit.end
    return out


def _past_aside(text: str, outline: Outline, end: int, nxt: int, clause_end: int) -> tuple[int, int]:
    """Where the words behind a figure begin and end: past a bracket that only says whose or how many they are."""
    m = _ASIDE.match(text, end)
    if m is None or m.end() > nxt or m.end() >= len(text) or text[m.end()] in ",。;、:\n":
        return end, clause_end
    return m.end(), min(outline.clause_at(m.end())[1], end + REACH)


def _with_unit_of(figure: str, hit: Hit) -> Money | None:
    """A bare figure of a list read in the unit of the last one: 200、300和150万元."""
    assert isinstance(hit.value, Money)
    number = arabic(figure)
    if number is None or hit.value.high is not None or not hit.value.scale:
        return None
    scale = hit.value.scale
    return Money(number.scaleb(scale), quantum=quantum(figure).scaleb(scale), scale=scale)
