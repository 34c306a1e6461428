"""Whole invented circulars of every kind against what a reader annotated by hand (circulars/*.yml)."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from extractors import circular
from extractors.document import Document
from extractors.facts import Context, Facts

FILES = sorted((Path(__file__).parent / "circulars").glob("*.yml"))


def load(path: Path) -> tuple[Document, dict[str, Any]]:
    """The document and its expectations."""
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Document(sha256="0", name=path.stem, format="txt", text=case["text"]), case["expect"]


@pytest.fixture(params=FILES, ids=lambda p: p.stem)
def case(request: pytest.FixtureRequest) -> tuple[Document, Facts, dict[str, Any]]:
    document, expect = load(request.param)
    return document, circular.extract(document, Context()), expect


Case = tuple[Document, Facts, dict[str, Any]]


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return int(value) if isinstance(value, Decimal) and value == int(value) else value


def test_amounts(case: Case) -> None:
    _, facts, expect = case
    assert [[a.text, _plain(a.amount_yuan), a.role] for a in facts.amounts] == expect["amounts"]


def test_deadlines(case: Case) -> None:
    _, facts, expect = case
    shown = [[d.text, f"{d.kind}.{d.subtype}" if d.subtype else d.kind, _plain(d.resolved)] for d in facts.deadlines]
    assert shown == expect["deadlines"]


def test_frame(case: Case) -> None:
    _, facts, expect = case
    m = facts.metadata
    for name, value in expect["metadata"].items():
        got = getattr(m, name)
        shown = [f.value for f in got] if isinstance(got, tuple) else got.value if got is not None else None
        assert shown == value, name
    if "kind" in expect:
        assert facts.kind == expect["kind"]
    if "contacts" in expect:
        assert [[c.name, list(c.phones), c.email] for c in m.contacts] == expect["contacts"]
    if "refs" in expect:
        assert [[r.title, r.doc_number] for r in facts.refs] == expect["refs"]


def test_every_span_is_the_text_it_names(case: Case) -> None:
    document, facts, _ = case
    m = facts.metadata
    fields = [m.title, m.issuer, m.doc_number, m.doc_type, m.issued_date, m.urgency, m.secrecy, m.signed_off_by]
    statements = [
        *(f for f in fields if f is not None), *m.recipients, *m.attachments, *m.contacts, *facts.amounts,
        *facts.deadlines, *facts.refs, *facts.statistics, *facts.assignments,
    ]  # fmt: skip
    assert statements
    for s in statements:
        assert document.text[s.start : s.end] == s.text
        assert s.rule
