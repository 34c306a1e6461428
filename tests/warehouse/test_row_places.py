"""Rows of a debt are found by their places as by looking through the table, also after rows were taken out."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from warehouse import row_places
from warehouse.row_places import MOST, lay_out, rows_with

ROWS = 300_000  # more than two groups of rows, so that what is deleted makes others move


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("places") / "rows.duckdb"
    with duckdb.connect(str(made)) as con:
        con.execute("CREATE SCHEMA core")
        con.execute(
            "CREATE TABLE core.ledger_rows AS SELECT 'r' || i AS row_id, CASE WHEN i % 7 > 0 THEN 'd' || i % 50000 END "
            f"AS debt_id, i AS figure FROM range({ROWS}) t(i)"
        )
        con.execute("CHECKPOINT")
        con.execute("DELETE FROM core.ledger_rows WHERE figure BETWEEN 1000 AND 140000 OR figure % 3 = 0")
    assert lay_out(made)
    return made


@pytest.mark.parametrize(
    ("column", "value"), [("debt_id", "d41"), ("debt_id", "d49999"), ("row_id", "r299999"), ("row_id", "r3")]
)
def test_by_place_as_by_looking_through(path: Path, column: str, value: str) -> None:
    with duckdb.connect(str(path), read_only=True) as con:
        by_place = rows_with(con, column, value, ["figure"])
        assert by_place is not None
        asked = "SELECT figure FROM {} WHERE " + column + " = ? ORDER BY 1"
        found = con.execute(asked.format(by_place), [value]).fetchall()
        assert found == con.execute(asked.format("core.ledger_rows"), [value]).fetchall()
        assert bool(found) == (value != "r3")


def test_another_id_of_the_same_number_is_not_taken_for_it(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_places, "_NUMBER", "least(md5_number_lower({}), 0)")
    with duckdb.connect(str(tmp_path / "few.duckdb")) as con:
        con.execute("CREATE SCHEMA core")
        con.execute(
            "CREATE TABLE core.ledger_rows AS SELECT 'r' || i AS row_id, 'd' || i AS debt_id FROM range(9) t(i)"
        )
    assert lay_out(tmp_path / "few.duckdb")
    with duckdb.connect(str(tmp_path / "few.duckdb")) as con:
        source = rows_with(con, "debt_id", "d4", ["row_id"])
        assert con.execute(f"SELECT row_id FROM {source} WHERE debt_id = 'd4'").fetchall() == [("r4",)]


def test_many_rows_and_files_without_places_are_looked_through(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "old.duckdb")) as con:
        con.execute("CREATE SCHEMA core")
        con.execute(
            f"CREATE TABLE core.ledger_rows AS SELECT 'r' || i AS row_id, 'd' AS debt_id FROM range({MOST + 1}) t(i)"
        )
        assert rows_with(con, "debt_id", "d", ["row_id"]) is None
    assert lay_out(tmp_path / "old.duckdb")
    with duckdb.connect(str(tmp_path / "old.duckdb")) as con:
        assert rows_with(con, "debt_id", "d", ["row_id"]) is None
        assert rows_with(con, "row_id", "r5", ["debt_id"]) is not None


def test_places_that_do_not_hold_are_taken_out(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect(str(tmp_path / "moved.duckdb")) as con:
        con.execute("CREATE SCHEMA core")
        con.execute("CREATE TABLE core.ledger_rows AS SELECT 'r' || i AS row_id, 'd' AS debt_id FROM range(9) t(i)")
    monkeypatch.setattr(row_places, "_PLACE", "(rowid + 1) % 9")
    assert not lay_out(tmp_path / "moved.duckdb")
    with duckdb.connect(str(tmp_path / "moved.duckdb")) as con:
        assert con.execute("SELECT count(*) FROM duckdb_tables()").fetchone() == (1,)
