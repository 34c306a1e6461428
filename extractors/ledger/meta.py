"""What stands around a ledger: title, unit caption, reporting unit, dates, signatures, notes."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable
from functools import cache

import msgspec

from extractors.ledger.dates import parse_date
from extractors.ledger.units import in_caption, in_sentence
from extractors.ledger.words import plain, tidy, word_lists, word_set

_STAMP = re.compile(r"[(（](?:盖章|公章|章|签字|签名|签章|签字盖章|签字、盖章|单位盖章|加盖公章)[)）]")
_AS_OF = re.compile(
    r"(?:截至|截止|截止到|截至到|数据截至|统计截至)[:：]?\s*(?:日期|时间)?[:：]?\s*((?:20\d\d)[年./-]\s*\d{1,2}\s*(?:[月./-]\s*\d{1,2}\s*日?|月?(?:底|末)?)|20\d\d年(?:底|末))"
)
_TITLE_MONTH = re.compile(r"(20\d\d)年(?:度)?(\d{1,2})月(?:份)?(?!\d{1,2}日)")
_TITLE_DAY = re.compile(r"(20\d\d)年(\d{1,2})月(\d{1,2})日")
_TITLE_YEAR = re.compile(r"(20\d\d)年")
_NEXT = re.compile(r"\s{2,}|(?:金额|计量)?单位[:：]|\s+(?=(?:数据|统计)?截[至止]|20\d\d\s*年|[(（])")
_LONE_DATE = re.compile(r"^[(（]?(20\d\d)\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?[)）]?$")
_LONE_MONTH = re.compile(r"^\(?(20\d\d)年(?:\d{1,2}月?[-—–~至到])?(\d{1,2})月份?\)?$")
_SPAN = re.compile(
    r"^(?P<y0>20\d\d)[年./-](?P<m0>\d{1,2})[月./-](?P<d0>\d{1,2})日?(?:[—–~至到]|-)+"
    r"(?:(?P<y>20\d\d)[年./-])?(?:(?P<m>\d{1,2})[月./-])?(?P<d>\d{1,2})日?$"
)
_DISCLOSED = re.compile(
    r"^(?:关于)?(?:(?P<before>20\d\d)年度?)?(?P<unit>[^\d年]*?)(?:(?P<after>20\d\d)年度?)?末?逾期(?:尚)?未支付"
)
_APPENDIX_LEAD = re.compile(r"^附(?:件|表)?\s*\d{0,2}\s*[:：]\s*")
_APPENDIX = re.compile(r"^附(?:件|表)\s*\d*[-—－\d]*\s*[:：]?$")


class Meta(msgspec.Struct, kw_only=True):
    """Table metadata as far as found."""

    title: str | None = None
    unit: str | None = None
    unit_rule: str = "none"
    reporting_unit: str | None = None
    debtor: str | None = None
    as_of: dt.date | None = None
    as_of_from_title: bool = False
    report_date: dt.date | None = None
    signatures: list[str] = []
    notes: list[str] = []
    year: int | None = None


@cache
def _labels() -> tuple[re.Pattern[str], dict[str, str]]:
    kinds = {w: kind for kind, words in word_lists("meta").items() for w in words}
    spaced = (r"\s*".join(map(re.escape, w)) for w in sorted(kinds, key=len, reverse=True))
    stamp = r"(?:\s*[(（][^()（）]{0,12}[)）])?"
    return re.compile(rf"({'|'.join(spaced)}){stamp}\s*[:：]"), kinds


def read_meta(above: Iterable[list[str]], below: Iterable[list[str]], caption: str = "", after: str = "") -> Meta:
    """Metadata from the rows above and below a table (each a list of cell texts) and the text around it."""
    meta = Meta(signatures=[], notes=[])
    titles: list[str] = []
    for line in caption.split("\n"):
        if "。" not in line or in_caption(line):
            _line([line], meta, titles, head=True)
    for cells in above:
        _line(cells, meta, titles, head=True)
    for cells in below:
        _line(cells, meta, titles, head=False)
    for line in after.split("\n"):
        _line([line], meta, titles, head=False)
    meta.title = _choose_title(titles)
    if meta.unit is None and meta.title:
        meta.unit = in_caption(meta.title) if re.search(r"[(（]", meta.title) else None
        meta.unit_rule = "caption" if meta.unit else "none"
    if meta.unit is None:
        meta.unit = next((u for u in map(in_sentence, meta.notes) if u), None)
        meta.unit_rule = "note" if meta.unit else "none"
    _dates_of_title(meta)
    return meta


def _line(cells: list[str], meta: Meta, titles: list[str], head: bool) -> None:
    texts = [t for t in (tidy(c) for c in cells) if t]
    if not texts:
        return
    joined = "  ".join(_with_colons(texts))
    flat = plain(joined)
    if is_note(flat) or (head and len(flat) > 80):
        meta.notes.append(joined)
        return
    found = _labelled(joined, meta)
    if meta.unit is None and (unit := in_caption(joined)):
        meta.unit, meta.unit_rule = unit, "caption"
        found = found or not _names_table(flat)
    if m := _AS_OF.search(joined):
        meta.as_of = meta.as_of or _last_day(m[1])
    if found:
        # a title glued to the caption after it (one cell, or lines a page ran together)
        lead = _APPENDIX_LEAD.sub("", _labels()[0].split(joined, maxsplit=1)[0].strip(" 　(（"))
        if head and _names_table(plain(lead)):
            titles.append(lead)
        return
    if head and len(texts) == 1 and (m := _LONE_MONTH.match(plain(joined))) and meta.as_of is None:
        meta.as_of = _last_day(f"{m[1]}年{m[2]}月")
        meta.as_of_from_title = meta.as_of is not None
        return
    if len(texts) == 1 and (m := _LONE_DATE.match(plain(joined))):
        meta.report_date = meta.report_date or _date(int(m[1]), int(m[2]), int(m[3]))
        return
    if head and not _APPENDIX.match(flat):
        titles.extend(t for t in texts if not _APPENDIX.match(plain(t)) and not re.match(r"^[(（].*[)）]$", plain(t)))
    elif not head and len(flat) > 12:
        meta.notes.append(joined)


def _with_colons(texts: list[str]) -> list[str]:
    """填报单位 | 某局 in two cells reads like 填报单位：某局."""
    kinds = _labels()[1]
    return [t + "：" if plain(t) in kinds and len(texts) > 1 else t for t in texts]


def is_label(flat: str) -> bool:
    """Whether a cell (in normal form) is nothing but the name of a metadata line, with or without its colon."""
    bare = re.sub(r"\(.{0,12}\)$", "", flat.rstrip(":"))
    return bare in _labels()[1] and len(bare) >= 2


@cache
def _signature_words() -> tuple[str, ...]:
    lists = word_lists("meta")
    return tuple(
        w for kind in ("signature", "reporting_unit", "report_date", "as_of") for w in lists[kind] if len(w) >= 2
    )


def is_signature(flat: str) -> bool:
    """Whether a cell (in normal form) begins with a label of the lines around a table: 填表人：…, 负责人（签字）."""
    if ":" not in flat and not flat.endswith(("(签字)", "(盖章)", "(签章)", "(公章)")):
        return False
    return flat.startswith(_signature_words())


def names_debtor(flat: str) -> bool:
    """Whether a line (in normal form) says whose debts the table below it holds: 债务单位：某局."""
    label, colon, name = flat.partition(":")
    return bool(colon and name) and label in word_lists("meta")["debtor"]


def _names_table(flat: str) -> bool:
    """Whether a line is a title even without its bracketed caption: 某县台账（单位：万元）."""
    words = word_lists("title")
    head = flat.split("(")[0]
    return len(head) >= 4 and ":" not in head and any(w in head for w in (*words["ledger"], *words["detail"], "表"))


def is_note(flat: str) -> bool:
    """Whether a line (in normal form) is a note: 注：…, 说明：…, 填表说明 and numbered explanations."""
    m = re.match(r"^([^:,。;、\d.()]{1,6})(?:[:.、]|\d|$|\(\d?\))", flat)
    return (m is not None and m[1] in word_set("notes")) or bool(re.match(r"^\d[.、](?!\d).{12,}", flat))


def _labelled(line: str, meta: Meta) -> bool:
    """Reads `label：value` pairs; a value runs to the next label or a wide gap. True when one was found."""
    pattern, kinds = _labels()
    matches = list(pattern.finditer(line))
    found = False
    for i, m in enumerate(matches):
        label = plain(m[1])
        end = matches[i + 1].start() if i + 1 < len(matches) else len(line)
        rest = line[m.end() : end]
        if i + 1 < len(matches) and plain(matches[i + 1][1]) == "单位":
            rest = re.sub(r"(?:金额|计量|货币|币种)\s*$", "", rest)
        if kinds[label] in ("reporting_unit", "debtor"):
            rest = _NEXT.split(rest.strip())[0]
        value = tidy(_STAMP.sub("", rest).strip(" 　:：_，,;；()（）"))
        kind = kinds[label]
        if label == "单位" and (in_caption(f"单位:{value}") or not value):
            continue
        if label == "单位" and m.start() > 0 and re.search(r"[\u4e00-\u9fff]$", line[: m.start()]):
            continue
        found = True
        if not value:
            continue
        if kind == "signature":
            meta.signatures.append(f"{label}：{value}")
            continue
        if kind == "reporting_unit":
            meta.reporting_unit = meta.reporting_unit or value or None
        elif kind == "debtor":
            meta.debtor = meta.debtor or value
        elif kind == "report_date":
            meta.report_date = meta.report_date or _exact(value)
        else:
            meta.as_of = meta.as_of or _last_day(value)
    return found


def _exact(text: str) -> dt.date | None:
    m = re.search(r"20\d\d\s*[年./-]\s*\d{1,2}\s*[月./-]\s*\d{1,2}", text)
    parsed = parse_date(m[0].replace(" ", "") if m else text)
    return dt.date.fromisoformat(parsed.value) if parsed.value and parsed.precision == "day" else None


def _last_day(text: str) -> dt.date | None:
    """A cut-off as a day: a month counts to its last day, a year to 31 December, a span to its end."""
    if span := _SPAN.match(re.sub(r"\s", "", text)):
        return _date(int(span["y"] or span["y0"]), int(span["m"] or span["m0"]), int(span["d"]))
    parsed = parse_date(re.sub(r"\s", "", text), None, True)
    if parsed.value is None:
        return _exact(text)
    if parsed.precision == "day":
        return dt.date.fromisoformat(parsed.value)
    if parsed.precision == "month":
        y, m = int(parsed.value[:4]), int(parsed.value[5:])
        return dt.date(y, m, calendar.monthrange(y, m)[1])
    return dt.date(int(parsed.value[:4]), 12, 31) if parsed.precision == "year" else None


def _date(y: int, m: int, d: int) -> dt.date | None:
    try:
        return dt.date(y, m, d)
    except ValueError:
        return None


def _choose_title(titles: list[str]) -> str | None:
    """The line that names the table; lines that only carry a date, a place or an appendix number lose."""
    words = word_lists("title")
    best: tuple[int, str] | None = None
    for text in titles:
        flat = plain(text)
        if len(flat) < 3 or len(flat) > 80 or flat.endswith(("。", ";", ",", ":")) or "。" in flat:
            continue  # a sentence is no title, nor is a line that addresses somebody
        score = 2 * any(w in flat for w in words["ledger"])
        score += 3 * flat.split("(")[0].endswith(("表", "台账", "清单", "情况", "汇总", "统计", "排名", "明细"))
        score += any(w in flat for w in (*words["detail"], *words["summary"]))
        if best is None or score > best[0]:
            best = (score, text)
    return best[1] if best else None


def _dates_of_title(meta: Meta) -> None:
    title = plain(meta.title or "")
    if meta.as_of is None and (m := _TITLE_DAY.search(title)):
        meta.as_of = _date(int(m[1]), int(m[2]), int(m[3]))
    if meta.as_of is None and (m := _TITLE_MONTH.search(title)) and 1 <= int(m[2]) <= 12:
        y, month = int(m[1]), int(m[2])
        meta.as_of, meta.as_of_from_title = dt.date(y, month, calendar.monthrange(y, month)[1]), True
    if meta.as_of is not None:
        meta.year = meta.as_of.year
    elif meta.report_date is not None:
        meta.year = meta.report_date.year
    elif m := _TITLE_YEAR.search(title):
        meta.year = int(m[1])


def disclosed_by_title(meta: Meta) -> None:
    """Who discloses, and for which year, where only the title says it: 某医院2023年度逾期尚未支付中小企业款项信息.

    The figures are those of the end of that year (decree 802, article 18).
    """
    m = _DISCLOSED.match(plain(meta.title or ""))
    if m is None:
        return
    if meta.reporting_unit is None and len(m["unit"]) >= 3:
        meta.reporting_unit = m["unit"]
    year = m["before"] or m["after"]
    if meta.as_of is None and year:
        meta.as_of, meta.as_of_from_title = dt.date(int(year), 12, 31), True
