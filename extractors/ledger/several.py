"""Cells and columns that hold more than one thing: several creditors, several contracts, one amount a month."""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec

from extractors.document import Anchor, Cell
from extractors.facts import CellValue, Flag
from extractors.ledger.cells import Column

_LISTED = re.compile(r"[、;；,，\n]")
_COMPANIES = re.compile(r"[、;；,]|\n")
_COMPANY = re.compile(r"(?:公司|厂|中心|经营部|商行|合作社|事务所|店|集团|院)$")
_CONTRACTS = re.compile(r"合同\s*[12一二①②][:：]|(?:^|[;；\n])\s*[①②]|[12][、.．]\s*\S+.*[;；\n]\s*[23][、.．]")


def several_in_one(values: dict[str, CellValue]) -> list[Flag]:
    """Flags for cells that hold several creditors or contracts; they are kept as written."""
    out: list[Flag] = []
    creditor = values.get("creditor_name")
    if creditor is not None and isinstance(creditor.value, str):
        parts = [p.strip() for p in _COMPANIES.split(creditor.raw) if p.strip()]
        if sum(1 for p in parts if _COMPANY.search(p)) >= 2:
            out.append(
                Flag(kind="multiple_creditors", field="creditor_name", cell=creditor.cell,
                     message=f"{creditor.cell}格填了多个债权企业，未拆分，请逐户分行填报。")
            )  # fmt: skip
    for field in ("contract_no", "project_name", "contract_amount_yuan"):
        value = values.get(field)
        if value is not None and (_CONTRACTS.search(value.raw) or _is_list_of_numbers(field, value.raw)):
            out.append(
                Flag(kind="multiple_contracts", field=field, cell=value.cell,
                     message=f"{value.cell}格填了多份合同，未拆分，请逐份分行填报。")
            )  # fmt: skip
            break
    return out


def _is_list_of_numbers(field: str, raw: str) -> bool:
    """HT-001、HT-002: several contract numbers in one cell."""
    parts = [p.strip() for p in _LISTED.split(raw) if p.strip()]
    return field == "contract_no" and len(parts) >= 2 and all(any(c.isdigit() for c in p) for p in parts)


def add_instalment(
    values: dict[str, CellValue], column: Column, period: str, amount: Decimal, cell: Cell, evidence: Anchor
) -> None:
    """Adds one month of a month-wide table to the row's list, kept as JSON text in column order."""
    part = f'{{"period":"{period}","amount_yuan":{format(amount.normalize(), "f")},"cell":"{cell.ref}"}}'
    before = values.get(column.field)
    if before is None or not isinstance(before.value, str):
        values[column.field] = CellValue(
            value=f"[{part}]", raw=cell.text, cell=cell.ref, rule="unpivot", evidence=evidence
        )  # fmt: skip
        return
    values[column.field] = msgspec.structs.replace(
        before, value=f"{before.value[:-1]},{part}]", raw=f"{before.raw}; {cell.text}", cell=f"{before.cell},{cell.ref}"
    )
