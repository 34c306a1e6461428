"""Date cells: ISO text with its precision, or None with the reason.

Months stay months (`2022-06`, precision month), years years; a range gives both ends; a number 2022.1, which is what a
spreadsheet leaves of 2022.10, is ambiguous and stays unknown.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from decimal import Decimal
from functools import lru_cache

import msgspec

from extractors.ledger.words import plain, word_set

_SEP = r"[./\-年_]"
_Y4 = r"(?P<y>(?:19|20)\d\d)"
_DAY = re.compile(rf"^(?P<y>(?:19|20)?\d\d){_SEP}(?P<m>\d{{1,2}})[./\-月](?P<d>\d{{1,2}})日?(?:t?\d{{1,2}}[:时].*)?$")
_MONTH = re.compile(rf"^(?P<y>(?:19|20)\d\d|\d\d(?=年)){_SEP}(?P<m>\d{{1,2}})月?份?$")
_YEAR = re.compile(rf"^{_Y4}(?:年度?|年份)?$")
_EIGHT = re.compile(rf"^{_Y4}(?P<m>\d\d)(?P<d>\d\d)$")
_SIX = re.compile(rf"^{_Y4}(?P<m>0[1-9]|1[0-2])$")
_END_MONTH = re.compile(
    r"^(?:(?P<y>(?:19|20)?\d\d)[年.])?(?P<m>\d{1,2})月?(?P<part>底|末|初|上旬|中旬|下旬|上半月|下半月)$"
)
_END_YEAR = re.compile(r"^(?P<y>(?:19|20)?\d\d)年?(?:年)?(?P<part>底|末|终|初)$")
_QUARTER = re.compile(r"^(?:(?P<y>(?:19|20)?\d\d)年?)?第?(?P<q>[一二三四1-4])季度?(?P<end>底|末)?$")
_HALF = re.compile(r"^(?:(?P<y>(?:19|20)?\d\d)年?)(?P<h>上|下)半年$")
_NO_YEAR = re.compile(r"^(?P<m>\d{1,2})月(?:(?P<d>\d{1,2})[日号])?(?:份)?$")
_US = re.compile(r"^\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})$")
_RANGE = re.compile(r"[—–~～至到]|--|(?<=[年月日\d])-(?=(?:19|20)\d\d)")
_TAIL = re.compile(r"(?:之前|以前|前|之后|以后|以来|起|止|完成|左右|期间|内|前完成|前清偿|前付清|前还清|,|。|;)+$")
_CHINESE = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
FIRST_SERIAL, LAST_SERIAL = 20_000, 80_000
"""Day numbers of the 1900 system from 1954 to 2119: what a date column without a date format holds."""


class Date(msgspec.Struct, frozen=True):
    """A date as far as written: `value` YYYY-MM-DD, YYYY-MM, YYYY, YYYY-Qn or YYYY-Hn by `precision`.

    `other` is the far end of a range; `problem` a flag kind (ambiguous_date, invalid_date, unparsed_date,
    year_missing) and `value` is None then, except for a range or approximate date.
    """

    value: str | None
    precision: str = "day"
    rule: str = "date"
    problem: str | None = None
    other: str | None = None
    other_precision: str = "day"


@lru_cache(maxsize=65536)
def parse_date(text: str, year: int | None = None, plain_months: bool = False) -> Date:
    """The date written in a text cell. `year` is that of the table for texts without one (6月底).

    `plain_months` says that the column itself shows 2022.10 beside 2022.1, so that 2022.1 is January.
    """
    flat = plain(text).strip("'`‘’\"")
    if flat in word_set("blank"):
        return Date(None, rule="blank")
    if len(flat) > 60:
        return Date(None, rule="text", problem="unparsed_date")
    if (day := _festival(flat, year)) is not None:
        return day
    flat = _TAIL.sub("", re.sub(r"^(?:于|自|约|预计|计划|拟|在|截至|截止|力争|争取)+", "", flat))
    if re.fullmatch(r"[〇○零一二三四五六七八九十年月日]+", flat):
        flat = _from_chinese(flat)
    flat, year, relative = _relative_year(flat, year)
    found = _single(flat, year, plain_months)
    if relative and found is not None:
        return msgspec.structs.replace(found, problem=found.problem or "year_from_context")
    return found or _range(flat, year, plain_months) or Date(
        None, rule="text", problem="unparsed_date"
    )  # fmt: skip


_FESTIVAL = re.compile(
    r"^(?:(?P<y>(?:19|20)\d\d)年)?(?P<name>春节|元旦|国庆|五一|劳动节|国庆节|端午|端午节|中秋|中秋节|两节|除夕)(?P<eve>之前|以前|前夕?)$"
)


def _festival(flat: str, year: int | None) -> Date | None:
    """春节前 is the eve of 正月初一; other festivals likewise."""
    m = _FESTIVAL.match(flat)
    if m is None:
        return None
    from extractors.rules.time.calendar import festival

    found = int(m["y"]) if m["y"] else year
    if found is None:
        return Date(None, rule="festival", problem="year_missing")
    day = festival(m["name"], found)
    if day is None:
        return Date(None, rule="festival", problem="unparsed_date")
    eve = (day - dt.timedelta(days=1)).isoformat()
    return Date(eve, rule="festival", problem=None if m["y"] else "year_from_context")


_YEAR_WORDS = {"明年": 1, "次年": 1, "翌年": 1, "今年": 0, "本年": 0, "当年": 0, "去年": -1, "上年": -1}


def _relative_year(flat: str, year: int | None) -> tuple[str, int | None, bool]:
    """明年6月底 -> 6月底 of the year after the table's; 年底 and 年内 alone mean the end of the table's own year."""
    if flat in ("年底", "年末", "年内", "本年度内", "今年内", "本年内"):
        flat = "本年底"
    shift = _YEAR_WORDS.get(flat[:2])
    if shift is None:
        return flat, year, False
    if year is None:
        return _without_year(flat[2:]), None, False
    rest = flat[2:].removeprefix("度")
    whole = f"{year + shift}年{rest}" if rest in ("底", "末", "初") or rest.startswith(("上半年", "下半年")) else rest
    return (whole or str(year + shift)), year + shift, True


def _without_year(rest: str) -> str:
    """A form that is read as a date whose year is missing."""
    return rest if _END_MONTH.match(rest) or _NO_YEAR.match(rest) else "12月底"


def parse_number(value: Decimal, plain_months: bool = False) -> Date:
    """A date column's cell that is stored as a number: 20220601, 202206, 2022, 44713 (day number), 2022.6, 2022.1."""
    if value == value.to_integral_value():
        n = int(value)
        if FIRST_SERIAL <= n <= LAST_SERIAL:
            return Date(from_serial(n), rule="excel_serial")
        return _single(str(n), None, plain_months) or Date(None, rule="number", problem="unparsed_date")
    if FIRST_SERIAL <= value <= LAST_SERIAL:
        return Date(from_serial(int(value)), rule="excel_serial")
    text = format(value.normalize(), "f")
    if re.fullmatch(r"(?:19|20)\d\d\.1", text):
        return Date(None, "month", "number_month", "ambiguous_date")
    return _single(text, None, True) or Date(None, rule="number", problem="unparsed_date")


