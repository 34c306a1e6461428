"""Tables of ledgers: the tables found, their rows, their totals."""

from __future__ import annotations

from warehouse.fields import (
    AS_OF_DATE,
    DOCUMENT_ID,
    FLAGS,
    ID_PATTERN,
    REGION_CODE,
    REGION_PATTERN,
    SHA256_PATTERN,
    date,
    flag,
    identifier,
    integer,
    json,
    ratio,
    text,
)
from warehouse.ledger_fields import CANONICAL_FIELDS
from warehouse.table import OF_DOCUMENT, Table

REPORT_TYPES = ("detail", "summary", "zero")
LEDGER_SUBJECTS = ("arrears", "disclosure", "complaint", "dispatch", "ranking")

TABLE_INDEX = integer(
    "table_index", "表序号", "table", "Number of the table within the document, from 1.", minimum=1
).required()
ROW_NUMBER = integer("row_number", "行号", "row", "Sheet row, csv record or table row, from 1.", minimum=1).required()
CELLS = json("cells", "单元格", "cells", "Object: column to the cell it was read from, e.g. F7.")
CELL_EVIDENCE = json(
    "evidence",
    "原文位置",
    "evidence",
    "Where the row stands: {sheet, row} or {table, row}, with page and bbox where known.",
)
RAW = json("raw", "原值", "raw", "Object: column to the cell's text before typing.")
RANGES = json(
    "ranges",
    "约数区间",
    "ranges",
    "Object: money column to [low, high] where the amount is approximate; the column holds low.",
)
MATCH_KEY = text(
    "match_key", "匹配键", "match key", "Normalised debtor, creditor and contract: what one debt is known by."
)

LEDGER_TABLES = Table(
    "ledger_tables",
    "台账表",
    "Ledger tables found in documents.",
    (
        DOCUMENT_ID,
        TABLE_INDEX,
        text("sheet", "工作表", "sheet", "Name of the sheet."),
        text("title", "表名", "title", "Title of the table."),
        text("unit", "金额单位", "money unit", "元, 万元, 亿元 as captioned; null where the table names none."),
        text("reporting_unit", "填报单位", "reporting unit", "Who filled it in."),
        REGION_CODE,
        AS_OF_DATE,
        text(
            "as_of_source",
            "截止日期来源",
            "as of from",
            "Where as_of_date came from.",
            domain=("ledger", "report_date", "issued_date", "none"),
        ).required(),
        date("report_date", "填报日期", "report date", "When it was filled in."),
        text(
            "report_type",
            "报表类型",
            "report type",
            "detail: one debt a row; summary; zero: nothing to report.",
            domain=REPORT_TYPES,
        ).required(),
        text("about", "内容", "about", "What the table is about.", domain=LEDGER_SUBJECTS).required(),
        text(
            "series_name",
            "台账系列",
            "series",
            "What the ledger is called in every period: its unit, else its title without dates, else its file's name.",
        ).required(),
        text(
            "series_key",
            "台账系列键",
            "series key",
            "Source, region and series: ledgers of one series follow each other. Null until published.",
        ),
        text(
            "scope_key",
            "匹配范围",
            "matching scope",
            "Source and region: within it debts are matched from period to period. Null until published.",
        ),
        date(
            "known_date",
            "获知日期",
            "known on",
            "The night on which the ledger came in. Null until published.",
        ),
        date(
            "replaced_date",
            "被取代日期",
            "replaced on",
            "The night from which it no longer counted: filed again for its period, or other bytes at its path.",
        ),
        text("replaced_by", "取代文档", "replaced by", "The document that took its place.", pattern=SHA256_PATTERN),
        json("signatures", "签字", "signatures", "Array of signature lines."),
        json("columns", "表列", "columns", "Array of {header, field, unit, index}: how each column was understood."),
        integer("row_count", "行数", "rows", "Number of rows read, totals not counted.").required(),
        FLAGS,
    ),
    ("document_id", "table_index"),
    OF_DOCUMENT,
)

# What the table and the document of a row say, put beside it when it is published: questions over all history read one
# table instead of joining three and looking for what is held back.
STANDING = (
    text(
        "placed_region_code",
        "归属地区代码",
        "region it counts for",
        "Region of the row, else of its table, else of its document. Null until published.",
        pattern=REGION_PATTERN,
    ),
    text(
        "placed_reporting_unit",
        "归属填报单位",
        "reporting unit it counts for",
        "Reporting unit of the row, else of its table. Null until published.",
    ),
    date("known_date", "获知日期", "known on", "The night on which the ledger came in. Null until published."),
    date("replaced_date", "被取代日期", "replaced on", "The night from which the ledger no longer counted."),
    flag("is_superseded", "文件已被取代", "superseded", "Other bytes lie where its file lay. Null until published."),
    flag(
        "is_quarantined",
        "是否隔离",
        "quarantined",
        "True when the audit keeps the row out of `debts`; the reason is in `findings`. Null until published.",
    ),
)

LEDGER_ROWS = Table(
    "ledger_rows",
    "台账明细",
    "Ledger rows of every period: one debt a row, or one line of a summary.",
    (
        identifier("row_id", "行编号", "row id", "Hash of document, table and row number."),
        DOCUMENT_ID,
        TABLE_INDEX,
        ROW_NUMBER,
        text(
            "debt_id",
            "欠款编号",
            "debt id",
            "The debt this row speaks of, the same in every period; null in summaries, and until published.",
            pattern=ID_PATTERN,
        ),
        text(
            "match_reason",
            "匹配依据",
            "matched by",
            "How it was matched: new, key (parties and contract or project), amount, order, twin (another version of "
            "the ledger), none (parties unknown); under another key: uscc_contract, renamed_debtor, "
            "renamed_creditor, relabelled, renamed_debtor_amount.",
        ),
        ratio(
            "match_confidence",
            "匹配可信度",
            "match confidence",
            "How sure the match is, by its reason; 1 for the first row of a debt, null where nothing was matched.",
            maximum=1,
        ),
        MATCH_KEY,
        AS_OF_DATE,
        *CANONICAL_FIELDS,
        json("extra", "其他列", "other columns", "Object: header to text, for columns that map to no field."),
        RANGES,
        CELLS,
        RAW,
        FLAGS,
        CELL_EVIDENCE,
        *STANDING,
    ),
    ("row_id",),
    OF_DOCUMENT,
)

LEDGER_TOTALS = Table(
    "ledger_totals",
    "台账合计行",
    "Subtotal and total rows as printed; they are never counted as debts.",
    (
        identifier("row_id", "行编号", "row id", "Hash of document, table and row number."),
        DOCUMENT_ID,
        TABLE_INDEX,
        ROW_NUMBER,
        text("label", "合计标签", "label", "合计, 小计 and the like, as printed.").required(),
        AS_OF_DATE,
        *(f for f in CANONICAL_FIELDS if f.type in ("money", "ratio", "int") and f.name != "year"),
        json("extra", "其他列", "other columns", "Object: column to text, for values that are no figures."),
        RANGES,
        CELLS,
        RAW,
        FLAGS,
        CELL_EVIDENCE,
    ),
    ("row_id",),
    OF_DOCUMENT,
)
