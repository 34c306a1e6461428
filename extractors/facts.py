"""`Facts`: what was found in one document, each statement with the spot and the rule that found it.

A statement is a value together with its raw text, its place (`start`, `end` into `Document.text`, and the
`evidence` anchor into the original), the name of the `rule` that produced it and its `origin`. Money is Decimal
yuan. A thing that could not be known is None plus a flag, never a guess.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec

from extractors.document import Anchor, Scalar, exact

if TYPE_CHECKING:
    from extractors.rowstore import RowStore

    LedgerScalar = Scalar | tuple[Decimal, Decimal]
    Rows: TypeAlias = "tuple[LedgerRow, ...] | RowStore"
else:
    Rows = tuple["LedgerRow", ...]
    LedgerScalar = Any

Origin = Literal["rule", "ocr", "lookup", "steward"]

# What told an amount's role, from the figure's own words to the widest context.
AmountRoleRule = Literal[
    "amount.before", "amount.after", "amount.except", "amount.threshold", "amount.fund", "amount.apart",
    "amount.contract", "amount.goal", "amount.list", "amount.whole", "amount.neighbour", "amount.clauses",
    "amount.sums", "amount.context", "amount.subject", "amount.weighed",
]  # fmt: skip
AmountRole = Literal["debt_total", "cleared", "remaining", "disputed", "undisputed", "new_debt", "other"]
DeadlineKind = Literal["due", "recurring", "period", "effective", "as_of", "past_event"]
AssignmentRole = Literal["lead", "support", "responsible", "member", "recipient", "supervisor"]
ReferenceRelation = Literal["basis", "implements", "forwards", "issues", "amends", "repeals", "answers"]
DocumentKind = Literal["circular", "report", "reply", "ledger", "disclosure", "bulletin", "other"]


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """The base of every fact: raw text, place, rule, origin, flags."""

    text: str
    start: int
    end: int
    rule: str
    evidence: Anchor = Anchor()
    origin: Origin = "rule"
    flags: tuple[str, ...] = ()


class Field(Statement, frozen=True, kw_only=True):
    """One metadata field's value; dates are ISO text."""

    value: str


class Contact(Statement, frozen=True, kw_only=True):
    """A person to ask, as the document names them."""

    name: str | None = None
    phones: tuple[str, ...] = ()
    email: str | None = None
    unit: str | None = None


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """The elements of GB/T 9704-2012 as far as found; None where the document has none."""

    title: Field | None = None
    issuer: Field | None = None
    doc_number: Field | None = None
    doc_type: Field | None = None  # 通知, 通报, 函, 答复, … as printed or as the layout tells
    issued_date: Field | None = None
    recipients: tuple[Field, ...] = ()
    urgency: Field | None = None
    secrecy: Field | None = None
    region_code: Field | None = None  # GB/T 2260, 6 digits; its text is the name as read
    region_name: str | None = None
    attachments: tuple[Field, ...] = ()
    contacts: tuple[Contact, ...] = ()
    signed_off_by: Field | None = None


class Amount(Statement, frozen=True, kw_only=True):
    """An amount of money in prose. `amount_yuan` is one Decimal, or (low, high) when approximate or a range."""

    amount_yuan: Decimal | tuple[Decimal, Decimal]
    approx: bool = False
    role: AmountRole = "other"
    role_rule: AmountRoleRule | None = None
    role_confidence: Decimal | None = None  # 0 to 1: how far the cues of this role outweigh those of the others
    role_cues: tuple[str, ...] = ()  # the cues that spoke most for it, strongest first
    as_of: dt.date | None = None
    scope: str | None = None  # what it counts, in the text's own words
    debtor: str | None = None
    creditor: str | None = None
    quantum_yuan: Decimal | None = None  # half a unit of the last printed digit: the printed precision


class Deadline(Statement, frozen=True, kw_only=True):
    """A time expression. Only kinds due, recurring, period (not past_period/scope) and effective are obligations.

    `resolved`: an ISO date, an (ISO, ISO) pair, a rule (`FREQ=MONTHLY;BYMONTHDAY=5`, `WITHIN=30D`), or None.
    `year_source` says where the year came from: text, inherited, issued_date, body, none.
    """

    kind: DeadlineKind
    subtype: str | None = None
    resolved: str | tuple[str, str] | None = None
    action: str | None = None
    responsible: tuple[str, ...] = ()
    recipient: str | None = None
    year_source: str | None = None
    strength: str | None = None  # must | should | aim


class Assignment(Statement, frozen=True, kw_only=True):
    """A unit and the part it plays; `text` is the unit in the document's own words."""

    unit_name: str | None = None
    unit_id: str | None = None
    role: AssignmentRole
    task: str | None = None
    open_list: bool = False
    # A group's members by full name, where the paper's own list or the table of regions gives them; flagged how.
    expands_to: tuple[str, ...] = ()


