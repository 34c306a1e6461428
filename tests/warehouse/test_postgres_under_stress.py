"""Loading the server while many read and while the loader is killed: the old night or the new one, and nobody waits.

QINGQIAN_READERS sets how many readers there are, QINGQIAN_KILLS how often the loader is killed.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest

from tests.warehouse.makers import NOW, built, two_months
from tests.warehouse.postgres_server import Server
from tests.warehouse.server_makers import engine_of, served, server_contents
from warehouse import server_loads
from warehouse.postgres.publish import reconcile_server
from warehouse.publish import publish
from warehouse.state import open_state

ROOT = Path(__file__).resolve().parents[2]
READERS = int(os.environ.get("QINGQIAN_READERS", "3"))
KILLS = int(os.environ.get("QINGQIAN_KILLS", "3"))
LOADS = 6
VIEWS = ("documents", "ledger_rows", "debts", "files")
COUNTS = tuple(f"SELECT count(*) FROM main.{view}" for view in VIEWS)

# Loads the warehouses of two homes in turn until it is killed.
ENDLESS = """
import sys
from pathlib import Path
from tests.warehouse.server_makers import served
turn = 0
while True:
    done = served(Path(sys.argv[1 + turn % 2]), sys.argv[3])
    assert done.status != "failed", done.message
    turn += 1
    print(turn, flush=True)
"""


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A home with one month's ledger published, and one with two and a circular."""
    out = []
    for name, some in (("small", 1), ("large", 3)):
        home = tmp_path_factory.mktemp(name)
        with open_state(home) as state:
            publish(built(home, two_months(home)[:some]), home, state, now=NOW)
        out.append(home)
    return out


@pytest.fixture(scope="module")
def url(postgres: Server) -> str:
    return postgres.new_database()


def counts(url: str) -> tuple[int, ...]:
    return tuple(len(server_contents(url)[view]) for view in VIEWS)


def test_readers_never_see_views_of_two_nights(homes: list[Path], url: str) -> None:
    """Half the readers ask view by view in one transaction, half all views in one statement."""
    nights = set()
    for home in homes:
        served(home, url)
        nights.add(counts(url))
    assert len(nights) == 2
    stop = threading.Event()
    seen: list[set[tuple[int, ...]]] = [set() for _ in range(READERS)]
    errors: list[str] = []

    def read(number: int) -> None:
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                while not stop.is_set():
                    if number % 2:
                        with connection.transaction():
                            found = []
                            for sql in COUNTS:
                                found += [row[0] for row in connection.execute(sql.encode())]
                                time.sleep(0.01)
                        seen[number].add(tuple(found))
                    else:
                        at_once = "SELECT " + ", ".join(f"({sql})" for sql in COUNTS)
                        seen[number].update(connection.execute(at_once.encode()).fetchall())
        except psycopg.Error as e:
            errors.append(str(e))

    threads = [threading.Thread(target=read, args=(n,)) for n in range(READERS)]
    for thread in threads:
        thread.start()
    try:
        for number in range(LOADS):
            assert served(homes[number % 2], url).status == "loaded"
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert errors == []
    for found in seen:
        assert found
        assert found <= nights
    assert set().union(*seen) == nights


@pytest.mark.parametrize("level", list(psycopg.IsolationLevel), ids=lambda level: level.name.lower())
def test_a_transaction_left_open_holds_nobody_up_and_keeps_its_night(
    homes: list[Path], url: str, level: psycopg.IsolationLevel
) -> None:
    served(homes[0], url)
    before = counts(url)
    with psycopg.connect(url) as reader:
        reader.isolation_level = level
        reader.execute("SELECT * FROM main.documents")
        assert served(homes[1], url).status == "loaded"
        after = tuple(int(reader.execute(sql.encode()).fetchone()[0]) for sql in COUNTS)
    is_one_snapshot = level >= psycopg.IsolationLevel.REPEATABLE_READ
    assert after == (before if is_one_snapshot else counts(url))
    assert before != counts(url)


def test_kill_at_any_moment_leaves_the_old_or_the_new_night(homes: list[Path], url: str) -> None:
    expected = []
    for home in homes:
        served(home, url)
        expected.append(server_contents(url))
    name = engine_of(url).name
    dice = random.Random(11)
    for _ in range(KILLS):
        child = subprocess.Popen(
            [sys.executable, "-c", ENDLESS, str(homes[0]), str(homes[1]), url],
            cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == b"1\n"
            time.sleep(dice.uniform(0, 1.0))
        finally:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            assert child.stdout is not None
            child.stdout.close()
        assert server_contents(url) in expected
        with psycopg.connect(url) as connection:
            held = connection.execute("SELECT value FROM core.publication WHERE key = 'load_id'").fetchone()
        sound = 0
        for home in homes:
            with open_state(home) as state, psycopg.connect(url) as connection:
                found = reconcile_server(connection, state, engine_of(url))
                assert server_loads.prepared(state, name) is None
                known = server_loads.current(state, name)
                assert found.is_sound == (known is not None and (known.load_id,) == held)
                sound += found.is_sound
        assert sound == 1  # whichever home's night is in the server knows that it is
    assert served(homes[1], url).status in ("loaded", "unchanged")
    assert server_contents(url) == expected[1]
