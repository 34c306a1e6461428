"""The night's audit as a page: complete in itself, everything escaped, what is silent with its reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.pipelines.decided_inbox import debts, night, write_ledger
from validators.rules import RULES

CONFIG = """name: inbox
kind: folder
path: inbox
roster: [{unit: 乙县清欠办, since: 2026-03-01, due_day: 5}]
silence: [{rule: status_contradicts_remaining, reason: 县里把协议还款登记为销号}]
thresholds: {max_rows: 20}
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    home = tmp_path_factory.mktemp("page") / "home"
    (home / "sources").mkdir(parents=True)
    (home / "inbox").mkdir()
    (home / "sources" / "inbox.yml").write_text(CONFIG, encoding="utf-8")
    rows = debts()
    rows[22][2] = "<script>alert(1)</script>公司"
    write_ledger(home / "inbox" / "甲县<b>台账.xlsx", rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("QINGQIAN_SOURCES", raising=False)
        summary = night(home, None, "2026-05-05")
    written = Path(summary["audit_page"])
    assert written == home / "audit" / "2026-05-05.html"
    assert (home / "audit" / "latest.html").read_bytes() == written.read_bytes()
    return written.read_text(encoding="utf-8")


def test_the_page_needs_nothing_else_and_runs_nothing(page: str) -> None:
    assert not re.search(r"https?://|<script|<link|<img|@import|url\(", page)
    assert "default-src 'none'" in page
    assert "甲县&lt;b&gt;台账.xlsx" in page


def test_the_page_tells_what_failed_and_why_and_what_was_left_silent(page: str) -> None:
    for said in (
        RULES["ledger_balance_mismatch"].label_zh,
        RULES["ledger_balance_mismatch"].basis,
        "县里把协议还款登记为销号",
    ):
        assert said in page
    assert re.search(r"乙县清欠办.*?2026-04-30.*?2026-05-05", page)
    assert re.search(r"<td>乙县清欠办</td><td>欠款台账</td><td>2026-03-31</td><td>2026-04-05</td><td>未报</td>", page)
    assert RULES["rows_above_maximum"].label_zh in page
    assert not re.search(r"<td>[a-z]+_[a-z_]+</td>", page)  # names for people, no codes
    assert re.search(r"<td>台账行</td><td class=n>28</td><td class=n>28</td><td class=n>0</td>", page)
    assert re.search(r"全部 \d{3} 条逐行检查", page)
    assert "通过" in page
