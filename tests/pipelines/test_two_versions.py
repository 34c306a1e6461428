"""A workbook, its stamped copies and the same file again: one debt each, and every difference told with its cells."""

from __future__ import annotations

from pathlib import Path

from tests.extractors.ledger.same_ledger import MAKERS, ROWS
from tests.pipelines.nights import nightly, rows

MISREAD = [
    ROWS[0],
    [*ROWS[1][:3], "36", *ROWS[1][4:]],  # corrected by hand on the stamped copy
    [*ROWS[2][:2], "云河第三商货有限公司", *ROWS[2][3:]],  # misread by the scanner
]


def test_versions_of_a_ledger_make_one_debt_and_their_differences_are_findings(tmp_path: Path) -> None:
    home, inbox = tmp_path / "home", tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "台账.xlsx").write_bytes(MAKERS["xlsx"]())
    (inbox / "台账（再报）.xlsx").write_bytes((inbox / "台账.xlsx").read_bytes())
    nightly(home, inbox, "2023-07-01")
    first = rows(home, "SELECT debt_id FROM debts ORDER BY 1")
    assert len(first) == 3

    (inbox / "台账（盖章）.pdf").write_bytes(MAKERS["pdf"](MISREAD))
    (inbox / "台账.csv").write_bytes(MAKERS["csv"]())
    nightly(home, inbox, "2023-07-02")
    assert rows(home, "SELECT debt_id FROM debts ORDER BY 1") == first
    found = rows(
        home,
        "SELECT f.field, d.name, f.evidence, f.message_zh FROM findings f JOIN documents d USING (document_id) "
        "WHERE f.rule = 'versions_differ' ORDER BY f.field, d.name",
    )
    told = {(f["field"], f["name"], f["evidence"]["cell"]) for f in found}
    assert {t for t in told if t[1].endswith(".pdf")} >= {
        ("arrears_amount_yuan", "台账（盖章）.pdf", "r3c4"),
        ("creditor_name", "台账（盖章）.pdf", "r4c3"),
    }
    assert {t[0] for t in told} == {"arrears_amount_yuan", "creditor_name"}
    amount = next(f["message_zh"] for f in found if f["field"] == "arrears_amount_yuan")
    assert "360,000" in amount
    assert "300,000" in amount
    assert not rows(home, "SELECT 1 FROM findings WHERE rule = 'version_lacks_row'")
