"""Number formats of spreadsheets (ECMA-376 part 1, 18.8.30-31): what a person sees, and which numbers are dates.

Covers what ledgers use: digits, thousands, percent, scaling commas, literals such as 0.00"万元", and dates in
Chinese or ISO order. A format beyond that shows the plain number, never a guess.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from extractors.formats import limits

BUILTIN: dict[int, str] = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm",
    21: "h:mm:ss", 22: "yyyy/m/d h:mm", 27: 'yyyy"年"m"月"', 28: 'm"月"d"日"', 29: 'm"月"d"日"', 30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"', 32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"', 34: 'h"时"mm"分"', 35: 'h"时"mm"分"ss"秒"',
    36: 'yyyy"年"m"月"', 37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss",
    47: "mm:ss.0", 49: "@", 50: 'yyyy"年"m"月"', 51: 'm"月"d"日"', 52: 'yyyy"年"m"月"', 53: 'm"月"d"日"',
    54: 'm"月"d"日"', 55: 'h"时"mm"分"', 56: 'h"时"mm"分"ss"秒"', 57: 'yyyy"年"m"月"', 58: 'm"月"d"日"',
}  # fmt: skip
"""Formats that a file names by number only; 27-36 and 50-58 as in Chinese Excel."""

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_(?P<pad>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]|(?P<plain>.)', re.DOTALL
)
_DIGITS = "0#?"


@functools.lru_cache(maxsize=4_096)
def _sections(fmt: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    """The sections of a format as (kind, text) tokens; kinds are literal, bracket and code."""
    out: list[list[tuple[str, str]]] = [[]]
    for match in _TOKEN.finditer(fmt[: limits.MAX_FORMAT_CHARS]):
        kind, text = match.lastgroup, match.group(match.lastgroup or 0)
        if kind == "plain" and text == ";":
            out.append([])
        elif kind in ("quoted", "escaped"):
            out[-1].append(("literal", text))
        elif kind == "bracket":
            out[-1].append(("bracket", text))
        elif kind == "plain":
            out[-1].append(("code", text))
    return tuple(tuple(section) for section in out)


@functools.lru_cache(maxsize=4_096)
def is_date(fmt: str) -> bool:
    """True when numbers in this format are dates or times."""
    for kind, text in _sections(fmt)[0]:
        if kind == "bracket" and text.lower() in ("h", "hh", "m", "mm", "s", "ss"):
            return True
        if kind == "code" and text.lower() in "ymdhse" and text not in "Ee":
            return fmt.lower() != "general"
    return False


def _day(year: int, month: int, day: int) -> dt.datetime:
    """Midnight of a day, without a time zone: sheets know none."""
    return dt.datetime.combine(dt.date(year, month, day), dt.time())


def from_serial(serial: float, *, epoch_1904: bool) -> dt.datetime | None:
    """The moment of a serial number, rounded to the second; None outside 1900-9999.

    Serial 60 of the 1900 system is a day that never was (29 February 1900) and gives None.
    """
    if not 0 <= serial < 2_958_466:
        return None
    if epoch_1904:
        base = _day(1904, 1, 1)
    elif serial < 60:
        base = _day(1899, 12, 31)
    elif serial < 61:
        return None
    else:
        base = _day(1899, 12, 30)
    try:
        return base + dt.timedelta(seconds=round(serial * 86_400))
    except OverflowError:
        return None


def plain(number: Decimal) -> str:
    """A number without exponent and without trailing zeros after the point."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def show(number: Decimal, fmt: str) -> str:
    """The number as its format shows it; a format that this cannot follow gives the plain number."""
    if fmt in ("General", "@", "") or len(fmt) > limits.MAX_FORMAT_CHARS:
        return plain(number)
    sections = _sections(fmt)
    if any(k == "bracket" and t[:1] in "<>=" for s in sections for k, t in s):
        return plain(number)  # conditional sections
    section = sections[0]
    value = number
    if number < 0 and len(sections) > 1 and sections[1]:
        section, value = sections[1], -number
    elif number == 0 and len(sections) > 2 and sections[2]:
        section = sections[2]
    codes = "".join(t for k, t in section if k == "code")
    if re.search(r"[/?Ee]", codes) or "General" in codes:
        if codes == "General":
            head = "".join(t for k, t in section if k == "literal")
            return plain(number) if not head else _around(section, plain(value))
        return plain(number)
    body = re.sub(r"[^0#.,%]", "", codes)
    if not re.search("[0#]", body):
        return _around(section, "") or plain(number)
    percent = body.count("%")
    pattern = body.replace("%", "")
    whole, _, fraction = pattern.partition(".")
    scale = len(pattern) - len(pattern.rstrip(","))
    if "." in pattern:
        scale = len(whole) - len(whole.rstrip(",")) + len(fraction) - len(fraction.rstrip(","))
    fraction = fraction.replace(",", "")
    try:
        value = value.scaleb(2 * percent - 3 * scale)
        value = value.quantize(Decimal(1).scaleb(-len(fraction)), rounding=ROUND_HALF_UP)
    except InvalidOperation:
        return plain(number)
    text = f"{value:,f}" if "," in whole.rstrip(",") else f"{value:f}"
    optional = len(fraction) - len(fraction.rstrip("#"))
    if optional and "." in text:
        keep = len(text) - optional
        text = text[:keep] + text[keep:].rstrip("0")
        text = text.removesuffix(".")
    least = whole.count("0")
    digits = text.lstrip("-").partition(".")[0].replace(",", "")
    if len(digits) < least and "," not in whole:
        sign = "-" if text.startswith("-") else ""
        text = sign + "0" * (least - len(digits)) + text.lstrip("-")
    return _around(section, text + "%" * percent)


