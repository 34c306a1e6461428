"""Unified social credit codes (统一社会信用代码), GB 32100-2015: check digit, verdict, repair candidates.

A code is 18 characters: registering authority, kind of body, six digits of region (GB/T 2260), nine of the
organisation code (GB 11714, with a check character of its own at place 17), and a check character.
Nothing here changes a code: a wrong one stays as printed, with candidates beside it for a person to choose.
"""

from __future__ import annotations

import re
from typing import Literal

UsccVerdict = Literal["ok", "bad_check", "bad_alphabet", "bad_length"]

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015 table 2: 31 characters, without I, O, S, V and Z."""

_VALUE = {c: i for i, c in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

# Characters that scanning and typing take for one another; the letters the standard leaves out are listed too,
# since a code that holds one is always a misreading.
_LOOK_ALIKES: dict[str, str] = {
    "0": "DQ68",
    "O": "0DQ",
    "D": "0",
    "Q": "0",
    "1": "7LT",
    "I": "1L",
    "L": "1",
    "2": "7",
    "Z": "27",
    "5": "6",
    "S": "58",
    "8": "0B36",
    "B": "8",
    "3": "8",
    "6": "0GC85",
    "G": "6C",
    "C": "G6",
    "U": "W",
    "V": "UY",
    "W": "U",
    "4": "A",
    "A": "4",
    "7": "12T",
    "T": "71",
    "E": "F",
    "F": "EP",
    "P": "F",
    "K": "X",
    "X": "K",
    "M": "N",
    "N": "M",
    "Y": "X",
    "9": "G",
}

_KINDS: dict[str, str] = {
    "11": "机关",
    "12": "事业单位",
    "13": "编办直接管理机构编制的群众团体",
    "19": "其他机构编制单位",
    "51": "社会团体",
    "52": "民办非企业单位",
    "53": "基金会",
    "91": "企业",
    "92": "个体工商户",
    "93": "农民专业合作社",
}
_SPACES = re.compile(r"[\s\u200b\u200c\u200d\ufeff\-–—'‘’`]+")
_FULL_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)}


def normalise(code: str) -> str:
    """The code in half-width capitals without spaces and dashes; its characters are otherwise kept."""
    return _SPACES.sub("", code.translate(_FULL_WIDTH)).upper()


def check_character(code: str) -> str:
    """The check character for the first 17 characters (already normalised); raises KeyError outside the alphabet."""
    total = sum(_VALUE[c] * w for c, w in zip(code[:17], _WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def verdict(code: str) -> UsccVerdict:
    """What is wrong with a code, if anything; spaces and width do not count against it."""
    code = normalise(code)
    if len(code) != 18:
        return "bad_length"
    if any(c not in _VALUE for c in code):
        return "bad_alphabet"
    return "ok" if check_character(code) == code[17] else "bad_check"


def check_digit_ok(code: str) -> bool:
    """True for a code of 18 allowed characters whose check character is right."""
    return verdict(code) == "ok"


check = verdict
"""The name other parts call it by: `uscc.check(code)`."""


def organisation_check_ok(code: str) -> bool:
    """True if places 9 to 17 carry a right organisation-code check character (GB 11714); False also if too short."""
    code = normalise(code)
    if len(code) != 18 or any(c not in _ORGANISATION_ALPHABET for c in code[8:17]):
        return False
    body = code[8:16]
    total = sum(_ORGANISATION_ALPHABET.index(c) * w for c, w in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    digit = 11 - total % 11
    return code[16] == {10: "X", 11: "0"}.get(digit, str(digit))


def kind_of(code: str) -> str | None:
    """The kind of body the first two characters stand for (机关, 事业单位, 企业, …); None if unknown."""
    return _KINDS.get(normalise(code)[:2])


def candidates(code: str) -> tuple[str, ...]:
    """Right codes that differ from this one by one look-alike character or one swap of neighbours.

    Codes whose inner organisation check is right too come first. Empty for a right code and for one of another
    length. For the reviewer's eye only: never applied by itself.
    """
    code = normalise(code)
    if len(code) != 18 or check_digit_ok(code):
        return ()
    tried: dict[str, None] = {}
    for i, c in enumerate(code):
        for other in _LOOK_ALIKES.get(c, ""):
            tried[code[:i] + other + code[i + 1 :]] = None
    for i in range(17):
        if code[i] != code[i + 1]:
            tried[code[:i] + code[i + 1] + code[i] + code[i + 2 :]] = None
    right = [t for t in tried if check_digit_ok(t)]
    # A misread letter outside the alphabet is replaced everywhere it stands: I and O tend to come in numbers.
    if not right and any(c not in _VALUE for c in code):
        plain = code.replace("O", "0").replace("I", "1").replace("S", "5").replace("Z", "2").replace("V", "U")
        right = [plain] if check_digit_ok(plain) else []
    right.sort(key=lambda t: (not organisation_check_ok(t), kind_of(t) is None))
    return tuple(right)
