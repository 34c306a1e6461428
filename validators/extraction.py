"""What extraction itself doubted, as findings: flags of ledgers, notices of readers, files that could not be read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from validators.places import Places, json_object, label_of
from validators.rules import RULES, raise_finding
from warehouse.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

    from validators.findings import Finding

# Tables first, so that what is said of a whole table is known when its rows come.
FLAGGED_LEDGERS = ("ledger_tables", "ledger_rows", "ledger_totals")
FLAGGED_STATEMENTS = ("debt_statements", "statistics")
FIELD_OF_FLAG = {"role_unsure": "role"}  # flags of statements are words; what they doubt, where it is one field
FLAGGED_TABLES = (*FLAGGED_LEDGERS, *FLAGGED_STATEMENTS)
Row = Mapping[str, Any]
_HEADER = re.compile("列“(.+?)”")


def flag_findings(tables: Mapping[str, pa.Table], places: Places) -> list[Finding]:
    """A finding for every flag on ledger tables, rows and totals, and on statements whose flag is a rule.

    A missing unit said of a whole table is not said again for each of its cells that has no amount for it. Flags
    that cannot be parsed block the file.
    """
    findings: list[Finding] = []
    said: set[tuple[object, object]] = set()
    for name in FLAGGED_TABLES:
        if name not in tables:
            continue
        for row in flagged_rows(tables[name]):
            place = (row["document_id"], row.get("table_index"))
            for finding in row_flag_findings(name, row, places):
                if finding.rule == "unit_unknown" and name == "ledger_tables":
                    said.add(place)
                if finding.rule == "unit_unknown" and name != "ledger_tables" and place in said:
                    continue
                findings.append(finding)
    return findings


def flagged_rows(table: pa.Table) -> list[dict[str, Any]]:
    """The rows that have flags."""
    import pyarrow.compute as pc

    flags = table.column("flags")
    rows: list[dict[str, Any]] = table.filter(pc.and_(pc.is_valid(flags), pc.not_equal(flags, "[]"))).to_pylist()
    return rows


def row_flag_findings(table_name: str, row: Row, places: Places) -> Iterator[Finding]:
    """The findings of one row's flags: objects {kind, field, cell, message}, or words alone."""
    try:
        flags = msgspec.json.decode(row["flags"])
    except msgspec.DecodeError:
        flags = None
    if not isinstance(flags, list) or not all(isinstance(f, str | dict) for f in flags):
        yield flag_finding("flags_unreadable", table_name, row, {"kind": "flags"}, row["flags"], places)
        return
    for flag in flags:
        said = {"kind": flag, "field": FIELD_OF_FLAG.get(flag)} if isinstance(flag, str) else flag
        kind = str(said.get("kind"))
        if table_name in FLAGGED_STATEMENTS and kind not in RULES:
            continue  # marks of how a statement was understood, such as a year taken from context, are no doubts
        rule = rule_of_flag(kind, table_name, row, said.get("field"))
        yield flag_finding(rule, table_name, row, said, value_of_flag(said, row), places)


def rule_of_flag(kind: str, table_name: str, row: Row, field: object) -> str:
    """The rule for a kind of flag; a kind that has none of its own is still said, by `other_flag`."""
    if kind == "unit_unknown":
        return "unit_unknown_amount" if has_amount(table_name, row, field) else "unit_unknown"
    return kind if kind in RULES and kind != "other_flag" else "other_flag"


def has_amount(table_name: str, row: Row, field: object) -> bool:
    """Whether a row holds money in the flagged column, or in any where the flag names none."""
    if table_name == "ledger_tables":
        return False
    money = [f.name for f in TABLES[table_name].fields if f.type == "money"]
    asked = [field] if field in money else money
    return any(row.get(str(name)) is not None for name in asked)


def value_of_flag(flag: Row, row: Row) -> object:
    """What stood in the cell: its text, else the typed value, else the words of the flag."""
    field = flag.get("field")
    if flag.get("kind") == "unmapped_column":
        return header_of(flag, row) or flag.get("cell")
    if isinstance(field, str):
        raw = json_object(row.get("raw")).get(field)
        if raw is not None:
            return raw
        if row.get(field) is not None:
            return row[field]
    return flag.get("cell") or flag.get("message") or flag.get("kind")


def header_of(flag: Row, row: Row) -> str | None:
    """The header that a flag on a column speaks of, in full: the sentence may have cut it short."""
    said = _HEADER.search(str(flag.get("message") or ""))
    if said is None:
        return None
    start = said[1].removesuffix("…")
    whole = (c.get("header") for c in json_list(row.get("columns")) if c.get("field") is None)
    return next((h for h in whole if h == said[1] or (start != said[1] and str(h).startswith(start))), said[1])


