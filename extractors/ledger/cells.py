"""One cell of a known column to its typed value: money in yuan, ISO dates, codes, enumerations, counts, rates.

A value that cannot be known is None with a flag kind; the raw text always stays beside it.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal

import msgspec

from extractors.document import Cell
from extractors.ledger.amounts import Amount, parse_amount
from extractors.ledger.choices import chosen
from extractors.ledger.dates import Date, parse_date, parse_number
from extractors.ledger.units import in_number_format
from extractors.ledger.words import enum_words, is_blank, label_of, plain, tidy, unit_factors, word_lists, word_set
from extractors.resolve.uscc import check_digit_ok

Value = str | bool | Decimal | tuple[Decimal, Decimal] | None

_LOST = re.compile(r"^\d(?:\.\d+)?e\+?(?:1[4-9]|2\d)$")
_RATIO = re.compile(r"^(-?\d+(?:\.\d+)?)(%|‰)?$")
_COUNT = re.compile(r"^(-?\d[\d,]*)(?:\.0+)?(?:笔|件|户|家|个|宗|份|项|起|天|日|年)?$")
_RANK = re.compile(r"^(?:并列)?第?(\d{1,4})(?:名|位|\(并列\))?$")
_CHINESE_RANK = re.compile(r"^(?:并列)?第?([一二三四五六七八九十]{1,3})(?:名|位)?$")
_FIFTEEN = Context(prec=15)
_DIGITS = {c: i + 1 for i, c in enumerate("一二三四五六七八九")}

_PHONE = re.compile(r"1\d{10}|0\d{2,3}[-－ ]?\d{7,8}|(?<!\d)\d{7,8}(?!\d)")
_PHONE_OF = {
    "contact_name": "contact_phone",
    "creditor_contact_name": "creditor_contact_phone",
    "responsible_person": "contact_phone",
}

MESSAGES = {
    "approx_amount": "金额为约数，按区间保存",
    "amount_words_mismatch": "大写与小写金额不一致，两者都未采用，请核对原件",
    "several_amounts": "一格内有多个金额，未合并，请分行填报或人工录入",
    "unparsed_amount": "金额无法识别，请改为数字",
    "unit_unknown": "表内未注明金额单位，金额未换算，请补充单位（元或万元）",
    "formula_error": "公式单元格没有可用的结果，请重新计算并保存后再报",
    "ambiguous_date": "日期有两种读法（如 2022.1 可能是 2022.10），请写成 2022-01 或 2022-10",
    "invalid_date": "日期不存在，请核对",
    "unparsed_date": "日期无法识别，请写成 2022-06-01 或 2022年6月",
    "year_missing": "日期缺少年份，请补充",
    "year_from_context": "日期缺少年份，按本表的统计年份补上，请核对",
    "date_range": "填写的是起止时间，起点和终点分别保存",
    "lost_digits": "统一社会信用代码被表格软件存成数字，后几位已丢失，请按文本重新填写",
    "bad_uscc": "统一社会信用代码校验不通过，请核对",
    "unknown_value": "填写内容不在约定的选项中，请核对",
    "unparsed_number": "数字无法识别，请核对",
}


class Column(msgspec.Struct, kw_only=True):
    """How one column is read: field, kind, money unit, and what its header and table add to the cells."""

    index: int
    field: str
    kind: str
    header: str
    unit: str | None = None
    unit_rule: str = "none"
    inverted: bool = False  # 是否无分歧: a 是 means no dispute
    plain_months: bool = False
    year: int | None = None
    percent: bool = False
    zero_report: bool = False
    lookup: dict[str, str] = {}  # the source's own words, in normal form -> what they stand for


class Read(msgspec.Struct, frozen=True):
    """A typed value; `problem` is a flag kind; `more` holds companion fields (precision, range ends)."""

    value: Value
    rule: str
    problem: str | None = None
    more: dict[str, str] = {}


BLANK = Read(None, "blank")
LOOKUP = "lookup"
"""The rule of a value that a source's own lookup gave."""


def read_cell(cell: Cell, column: Column, row_unit: str | None = None) -> Read:
    """The typed value of a cell in a column. `row_unit` is a unit the row itself states in a unit column.

    What the source's own lookup knows is read as if the cell said what is meant, under the rule `lookup`.
    """
    if column.lookup and (meant := column.lookup.get(plain(cell.text))) is not None:
        return msgspec.structs.replace(_read_as_it_stands(Cell(row=0, col=0, text=meant), column), rule=LOOKUP)
    return _read_as_it_stands(cell, column, row_unit)


