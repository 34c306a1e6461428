"""The values of decisions: read from what a steward typed, checked against the published warehouse, made storable."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import msgspec

from warehouse.debt_decisions import DEBT, Part, total
from warehouse.keys import normal_name
from warehouse.ledger_fields import CANONICAL_FIELDS, COLUMN_OF_FACT
from warehouse.lookups import Kind
from warehouse.review import CORRECTABLE
from warehouse.review_queue import as_stored

_SHORTEST_ID = 8


class DecisionError(Exception):
    """A decision that cannot be kept; the message is one sentence that says why and what to do."""


def check_correction(finding: dict[str, Any], value: str | None) -> None:
    """Whether a column takes a value. Raises DecisionError."""
    from warehouse.tables import TABLES

    table, field = finding["table_name"], finding["field"]
    if table not in CORRECTABLE or field is None or field not in TABLES[table].column_names:
        raise DecisionError("这一项不是某一行某一列的值，不能更正；请用 accept、reject 或 defer，或改好原文件后重报")
    column = TABLES[table].field(field)
    if value is None:
        if not column.nullable:
            raise DecisionError(f"“{column.label_zh}”不能为空")
        return
    if column.domain and value not in column.domain:
        raise DecisionError(f"“{column.label_zh}”只能是 {'、'.join(column.domain)}，不能是“{value}”")
    stored = as_stored(column, value)
    if stored is None:
        raise DecisionError(f"“{value}”不是“{column.label_zh}”能用的值（{column.description}）")
    if column.type == "money" and Decimal(stored) != Decimal(value):
        raise DecisionError(f"“{value}”超过两位小数；金额以元为单位，到分为止")
    if field.endswith("_uscc"):
        import pyarrow as pa

        from warehouse.uscc import failing

        if failing(pa.array([value]))[0]:
            raise DecisionError(f"“{value}”不是有效的统一社会信用代码（位数、字符或校验码不符）")


def check_day(value: str | None, now: dt.datetime) -> None:
    """Whether a deferral's day lies ahead; None never ends. Raises DecisionError."""
    if value is None:
        return
    try:
        day = dt.date.fromisoformat(value)
    except ValueError:
        raise DecisionError(f"“{value}”不是日期；推迟到哪一天请写成 YYYY-MM-DD") from None
    if day <= now.date():
        raise DecisionError(f"推迟的日子 {value} 已经过去；请给今天以后的日期")


def teachable_fields() -> dict[str, str]:
    """Fields that a column may be taught to hold, by name, with their Chinese labels."""
    facts = {column: fact for fact, column in COLUMN_OF_FACT.items()}
    return {facts.get(f.name, f.name): f.label_zh for f in CANONICAL_FIELDS if not f.name.endswith("_precision")}


def read_lookup(published: Path, finding: dict[str, Any], value: str | None) -> tuple[Kind, str, str, str]:
    """What is taught: kind, source, header or name, and its meaning. Raises DecisionError."""
    if not value or not value.strip():
        raise DecisionError("请写明对照到什么：列对照写标准字段，名称对照写“简称=全称”")
    source = _one(published, "SELECT source FROM core.documents WHERE document_id = ?", finding["document_id"])
    if source is None:
        raise DecisionError("这一项不指向某份文件，无法知道对照用于哪个来源")
    said, _, meant = (p.strip() for p in re.sub("＝", "=", value).partition("="))
    if meant:
        if not normal_name(said) or not normal_name(meant) or normal_name(said) == normal_name(meant):
            raise DecisionError("名称对照请写成“简称=全称”，两边都要有字且不相同")
        return "alias", source, said, meant
    if finding["rule"] != "unmapped_column" or not finding["value"]:
        raise DecisionError("这一项不是未识别的列；名称对照请写成“简称=全称”")
    fields = teachable_fields()
    by_label = {normal_name(label): name for name, label in fields.items()}
    field = said if said in fields or said == "-" else by_label.get(normal_name(said))
    if field is None:
        raise DecisionError(f"没有标准字段“{said}”；字段名或中文名见数据字典的台账明细，不需要的列写 -")
    return "header", source, str(finding["value"]), field


def read_same_debt(published: Path, finding: dict[str, Any], value: str | None) -> str:
    """The id of the debt that a finding's debt repeats. Raises DecisionError."""
    mine = _debt_of(finding, "标为重复")
    text = (value or "").strip().lower()
    if len(text) < _SHORTEST_ID:
        raise DecisionError(f"请写明与哪一笔欠款重复：欠款编号，至少前 {_SHORTEST_ID} 位")
    found = _all(published, "SELECT DISTINCT debt_id FROM core.ledger_rows WHERE starts_with(debt_id, ?)", text)
    if len(found) != 1:
        said = "没有这笔欠款" if not found else f"有 {len(found)} 笔以它开头"
        raise DecisionError(f"欠款编号“{value}”：{said}；可用 qingqian query 在 debts 里查到编号")
    other = str(found[0][0])
    if other == mine:
        raise DecisionError("一笔欠款不能与自己重复；请写另一笔的编号")
    if _all(published, "SELECT 1 FROM core.debt_duplicates WHERE debt_id = ?", other):
        raise DecisionError("所写的那一笔本身已标为重复；请写被统计的那一笔")
    if _all(published, "SELECT 1 FROM core.debt_duplicates WHERE same_debt_id = ?", mine):
        raise DecisionError("已有别的欠款标为与这一笔重复，它须继续统计；请反过来标，或先撤销原决定")
    return other


