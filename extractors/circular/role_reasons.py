"""Cues as people read them: why a sum was given its role."""

from __future__ import annotations

from functools import cache, lru_cache

from extractors.circular.role_cues import RULE, SIGNS
from extractors.rules import lexicon

# How a cue's name is shown to people; names that begin with k see kinds of words.
_SHOWN = {
    "c": "本句", "L": "紧接前文", "b": "前句", "s": "句中", "p": "上一句", "a": "后文", "A": "紧接后文", "r": "后句",
    "S": "句式", "x": "句式", "h": "本段标题", "H": "标题", "t": "文题", "g": "两数之间", "G": "两数之间", "W": "其中",
    "rule": "成文规则", "prev": "前一数", "prev2": "前两数", "first": "句首数", "whole": "合计数",
    "than": "与前一数相比", "whenc": "本句时间", "whens": "句中时间", "whenp": "前文时间",
    "same": "同一数额前文", "diff": "等于前文两数之差", "sum": "等于前文两数之和", "part": "与各数合计为前数",
    "toward": "与各数合计为后数", "last": "末项合计为前数", "total": "等于前文各数之和", "like": "并列", "bare": "并列",
}  # fmt: skip
_ROLES_SHOWN = {
    "debt_total": "欠款", "cleared": "已付", "remaining": "剩余", "disputed": "有争议", "undisputed": "无争议",
    "new_debt": "新增", "other": "其他",
}  # fmt: skip

_WORDLESS = {"-": "无", "next": "在后"}


@cache
def _signs_shown() -> dict[int, str]:
    kinds_ = {ord(e["sign"]): f"〔{e['label']}〕" for e in lexicon.load("cues").values()}
    return kinds_ | {ord(sign): f"〔{_ROLES_SHOWN[role]}数〕" for role, sign in SIGNS.items()}


@lru_cache(maxsize=4096)
def shown(cue: str) -> str:
    """A cue as people read it: 本句「尚欠」, 句式〔未〕〔支付〕, 前一数 已付."""
    name, _, words = cue.removeprefix(f"{RULE}+").partition("|")
    label = _SHOWN.get(name) or _SHOWN.get(name.strip("k0123456789")[:1], "句式")
    told = [_ROLES_SHOWN.get(part, "") for part in words.split("|")]
    if words in _WORDLESS:
        return f"{label} {_WORDLESS[words]}"
    if any(told):
        return f"{label} {'、'.join(filter(None, told))}"
    said = words.translate(_signs_shown())
    return f"{label}{said if name.startswith('k') and said != words else f'「{said}」'}"
