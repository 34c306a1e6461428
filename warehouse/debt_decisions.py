"""Decisions about whole debts put into a candidate: one listed twice is counted once, one listed for several is split.

The rows of the ledgers stay as they are; the tables filled here say what `debts` counts in their place.
"""

# ruff: noqa: S608 - names in statements come from the schema in code, values are bound

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from warehouse.ddl import quoted
from warehouse.decisions import Decision
from warehouse.keys import stable_id

if TYPE_CHECKING:
    import duckdb

DEBT = "debt:"


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One part of a split debt, in yuan; what is None follows the whole."""

    arrears_amount_yuan: Decimal
    creditor_name: str | None = None
    contract_no: str | None = None
    remaining_amount_yuan: Decimal | None = None
    disputed_amount_yuan: Decimal | None = None


class Outgrown(msgspec.Struct, frozen=True, kw_only=True):
    """A split whose parts no longer add up to what the latest ledger says, so that the whole debt stands again."""

    document_id: str
    row_id: str
    arrears: Decimal | None
    remaining: Decimal | None
    decision: Decision


def parts_of(text: str) -> tuple[Part, ...]:
    """The parts as a decision keeps them. Raises msgspec.MsgspecError for anything else."""
    return msgspec.json.decode(text, type=tuple[Part, ...])


def part_id(debt_id: str, number: int) -> str:
    """The id of one part of a debt."""
    return stable_id(debt_id, "part", number)


def total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum; None where one is not known."""
    given = list(amounts)
    return None if None in given else sum((a for a in given if a is not None), Decimal(0))


def apply_debt_decisions(path: Path, decided: Sequence[Decision]) -> list[Outgrown]:
    """Fill `core.debt_duplicates` and `core.debt_parts` of a candidate; the splits that do not fit any more."""
    import duckdb

    wanted = [d for d in decided if d.action in ("duplicate", "split") and d.row_id.startswith(DEBT) and d.value]
    if not wanted:
        return []
    with duckdb.connect(str(path)) as connection:
        known = {d.row_id for d in wanted} & _known(connection, {d.row_id for d in wanted})
        for d in wanted:
            if d.row_id not in known:
                continue
            debt = d.row_id.removeprefix(DEBT)
            told = {"steward": d.steward, "decided_at": d.decided_at, "reason": d.reason,
                    "decision_number": d.decision_number}  # fmt: skip
            if d.action == "duplicate":
                other = str(d.value)
                if other != debt and f"{DEBT}{other}" in _known(connection, {f"{DEBT}{other}"}):
                    _insert(connection, "debt_duplicates", {"debt_id": debt, "same_debt_id": other, **told})
                continue
            parts = parts_of(str(d.value))
            whole = {
                f"whole_{name}_yuan": total(getattr(p, f"{name}_amount_yuan") for p in parts)
                for name in ("arrears", "remaining", "disputed")
            }
            for number, part in enumerate(parts, 1):
                row = {"debt_id": part_id(debt, number), "from_debt_id": debt, "part_number": number}
                _insert(connection, "debt_parts", {**row, **msgspec.structs.asdict(part), **whole, **told})
        outgrown = _outgrown(connection, {d.decision_number: d for d in wanted})
        connection.execute("CHECKPOINT")
    return outgrown


def _known(connection: duckdb.DuckDBPyConnection, subjects: set[str]) -> set[str]:
    found = connection.execute(
        "SELECT DISTINCT 'debt:' || debt_id FROM core.ledger_rows WHERE list_contains(?, debt_id)",
        [[s.removeprefix(DEBT) for s in sorted(subjects)]],
    ).fetchall()
    return {r[0] for r in found}


def _insert(connection: duckdb.DuckDBPyConnection, table: str, row: dict[str, Any]) -> None:
    names = ", ".join(quoted(c) for c in row)
    connection.execute(f"INSERT INTO core.{table} ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


def _outgrown(connection: duckdb.DuckDBPyConnection, by_number: dict[int, Decision]) -> list[Outgrown]:
    found = connection.execute(
        "SELECT DISTINCT x.decision_number, b.document_id, b.row_id, b.arrears_amount_yuan, b.remaining_amount_yuan "
        "FROM core.debt_parts x JOIN main.debts_as_of(DATE '9999-12-31', DATE '9999-12-31') b "
        "ON b.debt_id = x.from_debt_id ORDER BY ALL"
    ).fetchall()
    return [
        Outgrown(document_id=document, row_id=row, arrears=arrears, remaining=remaining, decision=by_number[number])
        for number, document, row, arrears, remaining in found
    ]