def read_parts(published: Path, finding: dict[str, Any], value: str | None) -> str:
    """The parts of a finding's debt, checked against what its latest ledger says, as they are stored.

    Parts are `creditor=arrears`, `creditor|contract=arrears` or `creditor=arrears/remaining`, separated by `；`, in
    yuan; or the JSON of `debt_decisions.Part`s. Raises DecisionError.
    """
    debt = _debt_of(finding, "拆分")
    parts = _typed_parts(value or "")
    if len(parts) < 2:
        raise DecisionError("拆分至少要有两部分")
    if any(p.arrears_amount_yuan <= 0 for p in parts):
        raise DecisionError("拆分的每一部分都要大于零")
    if len({(normal_name(p.creditor_name), normal_name(p.contract_no)) for p in parts}) < len(parts):
        raise DecisionError("拆分的两部分不能是同一债权人的同一合同；请写明债权人或合同编号")
    rows = _all(
        published,
        "SELECT arrears_amount_yuan, remaining_amount_yuan, disputed_amount_yuan FROM core.ledger_rows "
        "WHERE debt_id = ? ORDER BY as_of_date DESC NULLS LAST, document_id, row_number LIMIT 1",
        debt,
    )
    if not rows or rows[0][0] is None:
        raise DecisionError("这笔欠款没有拖欠金额，无法拆分；请先更正金额")
    arrears, remaining, disputed = rows[0]
    _must_add_up("拖欠", (p.arrears_amount_yuan for p in parts), arrears, arrears)
    _must_add_up("剩余", (p.remaining_amount_yuan for p in parts), remaining, arrears)
    _must_add_up("有分歧", (p.disputed_amount_yuan for p in parts), disputed, arrears)
    return msgspec.json.encode(parts).decode()


def _must_add_up(label: str, amounts: Any, whole: Decimal | None, arrears: Decimal) -> None:
    """Parts add up to the whole; they may be left out where they follow from it (nothing or all of the arrears)."""
    given = list(amounts)
    if all(a is None for a in given):
        if whole is None or whole in (0, arrears):
            return
        raise DecisionError(f"整笔的{label}金额是 {whole:,} 元，请写明各部分的{label}金额")
    if whole is None:
        raise DecisionError(f"台账没有{label}金额，各部分也不能写")
    if total(given) != whole:
        raise DecisionError(f"各部分{label}金额之和必须等于整笔的 {whole:,} 元")


def _typed_parts(text: str) -> tuple[Part, ...]:
    if text.lstrip().startswith("["):
        try:
            return msgspec.json.decode(text, type=tuple[Part, ...])
        except msgspec.MsgspecError as e:
            raise DecisionError(f"拆分内容无法解析（{e}）") from e
    parts = []
    for item in filter(None, (p.strip() for p in re.split("[;；\\n]", text))):
        who, _, amounts = (p.strip() for p in item.replace("＝", "=").rpartition("="))
        creditor, _, contract = (p.strip() for p in who.replace("｜", "|").partition("|"))
        arrears, _, remaining = (p.strip().replace(",", "") for p in amounts.partition("/"))
        try:
            parts.append(
                Part(
                    arrears_amount_yuan=_fen(arrears),
                    creditor_name=creditor or None,
                    contract_no=contract or None,
                    remaining_amount_yuan=_fen(remaining) if remaining else None,
                )
            )
        except InvalidOperation:
            raise DecisionError(f"拆分的一部分“{item}”不是“债权人=金额”，金额以元为单位") from None
    return tuple(parts)


def _fen(text: str) -> Decimal:
    amount = Decimal(text)
    if not amount.is_finite() or amount != round(amount, 2):
        raise DecisionError(f"“{text}”超过两位小数；金额以元为单位，到分为止")
    return amount


def _debt_of(finding: dict[str, Any], what: str) -> str:
    subject = str(finding["subject"])
    if finding["table_name"] != "ledger_rows" or not subject.startswith(DEBT):
        raise DecisionError(f"这一项不是一笔欠款，不能{what}")
    return subject.removeprefix(DEBT)


def _one(published: Path, sql: str, *values: object) -> Any:
    found = _all(published, sql, *values)
    return found[0][0] if found else None


def _all(published: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    import duckdb

    with duckdb.connect(str(published), read_only=True) as connection:
        return connection.execute(sql, list(values)).fetchall()
