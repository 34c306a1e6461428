"""Money units: where a ledger says them, and the precedence cell > header > parent > caption > document > none."""

from __future__ import annotations

import re
from collections.abc import Iterable

from extractors.ledger.words import plain

_UNIT = "亿元|千万元|百万元|十万元|万元|千元|元|亿|万"
_CAPTION = re.compile(r"(?=(?:单位|币种|人民币)(?:\([^)]*\))?:?([^:;。]{0,24}))")
_TOKEN = re.compile(rf"(?:人民币)?[((]?({_UNIT})[))]?(?:人民币)?$")
_BRACKETED = re.compile(rf"[(\[【](?:金额)?(?:单位)?[:：]?(?:人民币)?({_UNIT})(?:[、,/][^)\]】]*)?[)\]】]")
_BRACKET_LAST = re.compile(rf"[(\[【][^()\[\]【】]*?[、,/:：]({_UNIT})[)\]】]")
_ENDING = re.compile(rf"[/,、:]?({_UNIT})$")
_SENTENCE = re.compile(
    rf"(?:金额|款项|数据|以上金额|表中金额|涉及金额)[^。;；\n]{{0,10}}?(?:单位)?(?:均|统一|一律)?(?:为|以|按|用)({_UNIT})"
    rf"|(?:均|统一|一律)?以[“\"]?({_UNIT})[”\"]?为(?:计量|金额)?单位"
    rf"|单位(?:均|统一|一律)?(?:为|是|按)[“\"]?({_UNIT})"
)
_OTHER_UNITS = frozenset({"填报", "报送", "上报", "填表", "汇总", "编制", "制表", "责任", "公示", "披露", "报告"})
_EITHER = re.compile(rf"(?:{_UNIT})[/、或](?:{_UNIT})")
_LONE = re.compile(rf"^[((]?(?:人民币)?({_UNIT})[))]?$")


def normal_unit(unit: str) -> str:
    """万 and 亿 stand for 万元 and 亿元."""
    return unit + "元" if unit in ("万", "亿") else unit


def in_caption(text: str) -> str | None:
    """The money unit of a caption such as 单位：万元, 金额单位:人民币 万元, 单位：户、万元, （万元); None without one.

    填报单位：… is a different label: the word before 单位 decides.
    """
    flat = plain(text)
    for m in _CAPTION.finditer(flat):
        if flat[max(0, m.start() - 2) : m.start()] in _OTHER_UNITS:
            continue
        for part in re.split(r"[、,,/;和及|]", m.group(1)):
            token = _TOKEN.match(part) or _token_before_label(part)
            if token:
                return normal_unit(token.group(1))
    lone = _LONE.match(flat) or _BRACKETED.search(flat)
    return normal_unit(lone.group(1)) if lone else None


def _token_before_label(part: str) -> re.Match[str] | None:
    """万元 followed by the next label of the same line (单位:万元填报日期…)."""
    return re.match(
        rf"(?:人民币)?[((]?({_UNIT})[))]?(?=填报|填表|报送|上报|日期|截|统计|数据|制表|20\d\d|[((]|编制|审核|负责|$|%)",
        part,
    )


def in_header(text: str) -> str | None:
    """The unit a header cell carries: 拖欠金额（万元）, 金额/万元, 欠款金额万元, （单位：元）."""
    flat = plain(text)
    if _EITHER.search(flat):
        return None
    m = _BRACKETED.search(flat) or _BRACKET_LAST.search(flat) or _ENDING.search(flat)
    if m is None:
        return None
    # 单元, 公元 and the like end in 元 without being money
    if m.group(1) == "元" and flat.endswith(("单元", "多元", "公元")):
        return None
    return normal_unit(m.group(1))


def in_sentence(text: str) -> str | None:
    """The unit a note states in words: 表中金额均以万元为单位, 金额单位统一为元."""
    m = _SENTENCE.search(plain(text))
    return normal_unit(next(g for g in m.groups() if g)) if m else None


def one_of(units: Iterable[str | None]) -> str | None:
    """The unit all sources agree on; None when there is none or when they differ (a guess would be a factor)."""
    found = {u for u in units if u}
    return found.pop() if len(found) == 1 else None


def in_number_format(fmt: str | None) -> tuple[str, bool] | None:
    """Unit shown by a cell's number format, and whether the format also scales the shown number.

    `0.00"万元"` prints the stored number with a unit behind it: (万元, False). `0!.0,"万元"` is the well-known
    trick that prints a number of yuan in 万元 without changing it: the stored value is yuan, so (元, True).
    """
    if not fmt:
        return None
    m = re.search(rf"[\"\\]?({_UNIT})\"?\s*(?:[;_)\]]|$)", fmt)
    if m is None:
        return None
    if "!." in fmt or "\\." in fmt or re.search(r"[0#],+[\"\\]", fmt):
        return ("元", True)
    return (normal_unit(m.group(1)), False)
