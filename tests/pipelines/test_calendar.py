"""`qingqian calendar` on a published warehouse: who met what, told from ledgers that came in."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from extractors.facts import Deadline, Facts, Field, Metadata
from pipelines.cli import main
from pipelines.clocks import clock_tables
from pipelines.duties import duties
from tests.warehouse.makers import NOW, debt, ledger, put
from warehouse.arrow import arrow_table
from warehouse.build import Inputs, add_rows, build_candidate
from warehouse.clock_inputs import clock_inputs
from warehouse.publish import publish, warehouse_path
from warehouse.state import open_state

JULY = dt.date(2026, 7, 31)


def notice() -> Facts:
    return Facts(
        kind="circular",
        metadata=Metadata(
            title=Field(text="通知", start=0, end=2, rule="title", value="关于报送台账的通知"),
            issued_date=Field(text="2026年7月1日", start=90, end=99, rule="date", value="2026-07-01"),
            region_code=Field(text="某市", start=0, end=2, rule="region", value="990100"),
        ),
        deadlines=(
            Deadline(
                text="每月5日前", start=10, end=15, rule="freq", kind="recurring", resolved="FREQ=MONTHLY;BYMONTHDAY=5",
                action="各县区清欠办报送上月台账", responsible=("各县区",), recipient="市清欠办",
            ),
            Deadline(
                text="7月底前", start=20, end=24, rule="month_end", kind="due", resolved="2026-07-31",
                action="清偿比例不低于60%", responsible=("市清欠办",),
            ),
            Deadline(text="收到后5日", start=30, end=35, rule="within", kind="due", resolved="WITHIN=5D"),
        ),
    )  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city with three counties: one reports in time, one late, one never; 700 of 1000 yuan are cleared."""
    home = tmp_path_factory.mktemp("calendar")
    rows = [debt("甲局", "一公司", 500, 150)]
    night = dt.date(2026, 7, 1)
    parts = [
        put(home, "n.txt", notice(), format="txt", first_seen_date=night),
        put(home, "a.xlsx", ledger(rows, JULY, region="990101"), first_seen_date=dt.date(2026, 8, 5)),
        put(home, "b.xlsx", ledger(rows, JULY, region="990102"), first_seen_date=dt.date(2026, 8, 6)),
    ]
    regions = [
        {"region_code": "990100", "name": "某市", "level": "city"},
        *({"region_code": f"99010{n}", "name": f"{name}县", "level": "county", "parent_code": "990100"}
          for n, name in enumerate("甲乙丙", 1)),
    ]  # fmt: skip
    with open_state(home) as state:
        candidate = build_candidate(home, Inputs(parts=parts, regions=arrow_table("regions", regions)))
        candidate = add_rows(candidate, clock_tables(clock_inputs(candidate.path)))
        publish(candidate, home, state, now=NOW)
    return home


def states(home: Path, day: dt.date) -> dict[tuple[str | None, dt.date], str]:
    found = duties(warehouse_path(home), day=day, start=dt.date(2026, 7, 1), until=dt.date(2026, 9, 30))
    return {(d.unit, d.due): d.state.status for d in found}


def test_what_was_known_on_the_day_tells(home: Path) -> None:
    august = dt.date(2026, 8, 5)
    on_the_day, later = states(home, august), states(home, dt.date(2026, 8, 10))
    assert [on_the_day[name, august] for name in ("甲县", "乙县", "丙县")] == ["met", "due_soon", "due_soon"]
    assert [later[name, august] for name in ("甲县", "乙县", "丙县")] == ["met", "late", "overdue"]
    assert later["甲县", dt.date(2026, 9, 7)] == "upcoming"  # 5 September is a Saturday
    assert later["市清欠办", JULY] == "met"
    assert on_the_day["市清欠办", JULY] == "met"
    assert states(home, dt.date(2026, 8, 4))["市清欠办", JULY] == "unknown"  # no ledger had come in


def test_the_command_prints_json_and_writes_a_calendar_for_each_unit(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["calendar", "--home", str(home), "--as-of", "2026-08-10"]
    with pytest.raises(SystemExit) as end:
        main([*common, "--format", "json", "--unit", "丙县"])
    assert end.value.code == 0
    listed: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    assert {d["unit"] for d in listed} == {"丙县"}
    assert "没有收到该地区" in next(d["why"] for d in listed if d["due"] == "2026-08-05")
    with pytest.raises(SystemExit) as end:
        main([*common, "--format", "ics", "--output", str(tmp_path / "ics")])
    assert end.value.code == 0
    assert {p.name for p in (tmp_path / "ics").iterdir()} == {"甲县.ics", "乙县.ics", "丙县.ics", "市清欠办.ics"}
    text = (tmp_path / "ics" / "丙县.ics").read_bytes().decode()
    assert text.count("BEGIN:VEVENT") == text.count("DTSTART;VALUE=DATE:2026") == 4
    with pytest.raises(SystemExit) as end:
        main(common)
    assert end.value.code == 0
    assert "另有 1 项没有确定日期" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong", [["--format", "pdf"], ["--as-of", "8月"], ["--from", "2026-09-01", "--until", "2026-08-01"]]
)
def test_wrong_usage_is_said(home: Path, wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["calendar", "--home", str(home), *wrong])
    assert end.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
