"""Decisions stick: over nights with unchanged, cosmetically changed and truly changed sources."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.pipelines.decided_inbox import night as nightly
from tests.pipelines.nights import qingqian, rows
from validators.findings import rule_label

HEAD = "甲县拖欠中小企业账款台账（截至2026年{month}月30日）\n填报单位：甲县清欠办\n单位：万元\n"
COLUMNS = "序号,拖欠主体,债权企业,债权企业统一社会信用代码,合同编号,拖欠金额,累计清偿金额,剩余金额,备注\n"
WRONG = "91110000802100433C"  # the check character should be B
RIGHT = "91110000802100433B"


def ledger(month: int, *, code: str = WRONG, repaid: str = "10", left: str = "20", remark: str = "") -> str:
    """A ledger of two debts in 万元; the first has a wrong code, the second a balance that does not hold."""
    return (
        HEAD.format(month=month)
        + COLUMNS
        + f"1,甲县住建局,乙建筑公司,{code},HT-1,30,{repaid},{30 - float(repaid):g},{remark}\n"
        + f"2,甲县水利局,丙水务公司,{RIGHT},HT-2,50,10,{left},\n"
    )


@pytest.fixture
def place(tmp_path: Path) -> tuple[Path, Path]:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    inbox.mkdir()
    return inbox, home


def put(inbox: Path, month: int, **changes: str) -> None:
    (inbox / f"甲县台账_{month}月.csv").write_text(ledger(month, **changes), encoding="utf-8")


def found(home: Path, *options: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(qingqian("findings", "--format", "json", *options, home=home).stdout)
    return listed


def one(home: Path, rule: str, *options: str) -> dict[str, Any]:
    (finding,) = [f for f in found(home, *options) if f["rule"] == rule]
    return finding


def decide(home: Path, finding: dict[str, Any], *arguments: str, ok: bool = True, who: str = "王某") -> str:
    done = qingqian(
        "decide", finding["finding_id"], *arguments, "--reason", "已核对原件", "--as", who, home=home, check=False
    )
    assert (done.returncode == 0) == ok, done.stderr + done.stdout
    return done.stdout if ok else done.stderr


def rules(home: Path) -> set[str]:
    return {f["rule"] for f in found(home)}


def test_a_correction_holds_over_five_nights_and_the_machines_value_is_kept(place: tuple[Path, Path]) -> None:
    inbox, home = place
    put(inbox, 4)
    nightly(home, inbox, "2026-05-01")
    assert {"bad_uscc", "ledger_balance_mismatch"} <= rules(home)
    decide(home, one(home, "bad_uscc"), "--correct", RIGHT)
    decide(home, one(home, "ledger_balance_mismatch"), "--accept")

    nightly(home, inbox, "2026-05-02")  # nothing changed but the decisions
    assert not {"bad_uscc", "ledger_balance_mismatch"} & rules(home)
    assert {r["creditor_uscc"] for r in rows(home, "select creditor_uscc from debts")} == {RIGHT}
    (kept,) = rows(home, "select machine_value, value, steward, reason from corrections")
    assert kept == {"machine_value": WRONG, "value": RIGHT, "steward": "王某", "reason": "已核对原件"}

    put(inbox, 4, remark="已电话核实")  # the file changes, what was decided about does not
    nightly(home, inbox, "2026-05-03")
    assert not {"bad_uscc", "ledger_balance_mismatch"} & rules(home)

    put(inbox, 5)  # the next month repeats the fault: the same question
    nightly(home, inbox, "2026-06-01")
    assert "bad_uscc" not in rules(home)
    assert len(rows(home, "select * from corrections")) == 2

    put(inbox, 4, code=WRONG[:-1] + "D", remark="已电话核实", left="15")  # source and reading both changed
    put(inbox, 5, code=WRONG[:-1] + "D", left="15")
    nightly(home, inbox, "2026-06-02")
    assert {"bad_uscc", "ledger_balance_mismatch", "correction_outdated"} <= rules(home)


def test_accept_releases_a_row_reject_and_defer_put_it_aside_and_undo_restores(place: tuple[Path, Path]) -> None:
    inbox, home = place
    put(inbox, 4)
    nightly(home, inbox, "2026-05-01")
    balance, code = one(home, "ledger_balance_mismatch"), one(home, "bad_uscc")
    decide(home, balance, "--reject")
    decide(home, code, "--defer", "2099-01-01")
    nightly(home, inbox, "2026-05-02")
    assert not {"bad_uscc", "ledger_balance_mismatch"} & rules(home)
    assert one(home, "bad_uscc", "--decided")["status"] == "deferred"
    number = one(home, "ledger_balance_mismatch", "--decided")["decision_number"]
    qingqian("decide", "--undo", str(number), "--as", "李某", home=home)
    nightly(home, inbox, "2026-05-03")
    assert one(home, "ledger_balance_mismatch")["status"] == "open"
    again = qingqian("decide", "--undo", str(number), "--as", "李某", home=home, check=False)
    assert again.returncode == 1
    assert "已经撤销过" in again.stderr


def test_a_deferral_comes_back_on_its_day(place: tuple[Path, Path]) -> None:
    inbox, home = place
    put(inbox, 4)
    nightly(home, inbox, "2026-05-01")
    decide(home, one(home, "bad_uscc"), "--defer", "2027-03-01")
    nightly(home, inbox, "2027-02-28")
    assert "bad_uscc" not in rules(home)
    nightly(home, inbox, "2027-03-01")
    assert "bad_uscc" in rules(home)


def test_what_cannot_be_decided_is_refused_with_a_sentence(place: tuple[Path, Path]) -> None:
    inbox, home = place
    put(inbox, 4)
    nightly(home, inbox, "2026-05-01")
    code, balance = one(home, "bad_uscc"), one(home, "ledger_balance_mismatch")
    assert "统一社会信用代码" in decide(home, code, "--correct", "123", ok=False)
    assert "剩余金额" in decide(home, balance, "--correct", "四十万", ok=False)
    assert "两位小数" in decide(home, balance, "--correct", "1.005", ok=False)
    assert "已经过去" in decide(home, code, "--defer", "2001-01-01", ok=False)
    done = qingqian("decide", code["finding_id"], "--accept", "--as", "王某", home=home, check=False)
    assert "--reason" in done.stderr
    assert not found(home, "--decided")
    decide(home, code, "--accept")
    assert "王某" in decide(home, code, "--reject", ok=False, who="李某")
    decide(home, code, "--reject", "--over", "1", who="李某")


def test_a_corrected_value_goes_through_the_same_checks(place: tuple[Path, Path]) -> None:
    inbox, home = place
    put(inbox, 4)
    nightly(home, inbox, "2026-05-01")
    balance = one(home, "ledger_balance_mismatch")
    decide(home, balance, "--correct", "450000")  # still wrong: 500000 less 100000 is 400000
    nightly(home, inbox, "2026-05-02")
    assert one(home, "ledger_balance_mismatch")["value"] == "450000.00"
    decide(home, one(home, "ledger_balance_mismatch"), "--correct", "400000", "--over", "1")
    nightly(home, inbox, "2026-05-03")
    assert "ledger_balance_mismatch" not in rules(home)


def test_the_queue_goes_out_as_a_spreadsheet_and_comes_back(place: tuple[Path, Path], tmp_path: Path) -> None:
    inbox, home = place
    put(inbox, 4)
    nightly(home, inbox, "2026-05-01")
    path = tmp_path / "queue.xlsx"
    qingqian("findings", "--format", "xlsx", "--output", str(path), home=home)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    code, balance = rule_label("bad_uscc"), rule_label("ledger_balance_mismatch")
    by_rule = {row[2].value: row for row in sheet.iter_rows(min_row=2)}
    by_rule[code][8].value, by_rule[code][9].value = "更正", RIGHT
    by_rule[code][10].value = "营业执照"
    by_rule[balance][8].value = "随便"
    book.save(path)
    refused = qingqian("decide", "--from", str(path), "--as", "王某", home=home, check=False)
    assert refused.returncode == 1
    assert "行的处理方式“随便”" in refused.stderr
    by_rule[balance][8].value = "接受"
    book.save(path)
    refused = qingqian("decide", "--from", str(path), "--as", "王某", home=home, check=False)
    assert "--reason" in refused.stderr, "a line without its reason refuses them all"
    by_rule[balance][10].value = "上级核减"
    book.save(path)
    assert "记下 2 条决定" in qingqian("decide", "--from", str(path), "--as", "王某", home=home).stdout
    nightly(home, inbox, "2026-05-02")
    assert not {"bad_uscc", "ledger_balance_mismatch"} & rules(home)