def flag_finding(rule: str, table_name: str, row: Row, flag: Row, value: object, places: Places) -> Finding:
    """One finding for one flag."""
    field = flag.get("field") if isinstance(flag.get("field"), str) else None
    where_zh, where_en = places.of(table_name, row, field)
    return raise_finding(
        rule,
        where_zh=where_zh,
        where_en=where_en,
        document_id=row["document_id"],
        table_name=table_name,
        row_id=row_key(table_name, row),
        field=field,
        value=value,
        evidence=places.evidence(row, field) or flag_evidence(flag),
        values={
            "label": label_of(table_name, field),
            "kind": flag.get("kind"),
            "detail": str(flag.get("message") or "").rstrip("。；;. "),
        },
    )


def flag_evidence(flag: Row) -> str | None:
    """The flag's own cell as evidence."""
    return msgspec.json.encode({"cell": flag["cell"]}).decode() if flag.get("cell") else None


def row_key(table_name: str, row: Row) -> str:
    """The key of a row as text, compound keys joined by `:`."""
    return ":".join(str(row[name]) for name in TABLES[table_name].key)


def unit_findings(ledgers: pa.Table, rows: pa.Table, places: Places) -> list[Finding]:
    """Ledger tables with amounts whose unit neither caption nor any header names, and extraction did not say so."""
    money = [f.name for f in TABLES["ledger_rows"].fields if f.type == "money"]
    findings: list[Finding] = []
    for table in ledgers.to_pylist():
        if table["unit"] is not None or "unit_unknown" in (table["flags"] or ""):
            continue
        columns = [c for c in json_list(table["columns"]) if c.get("field") in money]
        if not columns or any(c.get("unit") for c in columns):
            continue
        mine = rows_of(rows, table)
        fields = [c["field"] for c in columns]
        held = next((f for f in fields if mine.column(f).null_count < mine.num_rows), None)
        if held is None or any("unit_unknown" in (f or "") for f in mine.column("flags").to_pylist()):
            continue
        if any(names_unit(json_object(raw).get(held)) for raw in mine.column("raw").to_pylist()):
            continue
        flag = {"kind": "unit_unknown", "field": held}
        label = label_of("ledger_rows", held)
        findings.append(flag_finding("unit_unknown", "ledger_tables", table, flag, label, places))
    return findings


def rows_of(rows: pa.Table, table: Row) -> pa.Table:
    """The ledger rows of one ledger table."""
    import pyarrow.compute as pc

    return rows.filter(
        pc.and_(
            pc.equal(rows.column("document_id"), table["document_id"]),
            pc.equal(rows.column("table_index"), table["table_index"]),
        )
    )


def json_list(text: object) -> list[dict[str, Any]]:
    """The objects of a JSON array's text; empty for null or anything else."""
    if not isinstance(text, str):
        return []
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return []
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def names_unit(raw: object) -> bool:
    """Whether a cell's own text names its money unit."""
    return isinstance(raw, str) and any(word in raw for word in ("元", "万", "亿"))


def notice_findings(notices: pa.Table, places: Places) -> list[Finding]:
    """A finding for every notice of a reader: partly read is a warning, the rest a note."""
    return [
        document_finding(
            "document_partial" if row["is_partial"] else "document_notice",
            "document_notices",
            row,
            row["code"],
            row["message"],
            places,
        )
        for row in notices.to_pylist()
    ]


def document_findings(documents: pa.Table, noticed: frozenset[str], places: Places) -> list[Finding]:
    """Files that could not be read, and files read in part that have no notice saying so (`noticed` have)."""
    columns = ["document_id", "status", "error_code", "error_message"]
    findings: list[Finding] = []
    for row in documents.select(columns).to_pylist():
        code, message = row["error_code"] or "unknown", row["error_message"] or "没有记录原因"
        if row["status"] == "quarantined":
            findings.append(document_finding("document_quarantined", "documents", row, code, message, places))
        elif row["status"] == "partial" and row["document_id"] not in noticed:
            findings.append(document_finding("document_partial", "documents", row, code, message, places))
    return findings


def without_name(message: str, name: str) -> str:
    """A reader's sentence without the file's name, which the finding gives anyway, and without its full stop."""
    for opening in (f"文件“{name}”的", f"文件“{name}”"):
        message = message.removeprefix(opening)
    return message.rstrip("。；;. ")


def document_finding(rule: str, table_name: str, row: Row, code: str, message: str, places: Places) -> Finding:
    """A finding on a file as a whole; it has no row, so that it never keeps the file's own entry out."""
    where_zh, where_en = places.of(table_name, row)
    return raise_finding(
        rule,
        where_zh=where_zh,
        where_en=where_en,
        document_id=row["document_id"],
        table_name=table_name,
        row_id=str(row["notice_number"]) if "notice_number" in row else None,
        field=None,
        value=code,
        evidence=places.evidence(row),
        values={"code": code, "message": without_name(message, places.file_name(row["document_id"]))},
    )
