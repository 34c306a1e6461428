"""Recognition inside the real limited child: no network, no writing, two gigabytes of address space."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from extractors.process import decode
from pipelines.isolation.pool import Task, WorkerPool
from tests.extractors.formats import makers, scans

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="children are limited by the Linux kernel")


def test_a_scan_and_a_picture_are_read_in_a_limited_child(tmp_path: Path) -> None:
    (tmp_path / "通知.png").write_bytes(makers.image())
    sheet, paragraphs = scans.letter(11, strength=0.7)
    (tmp_path / "扫描.pdf").write_bytes(scans.pdf([scans.worn(sheet.picture(), skew=0.8)]))
    tasks = [Task(key=p.name, path=str(p), name=p.name) for p in sorted(tmp_path.iterdir())]
    with WorkerPool(1) as pool:
        outcomes = {o.key: o for o in pool.run(tasks)}
        assert pool.protections
    found = {}
    for key, outcome in outcomes.items():
        assert outcome.ok, outcome.detail
        assert outcome.payload is not None
        found[key] = decode(outcome.payload)
    scan = found["扫描.pdf"]
    assert scan.document is not None
    assert scan.document.format == "scan"
    assert scan.document.text.splitlines() == paragraphs
    assert scan.facts is not None
    title, issuer = scan.facts.metadata.title, scan.facts.metadata.issuer
    assert title is not None and title.value == paragraphs[0]
    assert issuer is not None and issuer.value == paragraphs[-2]
    assert found["通知.png"].document is not None
