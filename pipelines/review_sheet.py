"""The review queue as a spreadsheet: exported with drop-downs, filled in, read back with every line checked."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

from validators.findings import rule_label
from warehouse.deciding import ACTION_ZH, SEVERITY, DecisionError
from warehouse.formula_guard import guard_formula

SHEET = "待处理发现"
ACTIONS = {ACTION_ZH[a]: a for a in ("accept", "correct", "reject", "defer", "map", "duplicate", "split")}
GUIDE = "填写说明"
_GUIDE = (
    ("处理方式", "“值”一列怎样填"),
    ("接受", "不填；数据照原样入库"),
    ("更正", "更正后的值；金额以元为单位"),
    ("不成立", "不填"),
    ("推迟", "到哪一天再看，YYYY-MM-DD；不填则一直推迟"),
    ("对照", "未识别的列：标准字段名或中文名，不需要的列填 -；名称：简称=全称"),
    ("重复", "与哪一笔欠款重复：被统计的那一笔的欠款编号（至少前 8 位）"),
    ("拆分", "债权人=金额；债权人|合同编号=金额；部分清偿的写 债权人=金额/剩余；各部分之和须等于整笔，以元为单位"),
)
HEADERS = (
    "编号",
    "级别",
    "规则",
    "文件",
    "列",
    "读出值",
    "原文",
    "说明",
    "处理方式",
    "值",
    "理由",
    "处理人",
)
_WIDTHS = (34, 8, 22, 34, 18, 18, 18, 70, 12, 18, 30, 12)
_ID, _ACTION, _VALUE, _REASON, _STEWARD = 0, 8, 9, 10, 11

Wanted = tuple[dict[str, Any], str, str | None, str | None, str]
"""A line that was filled in: finding, action, value, reason, steward."""


def write_sheet(found: list[dict[str, Any]]) -> bytes:
    """The findings as the bytes of an xlsx file; what people fill in is shaded."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = SHEET
    sheet.append(HEADERS)
    for f in found:
        line = (
            f["finding_id"], SEVERITY[f["severity"]], rule_label(f["rule"]), f["path"], f["field"], f["value"],
            f["raw_value"], f["message_zh"],
        )  # fmt: skip
        sheet.append([None if v is None else guard_formula(str(v)) for v in line])
    for column, width in enumerate(_WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
        sheet.cell(1, column).font = Font(bold=True)
    shade = PatternFill("solid", fgColor="FFF6D5")
    for row in sheet.iter_rows(min_row=2, max_row=max(2, sheet.max_row)):
        row[7].alignment = Alignment(wrap_text=True, vertical="top")
        for cell in row[_ACTION:]:
            cell.fill = shade
            cell.number_format = "@"  # what is typed stays text: no code loses its last digits
    choices = DataValidation(
        type="list", formula1='"' + ",".join(ACTIONS) + '"', allow_blank=True, showErrorMessage=True
    )
    sheet.add_data_validation(choices)
    choices.add(f"I2:I{max(2, sheet.max_row)}")
    sheet.freeze_panes = "A2"
    guide = book.create_sheet(GUIDE)
    for advice in _GUIDE:
        guide.append(advice)
    guide.column_dimensions["B"].width = 100
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_sheet(path: Path, known: dict[str, dict[str, Any]], steward: str) -> list[Wanted]:
    """The lines of a filled-in sheet that say what to do; blank ones are left alone.

    `steward` stands in where a line names nobody. Raises DecisionError naming the first wrong line.
    """
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as e:
        raise DecisionError(f"{path} 打不开，请确认是 qingqian findings --format xlsx 导出的表") from e
    if SHEET not in book.sheetnames:
        raise DecisionError(f"{path} 里没有工作表“{SHEET}”，请用导出的表填写")
    rows = book[SHEET].iter_rows(values_only=True)
    if tuple(next(rows, ()))[: len(HEADERS)] != HEADERS:
        raise DecisionError(f"{path} 的表头改动过，请不要增删移动列")
    wanted: list[Wanted] = []
    for number, cells in enumerate(rows, 2):
        line = [_text(c) for c in (*cells, *[None] * len(HEADERS))][: len(HEADERS)]
        if line[_ACTION] is None:
            if line[_VALUE] is not None or line[_REASON] is not None:
                raise DecisionError(f"{path} 第 {number} 行填了值或理由，但没有选处理方式")
            continue
        action = ACTIONS.get(line[_ACTION] or "")
        if action is None:
            raise DecisionError(f"{path} 第 {number} 行的处理方式“{line[_ACTION]}”不认识；可选 {'、'.join(ACTIONS)}")
        finding = known.get(line[_ID] or "")
        if finding is None:
            raise DecisionError(f"{path} 第 {number} 行的发现已不在仓库里；请重新导出")
        wanted.append((finding, action, line[_VALUE], line[_REASON], line[_STEWARD] or steward))
    return wanted


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip().removeprefix("'") or None
