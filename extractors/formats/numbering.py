"""Automatic numbering of Word paragraphs as the text a reader sees (ECMA-376 part 1, 17.9).

Word stores "item 2 of list 3, level 0" and draws 二、 itself; without this a circular loses its 一、（一） frame.
"""

from __future__ import annotations

import re

from docx.oxml.ns import qn
from lxml import etree

from extractors.formats import limits

_DIGITS = "〇一二三四五六七八九"
_FORMAL = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("", "十", "百", "千")
_FORMAL_UNITS = ("", "拾", "佰", "仟")
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_PLACE = re.compile(r"%([1-9])")


def chinese(number: int, digits: str = _DIGITS, units: tuple[str, ...] = _UNITS) -> str:
    """12 -> 十二, 105 -> 一百〇五; numbers of 10,000 and above stay digits."""
    if not 0 < number < 10_000:
        return str(number)
    out, zero = "", False
    text = str(number)
    for i, char in enumerate(text):
        place = len(text) - 1 - i
        if char == "0":
            zero = bool(out)
            continue
        out += (digits[0] if zero else "") + digits[int(char)] + units[place]
        zero = False
    return out.removeprefix("一") if units is _UNITS and 10 <= number < 20 else out


def _roman(number: int) -> str:
    out = ""
    for value, sign in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    ):
        out += sign * min(number // value, 20)
        number %= value
    return out


def _letters(number: int) -> str:
    return chr(97 + (number - 1) % 26) * min((number - 1) // 26 + 1, 9) if number > 0 else str(number)


def render(number: int, form: str) -> str | None:
    """One number in a Word number format; None for formats without a text (bullets, none, unknown ones)."""
    match form:
        case "decimal" | "decimalHalfWidth":
            return str(number)
        case "decimalFullWidth" | "decimalFullWidth2":
            return str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
        case "decimalZero":
            return f"{number:02d}"
        case (
            "chineseCounting"
            | "chineseCountingThousand"
            | "ideographDigital"
            | "japaneseCounting"
            | ("taiwaneseCounting" | "taiwaneseCountingThousand" | "japaneseDigitalTenThousand" | "koreanDigital2")
        ):
            return chinese(number)
        case "chineseLegalSimplified" | "ideographLegalTraditional" | "japaneseLegal":
            return chinese(number, _FORMAL, _FORMAL_UNITS)
        case "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" | "ideographEnclosedCircle":
            return _CIRCLED[number - 1] if 0 < number <= len(_CIRCLED) else f"({number})"
        case "decimalEnclosedParen":
            return f"({number})"
        case "decimalEnclosedFullstop":
            return f"{number}."
        case "upperRoman":
            return _roman(number)
        case "lowerRoman":
            return _roman(number).lower()
        case "upperLetter":
            return _letters(number).upper()
        case "lowerLetter":
            return _letters(number)
        case "ideographTraditional":
            return _STEMS[(number - 1) % 10]
        case "ideographZodiac":
            return _BRANCHES[(number - 1) % 12]
        case _:
            return None


class _Level:
    def __init__(self, form: str, text: str, start: int, restart: int | None) -> None:
        self.form, self.text, self.start, self.restart = form, text, start, restart


def _value(parent: etree._Element | None, tag: str, default: str) -> str:
    child = None if parent is None else parent.find(qn(tag))
    return default if child is None else str(child.get(qn("w:val"), default))


def _int(text: str | None, default: int) -> int:
    return int(text) if text is not None and re.fullmatch(r"-?\d{1,9}", text) else default


class Numbering:
    """The counters of one document. `label(paragraph)` must be called for each paragraph in order."""

    def __init__(self, numbering: etree._Element | None, styles: etree._Element | None) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._abstract_of: dict[str, str] = {}
        self._starts: dict[tuple[str, int], int] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._started: set[tuple[str, int]] = set()
        self._styles: dict[str, etree._Element] = {}
        self.unknown: set[str] = set()
        if numbering is not None:
            for abstract in numbering.iterchildren(qn("w:abstractNum")):
                self._levels[str(abstract.get(qn("w:abstractNumId")))] = {
                    _int(level.get(qn("w:ilvl")), 0): self._level(level) for level in abstract.iter(qn("w:lvl"))
                }
            for num in numbering.iterchildren(qn("w:num")):
                num_id = str(num.get(qn("w:numId")))
                self._abstract_of[num_id] = _value(num, "w:abstractNumId", "")
                for override in num.iter(qn("w:lvlOverride")):
                    start = override.find(qn("w:startOverride"))
                    if start is not None:
                        key = (num_id, _int(override.get(qn("w:ilvl")), 0))
                        self._starts[key] = _int(start.get(qn("w:val")), 1)
        if styles is not None:
            for style in styles.iterchildren(qn("w:style")):
                self._styles[str(style.get(qn("w:styleId")))] = style

    @staticmethod
    def _level(level: etree._Element) -> _Level:
        restart = level.find(qn("w:lvlRestart"))
        return _Level(
            _value(level, "w:numFmt", "decimal"),
            _value(level, "w:lvlText", ""),
            _int(_value(level, "w:start", "1"), 1),
            None if restart is None else _int(restart.get(qn("w:val")), 0),
        )

    def label(self, paragraph: etree._Element) -> str:
        """The number Word would draw before this paragraph; an empty string for none and for bullets."""
        found = self._place(paragraph)
        if found is None:
            return ""
        num_id, depth = found
        abstract = self._abstract_of.get(num_id, "")
        levels = self._levels.get(abstract, {})
        level = levels.get(depth)
        if level is None:
            return ""
        counts = self._counts.setdefault(abstract, {})
        start = self._starts.get((num_id, depth))
        if start is not None and (num_id, depth) not in self._started:
            counts[depth] = start
        elif depth in counts:
            counts[depth] += 1
        else:
            counts[depth] = level.start
        self._started.add((num_id, depth))
        for deeper in [d for d in counts if d > depth and (levels[d].restart != 0 if d in levels else True)]:
            del counts[deeper]

        missing = False

        def number(match: re.Match[str]) -> str:
            nonlocal missing
            at = int(match.group(1)) - 1
            its = levels.get(at)
            if its is None:
                return ""
            text = render(counts.get(at, its.start), its.form)
            if text is None:
                missing = True
                if its.form not in ("none", "bullet"):
                    self.unknown.add(its.form)
                return ""
            return text

        if level.form in ("bullet", "none") and not _PLACE.search(level.text):
            return ""
        label = _PLACE.sub(number, level.text)
        return "" if missing and not label.strip(" .、)）(（") else label

    def _place(self, paragraph: etree._Element) -> tuple[str, int] | None:
        """(numId, level) of a paragraph, its own or by its style."""
        properties = paragraph.find(qn("w:pPr"))
        own = None if properties is None else properties.find(qn("w:numPr"))
        depth: int | None = None
        if own is not None:
            num_id = _value(own, "w:numId", "")
            if own.find(qn("w:ilvl")) is not None:
                depth = _int(_value(own, "w:ilvl", "0"), 0)
            if num_id == "0":
                return None
            if num_id:
                return num_id, depth or 0
        style = self._styles.get(_value(properties, "w:pStyle", ""))
        for _ in range(limits.MAX_STYLE_CHAIN):
            if style is None:
                return None
            its = style.find(qn("w:pPr"))
            numbering = None if its is None else its.find(qn("w:numPr"))
            if numbering is not None and _value(numbering, "w:numId", ""):
                num_id = _value(numbering, "w:numId", "")
                if num_id == "0":
                    return None
                return num_id, depth if depth is not None else _int(_value(numbering, "w:ilvl", "0"), 0)
            style = self._styles.get(_value(style, "w:basedOn", ""))
        return None
