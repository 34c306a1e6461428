"""Too little memory for the night: a group of processes with a limit of its own, as a small box or a container has."""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.invariant import check_invariant
from tests.faults.running import fill_inbox, run, well
from tests.pipelines.nights import rows

GROUPS = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
LIMIT_FILES = "memory.limit_in_bytes", "memory.max"
MB = 1_000_000

Join = Callable[[int], Callable[[], None]]


@pytest.fixture
def limited() -> Iterator[Join]:
    """Gives, for so many bytes, what a process calls to live in a control group that has no more."""
    made: list[Path] = []

    def group(limit: int) -> Callable[[], None]:
        for root, limits in zip(GROUPS, LIMIT_FILES, strict=True):
            folder = root / f"qingqian-test-{uuid.uuid4().hex[:8]}"
            try:
                folder.mkdir()
                made.append(folder)
                (folder / limits).write_text(str(limit))
            except OSError:
                continue
            return lambda: (folder / "cgroup.procs").write_text(str(os.getpid())) and None
        pytest.skip("这台机器不让建控制组（cgroup），跳过内存不足的测试")

    yield group
    for folder in made:
        folder.rmdir()


def hungry(inbox: Path) -> None:
    """A ledger of eight thousand rows, no two texts alike, among small files."""
    dice = random.Random(1)
    head = "序号,欠款单位,债权单位,项目名称,欠款金额（元）\n"
    lines = (
        f"{n},青石县第{dice.randrange(10**9)}局,第{dice.randrange(10**9)}公司,第{dice.randrange(10**12)}项目的名称{n},{n}.50\n"
        for n in range(1, 8_000)
    )
    (inbox / "大台账.csv").write_text(head + "".join(lines), encoding="utf-8")


def test_a_night_in_a_group_of_one_gigabyte_ends_well(tmp_path: Path, limited: Join) -> None:
    home, inbox = tmp_path / "home", fill_inbox(tmp_path / "inbox")
    status, said = run(home, inbox, preexec_fn=limited(1_000 * MB))
    assert status == 0, said
    check_invariant(home)


def test_where_memory_does_not_do_a_file_or_the_night_is_lost_and_the_next_goes_on(
    tmp_path: Path, limited: Join
) -> None:
    home, inbox = tmp_path / "home", fill_inbox(tmp_path / "inbox")
    hungry(inbox)
    run(home, inbox, preexec_fn=limited(240 * MB))  # the kernel kills what it likes: a reader, or the night itself
    well(home, inbox)
    check_invariant(home)
    read = {r["path"] for r in rows(home, "select path from documents where status = 'parsed'")}
    assert read >= {p.name for p in inbox.glob("通知*.txt")}
