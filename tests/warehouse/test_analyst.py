"""`warehouse.connect()`: one question at a time, each behind guard and limits, whatever engine answers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

import warehouse
from tests.warehouse.makers import NOW, built, two_months
from warehouse.access import Limits, QueryError
from warehouse.publish import publish
from warehouse.state import open_state


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    with open_state(folder) as state:
        publish(built(folder, two_months(folder)), folder, state, now=NOW)
    return folder


def test_rows_come_as_tuples_arrow_and_pandas_and_keep_their_types(home: Path) -> None:
    with warehouse.connect(home) as ask:
        answer = ask.execute("SELECT as_of_date, remaining_amount_yuan FROM debts ORDER BY 1, 2")
        rows = answer.fetchall()
        assert answer.columns == ["as_of_date", "remaining_amount_yuan"]
        assert rows[0] == (dt.date(2031, 1, 31), Decimal("200.00"))
        assert (len(answer), answer.fetchone(), answer.rows()) == (3, None, rows)
        assert answer.arrow().num_rows == 3
        frame = ask.df("SELECT remaining_amount_yuan AS r FROM debts")
        assert sum(frame["r"]) == Decimal("450.00")
        assert {"debts", "ledger_rows", "statutes"} <= set(ask.tables())


def test_the_home_is_that_of_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGQIAN_HOME", str(home))
    assert warehouse.connect().execute("SELECT count(*) FROM debts").fetchone() == (3,)


def test_a_cut_answer_warns_and_can_be_asked_in_full(home: Path) -> None:
    ask = warehouse.connect(home, limits=Limits(rows=2))
    with pytest.warns(UserWarning, match="只取了前 2 行"):
        assert ask.execute("SELECT * FROM debts").is_truncated
    assert len(ask.execute("SELECT * FROM debts", rows=3)) == 3


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT path FROM duckdb_databases()", "forbidden_function"),
        ("DELETE FROM core.documents", "not_select"),
        ("SELECT * FROM read_text('/etc/passwd')", "forbidden_function"),
        ("SELECT unnest(range(2000000000))", "memory"),
        ("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r", "timeout"),
    ],
)
def test_what_the_command_refuses_the_call_refuses(home: Path, sql: str, code: str) -> None:
    ask = warehouse.connect(home, limits=Limits(seconds=1, memory=256 << 20))
    with pytest.raises(QueryError) as caught:
        ask.execute(sql)
    assert caught.value.code in (code, "timeout")
    assert str(home) not in str(caught.value)


def test_a_notebook_shows_text_as_text(home: Path) -> None:
    answer = warehouse.connect(home).execute("SELECT '<script>' AS \"<b>\", NULL AS n FROM range(30)")
    shown = answer._repr_html_()
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown
    assert "<b>" not in shown
    assert shown.count("<tr>") == 21
    assert "显示前 20 行" in shown
    assert "<script>" in repr(answer)


def test_each_question_sees_the_newest_night(tmp_path: Path) -> None:
    parts = two_months(tmp_path)
    ask = warehouse.connect(tmp_path)
    with pytest.raises(QueryError, match="qingqian nightly"):
        ask.execute("SELECT 1")
    counts = []
    with open_state(tmp_path) as state:
        for n in (1, 3):
            publish(built(tmp_path, parts[:n]), tmp_path, state, now=NOW)
            counts.append(ask.execute("SELECT count(*) FROM documents").fetchone())
    assert counts == [(1,), (3,)]
