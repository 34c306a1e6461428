"""Company names made comparable, and names so near that they may be one company.

Nothing is merged here: 有限公司 and 有限责任公司 stay different, since they may be two. Near names are shown to a
person, with the reason.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from extractors.resolve.regions import registry

_DROPPED = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\"“”'‘’·•]+")
_LEGAL_FORMS = (
    "股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "股份公司", "集团公司", "责任公司", "公司", "集团",
    "合伙企业(有限合伙)", "合伙企业", "个人独资企业", "专业合作社", "合作社",
    "经营部", "门市部", "商行", "工作室", "厂", "店", "部",
)  # fmt: skip
_LOOK_ALIKES = str.maketrans("末己已曰臼土干千夭士日戊戍", "未已已日白士千千天士日戌戌")


@dataclass(frozen=True, slots=True)
class CompanyName:
    """A name cut into parts. `key` is what two spellings of one name share; `form` its legal form; `core` the rest."""

    key: str
    core: str
    form: str
    place: str


def normalise(name: str) -> str:
    """Half-width brackets and letters in capitals, no spaces, no quotation marks."""
    for _ in range(3):  # capitals and composed letters can call for one more pass
        name = unicodedata.normalize("NFKC", _DROPPED.sub("", unicodedata.normalize("NFKC", name))).upper()
    return name


def parse(name: str) -> CompanyName:
    """The parts of a name: the place it begins with, the core, the legal form (empty where it has none)."""
    key = normalise(name)
    form = next((f for f in _LEGAL_FORMS if key.endswith(f) and len(key) > len(f)), "")
    body = key[: len(key) - len(form)]
    _, at = registry().path_at(body)
    place = body[:at]
    # 建筑(福建)有限公司: the place may stand in brackets behind the core.
    if not place and (m := re.search(r"\(([\u4e00-\u9fff]{2,8})\)$", body)) and registry().named(m.group(1)):
        place, body = m.group(1), body[: m.start()]
        return CompanyName(key, body, form, place)
    return CompanyName(key, body[at:], form, place)


def near(name: str, others: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Of `others`, the names that may be the same company, each with the reason in one word.

    Reasons: `form` (only the legal form differs), `place` (one leaves the place out), `character` (one character
    changed, added or lost), `look_alike` (characters that scans mix up). An equal name is no near name.
    """
    mine = parse(name)
    out: list[tuple[str, str]] = []
    for other in others:
        theirs = parse(other)
        if theirs.key == mine.key:
            continue
        if theirs.core == mine.core and mine.core:
            reason = "form" if theirs.place == mine.place else "place" if not (theirs.place and mine.place) else ""
            if reason:
                out.append((other, reason))
            continue
        if theirs.key.translate(_LOOK_ALIKES) == mine.key.translate(_LOOK_ALIKES):
            out.append((other, "look_alike"))
        elif len(mine.key) >= 6 and _one_edit(mine.key, theirs.key):
            out.append((other, "character"))
    return tuple(out)


def _one_edit(a: str, b: str) -> bool:
    """Whether one character changed, added or lost makes `a` into `b`."""
    if abs(len(a) - len(b)) > 1 or a == b:
        return False
    i = 0
    while i < min(len(a), len(b)) and a[i] == b[i]:
        i += 1
    if len(a) == len(b):
        return a[i + 1 :] == b[i + 1 :]
    return a[i + 1 :] == b[i:] if len(a) > len(b) else a[i:] == b[i + 1 :]
