"""A warehouse built on the one before is the same as one built from every file."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from tests.warehouse.makers import NIGHT, NOW, circular, debt, file_id, ledger, put, view_contents
from warehouse.arrow import arrow_table
from warehouse.build import Candidate, Inputs, build_candidate
from warehouse.decisions import Context, Decision, append_decision, in_force
from warehouse.reuse import StagedRows
from warehouse.review import apply_corrections
from warehouse.state import open_state

JAN, FEB = dt.date(2031, 1, 31), dt.date(2031, 2, 28)
LATER = NIGHT + dt.timedelta(days=1)


def files(*rows: tuple[str, str, dt.date, bool]) -> pa.Table:
    return arrow_table(
        "files",
        [
            {"document_id": file_id(n), "source": "inbox", "path": p, "first_seen_date": d, "is_current": c}
            for n, p, d, c in rows
        ],
    )


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Two ledgers and a circular, one of them moved since it was staged, one superseded."""
    inputs = Inputs(
        parts=[
            put(tmp_path, "a", ledger([debt("甲", "A", 10, 10), debt("甲", "B", 20, 20, contract_no="H1")], JAN)),
            put(tmp_path, "b", ledger([debt("乙", "C", 30, 30)], JAN, region="990102")),
            put(tmp_path, "c", circular(), format="txt", text="文" * 120),
        ],
        superseded=[file_id("b")],
        files=files(("a", "moved/a", NIGHT, True), ("b", "drop/b", NIGHT, False), ("c", "drop/c", NIGHT, True)),
    )
    kept = tmp_path / "base.duckdb"
    shutil.move(build_candidate(tmp_path, inputs).path, kept)
    return kept


def next_night(home: Path) -> Inputs:
    """A new ledger under another debtor's name, a corrected one, one gone, one back in force and another moved."""
    return Inputs(
        parts=[
            put(home, "a", None),
            put(home, "b", None),
            put(home, "d", ledger([debt("新甲", "B", 20, 5, contract_no="H1")], FEB), first_seen_date=LATER),
            put(home, "e", ledger([debt("甲", "A", 11, 11)], JAN), first_seen_date=LATER),
        ],
        files=files(("a", "again/a", NIGHT, True), ("b", "drop/b", NIGHT, True), ("d", "drop/d", LATER, True)),
    )


def rebuilt(home: Path, inputs: Inputs, base: Path | None) -> tuple[Candidate, dict[str, object]]:
    candidate = build_candidate(home, inputs, base=base)
    return candidate, dict(view_contents(candidate.path))


def test_the_same_with_and_without_a_base(tmp_path: Path, base: Path) -> None:
    inputs = next_night(tmp_path)
    plain, contents = rebuilt(tmp_path, inputs, None)
    on_base, same = rebuilt(tmp_path, inputs, base)
    assert same == contents
    assert on_base == plain


def test_bases_may_follow_each_other(tmp_path: Path, base: Path) -> None:
    inputs = next_night(tmp_path)
    candidate, contents = rebuilt(tmp_path, inputs, base)
    second = tmp_path / "second.duckdb"
    shutil.move(candidate.path, second)
    assert rebuilt(tmp_path, inputs, second)[1] == contents


def test_files_of_unchanged_parts_are_not_opened(tmp_path: Path, base: Path) -> None:
    inputs = next_night(tmp_path)
    for name in ("a", "b"):
        shutil.rmtree(tmp_path / next(p.folder for p in inputs.parts if p.file_id == file_id(name)))
    assert rebuilt(tmp_path, inputs, base)[0].rows["documents"] == 4
    with pytest.raises(duckdb.Error):
        build_candidate(tmp_path, inputs)


def test_a_base_of_another_schema_is_left_aside(tmp_path: Path, base: Path) -> None:
    with duckdb.connect(str(base)) as connection:
        connection.execute("UPDATE core.publication SET value = 'other' WHERE key = 'schema_digest'")
    inputs = next_night(tmp_path)
    with duckdb.connect() as connection:
        assert StagedRows(connection, tmp_path, inputs.parts, base).fresh == 4
    assert rebuilt(tmp_path, inputs, base)[1] == rebuilt(tmp_path, inputs, None)[1]


def corrected(home: Path, path: Path, decided: list[Decision]) -> dict[str, object]:
    assert len(apply_corrections(path, decided)[0]) == len(decided)
    return dict(view_contents(path))


def test_a_row_of_the_base_that_a_steward_corrected_is_taken_from_its_file(tmp_path: Path, base: Path) -> None:
    """Corrected on the first night, kept on the second, undone on the third: never the one row for the other."""
    with duckdb.connect(str(base), read_only=True) as connection:
        debt_id, read = connection.execute(
            "SELECT debt_id, remaining_amount_yuan::VARCHAR FROM core.ledger_rows WHERE contract_no = 'H1'"
        ).fetchall()[0]
    with open_state(tmp_path) as state:
        append_decision(
            state, steward="王某", table_name="ledger_rows", row_id=f"debt:{debt_id}", action="correct", now=NOW,
            field="remaining_amount_yuan", value="7.00", context=Context(value=read, raw=read),
        )  # fmt: skip
        decided = in_force(state, NIGHT)
    corrected(tmp_path, base, decided)
    inputs = next_night(tmp_path)
    with duckdb.connect() as connection:
        assert StagedRows(connection, tmp_path, inputs.parts, base).fresh == 3  # d, e and the corrected a
    plain = corrected(tmp_path, build_candidate(tmp_path, inputs).path, decided)
    again = build_candidate(tmp_path, inputs, base=base).path
    assert corrected(tmp_path, again, decided) == plain
    second = tmp_path / "second.duckdb"
    shutil.move(again, second)
    assert rebuilt(tmp_path, inputs, second)[1] == rebuilt(tmp_path, inputs, None)[1]
