"""The table of faults names tests that exist, and a reason wherever one is missing."""

from __future__ import annotations

import ast

from tests.faults.table import PAGE, TABLE, TESTS, page


def test_every_fault_has_a_test_that_exists_or_a_reason() -> None:
    assert sorted(TABLE) == list(range(1, 44))
    missing = []
    for number, row in TABLE.items():
        assert row.get("tests") or row.get("reason"), number
        assert set(row) <= {"fault", "tests", "reason", "needs"}, number
        for name in row.get("tests", ()):
            path, _, function = name.partition("::")
            tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
            if function not in {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}:
                missing.append(f"{number}: {name}")
    assert not missing


def test_enough_of_them_run_for_real() -> None:
    assert sum(bool(row.get("tests")) and not row.get("reason") for row in TABLE.values()) >= 35


def test_the_page_for_people_says_the_same() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.faults.table writes it anew"
