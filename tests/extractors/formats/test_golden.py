"""Every reader against a golden file that a person has read.

A missing golden file is written and the test fails: read it, correct the reader until it is right, commit it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.document import Anchor, Document
from extractors.formats import registry
from extractors.read import read
from tests.extractors.formats import makers

GOLDEN = Path(__file__).parent / "golden"


def place(anchor: Anchor) -> str:
    parts = [f"p{anchor.page}" if anchor.page else "", f"¶{anchor.paragraph}" if anchor.paragraph else ""]
    parts += [anchor.sheet or "", f"t{anchor.table}" if anchor.table else "", anchor.cell or ""]
    # no coordinates: the font that stands in for one not embedded differs from machine to machine
    parts.append("boxed" if anchor.bbox else "")
    return " ".join(p for p in parts if p)


def dump(document: Document) -> str:
    """A document as text that a person can check against the file."""
    lines = [f"format {document.format}  pages {document.pages}  encoding {document.encoding}"]
    lines.append(f"title {document.title_hint}  published {document.published_hint}")
    lines.append("--- text")
    lines.append(document.text.rstrip("\n"))
    lines.append("--- blocks")
    lines += [
        f"{b.start}-{b.end} {b.kind} {place(b.anchor)} | {document.text[b.start : b.end]}" for b in document.blocks
    ]
    for table in document.tables:
        lines.append(f"--- table {table.index} {table.rows}x{table.cols} sheet {table.sheet} row {table.first_row}")
        lines.append(f"hidden rows {table.hidden_rows} cols {table.hidden_cols}")
        lines.append(f"caption {table.caption!r} after {table.after!r}")
        for c in table.cells:
            spans = f" span {c.row_span}x{c.col_span}" if (c.row_span, c.col_span) != (1, 1) else ""
            more = f" {c.formula}" if c.formula else ""
            lines.append(f"{c.ref} {c.text!r} {c.value_type} {c.value!r}{spans}{more}{' hidden' if c.hidden else ''}")
    lines += [f"--- seal {s.text} / {s.signer} {s.signed_at} match {s.digests_match} {s.note}" for s in document.seals]
    lines += [f"--- child {c.how} {c.name}" for c in document.children]
    lines.append("--- notices")
    lines += [f"{n.code}{' PARTIAL' if n.partial else ''} {n.message}" for n in document.notices]
    return "\n".join(lines) + "\n"


def test_every_format_of_the_registry_has_a_sample_and_a_golden_file() -> None:
    assert set(registry.readable()) == set(makers.SAMPLES)
    assert {p.stem for p in GOLDEN.glob("*.txt")} == set(makers.SAMPLES)


@pytest.mark.parametrize("kind", sorted(makers.SAMPLES))
def test_the_reader_gives_what_the_golden_file_says(kind: str) -> None:
    found = dump(read(makers.SAMPLES[kind](), f"样例.{kind}"))
    path = GOLDEN / f"{kind}.txt"
    if not path.exists():
        path.write_text(found, encoding="utf-8")
        pytest.fail(f"{path.name} was missing and has been written: read it, then run again")
    assert found == path.read_text(encoding="utf-8")