def from_serial(n: int) -> str:
    """ISO date of a day number of the 1900 date system (44713 -> 2022-06-01)."""
    return (dt.date(1899, 12, 30) + dt.timedelta(days=n)).isoformat()


def _from_chinese(text: str) -> str:
    """二〇二二年五月二十五日 -> 2022年5月25日."""

    def tens(m: re.Match[str]) -> str:
        head, tail = m[1].translate(_CHINESE), m[2].translate(_CHINESE)
        return str((int(head) if head else 1) * 10 + (int(tail) if tail else 0))

    text = re.sub(r"([一二三四五六七八九]?)十([一二三四五六七八九]?)", tens, text)
    return text.translate(_CHINESE)


def _full_year(text: str) -> int:
    n = int(text)
    return n if n > 99 else (2000 + n if n < 70 else 1900 + n)


def _day(y: int, m: int, d: int, rule: str = "date_text") -> Date:
    try:
        return Date(dt.date(y, m, d).isoformat(), rule=rule)
    except ValueError:
        return Date(None, rule=rule, problem="invalid_date")


def _last(y: int, m: int, rule: str) -> Date:
    return _day(y, m, calendar.monthrange(y, m)[1] if 1 <= m <= 12 else 32, rule)


def _month(y: int, m: int, rule: str = "month_text") -> Date:
    if not 1 <= m <= 12:
        return Date(None, "month", rule, "invalid_date")
    return Date(f"{y:04d}-{m:02d}", "month", rule)