def _around(section: tuple[tuple[str, str], ...], number: str) -> str:
    """The section's literals with the number in the place of its digit codes."""
    out, placed = "", False
    for kind, text in section:
        if kind == "literal":
            out += text
        elif kind == "bracket":
            currency = re.match(r"\$([^-]*)", text)
            out += currency.group(1) if currency else ""
        elif text in "0#?.,%Gneral@":
            if not placed:
                out, placed = out + number, True
        elif text in "+-() ￥¥$€£" or ord(text) > 0x7F:
            out += text
    return out.strip()


def show_date(moment: dt.datetime, fmt: str) -> str:
    """The moment as its format shows it; formats with names of months or days give ISO text."""
    section = _sections(fmt)[0]
    runs: list[tuple[str, str]] = []
    for kind, text in section:
        if kind == "code" and runs and runs[-1][0] == "code" and runs[-1][1][-1].lower() == text.lower():
            runs[-1] = ("code", runs[-1][1] + text)
        else:
            runs.append((kind, text))
    out, last = "", ""
    for i, (kind, text) in enumerate(runs):
        low = text.lower()
        if kind == "literal":
            out += text
        elif kind == "bracket":
            if low in ("h", "hh", "m", "mm", "s", "ss") or low.startswith(("dbnum1", "dbnum2")):
                return iso(moment)
        elif low.startswith("y"):
            out += f"{moment.year:04d}" if len(low) > 2 else f"{moment.year % 100:02d}"
        elif low in ("m", "mm"):
            following = next((t.lower() for k, t in runs[i + 1 :] if k == "code" and t.lower()[0] in "ymdhs"), "")
            minute = last == "h" or following.startswith("s")
            number = moment.minute if minute else moment.month
            out += f"{number:02d}" if len(low) == 2 else str(number)
        elif low in ("d", "dd"):
            out += f"{moment.day:02d}" if len(low) == 2 else str(moment.day)
        elif low in ("h", "hh", "s", "ss"):
            number = moment.hour if low[0] == "h" else moment.second
            out += f"{number:02d}" if len(low) == 2 else str(number)
        elif text in "/-.: @," or ord(text[0]) > 0x7F:
            out += text if text not in ("@", ",") else ""
        else:
            return iso(moment)
        if kind == "code" and low[0] in "ymdhs":
            last = low[0]
    return out.strip() or iso(moment)


def iso(moment: dt.datetime) -> str:
    """ISO text: a date alone when the time is midnight."""
    return moment.date().isoformat() if moment.time() == dt.time() else moment.isoformat(timespec="seconds")
