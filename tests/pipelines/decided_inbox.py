"""An inbox with something to decide of every kind, written unchanged, cosmetically changed or truly changed; nights
over it in this process."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl

from pipelines.night import Night
from warehouse.deciding import findings

BAD, GOOD = "91110000802100433C", "91110000802100433B"
HEAD = (
    "序号", "拖欠主体", "债权企业", "债权企业统一社会信用代码", "合同编号", "拖欠金额（万元）", "累计清偿金额（万元）",
    "剩余金额（万元）", "状态", "老账口径", "内部码",
)  # fmt: skip
WIDE = str.maketrans({c: chr(ord(c) + 0xFEE0) for c in "0123456789()-"})
"""Figures and signs in their full-width forms."""

Row = list[str]


def debts() -> list[Row]:
    """Rows of the county's ledger: number, parties, code, contract, three amounts, state, two columns of its own."""
    rows: list[Row] = []

    def add(creditor: str, left: str = "20", *, code: str = GOOD, state: str = "", debtor: str = "甲县住建局") -> None:
        n = len(rows) + 1
        rows.append([str(n), debtor, creditor, code, f"HT-{n:03}", "30", "10", left, state, str(n), f"K{n}"])

    for i in range(10):
        add(f"代码{chr(0x4E00 + i)}公司", code=BAD)
    for i in range(8):
        add(f"余额{chr(0x4E10 + i)}公司", left="25")
    for i in range(4):
        add(f"销号{chr(0x4E20 + i)}公司", state="已销号")
    for i in range(3):
        add(f"联合{chr(0x4E30 + i)}公司", left="24")
    for i in range(2):
        add(f"重登{chr(0x4E40 + i)}公司", left="23")
    add("未报公司", left="22", debtor="甲县住建口")
    return rows


def circular(total: str = "100万元") -> str:
    """A notice whose three figures do not add up."""
    return (
        "甲县人民政府办公室关于清理拖欠中小企业账款情况的通报\n甲清办〔2026〕3号\n各乡镇人民政府：\n"
        f"截至2026年3月31日，全县拖欠中小企业账款总额{total}，已清偿60万元，剩余30万元。"
        "全县共排查欠款386笔，其中已清偿312笔、尚未清偿84笔。\n"
        "请各乡镇于2026年5月31日前报送台账。\n甲县人民政府办公室\n2026年4月10日\n"
    )


def write_ledger(path: Path, rows: list[Row], month: int = 4) -> None:
    """The ledger as a workbook."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([f"甲县拖欠中小企业账款台账（截至2026年{month}月30日）"])
    sheet.append(["填报单位：甲县清欠办"])
    sheet.append(list(HEAD))
    for row in rows:
        sheet.append(row)
    book.save(path)


def night(home: Path, inbox: Path | None, day: str) -> dict[str, Any]:
    """One night over a folder, or over the home's own sources; its summary, with what was read again under `read`."""
    as_of = dt.date.fromisoformat(day)
    run = f"run-{day}"
    worker = Night(home=home, inbox=inbox, workers=1)
    pulled = worker.pull(as_of, run)
    read = worker.read(as_of)
    worker.stage(as_of)
    worker.audit(as_of)
    built = worker.build(as_of, run)
    return {**worker.publish(built, pulled.rows, as_of, run), "read": [r["path"] for r in read], "built": built}


def queue(home: Path, *statuses: str) -> list[dict[str, Any]]:
    """Findings of the published warehouse; those that wait for a decision unless told otherwise."""
    return findings(home, statuses=statuses or ("open",))
