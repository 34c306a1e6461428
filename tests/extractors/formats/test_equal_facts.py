"""The same circular and the same ledger in every format: what is found in each is what is found in plain text."""

from __future__ import annotations

import difflib
import functools
from typing import Any

import pytest

from extractors.contract import to_contract
from extractors.facts import Context
from extractors.process import extract
from extractors.read import read
from tests.extractors.formats import render

# where a fact stands differs from format to format; what it says does not
_PLACES = frozenset({"start", "end", "evidence", "row", "cells"})
_PARTS = ("metadata", "amounts", "deadlines", "assignments", "refs", "statistics")


def said(value: Any) -> Any:
    """A part of the contract without places."""
    if isinstance(value, dict):
        return {k: said(v) for k, v in value.items() if k not in _PLACES}
    return [said(v) for v in value] if isinstance(value, list) else value


def found(data: bytes, name: str) -> dict[str, Any]:
    out = to_contract(extract(data, name, Context()), name)
    assert out["status"] == "ok", out
    return out


@functools.cache
def plain() -> dict[str, Any]:
    return found(render.circular_txt(), "样本.txt")


@functools.cache
def sheet() -> dict[str, Any]:
    return found(render.ledger_csv(), "样本.csv")


def rows_of(out: dict[str, Any]) -> Any:
    (table,) = out["ledger"]["tables"]
    return said({k: table[k] for k in ("rows", "totals", "unit", "report_type", "about")})


def test_the_source_says_what_its_author_meant() -> None:
    out = plain()
    assert [(a["text"], a["role"]) for a in out["amounts"]] == [
        ("8645.3万元", "debt_total"),
        ("5210.8万元", "cleared"),
        ("3434.5万元", "remaining"),
        ("约260万元", "disputed"),
    ]
    assert {d["resolved"] for d in out["deadlines"]} >= {"2026-06-15", "2026-09-30", "2026-12-31", "WITHIN=30D"}
    assert {a["unit"] for a in out["assignments"]} >= {"县财政局", "县交通运输局", "县教育局", "县审计局"}
    assert out["metadata"]["issued_date"] == "2026-05-18"
    assert len(rows_of(sheet())["rows"]) == 14


@pytest.mark.parametrize("kind", sorted(render.CIRCULARS))
def test_a_circular_says_the_same_in_every_format(kind: str) -> None:
    out = found(render.CIRCULARS[kind](), f"样本.{kind}")
    assert {k: said(out[k]) for k in _PARTS} == {k: said(plain()[k]) for k in _PARTS}
    assert "".join(out["document"]["text"].split()) == "".join(plain()["document"]["text"].split())


@pytest.mark.parametrize("kind", sorted(render.LEDGERS))
def test_a_ledger_says_the_same_in_every_format(kind: str) -> None:
    out = found(render.LEDGERS[kind](), f"样本.{kind}")
    assert rows_of(out) == rows_of(sheet())


def test_every_format_says_the_same_out_of_an_archive() -> None:
    entries = {f"文件/样本.{k}": make() for k, make in render.CIRCULARS.items()}
    inside = {c.name: c.data for c in read(render.packed(entries), "样本.zip").children}
    assert inside == entries


def test_a_sealed_scan_says_the_same_amounts_dates_and_units() -> None:
    pytest.importorskip("rapidocr")
    document = extract(render.circular_scan(), "样本.tif", Context())
    out = to_contract(document, "样本.tif")
    assert out["status"] in ("ok", "partial")
    wanted = plain()
    for part, words in (("amounts", ("text", "amount_yuan", "role")), ("deadlines", ("text", "resolved", "kind"))):
        assert [[v[w] for w in words] for v in out[part]] == [[v[w] for w in words] for v in wanted[part]]
    assert [(a["unit"], a["role"]) for a in out["assignments"]] == [
        (a["unit"], a["role"]) for a in wanted["assignments"]
    ]
    assert out["metadata"]["issued_date"] == "2026-05-18"
    got, true = ("".join(o["document"]["text"].split()) for o in (out, wanted))
    same = sum(b.size for b in difflib.SequenceMatcher(None, got, true, autojunk=False).get_matching_blocks())
    assert same >= 0.995 * len(true)
