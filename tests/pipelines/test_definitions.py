"""What Dagster is told: asset keys and checks are names others rely on; the instance keeps to itself."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import dagster as dg
import pytest

from pipelines.definitions import build_defs
from pipelines.home import settings_folder
from pipelines.night import Night
from pipelines.partitions import NIGHTS, today

GRAPH = {
    "raw_files": set(),
    "facts": {"raw_files"},
    "staged_rows": {"facts"},
    "audited_rows": {"staged_rows"},
    "candidate": {"audited_rows"},
    "warehouse": {"candidate", "raw_files"},
}


def test_the_asset_graph() -> None:
    graph = build_defs().resolve_asset_graph()
    found = {
        key.to_user_string(): {parent.to_user_string() for parent in graph.get(key).parent_keys}
        for key in graph.get_all_asset_keys()
    }
    assert found == GRAPH
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description and node.group_name != "default"
        assert node.partitions_def == NIGHTS


def test_only_schema_keys_and_required_columns_block() -> None:
    graph = build_defs().resolve_asset_graph()
    blocking = {k.name for k in graph.asset_check_keys if graph.get_check_spec(k).blocking}
    assert blocking == {"schema", "keys", "required"}
    others = {"values", "circulars", "ledgers", "extraction", "sources_fresh", "nothing_broken"}
    assert {k.name for k in graph.asset_check_keys} - blocking == others


def test_the_instance_settings_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGQIAN_DAGSTER_HOME", str(tmp_path))
    with dg.DagsterInstance.from_config(str(settings_folder())) as instance:
        assert instance.root_directory == str(tmp_path)
        assert not instance.get_settings("telemetry")["enabled"]
        assert instance.run_monitoring_enabled
        assert instance.run_monitoring_max_runtime_seconds == 21600
        limits = instance.get_concurrency_config().run_queue_config
        assert limits is not None
        assert limits.max_concurrent_runs == 1


def test_the_schedule_asks_for_the_night_in_beijing(tmp_path: Path) -> None:
    defs = build_defs()
    schedule = defs.resolve_schedule_def("at_two")
    assert schedule.cron_schedule == "0 2 * * *"
    assert schedule.execution_timezone == "Asia/Shanghai"
    # 02:00 in Beijing is still the day before in UTC.
    tick = dt.datetime(2026, 7, 31, 18, 0, tzinfo=dt.UTC)
    with dg.build_schedule_context(scheduled_execution_time=tick, repository_def=defs.get_repository_def()) as context:
        (request,) = schedule.evaluate_tick(context).run_requests
    assert request.partition_key == "2026-08-01"
    assert request.run_key == "nightly-2026-08-01"
    assert today(tick) == dt.date(2026, 8, 1)


def test_the_sensor_waits_until_the_folder_stops_changing(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    night = Night(home=tmp_path / "home", inbox=inbox)
    defs = build_defs()
    sensor = defs.resolve_sensor_def("inbox_arrivals")
    cursor: str | None = None

    def tick() -> list[str | None]:
        nonlocal cursor
        with (
            dg.DagsterInstance.ephemeral() as instance,
            dg.build_sensor_context(
                instance=instance,
                cursor=cursor,
                resources={"night": night},
                repository_def=defs.get_repository_def(),
            ) as context,
        ):
            found = sensor.evaluate_tick(context)
            cursor = found.cursor
            return [r.run_key for r in found.run_requests or ()]

    tick()  # an empty folder, seen for the first time
    first = tick()
    (inbox / "a.txt").write_text("一")
    assert tick() == []  # it came
    (inbox / "a.txt").write_text("一二")
    assert tick() == []  # it grew
    second = tick()  # it stood still
    assert len(second) == 1
    assert second != first
    assert tick() == []  # asked for already
