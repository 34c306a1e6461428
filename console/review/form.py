"""The decision form of a finding, made from the schema: which actions fit, and what each asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from console.formats import value as shown
from console.masking import Masker
from warehouse.deciding import ACTIONS
from warehouse.deciding_values import teachable_fields
from warehouse.fields import Field
from warehouse.review import CORRECTABLE
from warehouse.tables import TABLES

KEYS = {"accept": "a", "correct": "c", "reject": "r", "defer": "d", "map": "m", "duplicate": "p", "split": "s"}
"""The key that chooses an action."""
ORDER = ("accept", "correct", "map", "duplicate", "split", "defer", "reject")
_DEBT = "debt:"


@dataclass(frozen=True, slots=True)
class Input:
    """What an action asks for besides a reason: how it is typed (`money`, `number`, `date`, `text`, `long`, `choice`),
    what stands in it, what may be chosen as (value, label), its unit and the column's description."""

    kind: str
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    unit: str | None = None
    label: str | None = None
    hint: str | None = None
    may_be_blank: bool = True


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a steward may do."""

    name: str
    key: str
    input: Input | None = None


def actions_for(finding: dict[str, Any], row: dict[str, Any] | None, masker: Masker, *, english: bool) -> list[Action]:
    """The actions that fit a finding, in the order they are shown."""
    if finding["subject"] is None:
        return []
    fitting: dict[str, Input | None] = {"accept": None, "reject": None, "defer": Input("date")}
    column = column_of(finding)
    if column is not None and finding["table_name"] in CORRECTABLE:
        fitting["correct"] = _correction(column, finding, row, masker, english=english)
    if finding["rule"] == "unmapped_column" or (finding["field"] or "").endswith("_name"):
        fitting["map"] = _lookup(finding)
    if finding["table_name"] == "ledger_rows" and str(finding["subject"]).startswith(_DEBT):
        fitting["duplicate"] = Input("text")
        fitting["split"] = Input("long")
    return [Action(name, KEYS[name], fitting[name]) for name in ORDER if name in fitting and name in ACTIONS]


def column_of(finding: dict[str, Any]) -> Field | None:
    """The column a finding is about, by the schema."""
    table, name = TABLES.get(finding["table_name"] or ""), finding["field"]
    return table.field(name) if table is not None and name in table.column_names else None


def label_of(finding: dict[str, Any], *, english: bool) -> str | None:
    """The column's name for people; None where a finding is about no column."""
    column = column_of(finding)
    return None if column is None else column.label_en if english else column.label_zh


def typed(kind: str, text: str) -> str | None:
    """What was typed as the column takes it: thousands and blanks taken out of figures; None for nothing."""
    value = text.strip()
    if kind in ("money", "number"):
        value = value.replace(",", "").replace("，", "").replace(" ", "")
    return value or None


def _correction(
    column: Field, finding: dict[str, Any], row: dict[str, Any] | None, masker: Masker, *, english: bool
) -> Input:
    present = "" if row is None or row.get(column.name) is None else row[column.name]
    text = ("true" if present else "false") if isinstance(present, bool) else str(present)
    if masker.field(column.name, text) != text:
        text = ""  # what is masked is not given away by a form
    kind = {"money": "money", "number": "number", "ratio": "number", "int": "number", "date": "date"}.get(
        column.type, "text"
    )
    choices: tuple[tuple[str, str], ...] = ()
    if column.type == "bool":
        kind, choices = "choice", (("true", "yes" if english else "是"), ("false", "no" if english else "否"))
    elif column.domain:
        kind, choices = "choice", tuple((d, shown(column.name, d, "en" if english else "zh")) for d in column.domain)
    unit = {"yuan": "yuan" if english else "元"}.get(column.unit or "", column.unit)
    if column.type == "money":
        unit = "yuan" if english else "元"
    return Input(
        kind=kind,
        value=text,
        choices=choices,
        unit=unit,
        label=column.label_en if english else column.label_zh,
        hint=column.description,
        may_be_blank=column.nullable,
    )


def _lookup(finding: dict[str, Any]) -> Input:
    if finding["rule"] != "unmapped_column":
        raw = finding["raw_value"] or finding["value"] or ""
        return Input("text", value=f"{raw}=" if raw else "")
    fields = (("-", "—"), *teachable_fields().items())
    return Input("choice", choices=tuple(fields), may_be_blank=False)
