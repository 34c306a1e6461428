"""A candidate holds what its parts and registers say, and quarantined rows stay out of sight but not out of reach."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.warehouse.makers import NIGHT, NOW, built, circular, file_id, info, put, two_months, view_contents
from warehouse.arrow import arrow_table
from warehouse.build import Inputs, add_findings, inputs_digest
from warehouse.parts import write_part
from warehouse.staging import stage


def one(path: Path, sql: str) -> Any:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def finding(row_id: str | None, severity: str = "quarantine", **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "finding_id": "f" * 32,
        "rule": "test_rule",
        "severity": severity,
        "document_id": file_id("a.xlsx"),
        "row_id": row_id,
        "table_name": "ledger_rows",
        "message_zh": "测试。",
        "status": "open",
        "first_seen_date": NIGHT,
    }
    return values | changes


def test_views_show_what_was_staged(tmp_path: Path) -> None:
    candidate = built(tmp_path, two_months(tmp_path))
    assert candidate.rows["documents"] == 3
    assert (candidate.rows["debt_statements"], candidate.rows["amounts"]) == (2, 3)
    assert (candidate.rows["obligations"], candidate.rows["time_expressions"]) == (4, 5)
    assert candidate.rows["obligation_units"] == 3
    assert one(candidate.path, "SELECT sum(remaining_amount_yuan) FROM debts") == [(Decimal("450.00"),)]
    assert one(candidate.path, "SELECT unit_id, name FROM units") == [("u1", "某县财务办公室")]


def test_the_same_parts_give_the_same_warehouse(tmp_path: Path) -> None:
    parts = two_months(tmp_path)
    first = built(tmp_path, parts)
    contents = view_contents(first.path)
    again = built(tmp_path, list(reversed(parts)))
    assert (again.inputs_digest, again.rows) == (first.inputs_digest, first.rows)
    assert view_contents(again.path) == contents


def test_the_digest_follows_everything_the_content_follows_from(tmp_path: Path) -> None:
    parts = two_months(tmp_path)
    region = arrow_table("regions", [{"region_code": "990101", "name": "某县"}])
    run = {"run_id": "r", "as_of_date": NIGHT, "started_at": NOW, "status": "done"}
    base = Inputs(parts=parts)
    digests = [
        inputs_digest(i)
        for i in (
            base,
            Inputs(parts=parts[:2]),
            Inputs(parts=parts, superseded=[parts[0].file_id]),
            Inputs(parts=parts, regions=region),
            Inputs(parts=parts, extra={"rules": "2"}),
        )
    ]
    assert len(set(digests)) == len(digests)
    assert inputs_digest(Inputs(parts=parts, runs=arrow_table("runs", [run]))) == digests[0]
    assert inputs_digest(Inputs(parts=parts[::-1])) == digests[0]


def test_quarantined_rows_leave_the_debts_and_can_still_be_seen(tmp_path: Path) -> None:
    candidate = built(tmp_path, two_months(tmp_path))
    sql = "SELECT row_id FROM ledger_rows WHERE creditor_name = '丙公司' AND as_of_date = DATE '2031-02-28'"
    row_id = one(candidate.path, sql)[0][0]
    marked = add_findings(candidate, arrow_table("findings", [finding(row_id)]))
    assert marked.rows["findings"] == 1
    state = "SELECT remaining_amount_yuan, status, as_of_date::VARCHAR FROM debts WHERE creditor_name = '丙公司'"
    assert one(marked.path, state) == [(300, "open", "2031-01-31")]
    assert one(marked.path, "SELECT row_id FROM quarantined_rows") == [(row_id,)]
    assert one(marked.path, "SELECT count(*) FROM ledger_rows WHERE is_quarantined") == [(1,)]


@pytest.mark.parametrize(("severity", "status"), [("warn", "open"), ("quarantine", "dismissed"), ("note", "open")])
def test_other_findings_keep_nothing_out(tmp_path: Path, severity: str, status: str) -> None:
    candidate = built(tmp_path, two_months(tmp_path))
    row_id = one(candidate.path, "SELECT min(row_id) FROM ledger_rows")[0][0]
    findings = arrow_table("findings", [finding(row_id, severity, status=status), finding(None, finding_id="e" * 32)])
    assert add_findings(candidate, findings).rows["debt_history"] == candidate.rows["debt_history"]


def test_quarantined_statements_leave_their_views(tmp_path: Path) -> None:
    candidate = built(tmp_path, two_months(tmp_path))
    row_id = one(candidate.path, "SELECT obligation_id FROM obligations WHERE due_date = DATE '2031-02-28'")[0][0]
    after = add_findings(candidate, arrow_table("findings", [finding(row_id, table_name="time_expressions")]))
    assert (after.rows["obligations"], after.rows["obligation_units"]) == (3, 0)


def test_findings_added_twice_stay_one(tmp_path: Path) -> None:
    candidate = built(tmp_path, two_months(tmp_path))
    findings = arrow_table("findings", [finding(None)])
    assert add_findings(add_findings(candidate, findings), findings).rows["findings"] == 1


def test_registers_are_loaded_and_a_document_stands_where_it_lies_now(tmp_path: Path) -> None:
    parts = two_months(tmp_path)
    files = [
        {
            "document_id": parts[0].file_id,
            "source": "inbox",
            "path": "old/a.xlsx",
            "first_seen_date": NIGHT,
            "is_current": False,
        },
        {
            "document_id": parts[0].file_id,
            "source": "post",
            "path": "new/台账.xlsx",
            "first_seen_date": NIGHT,
            "is_current": True,
        },
    ]
    candidate = built(
        tmp_path,
        parts,
        files=arrow_table("files", files),
        regions=arrow_table("regions", [{"region_code": "990101", "name": "某县", "level": "county"}]),
        runs=arrow_table(
            "runs", [{"run_id": "r", "as_of_date": NIGHT, "started_at": NOW, "status": "done", "counts": "{}"}]
        ),
    )
    where = f"SELECT source, path, name FROM documents WHERE document_id = '{parts[0].file_id}'"
    assert one(candidate.path, where) == [("post", "new/台账.xlsx", "台账.xlsx")]
    assert (candidate.rows["files"], candidate.rows["regions"], candidate.rows["runs"]) == (2, 1, 1)


def test_an_empty_warehouse_has_every_view(tmp_path: Path) -> None:
    candidate = built(tmp_path, [])
    assert set(candidate.rows.values()) == {0}


def test_a_part_that_cannot_be_read_leaves_no_candidate(tmp_path: Path) -> None:
    parts = two_months(tmp_path)
    (tmp_path / parts[0].folder / "documents.parquet").write_bytes(b"PAR1 nonsense")
    with pytest.raises(duckdb.Error):
        built(tmp_path, parts)
    assert list((tmp_path / "warehouse").iterdir()) == []


def test_a_failed_file_is_a_document_with_its_reason(tmp_path: Path) -> None:
    failed = info("bad.pdf", status="quarantined", error_code="encrypted", error_message="文件已加密。")
    parts = [write_part(tmp_path, failed.file_id, "v", stage(None, failed)), put(tmp_path, "c.txt", circular())]
    path = built(tmp_path, parts).path
    sql = "SELECT status, error_code, error_message FROM documents WHERE name = 'bad.pdf'"
    assert one(path, sql) == [("quarantined", "encrypted", "文件已加密。")]
