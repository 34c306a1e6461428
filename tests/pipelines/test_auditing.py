"""An audit of thousands of files goes in rounds: what it finds is the same, and no more is held than a round has."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pipelines import auditing, finding_rows
from pipelines.auditing import audit_parts, load_audit
from pipelines.finding_rows import PartFindings
from tests.warehouse.makers import VERSION, built, circular, debt, ledger, put, two_months
from warehouse.conservation import keys_in_two_documents
from warehouse.parts import Manifest, part_folder

NIGHT = dt.date(2031, 3, 1)


def parts_in(home: Path) -> list[Manifest]:
    wrong = ledger([debt("某局", "丁公司", 100, 300), debt("", "戊公司", 1, 1)], dt.date(2031, 1, 31))
    return [*two_months(home), put(home, "d.xlsx", wrong), put(home, "e.txt", circular(), format="txt", text="文")]


def test_rounds_of_one_file_find_what_one_round_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = parts_in(tmp_path)
    whole = audit_parts(tmp_path, parts)
    found = [load_audit(tmp_path, p) for p in parts]
    monkeypatch.setattr(auditing, "ROWS_AT_ONCE", 1)
    monkeypatch.setattr(auditing, "SHOWN", 1)
    rounds = audit_parts(tmp_path, parts)
    assert [load_audit(tmp_path, p) for p in parts] == found
    assert rounds.parts == whole.parts == 5
    assert rounds.findings == whole.findings == sum(len(a.findings) for a in found if a is not None)
    assert whole.findings > 1
    assert len(rounds.sample) == 1
    assert {o.suite: o.passed for o in rounds.outcomes} == {o.suite: o.passed for o in whole.outcomes}


def test_findings_stream_into_a_warehouse_some_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = parts_in(tmp_path)
    count = audit_parts(tmp_path, parts).findings
    monkeypatch.setattr(finding_rows, "_AT_ONCE", 1)
    audit = load_audit(tmp_path, parts[3])
    assert audit is not None
    known = {audit.findings[0].finding_id: dt.date(2031, 2, 1)}
    sizes = [b.num_rows for b in PartFindings(tmp_path, parts, known, NIGHT).reader()]
    assert sizes == [1] * count
    streamed = PartFindings(tmp_path, parts, known, NIGHT)
    candidate = built(tmp_path, parts, findings=streamed.reader())
    assert candidate.core_rows["findings"] == streamed.count == count
    with duckdb.connect(str(candidate.path), read_only=True) as connection:
        seen = connection.execute(
            "SELECT first_seen_date, count(*) FROM core.findings GROUP BY 1 ORDER BY 1"
        ).fetchall()
    assert seen == [(dt.date(2031, 2, 1), 1), (NIGHT, count - 1)]


def test_one_key_in_two_files_is_found_over_the_whole(tmp_path: Path) -> None:
    """The audit of one file at a time cannot see it: keys are hashes, and only a fault of ours makes two alike."""
    first, second, circulars = two_months(tmp_path)
    folder = part_folder(tmp_path, second.file_id, VERSION)
    assert keys_in_two_documents(built(tmp_path, [first, second, circulars]).path) == []
    import pyarrow.parquet as pq

    mine = pq.read_table(folder / "ledger_rows.parquet")
    theirs = pq.read_table(part_folder(tmp_path, first.file_id, VERSION) / "ledger_rows.parquet")
    taken = theirs.column("row_id")[0].as_py()
    ids = [taken, *mine.column("row_id").to_pylist()[1:]]
    at = mine.column_names.index("row_id")
    pq.write_table(mine.set_column(at, mine.schema.field(at), pa.array(ids)), folder / "ledger_rows.parquet")
    found = keys_in_two_documents(built(tmp_path, [first, second, circulars]).path)
    assert {(k["table_name"], k["key"], k["document_id"]) for k in found} == {
        ("ledger_rows", taken, first.file_id),
        ("ledger_rows", taken, second.file_id),
    }
