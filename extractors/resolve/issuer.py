"""Which region a paper comes from: by its issuer, its title, its addressees, then its opening words."""

from __future__ import annotations

import re

from extractors.resolve.regions import Region, registry
from extractors.rules.lexicon import table as table_of

_OPENING = 1500
_LETTERHEAD = re.compile(
    r"[^,。;:]{0,30}?(?:委员会|常委会|办公室|政府|局|厅|小组|专班|集团|公司|检查组|调研组|督导组|督查组|指挥部|法院|检察院|纪委|工委|政协|工商联|商会|协会|联合会|学院|大学|医院|银行|分行|支行)"
)
_NATIONAL = re.compile(r"^(?:国务院|国家|工业和信息化部|财政部|中共中央|中华人民共和国|全国|最高人民)")


def issuer_region(issuer: str | None, title: str | None, text: str = "", hint: str | None = None) -> Region | None:
    """The paper's own region, None where it is national, unknown, or several would fit.

    `text` is the paper's normalised text: it settles shared names (朝阳区) by the regions above that it mentions,
    and stands in when neither issuer nor title name a place. `hint` is the region code of its source.
    """
    table = registry()
    known = table.get(hint) if hint else None
    opening = text[:_OPENING]
    for words in (issuer, title):
        if not words:
            continue
        words = re.sub(r"\s+", "", words)
        if _NATIONAL.match(words):
            return None
        found = _first_place(words)
        if found:
            fit = table.within_context(found, opening, known)
            if len(fit) == 1:
                return fit[0]
            return None
    if known is not None:
        return known
    candidates, at = table.path_at(opening.lstrip())
    if at >= 3 and _LETTERHEAD.match(opening.lstrip(), at):
        # a letterhead above an issuer that names no place (某市国资委 … 市国资委办公室)
        fit = table.within_context(candidates, opening)
        if len(fit) == 1:
            return fit[0]
    return _by_frequency(opening)


def province_of_sign(issuer: str | None, number: str | None) -> Region | None:
    """The province a paper of 省人民政府办公厅 belongs to, told by its 代字 (黔府办发〔2023〕8号); None for others."""
    if not issuer or not number or not issuer.startswith(("省", "自治区")):
        return None
    code = table_of("regions_extra", "province_signs").get(number[0])
    return registry().get(str(code)) if code is not None else None


def _first_place(words: str) -> tuple[Region, ...]:
    """The regions the first place name of an issuer or title can mean."""
    table = registry()
    candidates, at = table.path_at(words)
    if at:
        return candidates
    for i in range(1, len(words) - 1):
        name = table.name_at(words, i, short=False)
        if name is not None:
            candidates, _ = table.path_at(words, i)
            return candidates
    return ()


def _by_frequency(text: str) -> Region | None:
    """The one region whose full name the text repeats most; a tie or a single mention says nothing."""
    table = registry()
    counts: dict[str, int] = {}
    i = 0
    while i < len(text) - 1:
        name = table.name_at(text, i, short=False)
        if name is None:
            i += 1
            continue
        if len(name) >= 3:
            counts[name] = counts.get(name, 0) + 1
        i += len(name)
    if not counts:
        return None
    ranked = sorted(counts.items(), key=lambda kv: -kv[1])
    if ranked[0][1] < 2 or (len(ranked) > 1 and ranked[1][1] == ranked[0][1]):
        return None
    fit = table.within_context(table.named(ranked[0][0]), text)
    return fit[0] if len(fit) == 1 else None


def region_of_name(name: str, own: Region | None) -> Region | None:
    """The region a full unit name states (中国人民银行叶县支行 too); `own` settles shared names; None if unclear."""
    found = _first_place(name)
    fit = registry().within_context(found, "", own)
    return fit[0] if len(fit) == 1 else None
