"""Where a row stands, in words for a sentence and as evidence: file, sheet or page, row, cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from validators.rules import shown
from warehouse.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

CONTEXT_COLUMNS = ("document_id", "table_index", "row_number", "notice_number", "cells", "evidence", "label")


def json_object(text: object) -> dict[str, Any]:
    """A JSON object's text as a dict; empty for null and for anything that is no object.

    Only for showing a place: a damaged place must not hide the finding it belongs to.
    """
    if not isinstance(text, str):
        return {}
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def label_of(table_name: str | None, field: str | None) -> str:
    """The Chinese label of a column; its own name where the schema does not know it, 整行 for no column."""
    if field is None:
        return "整行"
    table = TABLES.get(table_name or "")
    known = {f.name: f.label_zh for f in table.fields} if table is not None else {}
    if field not in known and table is not None and table_name == "ledger_tables":
        known = {f.name: f.label_zh for f in TABLES["ledger_rows"].fields}
    return known.get(field, field)


class Places:
    """The files and sheets of one audit, to say where a row stands."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self._files: dict[str, str] = {}
        documents = tables.get("documents")
        if documents is not None and {"document_id", "name"} <= set(documents.column_names):
            pairs = zip(documents["document_id"].to_pylist(), documents["name"].to_pylist(), strict=True)
            self._files = {i: n for i, n in pairs if isinstance(i, str) and isinstance(n, str)}
        self._sheets: dict[tuple[object, object], str] = {}
        ledgers = tables.get("ledger_tables")
        if ledgers is not None and {"document_id", "table_index", "sheet"} <= set(ledgers.column_names):
            for row in ledgers.select(["document_id", "table_index", "sheet"]).to_pylist():
                if row["sheet"]:
                    self._sheets[row["document_id"], row["table_index"]] = row["sheet"]

    def file_name(self, document_id: object) -> str:
        """The file's name, or the start of its id where the name is not at hand."""
        if not isinstance(document_id, str):
            return "未知文件"
        return self._files.get(document_id) or f"文档{document_id[:12]}"

    def of(self, table_name: str, row: Mapping[str, Any], field: str | None = None) -> tuple[str, str]:
        """Place of a row (and of one of its columns) in Chinese and in English."""
        file = shown(self.file_name(row.get("document_id")))
        zh, en = f"文件《{file}》", f"file “{file}”"
        evidence = json_object(row.get("evidence"))
        sheet = evidence.get("sheet") or self._sheets.get((row.get("document_id"), row.get("table_index")))
        if sheet:
            zh, en = f"{zh}工作表“{shown(sheet)}”", f"{en}, sheet “{shown(sheet)}”"
        elif row.get("table_index") is not None:
            zh, en = f"{zh}表{row['table_index']}", f"{en}, table {row['table_index']}"
        if isinstance(evidence.get("page"), int):
            zh, en = f"{zh}第{evidence['page']}页", f"{en}, page {evidence['page']}"
        if isinstance(evidence.get("paragraph"), int):
            zh, en = f"{zh}第{evidence['paragraph']}段", f"{en}, paragraph {evidence['paragraph']}"
        if row.get("row_number") is not None:
            zh, en = f"{zh}第{row['row_number']}行", f"{en}, row {row['row_number']}"
            if table_name == "ledger_totals" and row.get("label"):
                zh, en = f"{zh}“{shown(row['label'])}”", f"{en} “{shown(row['label'])}”"
            cell = json_object(row.get("cells")).get(field or "")
            if cell:
                zh, en = f"{zh}（单元格{shown(cell)}）", f"{en} (cell {shown(cell)})"
        return zh, en

    def evidence(self, row: Mapping[str, Any], field: str | None = None) -> str | None:
        """JSON text of the place: the row's evidence, with the cell of the column where it is known."""
        place = json_object(row.get("evidence"))
        sheet = self._sheets.get((row.get("document_id"), row.get("table_index")))
        cell = json_object(row.get("cells")).get(field or "")
        if cell:
            if sheet:
                place.setdefault("sheet", sheet)
            place["cell"] = cell
        return msgspec.json.encode(place).decode() if place else None
