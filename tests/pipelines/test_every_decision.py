"""Thirty decisions of all kinds, then five nights: none is asked again without cause, none is lost, what the machine
read is kept, and every one can be taken back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.pipelines.decided_inbox import BAD, GOOD, WIDE, circular, debts, night, queue, write_ledger
from warehouse.deciding import DecisionError, decide, decide_cause, findings, of_same_cause, undo, undo_batch
from warehouse.decisions import decisions, verify
from warehouse.publish import warehouse_path
from warehouse.state import open_state

NOW = dt.datetime(2026, 5, 1, 20, tzinfo=dt.UTC)
Finding = dict[str, Any]


def ask(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse_path(home)), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def debt_of(home: Path, creditor: str) -> str:
    ((found,),) = ask(home, f"SELECT DISTINCT debt_id FROM ledger_rows WHERE creditor_name = '{creditor}'")
    return str(found)


def about(home: Path, rule: str, creditor: str | None = None) -> list[Finding]:
    """Open findings of a rule, on rows of some creditors, in the order of the ledger."""
    named = dict(ask(home, "SELECT row_id, creditor_name FROM ledger_rows ORDER BY row_number"))
    place = {row: i for i, row in enumerate(named)}
    chosen = [f for f in queue(home) if f["rule"] == rule and (not creditor or creditor in named[f["row_id"]])]
    return sorted(chosen, key=lambda f: (place.get(f["row_id"], 0), f["value"] or ""))


def decide_thirty(home: Path) -> list[int]:
    """One of each kind at least; their numbers."""
    kept: list[int] = []
    codes, unmapped = about(home, "bad_uscc"), {f["value"]: f for f in about(home, "unmapped_column")}
    uneven = about(home, "ledger_balance_mismatch", "余额")
    cleared, joint = about(home, "status_contradicts_remaining"), about(home, "ledger_balance_mismatch", "联合")
    again, alias = (about(home, "ledger_balance_mismatch", name) for name in ("重登", "未报"))
    assert [len(x) for x in (codes, uneven, cleared, joint, again, alias)] == [10, 8, 4, 3, 2, 1]
    firsts = [debt_of(home, f"余额{c}公司") for c in ("\u4e10", "\u4e11")]
    parts = "戊一公司=100000/80000；戊二公司|HT-B=200000/160000"
    wanted = [
        *((f, "correct", GOOD) for f in codes[:6]),
        *((f, "accept", None) for f in codes[6:8]),
        *((f, "reject", None) for f in codes[8:]),
        *((f, "accept", None) for f in uneven[:3]),
        *((f, "correct", "200000") for f in uneven[3:5]),
        *((f, "reject", None) for f in uneven[5:7]),
        (uneven[7], "defer", "2099-01-01"),
        *((f, "accept", None) for f in cleared[:2]),
        *((f, "correct", "部分清偿") for f in cleared[2:]),
        *((f, "split", parts) for f in joint),
        *((f, "duplicate", other) for f, other in zip(again, firsts, strict=True)),
        (alias[0], "accept", None),
        (alias[0], "map", "甲县住建口=甲县住建局"),
        (unmapped["老账口径"], "map", "账龄"),
        (unmapped["内部码"], "map", "-"),
        *((f, "accept", None) for f in about(home, "statistic_sum_mismatch")),
    ]
    with open_state(home) as state:
        for finding, action, value in wanted:
            done = decide(state, finding, action, steward="王某", reason="已核对原件", now=NOW, value=value)
            kept.append(done.decision_number)
    return kept


def open_rules(home: Path) -> list[str]:
    return sorted(f["rule"] for f in queue(home))


def effects(home: Path) -> dict[str, Any]:
    """What the decisions made of the data."""
    (sums,) = ask(home, "SELECT count(*), sum(arrears_amount_yuan) FROM debts")
    return {
        "debts": sums,
        "codes": ask(home, "SELECT DISTINCT creditor_uscc FROM debts WHERE creditor_uscc IS NOT NULL ORDER BY 1"),
        "debtors": ask(home, "SELECT DISTINCT replace(debtor_name, ' ', '') FROM debts"),
        "parts": ask(
            home, "SELECT creditor_name, sum(arrears_amount_yuan), sum(remaining_amount_yuan) FROM debts "
            "WHERE creditor_name LIKE '戊%' GROUP BY 1 ORDER BY 1",
        ),
        "duplicates": ask(home, "SELECT creditor_name FROM debt_duplicates ORDER BY 1"),
        "age_bands": ask(home, "SELECT count(*) FROM ledger_rows WHERE age_band IS NOT NULL")[0][0] > 0,
    }  # fmt: skip


def settled(home: Path) -> set[int]:
    """Decisions that stand on a finding, in a value or in what is counted tonight."""
    found = ask(
        home,
        "SELECT decision_number FROM findings WHERE decision_number IS NOT NULL UNION "
        "SELECT decision_number FROM corrections UNION SELECT decision_number FROM debt_parts UNION "
        "SELECT decision_number FROM debt_duplicates",
    )
    return {r[0] for r in found}


def typed_otherwise(rows: list[list[str]]) -> list[list[str]]:
    """The same rows in another order, with blanks in names and full-width figures."""
    out = [[r[0], r[1][:2] + " " + r[1][2:], r[2] + " ", r[3], r[4].translate(WIDE), *r[5:]] for r in reversed(rows)]
    return [[str(i), *r[1:]] for i, r in enumerate(out, 1)]


def test_thirty_decisions_stand_over_five_nights_and_can_be_taken_back(tmp_path: Path) -> None:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    inbox.mkdir()
    write_ledger(inbox / "甲县台账.xlsx", debts())
    (inbox / "通报.txt").write_text(circular(), encoding="utf-8")
    night(home, inbox, "2026-05-01")
    before = effects(home)
    numbers = decide_thirty(home)
    assert len(numbers) >= 30
    taught = set(numbers[-3:-1])  # headers change how files are read: nothing is left to settle

    first = night(home, inbox, "2026-05-02")  # nothing changed but the decisions
    assert first["read"] == ["甲县台账.xlsx"], "only the file with the taught header is read again"
    assert open_rules(home) == []
    assert settled(home) == set(numbers) - taught
    after = effects(home)
    whole = Decimal(300000)
    assert before["debts"] == (28, 28 * whole)
    assert after["debts"] == (28 - 2 + 3, 26 * whole), "two are counted once, three are split, sums are conserved"
    assert after["debtors"] == [("甲县住建局",)]
    assert after["parts"] == [("戊一公司", 300000, 240000), ("戊二公司", 600000, 480000)]
    assert len(after["duplicates"]) == 2
    assert after["age_bands"]
    machine = ask(home, "SELECT DISTINCT machine_value FROM corrections WHERE field = 'creditor_uscc'")
    assert machine == [(BAD,)], "the machine's value is kept beside the steward's"

    second = night(home, inbox, "2026-05-03")
    assert second["read"] == []
    assert second["built"]["candidate"] is None, "the same inputs and decisions: the same warehouse"

    for old in list(inbox.iterdir()):
        old.unlink()
    write_ledger(inbox / "甲县台账（定稿）.xlsx", typed_otherwise(debts()))
    (inbox / "情况通报 终稿.txt").write_text(circular().replace("386笔", "３８６ 笔"), encoding="utf-8")
    night(home, inbox, "2026-05-04")  # saved again, renamed, reordered, typed otherwise
    assert open_rules(home) == []
    assert effects(home) == after

    write_ledger(inbox / "甲县台账5月.xlsx", debts(), month=5)  # the next month repeats every fault
    night(home, inbox, "2026-06-01")
    assert open_rules(home) == []
    assert effects(home) == after
    assert settled(home) >= set(numbers) - taught

    changed = debts()
    changed[0][3] = BAD[:-1] + "D"  # a corrected code is another one now
    changed[10][7] = "26"  # an accepted remainder too
    changed[22][5] = "33"  # and the whole of a split debt
    write_ledger(inbox / "甲县台账6月.xlsx", changed, month=6)
    night(home, inbox, "2026-07-01")
    asked = {"bad_uscc", "ledger_balance_mismatch", "split_outdated"}
    assert asked <= set(open_rules(home))
    assert open_rules(home).count("bad_uscc") == 1
    assert settled(home) >= set(numbers) - taught, "what was decided about the months before stands"

    with open_state(home) as state:
        for number in numbers:
            undo(state, number, steward="李某", reason="重新核对", now=NOW)
        assert verify(state) is None
    (inbox / "甲县台账6月.xlsx").unlink()
    write_ledger(inbox / "甲县台账6月.xlsx", debts(), month=6)
    night(home, inbox, "2026-07-02")
    assert settled(home) == set()
    assert effects(home) == before
    assert {"bad_uscc", "ledger_balance_mismatch", "status_contradicts_remaining", "unmapped_column"} <= set(
        open_rules(home)
    )


@pytest.fixture(scope="module")
def decided_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bulk")
    inbox = folder / "inbox"
    inbox.mkdir()
    write_ledger(inbox / "甲县台账.xlsx", debts())
    night(folder / "home", inbox, "2026-05-01")
    return folder / "home"


def test_one_decision_for_all_of_a_cause_is_kept_or_refused_whole(decided_once: Path) -> None:
    home = decided_once
    marked = [f for f in findings(home, statuses=("open",)) if f["rule"] == "unmapped_column"]
    group = of_same_cause(queue(home), marked[0])
    assert len(group) == 2
    with open_state(home) as state:
        kept = decide_cause(state, group, "accept", steward="王某", reason="本县自用", now=NOW)
        assert len(kept) == 2
        with pytest.raises(DecisionError, match="王某 已对这一项作出决定"):
            decide_cause(state, group, "reject", steward="李某", reason="不对", now=NOW)
        assert len(decisions(state)) == 2
        assert len(undo_batch(state, kept[1].decision_number, steward="李某", reason=None, now=NOW)) == 2
        with pytest.raises(DecisionError, match="已经撤销"):
            undo_batch(state, kept[0].decision_number, steward="李某", reason=None, now=NOW)


@pytest.mark.parametrize(
    ("rule", "creditor", "action", "value", "said"),
    [
        ("ledger_balance_mismatch", "联合", "split", "甲=100000/80000；乙=100000/80000", "之和必须等于整笔"),
        ("ledger_balance_mismatch", "联合", "split", "甲=100000；乙=200000", "写明各部分的剩余金额"),
        ("ledger_balance_mismatch", "联合", "split", "甲=300000/240000", "至少要有两部分"),
        ("ledger_balance_mismatch", "联合", "split", "甲=100000.005；乙=199999.995", "两位小数"),
        ("ledger_balance_mismatch", "联合", "split", "甲=一；乙=二", "不是“债权人=金额”"),
        ("ledger_balance_mismatch", "联合", "duplicate", "00000000", "没有这笔欠款"),
        ("ledger_balance_mismatch", "联合", "duplicate", "self", "不能与自己重复"),
        ("ledger_balance_mismatch", "联合", "map", "remarks", "不是未识别的列"),
        ("unmapped_column", None, "map", "没有的列", "没有标准字段"),
        ("unmapped_column", None, "split", "甲=1；乙=2", "不是一笔欠款"),
    ],
)
def test_what_cannot_hold_is_refused(
    decided_once: Path, rule: str, creditor: str | None, action: str, value: str, said: str
) -> None:
    finding = about(decided_once, rule, creditor)[0]
    typed = str(finding["subject"]).removeprefix("debt:") if value == "self" else value
    with open_state(decided_once) as state:
        had = len(decisions(state))
        with pytest.raises(DecisionError, match=said):
            decide(state, finding, action, steward="王某", reason="试", now=NOW, value=typed)
        assert len(decisions(state)) == had
