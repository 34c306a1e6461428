"""Staged ledgers of any size for the benchmarks, made by DuckDB and written as real parts."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.arrow import arrow_schema, arrow_table
from warehouse.parts import Manifest, write_part

VERSION = "bench-1"
NIGHT = dt.date(2031, 3, 1)

_ROWS = """
SELECT substr(sha256({doc!r} || '-' || i), 1, 32) AS row_id, {doc!r} AS document_id, 1 AS table_index,
       i + 4 AS row_number, DATE '{day}' AS as_of_date,
       'd' || (i % 997) || '|c' || (i + {offset}) || '|c:h' || (i + {offset}) AS match_key,
       '某县' || (i % 997) || '局' AS debtor_name, '某某' || (i + {offset}) || '工程有限公司' AS creditor_name,
       '机关' AS debtor_type, 'H' || (i + {offset}) AS contract_no, '项目' || (i % 50) AS project_name,
       (10000 + (i * 7919) % 990000)::DECIMAL(18,2) AS arrears_amount_yuan,
       ((i * 31) % 10000 * {paid})::DECIMAL(18,2) AS repaid_amount_yuan,
       (10000 + (i * 7919) % 990000 - (i * 31) % 10000 * {paid})::DECIMAL(18,2) AS remaining_amount_yuan,
       CASE WHEN i % 9 = 0 THEN 'yes' ELSE 'no' END AS disputed, DATE '2025-06-01' + (i % 200)::INT AS delivery_date,
       '{{"arrears_amount_yuan": "F' || (i + 4) || '"}}' AS cells,
       '{{"sheet": "台账", "row": ' || (i + 4) || '}}' AS evidence
FROM range({rows}) t(i)
"""


def document_of(name: str) -> str:
    """The id of a benchmark's document."""
    return hashlib.sha256(name.encode()).hexdigest()


def ledger_part(
    home: Path, name: str, rows: int, *, county: int, day: dt.date, month: int = 0, night: dt.date = NIGHT
) -> Manifest:
    """One detail ledger of a county for a day: `rows` debts, the same ones every month, repaid a little each month."""
    document = document_of(name)
    region = f"{990000 + county % 9999:06}"
    documents = arrow_table(
        "documents",
        [
            {
                "document_id": document, "source": "bench", "path": name, "name": name, "kind": "ledger",
                "format": "xlsx", "status": "parsed", "first_seen_date": night, "extractor_version": VERSION,
                "region_code": region,
            }
        ],
    )  # fmt: skip
    tables = arrow_table(
        "ledger_tables",
        [
            {
                "document_id": document, "table_index": 1, "sheet": "台账", "title": f"{region}台账",
                "region_code": region, "as_of_date": day, "as_of_source": "ledger", "report_type": "detail",
                "about": "arrears", "series_name": f"{region}台账", "row_count": rows,
            }
        ],
    )  # fmt: skip
    with duckdb.connect() as connection:
        sql = _ROWS.format(doc=document, offset=county * 1_000_000, day=day, rows=rows, paid=f"{month / 12:.6f}")
        made = connection.execute(sql).to_arrow_table()
    schema = arrow_schema("ledger_rows")
    columns = [
        made.column(f.name).cast(f.type) if f.name in made.column_names else pa.nulls(made.num_rows, f.type)
        for f in schema
    ]
    rows_table = pa.Table.from_arrays(columns, schema=schema)
    return write_part(
        home, document, VERSION, {"documents": documents, "ledger_tables": tables, "ledger_rows": rows_table}
    )
