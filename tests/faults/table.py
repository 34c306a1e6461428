"""The table of faults as a page for people: `python -m tests.faults.table` writes docs/faults.md out of table.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

TESTS = Path(__file__).resolve().parents[1]
PAGE = TESTS.parent / "docs" / "faults.md"
TABLE: dict[int, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "table.yml").read_text(encoding="utf-8"))

_HEAD = """# Faults

What is done to a night on purpose, and the test that does it for real (paths below `tests/`). After each, what
`tests/faults/invariant.py` says must hold: every accepted file has one final state and the sums agree, no row twice and
none without provenance, nothing half written is left, the chain of decisions verifies, and the next night goes on
without a hand. All of them run with the suite and hold; where a machine lacks what a test needs, it is skipped aloud.
Made from `tests/faults/table.yml` by `python -m tests.faults.table`; a test holds the two against each other.

| # | fault | done by | needs | result |
| --- | --- | --- | --- | --- |
"""


def page() -> str:
    """The page's text."""
    lines = []
    for number, row in sorted(TABLE.items()):
        tests = "<br>".join(f"`{t}`" for t in row.get("tests", ()))
        result = row.get("reason") or "holds"
        lines.append(f"| {number} | {row['fault']} | {tests} | {row.get('needs', '')} | {result} |\n")
    return _HEAD + "".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
