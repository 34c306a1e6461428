"""What a source's YAML says to the audit: rosters, silenced rules with their reason, bounds of what is normal; and that
every row of a night is accounted for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.source_audit import source_audit
from pipelines.source_schema import SourceError
from pipelines.sources import read_source
from tests.pipelines.decided_inbox import circular, debts, night, queue, write_ledger
from warehouse.publish import warehouse_path

ROSTER = """
roster:
  - {unit: 甲县清欠办, since: 2026-04-01, due_day: 10}
  - {unit: 乙县清欠办, since: 2026-04-01, due_day: 10}
"""
SILENCE = """
silence:
  - {rule: status_contradicts_remaining, reason: 县里把协议还款登记为销号，市办已知, until: 2026-06-30}
"""
BOUNDS = """
thresholds: {min_rows: 30, max_rows: 20, max_shares: {bad_uscc: 0.2}}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("QINGQIAN_SOURCES", raising=False)
    (tmp_path / "home" / "sources").mkdir(parents=True)
    inbox = tmp_path / "home" / "inbox"
    inbox.mkdir()
    write_ledger(inbox / "甲县台账.xlsx", debts())
    (inbox / "通报.txt").write_text(
        circular().replace("请各乡镇", "逾期未报的，一律视为无拖欠。请各乡镇"), encoding="utf-8"
    )
    return tmp_path / "home"


def configure(home: Path, *more: str) -> None:
    text = "name: inbox\nkind: folder\npath: inbox\n" + "".join(more)
    (home / "sources" / "inbox.yml").write_text(text, encoding="utf-8")


def ask(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse_path(home)), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def rules(home: Path, *statuses: str) -> list[str]:
    return [f["rule"] for f in queue(home, *statuses)]


def test_silence_of_units_silenced_rules_and_bounds_night_by_night(home: Path) -> None:
    configure(home, ROSTER, SILENCE)
    night(home, None, "2026-05-05")
    due = "SELECT unit, status, consequence FROM reports_due ORDER BY unit"
    said = "逾期未报的，一律视为无拖欠"
    assert ask(home, due) == [("乙县清欠办", "awaited", said), ("甲县清欠办", "received", said)]
    assert "report_not_received" not in rules(home)
    silenced = queue(home, "silenced")
    assert {f["rule"] for f in silenced} == {"status_contradicts_remaining"}
    assert {f["silence_reason"] for f in silenced} == {"县里把协议还款登记为销号，市办已知"}
    assert "status_contradicts_remaining" not in rules(home)

    again = night(home, None, "2026-05-06")
    assert again["built"]["candidate"] is None, "nothing fell due: the same warehouse"
    night(home, None, "2026-05-11")
    (missing,) = [f for f in queue(home) if f["rule"] == "report_not_received"]
    assert missing["subject"].startswith("due:"), "it can be decided about"
    assert "乙县清欠办" in missing["message_zh"]

    configure(home, BOUNDS)  # the rule speaks again, and the bounds do
    night(home, None, "2026-05-12")
    assert {"rows_below_minimum", "rows_above_maximum", "failures_above_threshold"} <= set(rules(home))
    assert "status_contradicts_remaining" in rules(home)
    assert ask(home, "SELECT count(*) FROM debts") == [(0,)], "a ledger with too few rows is held back whole"
    assert ask(home, "SELECT count(*) FROM ledger_rows WHERE is_quarantined") == [(28,)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("silence: [{rule: money_negative, reason: 冲减数照登}]", "拦截或检疫"),
        ("silence: [{rule: no_such_rule, reason: 不存在的规则}]", "没有规则 no_such_rule"),
        ("thresholds: {max_shares: {no_such_rule: 0.1}}", "没有规则 no_such_rule"),
    ],
)
def test_what_may_not_be_said_is_refused(home: Path, text: str, said: str) -> None:
    configure(home, text + "\n")
    with pytest.raises(SourceError, match=said):
        source_audit([read_source(home / "sources" / "inbox.yml")])


def test_a_silence_without_a_reason_is_refused(home: Path) -> None:
    configure(home, "silence: [{rule: plan_overdue}]\n")
    with pytest.raises(SourceError, match="reason"):
        read_source(home / "sources" / "inbox.yml")
