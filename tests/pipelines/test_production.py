"""Dagster unattended: one publisher, dead nights ended and told, passing failures tried again once they are news."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from pathlib import Path

import dagster as dg
import pytest

from pipelines.checks import nothing_broken, sources_fresh
from pipelines.definitions import build_defs
from pipelines.freshness import freshness, tell_silence
from pipelines.home import only_night, settings_folder
from pipelines.night import Night
from pipelines.recovery import end_dead_runs
from pipelines.sources import folder_source
from pipelines.transient import is_transient, tried_again
from warehouse.state import open_state
from warehouse.state_sources import source_was_well
from warehouse.state_troubles import begin_trouble, standing_troubles

NOW = dt.datetime(2026, 7, 1, 18, tzinfo=dt.UTC)


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dg.DagsterInstance:
    monkeypatch.setenv("QINGQIAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QINGQIAN_DAGSTER_HOME", str(tmp_path / "dagster"))
    monkeypatch.setenv("QINGQIAN_INBOX", str(tmp_path / "inbox"))
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "通知.txt").write_text("关于报送台账的通知\n各单位：\n请于6月30日前报送。\n2026年6月1日\n")
    return dg.DagsterInstance.from_config(str(settings_folder()))


def dead_run(instance: dg.DagsterInstance) -> str:
    run = instance.create_run_for_job(build_defs().resolve_job_def("nightly"), status=dg.DagsterRunStatus.STARTED)
    return run.run_id


def test_as_the_daemon_runs_it_with_the_lock_in_the_run(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    home = tmp_path / "home"
    job = build_defs().resolve_job_def("nightly")
    with only_night(home):
        refused = job.execute_in_process(instance=instance, partition_key="2026-07-01", raise_on_error=False)
    assert not refused.success
    assert not (home / "warehouse").exists()
    done = job.execute_in_process(instance=instance, partition_key="2026-07-01")
    assert done.success
    assert done.output_for_node("warehouse")["documents"]["new"] == 1
    with only_night(home):
        pass  # the lock is free again
    checks = {e.check_name: e.passed for e in done.get_asset_check_evaluations()}
    assert checks["sources_fresh"] and checks["nothing_broken"]
    again = job.execute_in_process(
        instance=instance,
        partition_key="2026-07-02",
        run_config={"ops": {"raw_files": {"config": {"source": "inbox"}}}},
    )
    assert len(again.output_for_node("facts")) == 1  # the backfill of a source reads its files again


def test_a_dead_night_is_ended_and_told_once(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    home = tmp_path / "home"
    run_id = dead_run(instance)
    with open_state(home) as state:
        state.start_run(run_id, as_of=NOW.date(), now=NOW)
    assert end_dead_runs(instance, older_than=dt.timedelta(minutes=5), now=dt.datetime.now(dt.UTC)) == []  # too young
    defs = build_defs()
    later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=6)
    night = Night(home=home, clock=lambda: later)

    def tick() -> str:
        with dg.build_sensor_context(
            instance=instance, resources={"night": night}, repository_def=defs.get_repository_def()
        ) as context:
            return str(defs.resolve_sensor_def("dead_nights").evaluate_tick(context).skip_message)

    with only_night(home):
        assert tick() == "有一夜正在运行"
    assert "1 个" in tick()
    found = instance.get_run_by_id(run_id)
    assert found is not None and found.status == dg.DagsterRunStatus.FAILURE
    with open_state(home) as state:
        assert [t.kind for t in standing_troubles(state)] == ["night"]
    assert tick() == "没有中断的夜"
    assert len(json.loads((home / "morning" / "2026-07-01.json").read_bytes())["began"]) == 1


def test_only_passing_failures_are_tried_again_and_only_when_they_are_news(tmp_path: Path) -> None:
    night = Night(home=tmp_path)
    locked = sqlite3.OperationalError("database is locked")
    assert is_transient(locked) and is_transient(BlockingIOError(11, "x"))
    assert not is_transient(ValueError("x")) and not is_transient(OSError(28, "no space"))
    with pytest.raises(dg.RetryRequested) as asked, tried_again(night):
        raise locked
    assert asked.value.max_retries == 2 and asked.value.__cause__ is locked
    with pytest.raises(OSError, match="no space"), tried_again(night):
        raise OSError(28, "no space")
    with open_state(tmp_path) as state:
        begin_trouble(state, "night", kind="night", subject="夜间任务", message="x", now=NOW)
    with pytest.raises(sqlite3.OperationalError), tried_again(night):
        raise locked


def test_a_silent_source_is_a_trouble_until_it_speaks(tmp_path: Path) -> None:
    sources = [folder_source(tmp_path)]
    with open_state(tmp_path / "home") as state:
        assert not freshness(state, sources, NOW)[0].is_late
        source_was_well(state, "inbox", brought_new=True, cursor=None, now=NOW)
        later = NOW + dt.timedelta(days=6)
        found = freshness(state, sources, later)
        assert found[0].is_late
        tell_silence(state, found, later)
        (trouble,) = standing_troubles(state)
        assert "6 天没有新文件" in trouble.message
        assert not sources_fresh(found).passed and not nothing_broken([trouble]).passed
        source_was_well(state, "inbox", brought_new=True, cursor=None, now=later)
        tell_silence(state, freshness(state, sources, later), later)
        assert standing_troubles(state) == []
        assert nothing_broken([]).passed