def _read_as_it_stands(cell: Cell, column: Column, row_unit: str | None = None) -> Read:
    if cell.value_type == "error" or cell.text.startswith(
        ("#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#N/A", "#NULL!", "#NUM!")
    ):
        return Read(None, "error_cell", "formula_error")
    if cell.formula is not None and cell.value is None and not cell.text.strip():
        return Read(None, "formula_without_value", "formula_error")
    match column.kind:
        case "money":
            return read_money(cell, column, row_unit)
        case "date":
            return _read_date(cell, column)
        case "uscc":
            return _read_uscc(cell)
        case "int" | "rank" | "ratio":
            return _read_number(cell, column)
        case "enum" if column.field == "disputed":
            return read_disputed(chosen(cell.text), column.inverted)
        case "enum":
            return _read_enum(chosen(cell.text), column.field)
        case "bool":
            return read_bool(cell)
        case _:
            return _read_text(cell, column.field)


def read_money(cell: Cell, column: Column, row_unit: str | None = None) -> Read:
    """Yuan by the precedence cell > unit column > header > parent > caption > document; None when none says it."""
    amount, scaled = _amount_of(cell)
    if amount.number is None:
        if column.zero_report and plain(cell.text) in word_set("none_words"):
            return Read(Decimal(0), "zero_report")
        return Read(None, amount.rule, amount.problem)
    unit = amount.unit or row_unit or column.unit
    rule = "cell" if amount.unit else "row_unit" if row_unit else column.unit_rule
    if scaled:
        rule = "number_format"
    if amount.number == 0:
        return Read(Decimal(0), f"money_{rule}", amount.problem)
    if unit is None:
        return Read(None, "money_none", "unit_unknown")
    factor = unit_factors()[unit]
    number = amount.number
    value: Value = (number[0] * factor, number[1] * factor) if isinstance(number, tuple) else number * factor
    return Read(value, f"money_{rule}", amount.problem)


def _amount_of(cell: Cell) -> tuple[Amount, bool]:
    """The amount of a cell, from its typed value where it has one; True when its number format names the unit."""
    if isinstance(cell.value, Decimal) and cell.value_type == "number":
        shown = in_number_format(cell.number_format)
        if shown is not None:
            return Amount(_without_noise(cell.value), shown[0], "number_format"), True
        return Amount(_without_noise(cell.value)), False
    if cell.value_type == "date":
        return Amount(None, rule="date_cell", problem="unparsed_amount"), False
    return parse_amount(cell.text), False


def _without_noise(value: Decimal) -> Decimal:
    """A stored number to the fifteen digits that spreadsheets keep: 148.10000000000002 is a sum's binary residue."""
    return value if len(value.as_tuple().digits) <= 15 else _FIFTEEN.plus(value)


def _read_date(cell: Cell, column: Column) -> Read:
    if cell.value_type == "date" and isinstance(cell.value, str):
        fmt = (cell.number_format or "").lower()
        iso = cell.value[:10]
        if fmt and "y" in fmt and "d" not in fmt and "日" not in fmt and iso.endswith("-01"):
            date = Date(iso[:7], "month", "date_cell")
        else:
            date = Date(iso, rule="date_cell")
    elif isinstance(cell.value, Decimal) and cell.value_type == "number":
        date = parse_number(cell.value, column.plain_months)
    else:
        date = parse_date(cell.text, column.year, column.plain_months)
    if date.value is None:
        return Read(None, date.rule, date.problem)
    value, precision, other, other_precision = date.value, date.precision, date.other, date.other_precision
    stem, suffix = column.field.removesuffix("_date"), "end"
    if other is not None and column.field in ("plan_due_date", "due_date", "handling_due_date", "fund_ready_date"):
        # a limit given as a window is due at its end
        value, precision, other, other_precision = other, other_precision, value, precision
        suffix = "start"
    more: dict[str, str] = {}
    if precision != "day":
        more[f"{column.field}_precision"] = precision
    if other is not None:
        more[f"{stem}_{suffix}_date"] = other
        if other_precision != "day":
            more[f"{stem}_{suffix}_date_precision"] = other_precision
    return Read(value, date.rule, date.problem, more)


def _read_uscc(cell: Cell) -> Read:
    text = plain(cell.text).strip("'`‘’").upper()
    if isinstance(cell.value, Decimal) and cell.value_type == "number":
        digits = format(cell.value.to_integral_value(), "f")
        if len(digits) > 15:
            return Read(None, "number_cell", "lost_digits")
        text = digits
    if is_blank(text):
        return BLANK
    ends_in_zeros = re.fullmatch(r"\d{15}000", text) is not None and not check_digit_ok(text)
    if _LOST.match(text.lower()) or ends_in_zeros:
        return Read(None, "scientific", "lost_digits")
    text = re.sub(r"[-‐–—.]", "", text)
    if len(text) == 18 and check_digit_ok(text):
        return Read(text, "uscc")
    return Read(text, "uscc_as_read", "bad_uscc")


