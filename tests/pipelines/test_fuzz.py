"""Damaged files of every format through the real children: each ends once, in time, and never as read without text.

A small number by default; `QINGQIAN_TEST_FUZZ=5000` runs as many. `QINGQIAN_TEST_FUZZ_FROM` sets the first seed.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from extractors.facts import Context
from extractors.process import decode
from pipelines.isolation.pool import Limits, Outcome, Task, WorkerPool
from tests.extractors.formats.mutations import mutated

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="children are limited by the Linux kernel")

COUNT = int(os.environ.get("QINGQIAN_TEST_FUZZ", "60"))
FIRST = int(os.environ.get("QINGQIAN_TEST_FUZZ_FROM", "0"))


def tasks(folder: Path) -> Iterator[Task]:
    """Every damaged file, written when a child is free for it."""
    context = msgspec.json.encode(Context())
    for number in range(FIRST, FIRST + COUNT):
        name, data = mutated(number)
        path = folder / str(number)
        path.write_bytes(data)
        yield Task(key=str(number), path=str(path), name=name, context=context)


def complaint(outcome: Outcome) -> str | None:
    """What is wrong with the way a file ended; None when nothing is."""
    if not outcome.ok or outcome.payload is None:
        if outcome.error_code in ("timeout", "protocol"):
            return f"{outcome.error_code}: {outcome.error_message}"
        return None if outcome.error_code and outcome.error_message else "no reason given"
    found = decode(outcome.payload)
    if found.failure is not None:
        if found.failure.code == "reader_failed":
            return found.failure.message
        return None if found.failure.code and found.failure.message.endswith("。") else f"bad failure {found.failure}"
    if found.document is None or found.facts is None:
        return "neither a document nor a failure"
    return None if found.document.text.strip() else "read without text"


def test_damaged_files_end_once_in_time_and_never_silently(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seen: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    wrong: dict[str, str] = {}
    limits = Limits()
    with WorkerPool(workers=2, limits=limits) as pool:
        for outcome in pool.run(tasks(tmp_path)):
            seen[outcome.key] += 1
            said = complaint(outcome)
            if said is not None:
                wrong[outcome.key] = said
            if outcome.payload is None:
                ends[str(outcome.error_code)] += 1
            else:
                found = decode(outcome.payload)
                ends[found.status if found.failure is None else found.failure.code] += 1
            (tmp_path / outcome.key).unlink()
    with capsys.disabled():
        if COUNT > 1_000:
            sys.stdout.write(f"\n{COUNT} damaged files: {dict(ends.most_common())}\n")
    assert seen == Counter(str(n) for n in range(FIRST, FIRST + COUNT))
    assert not wrong
