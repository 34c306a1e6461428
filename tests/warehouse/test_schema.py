"""Fields, tables, views: everything labelled, and what is derived from them agrees."""

from __future__ import annotations

import re
from dataclasses import replace

import duckdb
import pytest

from warehouse import diagram
from warehouse.arrow import arrow_schema, arrow_table
from warehouse.build import create_views
from warehouse.ddl import schema_statements
from warehouse.dictionary import PATH, render
from warehouse.table import Table
from warehouse.tables import STAGED_TABLES, TABLES
from warehouse.views import load_views, parse_view

CONTRACT = {
    "documents": "document_id title issuer doc_number doc_type issued_date region_code source path status",
    "debt_statements": "document_id amount_yuan amount_high_yuan is_approx role as_of_date scope evidence",
    "debts": "debt_id debtor_name creditor_name arrears_amount_yuan repaid_amount_yuan remaining_amount_yuan disputed "
    "region_code as_of_date first_seen_date last_seen_date status",
    "obligations": "document_id kind due_date rule action strength is_past_at_issue text evidence",
    "obligation_units": "obligation_id unit role",
    "assignments": "document_id unit unit_id role task evidence",
    "units": "unit_id",
    "regions": "region_code",
    "findings": "finding_id rule severity document_id row_id field message_zh status",
    "runs": "run_id",
}
LEDGER_FIELDS = """seq_no region_code reporting_unit debtor_name debtor_uscc debtor_type creditor_name creditor_uscc
creditor_size project_name payment_kind contract_no contract_date contract_amount_yuan arrears_formed_date due_date
arrears_amount_yuan disputed undisputed_amount_yuan disputed_amount_yuan dispute_reason judicial_status plan_method
plan_due_date fund_source repaid_amount_yuan repaid_date resolved_amount_yuan remaining_amount_yuan status
responsible_unit responsible_person contact_name contact_phone source_channel remarks"""


@pytest.fixture(scope="module")
def empty() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for statement in schema_statements():
        connection.execute(statement)
    create_views(connection)
    return connection


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_columns_are_described_in_both_languages_and_named_by_the_house_rules(table: Table) -> None:
    assert len(set(table.column_names)) == len(table.fields)
    for f in table.fields:
        assert re.search(r"[\u4e00-\u9fff]", f.label_zh), f.name
        assert f.label_en.isascii()
        assert len(f.description) > 8, f.name
        assert re.fullmatch(r"[a-z][a-z_]*", f.name)
        assert f.name.endswith("_yuan") == (f.type == "money" or f.name == "quantum_yuan"), f.name
        assert f.name.startswith(("is_", "has_")) == (f.type == "bool"), f.name
        assert (f.type == "date") <= f.name.endswith("_date"), f.name
        if f.pattern:
            re.compile(f.pattern)
    for key in table.key:
        assert not table.field(key).nullable
    for column, other in table.references:
        assert table.field(column).type == TABLES[other].field(TABLES[other].key[0]).type


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_duckdb_and_arrow_agree_on_every_type(table: Table, empty: duckdb.DuckDBPyConnection) -> None:
    schema = empty.execute(f'SELECT * FROM core."{table.name}"').to_arrow_table().schema
    expected = arrow_schema(table.name)
    assert schema.names == expected.names
    for got, want in zip(schema, expected, strict=True):
        assert str(got.type).replace("tz=Etc/UTC", "tz=UTC").split(",")[0] == str(want.type).split(",")[0], got.name


def test_every_view_column_has_a_comment(empty: duckdb.DuckDBPyConnection) -> None:
    rows = empty.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal "
        "AND coalesce(comment, '') = ''"
    ).fetchall()
    assert rows == []
    views = empty.execute(
        "SELECT count(*) FROM duckdb_views() WHERE NOT internal AND schema_name = 'main' AND comment <> ''"
    )
    assert views.fetchone() == (len(load_views()),)


@pytest.mark.parametrize("view", CONTRACT)
def test_views_keep_what_the_contract_promises(view: str, empty: duckdb.DuckDBPyConnection) -> None:
    columns = {r[0] for r in empty.execute(f"DESCRIBE main.{view}").fetchall()}
    assert set(CONTRACT[view].split()) <= columns


def test_ledger_rows_have_every_canonical_field(empty: duckdb.DuckDBPyConnection) -> None:
    columns = {r[0] for r in empty.execute("DESCRIBE main.ledger_rows").fetchall()}
    assert set(LEDGER_FIELDS.split()) <= columns


def test_dictionary_is_up_to_date() -> None:
    assert PATH.read_text("utf-8") == render(), "run: python -m warehouse.dictionary"


def test_every_staged_table_belongs_to_a_document() -> None:
    for table in STAGED_TABLES:
        assert not table.field("document_id").nullable


def test_rows_with_unknown_columns_or_missing_keys_are_refused() -> None:
    with pytest.raises(ValueError, match="no column 'surprise'"):
        arrow_table("regions", [{"region_code": "990101", "name": "x", "surprise": 1}])
    with pytest.raises(ValueError, match=r"regions\.name must not be null"):
        arrow_table("regions", [{"region_code": "990101"}])


def test_a_view_file_without_heading_is_refused() -> None:
    with pytest.raises(ValueError, match="must start with"):
        parse_view("x", "SELECT 1")


def test_keys_and_references_fit_without_any_data() -> None:
    assert diagram.faults(TABLES) == []
    documents = TABLES["documents"]
    references = (("path", "nothing"), ("is_current", "documents"), ("x", "documents"))
    broken = replace(TABLES["files"], key=("nowhere",), references=references)
    found = diagram.faults({"documents": documents, "files": broken})
    assert len(found) == 4
    assert any("differ in type" in f for f in found)


def test_entity_diagram_is_up_to_date_and_shows_every_table_and_reference() -> None:
    text = diagram.render()
    assert diagram.PATH.read_text("utf-8") == text
    for table in TABLES.values():
        assert f'  {table.name}["' in text
        for column, other in table.references:
            assert f'{other} ||--o{{ {table.name} : "{column}"' in text
