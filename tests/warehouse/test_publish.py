"""Publishing swaps whole warehouses; a kill at any moment leaves the old one or the new one, and damage is noticed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.warehouse.makers import NOW, built, put, two_months, view_contents
from warehouse import publications
from warehouse.build import CANDIDATE
from warehouse.publish import PublishError, kept_files, publish, reconcile, remove_leftovers, warehouse_path
from warehouse.state import open_state

ROOT = Path(__file__).resolve().parents[2]

# Publishes two different warehouses in turn until it is killed.
ENDLESS = """
import sys
from pathlib import Path
from tests.warehouse.makers import NOW, built
from warehouse.parts import known_parts
from warehouse.publish import publish, reconcile, remove_leftovers
from warehouse.state import open_state
home = Path(sys.argv[1])
parts = list(known_parts(home, "test-1"))
with open_state(home) as state:
    remove_leftovers(home)
    reconcile(home, state, now=NOW)
    turn = 0
    while True:
        candidate = built(home, parts if turn % 2 else parts[:1])
        publish(candidate, home, state, now=NOW)
        turn += 1
        print(turn, flush=True)
"""


def test_publishing_replaces_the_warehouse_and_an_unchanged_night_is_recognised(tmp_path: Path) -> None:
    parts = two_months(tmp_path)
    with open_state(tmp_path) as state:
        assert reconcile(tmp_path, state, now=NOW) == reconcile(tmp_path, state, now=NOW)
        assert not reconcile(tmp_path, state, now=NOW).is_sound
        first = publish(built(tmp_path, parts[:1]), tmp_path, state, now=NOW, run_id="r1")
        second = publish(built(tmp_path, parts), tmp_path, state, now=NOW, run_id="r2")
        found = reconcile(tmp_path, state, now=NOW)
        assert found.is_sound
        assert found.publication == second
        assert found.is_built_from(second.inputs_digest)
        assert not found.is_built_from(first.inputs_digest)
        assert second.rows["documents"] == 3
    assert not (tmp_path / "warehouse" / CANDIDATE).exists()


def test_a_reader_keeps_the_night_it_opened(tmp_path: Path) -> None:
    import duckdb

    parts = two_months(tmp_path)
    with open_state(tmp_path) as state:
        publish(built(tmp_path, parts[:1]), tmp_path, state, now=NOW)
        with duckdb.connect(str(warehouse_path(tmp_path)), read_only=True) as reader:
            before = reader.execute("SELECT count(*) FROM documents").fetchone()
            publish(built(tmp_path, parts), tmp_path, state, now=NOW)
            assert reader.execute("SELECT count(*) FROM documents").fetchone() == before == (1,)
    assert len(view_contents(warehouse_path(tmp_path))["documents"]) == 3


def test_the_last_three_are_kept(tmp_path: Path) -> None:
    parts = two_months(tmp_path)
    with open_state(tmp_path) as state:
        for n in (1, 2, 3, 2, 1):
            publish(built(tmp_path, parts[:n]), tmp_path, state, now=NOW)
    counts = [len(view_contents(path)["documents"]) for path in kept_files(tmp_path)]
    assert counts == [3, 2, 1]
    assert kept_files(tmp_path)[-1].samefile(warehouse_path(tmp_path))


@pytest.mark.parametrize("damage", ["missing", "flip", "truncate", "zero", "log", "other"])
def test_damage_is_noticed_at_the_next_start_and_rebuilding_heals_it(tmp_path: Path, damage: str) -> None:
    parts = two_months(tmp_path)
    path = warehouse_path(tmp_path)
    with open_state(tmp_path) as state:
        published = publish(built(tmp_path, parts), tmp_path, state, now=NOW)
        contents = view_contents(path)
        data = bytearray(path.read_bytes())
        path.unlink()
        if damage == "flip":
            data[len(data) // 2] ^= 0xFF
            path.write_bytes(data)
        elif damage == "truncate":
            path.write_bytes(data[: len(data) // 2])
        elif damage == "zero":
            path.write_bytes(bytes(len(data)))
        elif damage == "log":
            path.write_bytes(data)
            path.with_name(path.name + ".wal").write_bytes(b"not ours")
        elif damage == "other":
            other = tmp_path / "other"
            path.write_bytes(built(other, [put(other, "z.txt", None, status="ignored")]).path.read_bytes())
        found = reconcile(tmp_path, state, now=NOW)
        assert not found.is_sound
        assert found.reason is not None
        assert "重建" in found.reason
        assert not found.is_built_from(published.inputs_digest)
        remove_leftovers(tmp_path)
        publish(built(tmp_path, parts), tmp_path, state, now=NOW)
        assert reconcile(tmp_path, state, now=NOW).is_sound
    assert view_contents(path) == contents


def test_a_candidate_that_was_not_closed_is_not_published(tmp_path: Path) -> None:
    parts = two_months(tmp_path)
    with open_state(tmp_path) as state:
        publish(built(tmp_path, parts[:1]), tmp_path, state, now=NOW)
        candidate = built(tmp_path, parts)
        candidate.path.with_name(candidate.path.name + ".wal").write_bytes(b"unfinished")
        with pytest.raises(PublishError, match="没有正常关闭"):
            publish(candidate, tmp_path, state, now=NOW)
        assert reconcile(tmp_path, state, now=NOW).is_sound


def test_a_swap_that_was_made_but_not_confirmed_is_confirmed_later(tmp_path: Path) -> None:
    parts = two_months(tmp_path)
    with open_state(tmp_path) as state:
        publish(built(tmp_path, parts[:1]), tmp_path, state, now=NOW)
        second = publish(built(tmp_path, parts), tmp_path, state, now=NOW)
        # As a crash between the rename and the confirmation leaves it.
        state.db.execute("UPDATE publications SET status = 'prepared', published_at = NULL WHERE status = 'current'")
        state.db.execute("UPDATE publications SET status = 'current' WHERE publication_id = 1")
        found = reconcile(tmp_path, state, now=NOW)
        assert found.is_sound
        assert found.publication is not None
        assert found.publication.inputs_digest == second.inputs_digest


def test_kill_at_any_moment_leaves_the_old_or_the_new_warehouse(tmp_path: Path) -> None:
    parts = two_months(tmp_path)
    parts.sort(key=lambda p: p.file_id)
    expected = []
    for some in (parts[:1], parts):
        expected.append(view_contents(built(tmp_path, some).path))
    dice = random.Random(7)
    for _ in range(int(os.environ.get("QINGQIAN_KILLS", "3"))):
        child = subprocess.Popen(
            [sys.executable, "-c", ENDLESS, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True
        )
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == b"1\n"  # one warehouse is out, the next is on its way
            time.sleep(dice.uniform(0, 0.8))
        finally:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            assert child.stdout is not None
            child.stdout.close()
        assert view_contents(warehouse_path(tmp_path)) in expected
        with open_state(tmp_path) as state:
            remove_leftovers(tmp_path)
            found = reconcile(tmp_path, state, now=NOW)
            assert found.is_sound, found.reason
            assert publications.prepared(state) is None
    assert {p.name for p in (tmp_path / "warehouse").iterdir()} == {"qingqian.duckdb", "kept"}
