"""A column, said once: its name, type, unit, labels, meaning and limits.

Everything that speaks of columns is derived from these: DDL and comments (`ddl`), Arrow schemas (`arrow`), the data
dictionary (`dictionary`), the audit's expectations and the console's forms. Columns that several tables share live
here; those of one subject live beside its tables (`ledger_fields`, `tables`).

Types: `text`; `money` in yuan, exact to the fen, DECIMAL(18,2); `number` an exact quantity that is neither money nor
a share, DECIMAL(18,6); `ratio` a share where 1 is the whole, DECIMAL(18,6); `date` a calendar day; `int`; `bool`;
`json` a JSON text; `timestamp` a moment in time (stored in UTC, shown in Asia/Shanghai).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

FieldType = Literal["text", "money", "number", "ratio", "date", "bool", "int", "json", "timestamp"]

USCC_PATTERN = r"^[0-9A-HJ-NPQRTUWXY]{18}$"  # GB 32100-2015: 18 characters without I, O, S, V, Z
REGION_PATTERN = r"^[1-9][0-9]{5}$"  # GB/T 2260: six digits
ID_PATTERN = r"^[0-9a-f]{16,64}$"
SHA256_PATTERN = r"^[0-9a-f]{64}$"


@dataclass(frozen=True, slots=True)
class Field:
    """One column.

    `label_zh` is the short Chinese name people see, `label_en` its English, `description` says what the value means
    and when it is null. `domain` lists the only values allowed; `pattern` is a regular expression the whole value
    matches; `minimum` and `maximum` are inclusive, in `unit` (dates never carry them). A null value always passes
    the limits; `nullable` says whether it may be null.
    """

    name: str
    type: FieldType
    label_zh: str
    label_en: str
    description: str
    unit: str | None = None
    nullable: bool = True
    domain: tuple[str, ...] = ()
    pattern: str | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    def required(self) -> Field:
        """The same column, not null."""
        return replace(self, nullable=False)


def text(
    name: str, zh: str, en: str, description: str, *, domain: tuple[str, ...] = (), pattern: str | None = None
) -> Field:
    """A text column."""
    return Field(name, "text", zh, en, description, domain=domain, pattern=pattern)


def money(name: str, zh: str, en: str, description: str, *, minimum: int | None = 0) -> Field:
    """An amount of money in yuan; not negative unless `minimum` says otherwise."""
    low = None if minimum is None else Decimal(minimum)
    return Field(name, "money", zh, en, description, unit="yuan", minimum=low)


def date(name: str, zh: str, en: str, description: str) -> Field:
    """A calendar day."""
    return Field(name, "date", zh, en, description)


def integer(
    name: str, zh: str, en: str, description: str, *, unit: str | None = None, minimum: int | None = 0
) -> Field:
    """A whole number."""
    low = None if minimum is None else Decimal(minimum)
    return Field(name, "int", zh, en, description, unit=unit, minimum=low)


def flag(name: str, zh: str, en: str, description: str) -> Field:
    """A yes or no."""
    return Field(name, "bool", zh, en, description)


def json(name: str, zh: str, en: str, description: str) -> Field:
    """A JSON text; its shape is in the description."""
    return Field(name, "json", zh, en, description)


def moment(name: str, zh: str, en: str, description: str) -> Field:
    """A moment in time."""
    return Field(name, "timestamp", zh, en, description)


def ratio(name: str, zh: str, en: str, description: str, *, maximum: int | None = None) -> Field:
    """A share, 1 being the whole."""
    high = None if maximum is None else Decimal(maximum)
    return Field(name, "ratio", zh, en, description, unit="1", minimum=Decimal(0), maximum=high)


def identifier(name: str, zh: str, en: str, description: str) -> Field:
    """A key of ours: lower-case hexadecimal of a SHA-256, in whole or its first 32 digits."""
    return Field(name, "text", zh, en, description, nullable=False, pattern=ID_PATTERN)


DOCUMENT_ID = Field(
    "document_id",
    "text",
    "文档编号",
    "document",
    "The document: SHA-256 of the file's bytes, so the same bytes are the same document wherever they came from.",
    nullable=False,
    pattern=SHA256_PATTERN,
)
PARENT_ID = text(
    "parent_id",
    "所在文件编号",
    "parent",
    "The document that this one was found inside (archive, mail, file with attachments); null for a file of its own.",
    pattern=SHA256_PATTERN,
)
REGION_CODE = text("region_code", "行政区划代码", "region code", "GB/T 2260 code, six digits.", pattern=REGION_PATTERN)
REGION_NAME = text("region_name", "行政区划名称", "region name", "Name of the region as the document has it.")
AS_OF_DATE = date(
    "as_of_date", "统计截止日期", "as of", "The day the figure speaks of; null where the source names none."
)
FIRST_SEEN_DATE = date(
    "first_seen_date", "首次入库日期", "first seen", "The night on which this was first seen: when we learned of it."
)

FLAGS = json(
    "flags", "疑点", "flags", "Doubts about this value: an array of words, or of {kind, field, cell, message}."
)
EVIDENCE = json(
    "evidence",
    "原文位置",
    "evidence",
    "Where it stands in the original: {page, bbox} in PDF points, {paragraph}, or {sheet, cell}.",
)

# Every statement read from a document carries these, whatever it states.
STATEMENT_FIELDS: tuple[Field, ...] = (
    text(
        "raw_text", "原文", "raw text", "The words in the document, unchanged: document text[start_offset:end_offset]."
    ),
    integer("start_offset", "起始位置", "start", "First character in the document's text, from 0.", unit="character"),
    integer("end_offset", "结束位置", "end", "One past the last character in the document's text.", unit="character"),
    text("extraction_rule", "抽取规则", "extraction rule", "Name of the rule that found it.").required(),
    text(
        "origin",
        "来历",
        "origin",
        "How the value came about: rule, ocr (read from a picture), lookup (a register), steward (a person).",
        domain=("rule", "ocr", "lookup", "steward"),
    ).required(),
    FLAGS,
    EVIDENCE,
)
