"""Invented facts for the warehouse's tests, and a home filled with them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from extractors.document import Anchor
from extractors.facts import (
    Amount,
    Assignment,
    CellValue,
    Deadline,
    Facts,
    Field,
    LedgerRow,
    LedgerTable,
    Metadata,
    Reference,
    Statistic,
)
from warehouse.build import Candidate, Inputs, build_candidate
from warehouse.parts import Manifest, write_part
from warehouse.staging import DocumentInfo, stage
from warehouse.state import State
from warehouse.state_file import FileEngine

VERSION = "test-1"
NIGHT = dt.date(2031, 3, 1)
NOW = dt.datetime(2031, 3, 1, 18, 0, tzinfo=dt.UTC)


def file_id(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def info(name: str, **changes: Any) -> DocumentInfo:
    values: dict[str, Any] = {
        "file_id": file_id(name),
        "name": name,
        "path": f"drop/{name}",
        "source": "inbox",
        "extractor_version": VERSION,
        "first_seen_date": NIGHT,
        "format": "xlsx",
    }
    return DocumentInfo(**(values | changes))


def cell(value: Any, ref: str = "B5") -> CellValue:
    return CellValue(value=value, raw=str(value), cell=ref, rule="cell")


def debt(debtor: str, creditor: str, arrears: object, remaining: object, **more: Any) -> dict[str, Any]:
    values = {
        "debtor_name": debtor,
        "creditor_name": creditor,
        "arrears_amount_yuan": Decimal(str(arrears)),
        "remaining_amount_yuan": Decimal(str(remaining)),
    }
    return values | more


def ledger(
    rows: Sequence[Mapping[str, Any]], as_of: dt.date | None = None, *, region: str | None = "990101", **changes: Any
) -> Facts:
    values: dict[str, Any] = {
        "index": 1,
        "sheet": "台账",
        "title": "账款台账",
        "as_of": as_of,
        "region_code": region,
        "rows": tuple(
            LedgerRow(row=i, values={k: cell(v, f"C{i}") for k, v in row.items()}) for i, row in enumerate(rows, 4)
        ),
    }
    return Facts(kind="ledger", ledger=(LedgerTable(**(values | changes)),))


def circular() -> Facts:
    at = Anchor(paragraph=3)
    return Facts(
        kind="circular",
        metadata=Metadata(
            title=Field(text="清理账款通知", start=0, end=6, rule="title", value="清理账款通知"),
            issued_date=Field(text="2031年2月3日", start=90, end=99, rule="date", value="2031-02-03"),
        ),
        amounts=(
            Amount(
                text="12.5万元",
                start=10,
                end=16,
                rule="money",
                evidence=at,
                amount_yuan=Decimal(125000),
                role="remaining",
            ),
            Amount(
                text="300多万元",
                start=20,
                end=26,
                rule="money",
                amount_yuan=(Decimal(3000000), Decimal(4000000)),
                approx=True,
                role="debt_total",
            ),
            Amount(text="500万元", start=30, end=35, rule="money", amount_yuan=Decimal(5000000), role="other"),
        ),
        deadlines=(
            Deadline(
                text="2月底前",
                start=40,
                end=44,
                rule="month_end",
                kind="due",
                resolved="2031-02-28",
                action="报送台账",
                responsible=("县财务办", "县工程办"),
                recipient="县专班",
                strength="must",
            ),
            Deadline(
                text="每月5日前", start=50, end=55, rule="freq", kind="recurring", resolved="FREQ=MONTHLY;BYMONTHDAY=5"
            ),
            Deadline(
                text="2030年",
                start=60,
                end=65,
                rule="year",
                kind="period",
                subtype="past_period",
                resolved=("2030-01-01", "2030-12-31"),
            ),
            Deadline(
                text="1月1日至3月31日",
                start=66,
                end=76,
                rule="range",
                kind="period",
                resolved=("2031-01-01", "2031-03-31"),
                flags=("past_at_issue",),
            ),
            Deadline(text="限期", start=80, end=82, rule="vague", kind="due"),
        ),
        assignments=(
            Assignment(
                text="县财务办",
                start=45,
                end=49,
                rule="role",
                role="responsible",
                unit_name="某县财务办公室",
                unit_id="u1",
            ),
        ),
        refs=(Reference(text="《规定》", start=85, end=89, rule="title", title="规定"),),
        statistics=(Statistic(text="98.5%", start=70, end=75, rule="share", value=Decimal("0.985"), unit="ratio"),),
    )


def put(home: Path, name: str, facts: Facts | None, **changes: Any) -> Manifest:
    described = info(name, **changes)
    return write_part(home, described.file_id, VERSION, stage(facts, described))


def two_months(home: Path) -> list[Manifest]:
    """A county's ledgers of two months (one debt vanishes, one is cleared) and a circular."""
    first = ledger(
        [
            debt("某局", "甲公司", "100.10", "100.10"),
            debt("某局", "乙公司", 200, 200),
            debt("某校", "丙公司", 300, 300),
        ],
        dt.date(2031, 1, 31),
    )
    second = ledger([debt("某局", "甲公司", "100.10", 0), debt("某校", "丙公司", 300, 250)], dt.date(2031, 2, 28))
    return [
        put(home, "a.xlsx", first),
        put(home, "b.xlsx", second),
        put(home, "c.txt", circular(), format="txt", text="文" * 120),
    ]


def built(home: Path, parts: Sequence[Manifest], **inputs: Any) -> Candidate:
    return build_candidate(home, Inputs(parts=list(parts), **inputs))


def view_contents(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every view's rows, sorted: SQL promises no order."""
    import duckdb

    from warehouse.views import VIEW_NAMES

    with duckdb.connect(str(path), read_only=True) as connection:
        return {
            name: sorted(connection.execute(f'SELECT * FROM main."{name}"').fetchall(), key=repr) for name in VIEW_NAMES
        }


def drop_trigger(state: State, name: str, table: str) -> None:
    """Take a trigger away, as one could who owns the store."""
    state.db.execute(f"DROP TRIGGER IF EXISTS {name}" + ("" if isinstance(state.db, FileEngine) else f" ON {table}"))
