"""Parts of an amount that ledgers give columns of their own: by kind (工程款), age (1-2年) or means (现金)."""

from __future__ import annotations

import re
from functools import lru_cache

_KINDS = {
    "works": ("工程", "工程款", "工程类", "建设工程", "工程建设"),
    "goods": ("货物", "货款", "货物款", "物资采购款", "货物采购款", "物资采购", "采购款", "材料款", "货物类"),
    "services": ("服务", "服务费", "服务款", "服务类"),
    "deposit": ("保证金", "应返未返保证金", "质保金", "履约保证金", "保证金类"),
    "other": ("其他", "其它"),
    "principal": ("本金",),
    "interest": ("利息",),
    "penalty": ("违约金",),
    "cash": ("现金", "现金清偿", "货币资金", "现金支付", "银行转账", "现金方式"),
    "bills": ("票据", "商票", "商业汇票", "承兑汇票", "商业承兑汇票", "票据清偿", "票据支付"),
    "assets": ("资产抵债", "以物抵债", "以资抵债", "以房抵债", "抵债", "抵账", "资产抵偿", "实物抵债"),
    "restructured": ("债务重组", "重组", "债转股", "还款协议", "签订还款协议", "达成协议", "协议清偿"),
}
_BY_WORD = {word: part for part, words in _KINDS.items() for word in words}
_LABELS = {part: words[0] for part, words in _KINDS.items()}

_N = r"(\d{1,3}|[一二两三四五六七八九十]|半)"
_Y = r"(年|个月|月|天|日)"
_AGE = r"^(?:账龄|拖欠|逾期|欠款)?(?:时间|年限|期限)?"
_END = r"(?:含)?(?:\d?年?)?(?:的)?(?:部分|账款|欠款|款项|金额)?$"
_UNDER = re.compile(f"{_AGE}(?:不满|不足|小于)?{_N}{_Y}(?:以内|以下|之内|内)?{_END}")
_OVER = re.compile(f"{_AGE}(?:超过|大于)?{_N}{_Y}(?:以上|及以上|之上)?{_END}")
_BETWEEN = re.compile(f"{_AGE}{_N}{_Y}?(?:以上)?(?:-|~|—|–|至|到)+{_N}{_Y}(?:以内|以下)?{_END}")
_NUMERAL = {c: i + 1 for i, c in enumerate("一二三四五六七八九十")} | {"两": 2}


@lru_cache(maxsize=4096)
def part_of(leaf: str) -> str | None:
    """The part of an amount a header in normal form names, as the middle of a field's name: works, 1_2y, under_90d."""
    return _BY_WORD.get(leaf) or _band(leaf)


def _band(leaf: str) -> str | None:
    if found := _BETWEEN.match(leaf):
        low, high = _months(found[1], found[2] or found[4]), _months(found[3], found[4])
        in_days = {u in ("天", "日") for u in (found[2] or found[4], found[4])}
        if low is None or high is None or low >= high or len(in_days) > 1:
            return None
        return _named(found[4], f"{low}_{high}", f"{low // 12}_{high // 12}", low % 12 == high % 12 == 0)
    under = re.search("不满|不足|小于|以内|以下|之内|内", leaf) and _UNDER.match(leaf)
    over = re.search("超过|大于|以上|之上", leaf) and _OVER.match(leaf)
    for word, found in (("under", under), ("over", over)):
        if found and (months := _months(found[1], found[2])) is not None:
            return _named(found[2], f"{word}_{months}", f"{word}_{months // 12}", months % 12 == 0)
    return None


def _named(unit: str, short: str, long: str, whole_years: bool) -> str:
    if unit in "天日":
        return f"{short}d"
    return f"{long}y" if whole_years else f"{short}m"


def _months(number: str, unit: str) -> int | None:
    if number == "半":
        return 6 if unit == "年" else None
    count = int(number) if number.isdigit() else _NUMERAL[number]
    return count * 12 if unit == "年" else count


def part_label(part: str) -> str | None:
    """How people call a part; None when it is none."""
    if part in _LABELS:
        return _LABELS[part]
    found = re.fullmatch(r"(under|over|\d+)_(\d+)([ymd])", part)
    if found is None:
        return None
    unit = {"y": "年", "m": "个月", "d": "天"}[found[3]]
    if found[1] in ("under", "over"):
        return f"{found[2]}{unit}" + ("以内" if found[1] == "under" else "以上")
    return f"{found[1]}至{found[2]}{unit}"
