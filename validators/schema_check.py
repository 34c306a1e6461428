"""Whether a table has the columns and types the warehouse declares; asked before anything else is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from validators.rules import raise_finding
from warehouse.arrow import arrow_type
from warehouse.table import Table

if TYPE_CHECKING:
    from validators.findings import Finding
    from warehouse.fields import Field


def fits(found: pa.DataType, declared: Field) -> bool:
    """Whether an Arrow type is the one the column is stored in; timestamps may have any resolution."""
    if declared.type == "timestamp":
        return bool(pa.types.is_timestamp(found))
    return bool(found == arrow_type(declared))


def schema_findings(declared: Table, found: pa.Table) -> list[Finding]:
    """Columns missing, unknown or of a wrong type, as findings on the whole table; empty when it fits."""
    where_zh, where_en = f"数据表“{declared.label_zh}”（{declared.name}）", f"table {declared.name}"
    findings: list[Finding] = []
    names = found.column_names
    missing = [n for n in declared.column_names if n not in names]
    extra = sorted({n for n in names if n not in declared.column_names or names.count(n) > 1})
    if missing or extra:
        findings.append(
            raise_finding(
                "schema_columns",
                where_zh=where_zh,
                where_en=where_en,
                table_name=declared.name,
                value=",".join([*(f"-{n}" for n in missing), *(f"+{n}" for n in extra)]),
                values={"missing": "、".join(missing) or "无", "extra": "、".join(extra) or "无"},
            )
        )
    for field in declared.fields:
        if names.count(field.name) != 1 or fits(found.schema.field(field.name).type, field):
            continue
        findings.append(
            raise_finding(
                "schema_type",
                where_zh=where_zh,
                where_en=where_en,
                table_name=declared.name,
                field=field.name,
                value=str(found.schema.field(field.name).type),
                values={"label": field.label_zh, "expected": str(arrow_type(field))},
            )
        )
    return findings