def _single(flat: str, year: int | None, plain_months: bool) -> Date | None:
    if m := _DAY.match(flat):
        return _day(_full_year(m["y"]), int(m["m"]), int(m["d"]))
    if m := _MONTH.match(flat):
        if re.fullmatch(r"(?:19|20)\d\d\.1", flat) and not plain_months:
            return Date(None, "month", "month_text", "ambiguous_date")
        return _month(_full_year(m["y"]), int(m["m"]))
    if m := _YEAR.match(flat):
        return Date(m["y"], "year", "year_text")
    if m := _EIGHT.match(flat):
        return _day(int(m["y"]), int(m["m"]), int(m["d"]), "eight_digits")
    if m := _SIX.match(flat):
        return _month(int(m["y"]), int(m["m"]), "six_digits")
    if _US.match(flat):
        return Date(None, rule="short_date", problem="ambiguous_date")
    return _parts(flat, year)


def _parts(flat: str, year: int | None) -> Date | None:
    if m := _END_MONTH.match(flat):
        found = _full_year(m["y"]) if m["y"] else year
        if found is None:
            return Date(None, "month", "month_end", "year_missing")
        month = int(m["m"])
        is_end = m["part"] in ("底", "末")
        date = _last(found, month, "month_end") if is_end else _month(found, month, "month_part")
        return date if m["y"] else msgspec.structs.replace(date, problem=date.problem or "year_from_context")
    if m := _END_YEAR.match(flat):
        y = _full_year(m["y"])
        return Date(f"{y}-12-31", rule="year_end") if m["part"] != "初" else Date(str(y), "year", "year_start")
    if m := _QUARTER.match(flat):
        y2 = _full_year(m["y"]) if m["y"] else year
        if y2 is None:
            return Date(None, "quarter", "quarter", "year_missing")
        q = _QUARTERS[m["q"]]
        date = _last(y2, q * 3, "quarter_end") if m["end"] else Date(f"{y2}-Q{q}", "quarter", "quarter")
        return date if m["y"] else msgspec.structs.replace(date, problem="year_from_context")
    if m := _HALF.match(flat):
        return Date(f"{_full_year(m['y'])}-H{1 if m['h'] == '上' else 2}", "half", "half_year")
    if m := _NO_YEAR.match(flat):
        if year is None:
            return Date(None, "month", "month_day", "year_missing")
        date = _day(year, int(m["m"]), int(m["d"])) if m["d"] else _month(year, int(m["m"]))
        return msgspec.structs.replace(date, problem=date.problem or "year_from_context")
    return None


def _range(flat: str, year: int | None, plain_months: bool) -> Date | None:
    pieces = [p for p in _RANGE.split(flat) if p]
    if len(pieces) == 1 and re.fullmatch(r"(?:19|20)\d\d年?-\d{2,4}年?|(?:19|20)\d\d年\d{1,2}月-\d{1,2}月", flat):
        pieces = flat.split("-")
    if len(pieces) != 2:
        return None
    first_text, second_text = pieces
    second = _single(second_text, None, plain_months)
    if second is None and second_text in ("今", "目前", "现在"):
        second = Date(None)
    first = _single(first_text, None, plain_months)
    if first is None and re.fullmatch(r"(?:19|20)\d\d", first_text):
        first = Date(first_text, "year", "year_text")
    y = int(first.value[:4]) if first is not None and first.value else None
    if (second is None or second.problem == "year_missing") and y is not None:
        # 2022年3月-5月, 2022.3.1-5.31: the end inherits the year
        second = _single(f"{y}年{second_text}", None, True) or _single(f"{y}.{second_text}", None, True)
    if first is None or second is None or first.problem or second.problem:
        problem = next((d.problem for d in (first, second) if d is not None and d.problem), None)
        return Date(None, rule="range", problem=problem) if first is not None and second is not None else None
    if first.value and second.value and second.value[:4] < first.value[:4]:
        return Date(None, rule="range", problem="invalid_date")
    return Date(
        first.value, first.precision, "range", "date_range", other=second.value, other_precision=second.precision
    )
