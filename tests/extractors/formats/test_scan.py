"""Scans and pictures: what is printed comes back, under seals, askew, upside down, in tables, over pages.

`QINGQIAN_SEALED_PAGES=60` runs the whole acceptance on sealed pages; by default one page of each strength is read.
"""

from __future__ import annotations

import os
from typing import Any

from extractors.facts import Context
from extractors.process import extract
from extractors.read import read
from tests.extractors.formats import scans

SEALED_PAGES = int(os.environ.get("QINGQIAN_SEALED_PAGES", "3"))


def distance(a: str, b: str) -> int:
    """Edits that make one text the other."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def sealed(seed: int) -> tuple[Any, list[str]]:
    """A letter under a seal, one strength after another, askew and grainy."""
    strength = list(scans.STRENGTHS.values())[seed % 3]
    sheet, paragraphs = scans.letter(seed, strength=strength)
    skew = (seed % 7 - 3) * 0.4
    return scans.worn(sheet.picture(), skew=skew, noise=4 + seed % 5, seed=seed, quality=70 + seed % 20), paragraphs


def test_signer_and_date_under_a_seal_are_read_exactly() -> None:
    right = rings = 0
    missed = []
    for seed in range(SEALED_PAGES):
        picture, paragraphs = sealed(seed)
        found = extract(scans.jpeg(picture), "盖章.jpg", Context())
        assert found.document is not None and found.facts is not None
        lines = found.document.text.splitlines()
        issuer = found.facts.metadata.issuer
        if lines[-2:] == paragraphs[-2:] and issuer is not None and issuer.value == paragraphs[-2]:
            right += 1
        else:
            missed.append((seed, lines[-3:], paragraphs[-2:], issuer and issuer.value))
        (seal,) = found.document.seals
        assert seal.anchor is not None and seal.anchor.bbox is not None and seal.anchor.page == 1
        rings += seal.text == paragraphs[-2]
    assert right >= 0.95 * SEALED_PAGES, missed
    assert rings >= 0.8 * SEALED_PAGES


def test_nearly_every_character_of_a_plain_scan_is_right() -> None:
    wrong = total = 0
    for seed in (101, 102):
        sheet, paragraphs = scans.letter(seed)
        text = read(scans.pdf([scans.worn(sheet.picture(), skew=0.6, seed=seed)]), "扫描.pdf").text
        wrong += distance(text.strip(), "\n".join(paragraphs))
        total += len("\n".join(paragraphs))
    assert wrong <= 0.005 * total
