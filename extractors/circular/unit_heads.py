"""Units made by a head noun whatever stands in front of it, and the parts of an organ that stand behind its name.

财政金融局：负责…, 开投集团、城发集团要…: a clause opens with the name and goes on as a duty does (`framed_items`).
各公立医院, 各直管项目部: 各, free words, a head. 县公安局经侦大队, 市中级人民法院立案庭: an organ, free words, a
division.
The free words are short and hold nothing that makes a sentence of them (要, 将, 负责 …).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from extractors.resolve.organs import organs
from extractors.rules.lexicon import compiled
from extractors.rules.swift import Swift

_HEAD_GOES_ON = "(?![长员托法理面建织成分署落队额经位件队置罚类别会需有属在期险款史队务])"
_FREE_DIVISION = (
    r"[^\W\d_的要负报送牵配对和与及将由在为应须依查惩罚从并联督责自认进开抓加强落指尽可已按照各、收完编设下内抽派主参]"
)


@cache
def _each() -> Swift:
    heads = "|".join(sorted(organs().each_heads, key=lambda w: (-len(w), w)))
    free = rf"(?:(?!{'|'.join(organs().each_verbs)})[^\W\d_{organs().each_breaks}各]){{0,10}}?"
    return Swift(re.compile(rf"各{free}(?:{heads}){_HEAD_GOES_ON}"))


@cache
def _division() -> re.Pattern[str]:
    parts = "|".join(sorted(organs().divisions, key=lambda w: (-len(w), w)))
    no_post = r"(?!副|[^\W\d_]{0,3}(?:长|主任|书记|领导|主席))"
    no_deed = "(?![长学技室目级研教员理置罚分创在于东审伍])"
    return re.compile(rf"{no_post}{_FREE_DIVISION}{{2,6}}?(?:{parts}){no_deed}")


def each_spans(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every 各 … group by its head, with the level in front (市直各医疗机构), in order."""
    for start, end in _each().spans(text):
        front = next((len(w) for w in _IN_FRONT if text.endswith(w, 0, start)), 0)
        yield start - front, end


_IN_FRONT = (*(a + b for a in "省市县区州镇" for b in "直属级"), "总部", "本部", "集团", "街道")


@cache
def _framed() -> Swift:
    heads = "|".join(sorted(organs().framed_heads, key=lambda w: (-len(w), w)))
    return Swift(
        re.compile(
            rf"(?:{heads})(?=[:]|负责(?!人|同志|的)|牵头|要(?![求点素害闻])|应当|须(?!知)|必须|配合(?!度)|会同(?!意)|按职责)"
        )
    )


_CLAUSE_ENDS = frozenset("\n。;,:()“”!?")
_OPENING = compiled(
    r"\s*(?:(?:\d{1,2}[.、)]|[一二三四五六七八九十]{1,3}、|[一二三四五六七八九十]{1,2}是(?:要)?|<roles.lead_in>|由|请)\s*)*"
)
_FREE_NAME = re.compile(r"[^\W\d_的了将把对向为被与在是有要应须请由该我本贵你各全其此这那并]{2,14}")
_AMONG = re.compile(r"、|(?<=[局委办厅会部院所站心司团行])(?:和|及|与)")
_NO_NAMES = frozenset(
    ["办公室", "指挥部", "专班", "工作组", "委员会", "公司", "集团", "机构", "总公司", "分公司", "子公司", "有关公司"]
)
_FRAME = 60  # characters from the clause's start to the frame's last head


def framed_items(text: str) -> Iterator[list[tuple[int, int]]]:
    """The items of each list that opens a clause, ends with a head and goes on with 负责, 要, 牵头, ： …, in order."""
    for _, end in _framed().spans(text):
        low = max(0, end - _FRAME)
        start = next((i + 1 for i in range(end - 1, low - 1, -1) if text[i] in _CLAUSE_ENDS), low)
        if start == low and low:
            continue
        if text[end : end + 1] == ":" and start and text[start - 1] != "\n":
            continue  # 责任单位是某公司:…
        opening = _OPENING.match(text, start, end)
        start = opening.end() if opening is not None else start
        items: list[tuple[int, int]] = []
        at = start
        for cut in [*_AMONG.finditer(text, start, end), None]:
            stop = cut.start() if cut is not None else end
            items.append((at, stop))
            at = cut.end() if cut is not None else end
        if all(_is_name(text, a, b) for a, b in items):
            yield items


def _is_name(text: str, start: int, end: int) -> bool:
    name = text[start:end]
    if name in _NO_NAMES or _FREE_NAME.fullmatch(name) is None or not name.endswith(organs().framed_heads):
        return False
    return organs().breaks.search(name) is None and not any(name.endswith(w) for w in organs().not_organs)


def division_end(text: str, end: int) -> int:
    """Where an organ's name that ends at `end` ends with its division; `end` itself where none is named."""
    m = _division().match(text, end)
    return m.end() if m is not None else end
