"""Stable ids and the keys by which things are recognised again.

Ids are hashes of where a statement stands and what it says, so a re-run gives the same ids and an id never depends
on the order in which files are worked off.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

import msgspec

_encode = msgspec.json.Encoder(enc_hook=str).encode
_DROPPED = re.compile(r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff·•\"'“”‘’<>《》()\[\]【】,，。、;；:：_\-—]+")
_PERIOD = re.compile(
    r"(截至|截止|统计)|(\d+|[〇零一二三四五六七八九十]+)\s*(年度?|月份?|[日号旬周期]|季度)|第?[一二三四上下]半?(季度|年)|"
    r"(上|下)半年|[年月]?底|[年月季]末|\d+"
)


def stable_id(*parts: object) -> str:
    """32 hexadecimal digits of the SHA-256 over the parts, None and "" told apart."""
    return hashlib.sha256(_encode(parts)).hexdigest()[:32]


class IdMaker:
    """Ids of one document's statements: the same place and value twice gives a second id, not a clash."""

    def __init__(self, document_id: str, table: str) -> None:
        self._prefix = (document_id, table)
        self._seen: Counter[tuple[object, ...]] = Counter()

    def make(self, *parts: object) -> str:
        """The id of one statement, given its place and value."""
        n = self._seen[parts]
        self._seen[parts] += 1
        return stable_id(*self._prefix, *parts, *((n,) if n else ()))


def normal_name(text: str | None) -> str:
    """A name as it is compared: NFKC, without blanks, invisible characters, brackets and punctuation, case folded."""
    if text is None:
        return ""
    return _DROPPED.sub("", unicodedata.normalize("NFKC", text)).casefold()


def debt_key(debtor: str | None, creditor: str | None, contract_no: str | None, project_name: str | None) -> str | None:
    """What one debt is known by from period to period; None when a party is unknown, for then nothing tells.

    Debtor, creditor and contract number, else project name, else nothing further.
    """
    parties = (normal_name(debtor), normal_name(creditor))
    if not all(parties):
        return None
    contract, project = normal_name(contract_no), normal_name(project_name)
    what = f"c:{contract}" if contract else f"p:{project}" if project else ""
    return "|".join((*parties, what))


def series_name(candidates: Iterable[str | None]) -> str:
    """What a ledger is called in every period: the first candidate that says something once its period is cut away."""
    for candidate in candidates:
        if candidate:
            name = normal_name(_PERIOD.sub("", unicodedata.normalize("NFKC", candidate)))
            if name:
                return name
    return "-"
