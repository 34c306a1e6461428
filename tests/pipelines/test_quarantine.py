"""Quarantine: every row of a night is accounted for, and a row is released by a decision, a mended file or a rule."""

from __future__ import annotations

import datetime as dt
import types
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

import pipelines.auditing
import pipelines.loading
import validators.rules
from tests.pipelines.decided_inbox import night, queue
from warehouse.deciding import decide
from warehouse.publish import warehouse_path
from warehouse.state import open_state

LEDGER = (
    "甲县拖欠中小企业账款台账（截至2026年4月30日）\n填报单位：甲县清欠办\n单位：元\n"
    "序号,拖欠主体,债权企业,合同编号,拖欠金额,剩余金额\n"
    "1,甲县住建局,乙建筑公司,HT-1,300000,300000\n"
    "2,甲县水利局,丙水务公司,HT-2,{amount},500000\n"
)


def ask(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse_path(home)), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def put(inbox: Path, amount: str) -> None:
    (inbox / "甲县台账.csv").write_text(LEDGER.format(amount=amount), encoding="utf-8")


@pytest.fixture
def place(tmp_path: Path) -> tuple[Path, Path]:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    inbox.mkdir()
    put(inbox, "-500000")
    (inbox / "坏文件.pdf").write_bytes(b"%PDF-1.4 broken")
    return inbox, home


def held(home: Path) -> int:
    return int(ask(home, "SELECT count(*) FROM ledger_rows WHERE is_quarantined")[0][0])


def balanced(accounts: dict[str, dict[str, int]]) -> bool:
    """Accepted is what was loaded, held back and left out; nothing else."""
    return all(
        a["accepted"] == sum(n for name, n in a.items() if name not in ("accepted", "gap")) and a["gap"] == 0
        for a in accounts.values()
    )


def test_a_row_held_back_is_seen_counted_and_released_by_a_mended_file(place: tuple[Path, Path]) -> None:
    inbox, home = place
    summary = night(home, inbox, "2026-05-01")
    assert summary["accounts"]["rows"] == {"accepted": 2, "loaded": 1, "quarantined": 1, "superseded": 0, "gap": 0}
    assert summary["accounts"]["files"]["accepted"] == 2
    assert summary["accounts"]["files"]["quarantined"] == 1
    assert balanced(summary["accounts"])
    (finding,) = [f for f in queue(home) if f["rule"] == "money_negative"]
    assert (finding["first_seen_date"], finding["nights"]) == (dt.date(2026, 5, 1), 1)
    assert finding["evidence"]
    assert held(home) == 1

    (inbox / "说明.txt").write_text("甲县清欠工作的说明。\n", encoding="utf-8")  # something else came
    summary = night(home, inbox, "2026-05-03")
    (finding,) = [f for f in queue(home) if f["rule"] == "money_negative"]
    assert (finding["first_seen_date"], finding["nights"]) == (dt.date(2026, 5, 1), 2)

    put(inbox, "500000")
    summary = night(home, inbox, "2026-05-04")
    assert held(home) == 0
    assert ask(home, "SELECT count(*) FROM debts") == [(2,)]
    assert summary["accounts"]["rows"] == {"accepted": 4, "loaded": 2, "quarantined": 0, "superseded": 2, "gap": 0}
    assert balanced(summary["accounts"])


def test_a_row_held_back_is_released_by_a_decision(place: tuple[Path, Path]) -> None:
    inbox, home = place
    night(home, inbox, "2026-05-01")
    now = dt.datetime(2026, 5, 1, 20, tzinfo=dt.UTC)
    with open_state(home) as state:
        for finding in [f for f in queue(home) if f["severity"] == "quarantine" and f["row_id"]]:
            decide(state, finding, "accept", steward="王某", reason="冲减上年多报数", now=now)
    summary = night(home, inbox, "2026-05-02")
    assert held(home) == 0
    assert balanced(summary["accounts"])


def test_a_row_held_back_is_released_by_a_changed_rule(
    place: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox, home = place
    night(home, inbox, "2026-05-01")
    assert held(home) == 1
    milder = msgspec.structs.replace(validators.rules.RULES["money_negative"], severity="warn")
    changed = types.MappingProxyType({**validators.rules.RULES, "money_negative": milder})
    monkeypatch.setattr(validators.rules, "RULES", changed)
    for module in (pipelines.auditing, pipelines.loading):
        monkeypatch.setattr(module, "VALIDATOR_VERSION", "another")
    night(home, inbox, "2026-05-02")
    assert held(home) == 0


def test_rows_that_get_lost_stop_their_table(place: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    inbox, home = place
    put(inbox, "500000")
    real = pipelines.loading.build_candidate

    def losing(*given: Any, **named: Any) -> Any:
        candidate = real(*given, **named)
        with duckdb.connect(str(candidate.path)) as connection:
            connection.execute(
                "DELETE FROM core.ledger_rows WHERE row_number = (SELECT max(row_number) FROM core.ledger_rows)"
            )
        return candidate

    monkeypatch.setattr(pipelines.loading, "build_candidate", losing)
    summary = night(home, inbox, "2026-05-01")
    assert summary["accounts"]["rows"]["gap"] == 1
    assert "rows_unaccounted" in {f["rule"] for f in queue(home)}
    assert held(home) == 1, "what is left of the table does not count"
