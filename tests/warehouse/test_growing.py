"""A warehouse grown out of the one before is the warehouse filled from nothing, whatever changed in between."""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from tests.warehouse.makers import NIGHT, NOW, circular, debt, file_id, ledger, put, view_contents
from warehouse.arrow import arrow_table
from warehouse.build import Candidate, Inputs, add_rows, build_candidate
from warehouse.decisions import Context, append_decision, decisions, in_force
from warehouse.growing import growth_of
from warehouse.lookups import lookup_subject, lookups_of
from warehouse.parts import Manifest
from warehouse.review import apply_corrections, settle_findings
from warehouse.state import State, open_state
from warehouse.tables import TABLES

MONTHS = [dt.date(2031, m, 28) for m in (1, 2, 3, 4)]
DEBTORS = ("甲局",) * 5 + ("丙公司",) * 4 + ("乙局",)
CREDITORS = ("A公司", "B公司", "C公司", "D公司")
NIGHTS = 5
# Named by the night of the build, not by what was built.
_TOLD = {"nights_grown"}


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every view and every base table, what the file says of itself too."""
    out: dict[str, list[tuple[object, ...]]] = dict(view_contents(path))
    with duckdb.connect(str(path), read_only=True) as connection:
        for name in [*TABLES, "built_parts", "publication", "debts_stored"]:
            rows = connection.execute(f'SELECT * FROM core."{name}"').fetchall()
            out[f"core.{name}"] = sorted((r for r in rows if r[0] not in _TOLD), key=repr)
    return out


class Year:
    """Documents that come, change, go and come back, told by dice; decisions of stewards among them."""

    def __init__(self, home: Path, seed: int) -> None:
        self.home, self.dice = home, random.Random(seed)
        self.parts: dict[str, Manifest] = {}
        self.superseded: set[str] = set()
        self.where: dict[str, tuple[str, dt.date]] = {}
        self.made = 0

    def night(self, number: int, state: State) -> Inputs:
        """What is there on a night: some documents new, some changed, gone, moved, superseded or back in force."""
        day = NIGHT + dt.timedelta(days=number)
        for _ in range(9 if number == 0 else self.dice.randint(0, 2)):
            self._new(day)
        for name in self.dice.sample(sorted(self.parts), min(2, len(self.parts))):
            self._change(name, day)
        if number == 2:
            self._teach(state)
        if number == NIGHTS - 1:
            undo_one(state)
        rows = [
            {"document_id": file_id(n), "source": "inbox", "path": path, "first_seen_date": seen,
             "is_current": n not in self.superseded}
            for n, (path, seen) in self.where.items() if n in self.parts
        ]  # fmt: skip
        findings = [self._finding(n) for n in sorted(self.parts) if self.dice.random() < 0.4]
        units = [{"unit_id": f"u{i}", "name": f"单位{i}"} for i in range(self.dice.randint(0, 3))]
        return Inputs(
            parts=list(self.parts.values()),
            superseded=[file_id(n) for n in sorted(self.superseded)],
            files=arrow_table("files", rows),
            units=arrow_table("units", units),
            findings=arrow_table("findings", findings),
            lookups=lookups_of(in_force(state, day)),
        )

    def _new(self, day: dt.date) -> None:
        self.made += 1
        name = f"{self.made}"
        if self.dice.random() < 0.3:
            part = put(self.home, name, circular(), format="txt", text=f"第{name}份" * 20, first_seen_date=day)
        else:
            rows = [
                debt(self.dice.choice(DEBTORS), self.dice.choice(CREDITORS), amount, self.dice.choice((0, amount)),
                     **({"contract_no": f"H{self.dice.randint(1, 4)}"} if self.dice.random() < 0.6 else {}))
                for amount in self.dice.sample(range(10, 90, 10), self.dice.randint(1, 4))
            ]  # fmt: skip
            region = self.dice.choice(("990101", "990102", None))
            part = put(self.home, name, ledger(rows, self.dice.choice([*MONTHS, None]), region=region),
                       first_seen_date=day)  # fmt: skip
        self.parts[name] = part
        self.where[name] = (f"drop/{self.dice.randint(1, 9)}", day)

    def _change(self, name: str, day: dt.date) -> None:
        what = self.dice.choice(("supersede", "restore", "move", "vanish", "keep"))
        if what == "supersede":
            self.superseded.add(name)
        elif what == "restore":
            self.superseded.discard(name)
        elif what == "move":
            self.where[name] = (f"moved/{name}", day)
        elif what == "vanish" and len(self.parts) > 4:
            del self.parts[name]
            self.superseded.discard(name)

    def _finding(self, name: str) -> dict[str, object]:
        """One on a whole table: its rows are held back."""
        return {
            "finding_id": file_id(f"finding {name}"), "rule": "test", "severity": "quarantine", "message_zh": "测试。",
            "document_id": file_id(name), "table_name": "ledger_tables", "row_id": f"{file_id(name)}:1",
            "status": "open", "first_seen_date": NIGHT,
        }  # fmt: skip

    def _teach(self, state: State) -> None:
        append_decision(
            state, steward="王某", table_name="lookups", row_id=lookup_subject("alias", "inbox", "乙局"), action="map",
            now=NOW, value="某市乙局", context=Context(raw="乙局"),
        )  # fmt: skip


def decided(candidate: Candidate, state: State, day: dt.date) -> Path:
    """The candidate with decisions put in and stored views worked out, as a night does it."""
    told = in_force(state, day)
    apply_corrections(candidate.path, told)
    add_rows(candidate, {"findings": arrow_table("findings", [])}, rows_changed=True)
    settle_findings(candidate.path, told)
    add_rows(candidate, {"findings": arrow_table("findings", [])})
    return candidate.path


def correct_one(state: State, path: Path, number: int) -> None:
    """A steward corrects the first debt there is, under another number each time."""
    with duckdb.connect(str(path), read_only=True) as connection:
        row = connection.execute(
            "SELECT debt_id, remaining_amount_yuan::VARCHAR FROM core.ledger_rows "
            "WHERE debt_id IS NOT NULL ORDER BY debt_id LIMIT 1"
        ).fetchone()
    if row is not None:
        append_decision(
            state, steward="王某", table_name="ledger_rows", row_id=f"debt:{row[0]}", action="correct", now=NOW,
            field="remaining_amount_yuan", value=f"{number}.00", context=Context(value=row[1], raw=row[1]),
        )  # fmt: skip


def undo_one(state: State) -> None:
    """The first correction is undone."""
    was = next(d for d in decisions(state) if d.action == "correct")
    append_decision(
        state, steward="李某", table_name=was.table_name, row_id=was.row_id, action="undo", now=NOW, field=was.field,
        value=str(was.decision_number),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(int(os.environ.get("QINGQIAN_TEST_SEQUENCES", "1"))))
def test_grown_and_filled_are_equal_night_after_night(tmp_path: Path, seed: int) -> None:
    year, base, grown = Year(tmp_path, seed), tmp_path / "base.duckdb", 0
    with open_state(tmp_path) as state:
        for number in range(NIGHTS):
            day = NIGHT + dt.timedelta(days=number)
            inputs = year.night(number, state)
            whole = contents(decided(build_candidate(tmp_path, inputs), state, day))
            grown += base.exists() and growth_of(base, inputs, inputs.parts) is not None
            path = decided(build_candidate(tmp_path, inputs, base=base), state, day)
            told = contents(path)
            assert {n: told[n] for n in told if told[n] != whole[n]} == {}, f"night {number}"
            shutil.move(path, base)
            if number in (1, 3):
                correct_one(state, base, number)
    assert grown == NIGHTS - 2  # all but the first, and the night on which a name was taught


def test_the_copy_shares_nothing_with_the_published_file(tmp_path: Path) -> None:
    base = tmp_path / "base.duckdb"
    first = Inputs(parts=[put(tmp_path, n, ledger([debt("甲", n, 10, 10)], MONTHS[0])) for n in "abc"])
    shutil.move(build_candidate(tmp_path, first).path, base)
    before = base.read_bytes()
    more = put(tmp_path, "d", ledger([debt("甲", "d", 10, 10)], MONTHS[1]))
    candidate = build_candidate(tmp_path, Inputs(parts=[*first.parts, more]), base=base)
    assert candidate.rows["documents"] == 4
    assert base.read_bytes() == before


def test_too_much_change_another_structure_and_many_nights_fill_from_nothing(tmp_path: Path) -> None:
    base = tmp_path / "base.duckdb"
    few = Inputs(parts=[put(tmp_path, n, circular(), format="txt", text=n * 200) for n in "abc"])
    shutil.move(build_candidate(tmp_path, few).path, base)
    assert growth_of(base, few, few.parts) is not None
    assert growth_of(tmp_path / "none.duckdb", few, few.parts) is None
    many = [*few.parts, *(put(tmp_path, f"m{n}", circular(), format="txt", text="文" * 200) for n in range(21))]
    assert growth_of(base, few, many) is None
    for key, value in (("structure_digest", "another"), ("nights_grown", "60"), ("names_taught", "others")):
        changed = tmp_path / f"{key}.duckdb"
        shutil.copyfile(base, changed)
        with duckdb.connect(str(changed)) as connection:
            connection.execute("UPDATE core.publication SET value = ? WHERE key = ?", [value, key])
        assert growth_of(changed, few, few.parts) is None


def test_parts_that_were_taken_over_are_not_opened(tmp_path: Path) -> None:
    base = tmp_path / "base.duckdb"
    parts = [put(tmp_path, n, ledger([debt("甲", n, 10, 10)], MONTHS[0])) for n in "abc"]
    shutil.move(build_candidate(tmp_path, Inputs(parts=parts)).path, base)
    for part in parts:
        shutil.rmtree(tmp_path / part.folder)
    given = Inputs(parts=parts[:2], files=pa.Table.from_pylist([], schema=arrow_table("files", []).schema))
    assert build_candidate(tmp_path, given, base=base).rows["documents"] == 2
