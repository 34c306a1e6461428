"""`qingqian report` and xlsx from `qingqian query`, as a user types them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from pipelines.cli import main
from tests.warehouse.makers import NOW
from tests.warehouse.scripted_year import year_warehouse
from warehouse.publish import publish
from warehouse.state import open_state


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("report")
    with open_state(home) as state:
        publish(year_warehouse(home), home, state, now=NOW)
    return home


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    assert isinstance(end.value.code, int)
    return end.value.code


def test_a_report_is_written(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "九月.xlsx"
    common = ["report", "月调度表", "--period", "2031-09", "--home", str(home)]
    assert run(*common, "--output", str(target)) == 0
    assert str(target) in capsys.readouterr().out
    pages = openpyxl.load_workbook(target).worksheets
    assert [p.title for p in pages] == ["月调度表", "数据来源"]
    assert "2031年9月" in str(pages[0]["A1"].value)
    assert run(*common, "--region", "990102", "--output", str(target)) == 0
    assert [c.value for c in openpyxl.load_workbook(target).worksheets[0]["B"]][3:5] == ["990102", "合计"]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["nothing", "--period", "2031-09"], 1, "没有报表"),
        (["monthly", "--period", "九月"], 1, "写作 2026-07"),
        (["debtor", "--period", "2031"], 1, "--party"),
        (["monthly", "--period", "2031", "--region", "99"], 2, "六位"),
        (["monthly"], 2, "--period"),
        (["monthly", "--period", "2031", "--output", "/nonexistent/x.xlsx"], 1, "写不了文件"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    home: Path, arguments: list[str], status: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("report", *arguments, "--home", str(home)) == status
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1
    assert words in said[0]


def test_a_query_as_a_workbook(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "q.xlsx"
    sql = "SELECT '=1+1' AS \"=f\", sum(remaining_amount_yuan) AS s, max(as_of_date) AS d, count(*) AS n FROM debts"
    assert run("query", sql, "--format", "xlsx", "--output", str(target), "--home", str(home)) == 0
    page = openpyxl.load_workbook(target).worksheets[0]
    assert [c.value for c in page[1]] == ["'=f", "s", "d", "n"]
    assert [str(c.value) for c in page[2]] == ["'=1+1", "1915000", "2031-12-31 00:00:00", "15"]
    assert not [c for row in page.iter_rows() for c in row if c.data_type == "f"]