class Reference(Statement, frozen=True, kw_only=True):
    """Another document named by this one; `relation` says what for, None where it is merely mentioned."""

    title: str | None = None
    doc_number: str | None = None
    relation: ReferenceRelation | None = None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A document inside the document: a 方案 below its 通知, a 附件 behind it. `Document.text[start:end]` is its text.

    `kind` is the last word of its title (方案, 名单) or 附件; `issued_date` (ISO) its own where it has one, else the
    paper's, with the flag `shared_date`.
    """

    number: int
    kind: str
    title: Field | None = None
    start: int
    end: int
    issued_date: str | None = None
    flags: tuple[str, ...] = ()


class Statistic(Statement, frozen=True, kw_only=True):
    """A count or share: 386笔, 112户, 98.5% (value 0.985, unit ratio)."""

    value: Decimal
    unit: str
    what: str | None = None
    as_of: dt.date | None = None


class Flag(msgspec.Struct, frozen=True, kw_only=True):
    """A doubt about a ledger row, total or table; kinds are those of the contract plus our own."""

    kind: str
    field: str | None = None
    cell: str | None = None
    message: str = ""


class CellValue(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One typed ledger value with the cell it came from."""

    value: LedgerScalar
    raw: str
    cell: str
    rule: str
    origin: Origin = "rule"
    evidence: Anchor = Anchor()

    def __post_init__(self) -> None:
        value: Any = self.value
        if type(value) is int or type(value) is list:
            msgspec.structs.force_setattr(self, "value", exact(value))


class LedgerColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column as understood: header path joined by '/', canonical field or None, money unit (元, 万元, …)."""

    header: str
    field: str | None
    unit: str | None = None
    index: int = 0


class LedgerRow(msgspec.Struct, frozen=True, kw_only=True):
    """One debt line (or one line of a summary). `values` is keyed by canonical field with its suffix.

    `row` counts as the contract says: sheet row for sheets, parsed record for csv, table row elsewhere.
    """

    row: int
    values: dict[str, CellValue]
    extra: dict[str, str] = {}
    flags: tuple[Flag, ...] = ()


class LedgerTotal(msgspec.Struct, frozen=True, kw_only=True):
    """A subtotal or total row."""

    row: int
    label: str
    values: dict[str, CellValue]
    flags: tuple[Flag, ...] = ()


class FormulaCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A formula under the header (4=2+3) held against every row and total of its table.

    `formula` is as printed, `cell` where it stands, `field` the column it defines and `terms` those it is made of,
    each as (operator, field): + - or /. `rows` counts the rows that could be checked, `mismatches` names the cells
    that disagree.
    """

    formula: str
    cell: str
    field: str
    terms: tuple[tuple[str, str], ...]
    rows: int
    mismatches: tuple[str, ...] = ()


class LedgerTable(msgspec.Struct, frozen=True, kw_only=True):
    """One ledger table of a document."""

    index: int
    sheet: str | None = None
    title: str | None = None
    unit: str | None = None
    reporting_unit: str | None = None
    region_code: str | None = None
    as_of: dt.date | None = None
    report_date: dt.date | None = None
    signatures: tuple[str, ...] = ()
    report_type: Literal["detail", "summary", "zero"] = "detail"
    about: Literal["arrears", "disclosure", "complaint", "dispatch", "ranking"] = "arrears"
    columns: tuple[LedgerColumn, ...] = ()
    rows: Rows = ()
    totals: tuple[LedgerTotal, ...] = ()
    flags: tuple[Flag, ...] = ()
    formulas_checked: tuple[FormulaCheck, ...] = ()


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything found in one document."""

    kind: DocumentKind
    metadata: Metadata = Metadata()
    amounts: tuple[Amount, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    refs: tuple[Reference, ...] = ()
    statistics: tuple[Statistic, ...] = ()
    parts: tuple[Part, ...] = ()
    ledger: tuple[LedgerTable, ...] | None = None


UNITS = "units"
"""The key of `Context.lookups` for names of organisations: in columns, heads of tables, duties and assignments."""


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What an extractor may know besides the file: never the clock, always given.

    `reference_date` stands in for a document's own date only where the document gives none and no date in its
    body helps; `region_code`, `header_map` and `lookups` come from the source's YAML. `lookups` holds, by canonical
    field or `units`, what the source's own words stand for (`extractors.ledger.lookups`).
    """

    reference_date: dt.date | None = None
    source: str | None = None
    region_code: str | None = None
    header_map: dict[str, str] = {}
    lookups: dict[str, dict[str, str]] = {}
    released: bool = False  # a person found that its mark of state secrecy is none
