"""One open publication serves requests; a newer night is read at once, and nothing stays open for long."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from console import reading
from console.reading import NoWarehouse, Warehouse
from warehouse.publish import warehouse_path


def published(home: Path, night: int) -> None:
    path = warehouse_path(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    candidate = path.with_name("next.duckdb")
    with duckdb.connect(str(candidate)) as con:
        con.execute("CREATE TABLE night AS SELECT ? AS number", [night])
    candidate.replace(path)


def held(home: Path) -> int:
    """How many warehouse files this process has open, those that were replaced among them."""
    open_files = {str(f.readlink()) for f in Path("/proc/self/fd").iterdir() if f.exists() or f.is_symlink()}
    return len([f for f in open_files if str(home) in f and ".duckdb" in f])


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LEASE", 0.6)


def number(warehouse: Warehouse) -> int:
    with warehouse.open() as q:
        return int(q.value("SELECT number FROM night"))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="this system does not tell which files are open")
def test_a_newer_night_is_read_at_once_and_the_old_one_let_go(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    with pytest.raises(NoWarehouse), warehouse.open():
        pass
    published(tmp_path, 1)
    assert number(warehouse) == number(warehouse) == 1
    assert held(tmp_path) == 1  # kept for the next request
    with warehouse.open() as old:
        published(tmp_path, 2)
        assert number(warehouse) == 2
        assert old.value("SELECT number FROM night") == 1  # who is reading goes on reading the same night
        assert held(tmp_path) == 2
    assert number(warehouse) == 2
    until = time.monotonic() + 30
    while held(tmp_path) and time.monotonic() < until:
        time.sleep(0.05)
    assert held(tmp_path) == 0  # nobody asked for a while
    assert number(warehouse) == 2


def test_requests_at_once_see_their_night_while_nights_are_published(tmp_path: Path) -> None:
    published(tmp_path, 1)
    warehouse = Warehouse(tmp_path)

    def read(n: int) -> list[int]:
        seen: list[int] = []
        for _ in range(30):
            if n == 0:
                published(tmp_path, len(seen) + 2)
            seen.append(number(warehouse))
        return seen

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(read, range(4)))
    for seen in found:
        assert seen == sorted(seen)
    assert found[0] == list(range(2, 32))


def test_what_was_remembered_is_of_this_publication(tmp_path: Path) -> None:
    published(tmp_path, 1)
    warehouse = Warehouse(tmp_path)
    for night in (1, 2):
        published(tmp_path, night)
        with warehouse.open() as q:
            assert q.cached(("night",), lambda: q.value("SELECT number FROM night")) == night