def _read_number(cell: Cell, column: Column) -> Read:
    if isinstance(cell.value, Decimal) and cell.value_type == "number":
        value = cell.value
        if column.kind == "ratio" and _counts_in_percent(cell, column, value):
            return Read(value / 100, "percent")
        return Read(value, "number")
    flat = plain(cell.text).replace(",", "").strip("'")
    if flat in word_set("blank"):
        return BLANK
    if column.kind == "ratio" and (m := _RATIO.match(flat)):
        if m[2] == "‰":
            return Read(Decimal(m[1]) / 1000, "per_mille")
        value = Decimal(m[1])
        return Read(value / 100 if m[2] or column.percent or abs(value) > 2 else value, "percent" if m[2] else "number")
    if column.kind == "rank" and (m := _RANK.match(flat)):
        return Read(Decimal(m[1]), "rank")
    if column.kind == "rank" and (m := _CHINESE_RANK.match(flat)):
        return Read(Decimal(_chinese(m[1])), "rank")
    if column.kind == "int" and (m := _COUNT.match(flat)):
        return Read(Decimal(m[1]), "count")
    if column.field == "year" and (m := re.match(r"((?:19|20)\d\d)年?", flat)):
        return Read(Decimal(m[1]), "year")
    return Read(None, "text", "unparsed_number")


def _counts_in_percent(cell: Cell, column: Column, value: Decimal) -> bool:
    """Whether a stored number is in per cent: the header says %, or it is far above any rate; a % format says no."""
    if cell.number_format and "%" in cell.number_format:
        return False
    return column.percent or abs(value) > 2


def _chinese(text: str) -> int:
    if "十" in text:
        head, _, tail = text.partition("十")
        return _DIGITS.get(head, 1) * 10 + _DIGITS.get(tail, 0)
    return _DIGITS[text]


def read_disputed(text: str, inverted: bool = False) -> Read:
    """yes, no or partial from 有分歧/无分歧/部分有分歧 and their variants; 是/否 after the header's own polarity."""
    flat = plain(text)
    if flat in ("无", "没有"):
        return Read("yes" if inverted else "no", "yes_no")
    if flat in word_set("blank"):
        return BLANK
    for answer, words in word_lists("disputed").items():
        if any(w in flat for w in words):
            return Read(answer, "disputed_word")
    positive = flat in word_set("yes") or flat.startswith(("是", "有", "存在"))
    negative = flat in word_set("no") or flat.startswith(("否", "不"))
    if positive != negative:
        return Read("yes" if positive != inverted else "no", "yes_no")
    return Read(None, "text", "unknown_value")


def read_bool(cell: Cell) -> Read:
    """是/否/√/有/无 and typed booleans."""
    if isinstance(cell.value, bool):
        return Read(cell.value, "bool_cell")
    flat = chosen(cell.text)
    if flat in word_set("yes"):
        return Read(True, "yes_no")
    if flat in word_set("no"):
        return Read(False, "yes_no")
    if flat in word_set("blank"):
        return BLANK
    head = flat[:1]
    if head in "是有已":
        return Read(True, "yes_no")
    if head in "否无未不":
        return Read(False, "yes_no")
    return Read(None, "text", "unknown_value")


def _read_enum(text: str, field: str) -> Read:
    flat = re.sub(r"\(.*?\)", "", plain(text)).strip("√✓☑") or plain(text)
    if flat in word_set("blank"):
        return BLANK
    values = enum_words(field)
    exact = next((v for w, v in values if w == flat), None)
    if exact is not None:
        return Read(exact, "enum")
    inside = next(((w, v) for w, v in values if len(w) >= 2 and w in flat), None)
    if inside is not None:
        return Read(inside[1], "enum_inside")
    return Read(None, "text", "unknown_value")


def _read_text(cell: Cell, field: str) -> Read:
    text = tidy(cell.text).lstrip("'")
    if field == "seq_no":
        return Read(re.sub(r"\.0+$", "", plain(text)) or None, "text")
    if is_blank(text):
        return BLANK
    if field in ("contact_phone", "creditor_contact_phone", "contract_no") and isinstance(cell.value, Decimal):
        text = format(cell.value.normalize(), "f")
    if field in _PHONE_OF and (m := _PHONE.search(text)):
        name = re.sub(r"[\s,，、/:：;；()（）]+$|^[\s,，、/:：;；()（）]+|(?:联系)?电话", "", text.replace(m[0], ""))
        if name:
            return Read(name, "name_and_phone", more={_PHONE_OF[field]: m[0]})
    return Read(text, "text")


def message_for(problem: str, field: str, raw: str, place: str) -> str:
    """The Chinese sentence of a flag: column, place, what was read and what to do."""
    shown = raw if len(raw) <= 40 else raw[:40] + "…"
    return f"{place}“{label_of(field)}”填写为“{shown}”：{MESSAGES[problem]}。"
