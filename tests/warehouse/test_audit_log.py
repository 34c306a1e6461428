"""The audit chain: what is appended verifies; a record changed, removed or cut off is named."""

from __future__ import annotations

import datetime as dt
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from tests.pipelines import nights
from tests.warehouse.makers import drop_trigger
from warehouse.audit_log import Head, append, count, head_path, read_head, records, verify
from warehouse.state import open_state

pytestmark = pytest.mark.usefixtures("state_engine")
NOW = dt.datetime(2026, 7, 31, 9, tzinfo=dt.UTC)


def fill(home: Path, number: int = 10) -> None:
    with open_state(home) as state:
        for n in range(number):
            append(state, user=f"user{n % 3}", action="view", object_kind="document", object_id=f"d{n}", now=NOW)


def tamper(home: Path, sql: str) -> None:
    """Change the table as one could who owns the file: the triggers are taken away first."""
    with open_state(home) as state:
        for name in ("audit_log_is_not_changed", "audit_log_is_not_deleted"):
            drop_trigger(state, name, "audit_log")
        state.db.execute(sql)


def first_bad(home: Path) -> tuple[bool, int | None]:
    with open_state(home) as state:
        verdict = verify(state, read_head(head_path(home)))
    return verdict.is_sound, verdict.first_bad


def test_what_is_appended_verifies_and_is_found_again(tmp_path: Path) -> None:
    fill(tmp_path)
    assert first_bad(tmp_path) == (True, None)
    with open_state(tmp_path) as state:
        assert [r.object_id for r in records(state, user="user1")] == ["d7", "d4", "d1"]
        assert count(state, object_id="d9") == 1
        assert count(state, start="2026-08-01") == 0
        assert verify(state, Head(number=10, hash=records(state, limit=1)[0].hash)).is_sound


def test_the_store_itself_refuses_to_change_or_delete(tmp_path: Path) -> None:
    fill(tmp_path, 2)
    with open_state(tmp_path) as state:
        for sql in ("UPDATE audit_log SET \"user\" = 'x'", "DELETE FROM audit_log"):
            with pytest.raises(Exception, match="append-only"):
                state.db.execute(sql)


@pytest.mark.parametrize(
    ("sql", "bad"),
    [
        ("UPDATE audit_log SET \"user\" = 'nobody' WHERE number = 4", 4),
        ("UPDATE audit_log SET detail = '{}  ' WHERE number = 1", 1),
        ("DELETE FROM audit_log WHERE number = 5", 5),
        ("DELETE FROM audit_log WHERE number = 1", 1),
        ("DELETE FROM audit_log WHERE number > 7", 8),
        ("DELETE FROM audit_log", 1),
        ("UPDATE audit_log SET hash = replace(hash, substr(hash, 1, 1), 'f') WHERE number = 6", 6),
        ("UPDATE audit_log SET number = number + 1 WHERE number = 10", 10),
    ],
)
def test_the_first_bad_record_is_named(tmp_path: Path, sql: str, bad: int) -> None:
    fill(tmp_path)
    tamper(tmp_path, sql)
    sound, named = first_bad(tmp_path)
    # A record whose hash was changed shows there or where the next one no longer joins on.
    assert not sound and named in (bad, bad + 1 if "hash" in sql else bad)


def test_a_log_written_anew_as_a_whole_shows_against_a_copied_head(tmp_path: Path) -> None:
    fill(tmp_path)
    noted = read_head(head_path(tmp_path))
    tamper(tmp_path, "DELETE FROM audit_log")
    head_path(tmp_path).unlink()
    with open_state(tmp_path) as state:
        for n in range(12):
            append(state, user="somebody else", action="view", object_kind="document", object_id=f"d{n}", now=NOW)
        assert noted is not None
        verdict = verify(state, noted)
    assert first_bad(tmp_path) == (True, None)  # by itself it looks whole
    assert not verdict.is_sound and verdict.first_bad == noted.number


def test_a_missing_head_is_told(tmp_path: Path) -> None:
    fill(tmp_path, 3)
    head_path(tmp_path).unlink()
    assert first_bad(tmp_path) == (False, 3)


def test_writers_at_once_make_one_chain(tmp_path: Path) -> None:
    open_state(tmp_path).close()

    def write(n: int) -> None:
        with open_state(tmp_path) as state:
            for m in range(5):
                append(state, user=f"u{n}", action="view", object_id=str(m), now=NOW)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    assert first_bad(tmp_path) == (True, None)
    head = read_head(head_path(tmp_path))
    assert head is not None and head.number == 30


def test_a_crash_between_record_and_head_leaves_a_sound_log(tmp_path: Path) -> None:
    fill(tmp_path, 3)
    behind = head_path(tmp_path).read_bytes()
    fill(tmp_path, 1)
    head_path(tmp_path).write_bytes(behind)
    assert first_bad(tmp_path) == (True, None)
    fill(tmp_path, 1)
    head = read_head(head_path(tmp_path))
    assert head is not None and head.number == 5


def test_the_commands_say_it_in_one_line(tmp_path: Path) -> None:
    qingqian = partial(nights.qingqian, state=os.environ.get("QINGQIAN_STATE"))
    missing = qingqian("audit", "verify", home=tmp_path / "none", check=False)
    assert missing.returncode == 1 and "还没有状态库" in missing.stderr
    fill(tmp_path, 4)
    sound = qingqian("audit", "verify", home=tmp_path)
    assert "共 4 条" in sound.stdout
    shown = qingqian("audit", "show", "--limit", "2", home=tmp_path)
    assert len(shown.stdout.splitlines()) == 2 and "view document d3" in shown.stdout
    tamper(tmp_path, "UPDATE audit_log SET object_id = 'other' WHERE number = 2")
    bad = qingqian("audit", "verify", home=tmp_path, check=False)
    assert bad.returncode == 1 and "第 2 条的内容被改过" in bad.stderr and len(bad.stderr.splitlines()) == 1
    head_path(tmp_path).write_text("nonsense", encoding="utf-8")
    assert qingqian("audit", "verify", home=tmp_path, check=False).returncode == 1
