"""Spans in which a number or a date means something else: titles in 《》, document numbers, mail addresses, phones.

No rule of time or money looks inside them.
"""

from __future__ import annotations

import re

import msgspec

from extractors.rules.engine import Spans
from extractors.rules.swift import Swift
from extractors.rules.view import View

TITLE = re.compile(r"《(?:[^《》\n]|《[^《》\n]{1,80}》){1,160}》")
# “关于加快偿付货款的建议”: the name of a motion or letter between quotation marks.
_QUOTED = re.compile(r"[“\"]关于[^“”\"。\n]{4,80}(?:建议|提案|议案|意见|通知|报告|请示|函|问题|批复|通报|方案)[”\"]")
_BRACKETS = r"[〔\[(【{〖]"
_CLOSING = r"[〕\])】}〗]"
# 〔年份〕序号号; also with the damage seen in copies: lost closing or opening bracket, 第 before the number.
_NUMBER = Swift(
    re.compile(
        rf"{_BRACKETS}\s?(?P<year>(?:19|20)\d\d)\s?(?:年\s?)?{_CLOSING}\s?第?\s?(?P<number>\d{{1,5}}(?:-\d{{1,3}})?)\s?号"
        rf"|{_BRACKETS}\s?(?P<year2>(?:19|20)\d\d)\s?第?(?P<number2>\d{{1,4}})\s?号"
        rf"|(?<!\d)(?P<year3>(?:19|20)\d\d)\s?{_CLOSING}\s?第?\s?(?P<number3>\d{{1,4}})\s?号"
    )
)
_WORD = re.compile(r"[\u4e00-\u9fa5]{2,20}\s?$")
_LEAD = re.compile(r"^(?:根据|按照|依据|印发|转发|落实|详见|参照|执行|下发|关于|文件|以|见|按|和|及|与|经|由|的)+")
_ALONE = re.compile(r"(?:纪要|通知|通报|方案|函|答复|意见|报告)\n$")  # a title's end: the number below has no 代字
DECREE = re.compile(r"(?:国务院|主席|部|省政府|市政府|人民政府|总局|委员会)令\s?第?\s?\d{1,4}\s?号")
_OTHER = Swift(
    re.compile(
        r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9.\-]{1,100}|https?://[^\s\u4e00-\u9fff]{1,200}|www\.[A-Za-z0-9./\-]{1,200}"
        r"|(?<!\d)0\d{2,3}[-—]\d{7,8}(?!\d)|(?<!\d)1[3-9]\d{9}(?!\d)|第\s?\d{1,6}\s?(?:号|次|条|届|期|项)"
        r"|GB/T\s?[\d.]{3,8}[-—]\d{4}|\d{4}\s?年\s?版"
    )
)
_HEADING_LINE = re.compile(
    r"(?m)^[^。;:,\n]{4,60}(?:通知|方案|办法|意见|通报|要点|计划|报告|细则|规定|措施|简报|公告|公示|台账|汇总表"
    r"|明细表|统计表|情况表)(?:\([^()\n]{1,12}\))?$"
)


def masked(view: View, *own: tuple[int, int]) -> Spans:
    """Positions of a view in which no date and no amount of this document stands; `own` are spans of its title."""
    text = view.text
    spans = [m.span() for m in TITLE.finditer(text)]
    spans += [m.span() for m in _QUOTED.finditer(text)]
    spans += _NUMBER.spans(text)
    spans += [m.span() for m in DECREE.finditer(text)]
    spans += _OTHER.spans(text)
    spans += own
    spans += [m.span() for m in _HEADING_LINE.finditer(text)]
    return Spans(spans)


class DocNumber(msgspec.Struct, frozen=True, gc=False):
    """A document number at positions [start, end) of a view, in its proper form 代字〔年份〕序号号."""

    start: int
    end: int
    value: str
    repaired: bool


def doc_numbers(text: str, start: int = 0, end: int | None = None) -> list[DocNumber]:
    """The document numbers of a text in order, damaged ones put right and marked."""
    out: list[DocNumber] = []
    for m in _NUMBER.finditer(text, start, len(text) if end is None else end):
        year = m["year"] or m["year2"] or m["year3"]
        number = (m["number"] or m["number2"] or m["number3"]).lstrip("0") or "0"
        if (
            m["year"]
            and _ALONE.search(text[max(start, m.start() - 8) : m.start()])
            and text[m.end() : m.end() + 1] in "\n"
        ):
            out.append(DocNumber(m.start(), m.end(), f"〔{year}〕{number}号", False))  # under the title of minutes
            continue
        floor = max(start, out[-1].end if out else 0, m.start() - 21)
        word = _WORD.search(text[floor : m.start()])
        if word is None:
            continue
        begin = floor + word.start()
        lead = _LEAD.match(word.group())
        if lead is not None:
            begin += lead.end()
        sign = text[begin : m.start()].strip()
        if len(sign) < 2:
            continue
        value = f"{sign}〔{year}〕{number}号"
        out.append(DocNumber(begin, m.end(), value, m["year"] is None))
    return out
