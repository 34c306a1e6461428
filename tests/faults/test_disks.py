"""Disks that are full, refuse, or lie: an error is said, nothing counts as done, and the next night goes on."""

from __future__ import annotations

import datetime as dt
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.invariant import check_invariant
from tests.faults.running import ALL_FAULTS, fill_inbox, run, well
from warehouse.archive import archive
from warehouse.state import StateDamagedError, open_state, state_path

NOW = dt.datetime(2026, 7, 1, 18, tzinfo=dt.UTC)
NIGHT = dt.date(2026, 7, 1)
FAULTY = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static int hit(int fd, const char *kind) {
  static __thread int inside = 0;
  const char *want = getenv("FAULT_KIND"), *under = getenv("FAULT_UNDER");
  char link[64], path[4096];
  if (inside || !want || !under || strcmp(want, kind)) return 0;
  inside = 1;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  inside = 0;
  if (n < 0) return 0;
  path[n] = 0;
  return strstr(path, under) != NULL;
}
ssize_t write(int fd, const void *b, size_t n) {
  static ssize_t (*real)(int, const void *, size_t);
  if (!real) real = dlsym(RTLD_NEXT, "write");
  if (hit(fd, "write")) { errno = EIO; return -1; }
  return real(fd, b, n);
}
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) {
  static ssize_t (*real)(int, const void *, size_t, off64_t);
  if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
  if (hit(fd, "write")) { errno = EIO; return -1; }
  if (hit(fd, "short") && n > 1) return real(fd, b, n / 2, o);
  return real(fd, b, n, o);
}
int fsync(int fd) {
  static int (*real)(int);
  if (!real) real = dlsym(RTLD_NEXT, "fsync");
  if (hit(fd, "fsync")) { errno = EIO; return -1; }
  return real(fd);
}
int fdatasync(int fd) {
  static int (*real)(int);
  if (!real) real = dlsym(RTLD_NEXT, "fdatasync");
  if (hit(fd, "fsync")) { errno = EIO; return -1; }
  return real(fd);
}
"""


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that makes writes or flushes below a path fail."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("没有 C 编译器，跳过磁盘读写出错的测试")
    folder = tmp_path_factory.mktemp("faulty")
    (folder / "faulty.c").write_text(FAULTY)
    library = folder / "faulty.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(folder / "faulty.c"), "-ldl"], check=True
    )
    return library


REFUSALS = [("write", "/warehouse/"), ("fsync", "/state/")]
MORE_REFUSALS = [("write", "/state/"), ("write", "/raw/"), ("fsync", "/raw/"), ("fsync", "/warehouse/")]


@pytest.mark.parametrize(("kind", "under"), REFUSALS + (MORE_REFUSALS if ALL_FAULTS else []))
def test_a_disk_that_refuses_is_said_and_nothing_counts_as_done(
    faulty: Path, tmp_path: Path, kind: str, under: str
) -> None:
    home, inbox = tmp_path / "home", fill_inbox(tmp_path / "inbox", 2)
    with open_state(home):
        pass
    status, said = run(home, inbox, env={"LD_PRELOAD": str(faulty), "FAULT_KIND": kind, "FAULT_UNDER": under})
    assert status != 0, said
    with open_state(home) as state:
        assert not [r for r in state.runs() if r.status == "done"]
        assert state.db.execute("SELECT count(*) FROM publications WHERE status = 'current'").fetchone() == (0,)
    well(home, inbox)
    check_invariant(home)


def test_a_file_size_limit_cuts_writes_short_and_is_not_taken_for_success(tmp_path: Path) -> None:
    home, inbox = tmp_path / "home", fill_inbox(tmp_path / "inbox", 2)
    (inbox / "长.txt").write_text("关于长文的通知\n" + "请各单位抓紧办理。\n" * 40_000, encoding="utf-8")

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    status, said = run(home, inbox, preexec_fn=limit)
    assert status != 0
    assert "File too large" in said or "I/O" in said or "full" in said, said
    well(home, inbox)
    check_invariant(home)


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A folder on which small disks can be mounted; unmounted afterwards."""
    if os.geteuid() != 0:
        pytest.skip("只有 root 能挂载小磁盘（tmpfs），跳过磁盘写满的测试")
    folder = tmp_path / "disk"
    folder.mkdir()
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)


def mount(folder: Path, options: str) -> None:
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        pytest.skip(f"这台机器不能挂载 tmpfs（{made.stderr.strip()}），跳过磁盘写满的测试")


def test_no_inodes_left_and_then_some(mounted: Path, tmp_path: Path) -> None:
    mount(mounted, "size=200m,nr_inodes=60")
    home, inbox = mounted / "home", fill_inbox(tmp_path / "inbox")
    status, said = run(home, inbox)
    assert status != 0 and "No space left" in said, said
    subprocess.run(["mount", "-o", "remount,nr_inodes=20000", str(mounted)], check=True)
    well(home, inbox)
    check_invariant(home)


def test_a_full_temporary_disk(mounted: Path, tmp_path: Path) -> None:
    mount(mounted, "size=4k,nr_inodes=3")
    home, inbox = tmp_path / "home", fill_inbox(tmp_path / "inbox", 3)
    run(home, inbox, env={"TMPDIR": str(mounted)})  # it may fail or quarantine, but loses nothing
    well(home, inbox)
    check_invariant(home)


def test_outputs_of_zeros_are_noticed_by_their_hash_and_made_again(tmp_path: Path) -> None:
    home, inbox = tmp_path / "home", fill_inbox(tmp_path / "inbox", 3)
    well(home, inbox)
    hurt = [*(home / "raw").rglob("*"), *(home / "facts").rglob("*.gz"), *(home / "staged").rglob("*.parquet")]
    files = [p for p in hurt if p.is_file()]
    for n, path in enumerate(files):
        path.write_bytes(b"" if n % 2 else bytes(path.stat().st_size))
    for path in inbox.iterdir():  # touched, so that the originals are looked at again
        os.utime(path)
    (home / "warehouse" / "qingqian.duckdb").unlink()
    well(home, inbox, "2026-07-02")
    check_invariant(home)


def test_a_damaged_state_store_is_refused_and_one_without_its_log_is_filled_again(tmp_path: Path) -> None:
    with open_state(tmp_path) as state:
        for n in range(50):
            data = f"{n}".encode()
            state.db.execute("PRAGMA wal_autocheckpoint = 0")
            file_id = archive(tmp_path, data)
            state.saw_file(file_id, source="a", path=f"{n}.txt", size=len(data), mtime_ns=None, night=NIGHT, now=NOW)
        copy = tmp_path / "copy"
        shutil.copytree(tmp_path / "state", copy / "state")
    (copy / "state" / "state.sqlite-wal").unlink()
    with open_state(copy) as state:  # every commit was in the log: an empty store is what is left
        assert state.files() == []
    assert (
        len(list((tmp_path / "raw").glob("*/*"))) == 50
    )  # the originals are there: the next night takes them in again
    data = bytearray(state_path(tmp_path).read_bytes())
    data[4096 : 4096 * 6] = os.urandom(4096 * 5)
    state_path(tmp_path).write_bytes(data)
    with pytest.raises(StateDamagedError, match="备份"):
        open_state(tmp_path)
