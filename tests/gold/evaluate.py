"""`make eval`: how well circulars are understood, measured on papers annotated by hand.

Sets of invented papers stand side by side: `tuning` may be looked at while rules are written, a set `untouched…` may
not, so that its figures tell how the rules do on papers nobody here has seen. `--errors` lists what differs in the
tuning half; `--gold DIR` adds real papers kept elsewhere: DIR/gold/*.json with their texts in DIR/../seeds/*.txt.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from extractors.circular.role_weights import weigh
from tests.gold.marked import HALVES
from tests.gold.measures import Score
from tests.gold.passages import passages

CIRCULARS = Path(__file__).parent / "circulars"
BESIDE = Path(__file__).resolve().parents[3] / "shared" / "gold"


def extraction(text: str, name: str) -> dict[str, Any]:
    """What the product finds in one paper, as its public JSON."""
    from extractors.contract import dumps, to_contract
    from extractors.facts import Context
    from extractors.process import extract

    found: dict[str, Any] = json.loads(dumps(to_contract(extract(text.encode(), f"{name}.txt", Context()), name)))
    return found


def score(pairs: list[tuple[Path, Path]]) -> Score:
    """Measures over (text file, gold record) pairs."""
    total = Score()
    for text, record in pairs:
        gold = json.loads(record.read_text(encoding="utf-8"))
        total.add(gold, extraction(text.read_text(encoding="utf-8-sig"), text.stem))
    return total


def half(name: str) -> Score:
    """Measures over one half of the invented papers."""
    return score([(p, p.with_suffix(".json")) for p in sorted((CIRCULARS / name).glob("*.txt"))])


def elsewhere(folder: Path) -> Score | None:
    """Measures over real papers kept outside the repository; None where there are none."""
    texts = folder.parent / "seeds"
    records = sorted((folder / "gold").glob("*.json"))
    pairs = [(texts / f"{r.stem}.txt", r) for r in records if (texts / f"{r.stem}.txt").exists()]
    return score(pairs) if pairs else None


def roles_apart() -> list[tuple[str, str, str]]:
    """(label, role as weighed, role by the written rules) of each sum of the passages no weight was learned from."""
    from tests.gold.learn import read

    texts = [read(p) for p in passages() if p.is_kept_apart]
    return [
        (label, weighed.role, said)
        for r in texts
        for label, weighed, said in zip(r.labels, weigh(r.passages, len(r.labels)), r.said, strict=True)
        if label is not None
    ]


def apart() -> str:
    """How many of `roles_apart` are right, as one line of text."""
    pairs = roles_apart()
    right = sum(label == role for label, role, _ in pairs) / len(pairs)
    ruled = sum(label == said for label, _, said in pairs) / len(pairs)
    return f"{'roles of sums, passages kept apart':<36}{right:.3f} /{len(pairs)} (written rules alone {ruled:.3f})"


def table(columns: dict[str, Score]) -> str:
    """The measures as text: one line a measure, one column (F1, precision/recall) a set."""
    width = 36
    lines = [" " * width + "".join(f"{f'{n} ({s.documents})':>30}" for n, s in columns.items())]
    measures = list(dict.fromkeys(m for s in columns.values() for m in s.tallies))
    for measure in measures:
        cells = []
        for s in columns.values():
            t = s[measure]
            cells.append(f"{t.f1:.3f}  P {t.precision:.3f} R {t.recall:.3f} /{t.expected:4}")
        lines.append(f"{measure:<{width}}" + "".join(f"{c:>30}" for c in cells))
    counts = "".join(f"{s.false_obligations:>30}" for s in columns.values())
    lines.append(f"{'history taken for a duty':<{width}}" + counts)
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.gold.evaluate", description=__doc__)
    parser.add_argument("--errors", action="store_true", help="list what differs in the tuning half")
    parser.add_argument("--only", choices=HALVES, help="measure one half only")
    parser.add_argument("--gold", type=Path, default=BESIDE, help="a folder with real papers' gold")
    options = parser.parse_args(arguments)
    columns = {n: half(n) for n in HALVES if options.only in (None, n)}
    real = None if options.only else elsewhere(options.gold)
    if real is not None:
        columns["real papers"] = real
    print(table(columns))
    if not options.only:
        print(apart())
    if real is None and not options.only:
        print(f"no real papers at {options.gold}: not measured")
    if options.errors and "tuning" in columns:
        print("\n".join(["", *columns["tuning"].errors]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
