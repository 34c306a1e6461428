"""Targets in shares (清偿60%, 不低于90%, 全部清零), read from a duty's words and held against the ledgers' sums."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

import msgspec

_CLEARED = r"(?:清偿|偿还|还款|化解|清欠|清零|销号|清理|支付)"
_SHARE = re.compile(
    rf"{_CLEARED}[^，。；\d]{{0,14}}?(\d{{1,3}}(?:\.\d+)?)\s*%|(\d{{1,3}}(?:\.\d+)?)\s*%[^，。；]{{0,6}}?{_CLEARED}"
)
_BARE = re.compile(r"^\s*(?:不低于|达到|完成|不少于|力争达到)\s*(\d{1,3}(?:\.\d+)?)\s*%")
_ALL = re.compile(r"全部清零|全部清偿|全部(?:予以)?偿还|应清尽清|动态清零|清零|清偿完毕|全部付清")
_UNDISPUTED = re.compile(r"无(?:分歧|争议)")


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A share to be cleared, 1 being the whole; of undisputed debts only where the words say so."""

    share: Decimal
    is_undisputed_only: bool


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """How far a target was reached: null share where nothing was owed or the sums are not known."""

    target: Target
    owed_yuan: Decimal | None
    cleared_yuan: Decimal | None
    share: Decimal | None
    is_met: bool | None


def target_of(words: str | None) -> Target | None:
    """The target that a duty's words set; None when they set none."""
    text = unicodedata.normalize("NFKC", words or "")
    found = _SHARE.search(text) or _BARE.search(text)
    if found is not None:
        share = Decimal(next(g for g in found.groups() if g)) / 100
    elif _ALL.search(text):
        share = Decimal(1)
    else:
        return None
    if not 0 < share <= 1:
        return None
    return Target(share=share, is_undisputed_only=bool(_UNDISPUTED.search(text)))


def evaluate(target: Target, owed: Decimal | None, cleared: Decimal | None) -> Reached:
    """Hold a target against what was owed in all and what of it was cleared, in yuan; nothing owed, nothing to say."""
    share = None if not owed or cleared is None else (cleared / owed).quantize(Decimal("0.000001"))
    met = None if share is None else share >= target.share
    return Reached(target=target, owed_yuan=owed, cleared_yuan=cleared, share=share, is_met=met)
