"""Reports in English: what is ours to say (titles, headers, captions, notes, states) in other words; names, papers and
texts of the sources stay as they were written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from warehouse.workbook import Sheet

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(found), said)
    for found, said in (
        (r"清理拖欠账款月调度表（(\d+)年(\d+)月）", r"Clearing of arrears: monthly progress, \1-\2"),
        (r"清理拖欠账款进展情况通报表（(\d+)年第(\d)季度）", r"Clearing of arrears: ranking of regions, \1 Q\2"),
        (r"拖欠主体一户一档：(.*)", r"Dossier of the debtor \1"),
        (r"债权企业一户一档：(.*)", r"Dossier of the creditor \1"),
        (r"台账中的写法：(.*)。", r"Written in ledgers as: \1."),
        (
            r"统计截止 (\S+)；数据为 (\S+) 以前收到的台账(?:；对比 (\S+))?(?:　金额单位：(万?元))?",
            r"As of \1; ledgers received by \2",
        ),
        (r"升(\d+)位", r"up \1"),
        (r"降(\d+)位", r"down \1"),
    )
)
_UNITS = {"元": "yuan", "万元": "10 000 yuan"}
_SAID_VALUES = frozenset(
    {"region_name", "debtor_name", "creditor_name", "status", "status_zh", "disputed", "counted_from", "moved"}
)
"""Columns in which some values are ours: totals, states, what days count from."""


def in_english(sheets: Sequence[Sheet]) -> list[Sheet]:
    """The sheets of a report with all that is ours to say in English."""
    return [
        msgspec.structs.replace(
            sheet,
            name=said(sheet.name),
            title=said(sheet.title),
            unit=said(sheet.unit),
            notes=tuple(said(n) for n in sheet.notes),
            columns=tuple(msgspec.structs.replace(c, header=said(c.header)) for c in sheet.columns),
            rows=[_row(r) for r in sheet.rows],
            total=None if sheet.total is None else _row(sheet.total),
        )
        for sheet in sheets
    ]


def said(text: str) -> str:
    """One of our phrases in English; anything else as it is."""
    if text in _words():
        return _words()[text]
    for pattern, english in _PATTERNS:
        found = pattern.fullmatch(text)
        if found is not None:
            out = found.expand(english)
            if pattern.groups == 4:  # the caption: what it is held against, and the unit
                out += f"; beside {found[3]}" if found[3] else ""
                out += f"; in {_UNITS[found[4]]}" if found[4] else ""
            return out
    return text


@cache
def _words() -> dict[str, str]:
    import yaml

    found: dict[str, str] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    return found


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {k: said(v) if k in _SAID_VALUES and isinstance(v, str) else v for k, v in row.items()}
