"""Planted faults are found, their clean twins are silent, and what comes back is fit for the night."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.validators.build import document, expression, ledger, night, row, statement, total
from tests.validators.scenarios import CLEAN_TWINS, CLOSE_CALLS, SCENARIOS, Night, Scenario
from validators.audit import SUITES, AuditResult, audit_rows
from validators.findings import to_rows
from validators.rules import RULES
from warehouse.arrow import arrow_table


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.id)
def test_the_planted_fault_is_found_and_nothing_else(scenario: Scenario) -> None:
    found = audit_rows(scenario.faulty).findings
    assert scenario.rule in {f.rule for f in found}
    assert {f.rule for f in found} <= {scenario.rule} | scenario.also
    for finding in found:
        assert finding.severity == RULES[finding.rule].severity
        assert "{" not in finding.message_zh
        assert "None" not in finding.message_zh


@pytest.mark.parametrize("rule", CLEAN_TWINS)
def test_the_clean_twin_is_silent(rule: str) -> None:
    result = audit_rows(CLEAN_TWINS[rule])
    assert result.findings == ()
    assert all(c.passed and c.failed_rows == 0 for c in result.checks)
    assert not result.quarantined_row_ids
    assert not result.blocked_document_ids
    assert not result.is_blocked


@pytest.mark.parametrize("name", CLOSE_CALLS)
def test_close_calls_raise_no_alarm(name: str) -> None:
    assert [f.message_zh for f in audit_rows(CLOSE_CALLS[name]).findings] == []


def faulty_night() -> Night:
    return night(
        documents=[document(1), document(2, status="quarantined", error_code="zip_bomb", error_message="压缩比过大。")],
        debt_statements=[statement("debt_total", "100")],
        time_expressions=[expression(is_past_at_issue=True)],
        ledger_tables=[ledger()],
        ledger_rows=[row(7), row(8, disputed="是"), row(9, row_id="x"), row(10, debtor_uscc="123")],
        ledger_totals=[total()],
    )


def test_the_result_says_what_is_held_back_and_how_each_suite_fared() -> None:
    result = audit_rows(faulty_night())
    by_rule = {f.rule: f for f in result.findings}
    assert result.quarantined_row_ids == {row(8)["row_id"], "x"}
    assert result.blocked_document_ids == {document(1)["document_id"]}
    assert not result.is_blocked
    assert [c.suite for c in result.checks] == list(SUITES)
    outcome = {c.suite: c for c in result.checks}
    assert outcome["schema"].passed
    assert not outcome["keys"].passed
    assert outcome["keys"].blocking
    assert outcome["keys"].failed_rows == 1
    assert not outcome["values"].blocking
    assert outcome["values"].failed_rows == 2
    assert outcome["values"].evaluated_rows == 10
    assert outcome["circulars"].passed, "a note does not fail a suite"
    assert outcome["circulars"].failed_rows == 1
    assert by_rule["document_quarantined"].row_id is None
    assert "文件2.docx" in by_rule["document_quarantined"].message_zh
    assert "压缩比过大；" in by_rule["document_quarantined"].message_zh


def test_a_sentence_names_file_sheet_row_and_cell_with_the_values() -> None:
    faulty = night(ledger_tables=[ledger()], ledger_rows=[row(7, remaining_amount_yuan=210000)])
    (finding,) = audit_rows(faulty).findings
    assert finding.message_zh == (
        "文件《文件1.docx》工作表“台账”第7行（单元格H7）的拖欠金额300,000元减去已清偿（化解）100,000元，"
        "与剩余金额210,000元相差10,000元；请核对三项金额，或注明核减、新增的依据。"
    )
    assert finding.evidence == '{"sheet":"台账","row":7,"cell":"H7"}'
    assert finding.value == "210000.00"
    assert finding.field == "remaining_amount_yuan"


def test_a_code_flagged_and_checked_is_one_finding() -> None:
    flags = '[{"kind": "bad_uscc", "field": "debtor_uscc", "cell": "C7", "message": "校验码不符"}]'
    faulty = night(ledger_tables=[ledger()], ledger_rows=[row(7, debtor_uscc="91110000802100433C", flags=flags)])
    assert [f.rule for f in audit_rows(faulty).findings] == ["bad_uscc"]


def test_a_sum_flagged_and_checked_is_one_finding_and_a_flag_alone_is_kept() -> None:
    flags = '[{"kind": "balance_mismatch", "field": "remaining_amount_yuan", "message": "剩余金额不平，请核对。"}]'
    faulty = night(
        ledger_tables=[ledger()],
        ledger_rows=[row(7, remaining_amount_yuan=210000, flags=flags), row(8, flags=flags)],
    )
    found = {(f.rule, f.row_id) for f in audit_rows(faulty).findings}
    assert found == {("ledger_balance_mismatch", row(7)["row_id"]), ("balance_mismatch", row(8)["row_id"])}


def test_a_readers_sentence_is_not_opened_twice_with_the_files_name() -> None:
    said = "文件“文件1.docx”已加密，请解密后重报。"
    failed = night(documents=[document(status="quarantined", error_code="encrypted", error_message=said)])
    (finding,) = audit_rows(failed).findings
    assert finding.message_zh == (
        "文件《文件1.docx》未能读取，内容未入库：已加密，请解密后重报；请处理后重新放入，或登记为无需处理。"
    )


def test_a_broken_table_does_not_hide_faults_of_the_others() -> None:
    tables = dict(faulty_night())
    tables["debt_statements"] = tables["debt_statements"].drop_columns(["scope"])
    result = audit_rows(tables)
    assert result.is_blocked
    assert {"schema_columns", "key_malformed", "value_not_in_domain"} <= {f.rule for f in result.findings}


def test_findings_go_into_their_table_and_are_the_same_every_time() -> None:
    first, second = audit_rows(faulty_night()), audit_rows(dict(reversed(faulty_night().items())))
    assert first.findings == second.findings
    assert first.quarantined_row_ids == second.quarantined_row_ids
    stored = arrow_table("findings", to_rows(first.findings))
    assert stored.num_rows == len(first.findings) == len(set(stored["finding_id"].to_pylist()))
    clean: AuditResult = audit_rows({"findings": stored})
    assert clean.findings == ()


def test_unknown_table_names_are_refused() -> None:
    with pytest.raises(KeyError):
        audit_rows({"ledger_lines": night()["documents"]})


def test_the_library_is_not_imported_before_rows_are_audited() -> None:
    code = "import sys, validators.audit; sys.exit('great_expectations' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_flag_speaks_in_its_own_words_and_else_in_those_of_its_rule() -> None:
    flags = [
        {
            "kind": "invalid_date",
            "field": "due_date",
            "cell": "K7",
            "message": "K7“应付款日期”填写为“2月30日”，请核对。",
        },
        {"kind": "hidden_row", "field": None, "cell": None, "message": ""},
    ]
    faulty = night(ledger_tables=[ledger()], ledger_rows=[row(7, flags=json.dumps(flags, ensure_ascii=False))])
    assert [f.message_zh for f in audit_rows(faulty).findings] == [
        "文件《文件1.docx》工作表“台账”第7行：K7“应付款日期”填写为“2月30日”，请核对。",
        "文件《文件1.docx》工作表“台账”第7行：原表中是隐藏行，已照常读取，请确认。",
    ]


def test_a_missing_unit_is_said_once_for_the_table_but_for_every_row_that_has_an_amount() -> None:
    unknown = '[{"kind": "unit_unknown", "field": "arrears_amount_yuan"}]'
    without = {"arrears_amount_yuan": None, "undisputed_amount_yuan": None, "repaid_amount_yuan": None}
    faulty = night(
        ledger_tables=[ledger(unit=None, flags=unknown)],
        ledger_rows=[row(7, flags=unknown, **without), row(8, flags=unknown)],
    )
    found = [(f.rule, f.row_id) for f in audit_rows(faulty).findings]
    table_id = f"{document(1)['document_id']}:1"
    assert found == [("unit_unknown_amount", row(8)["row_id"]), ("unit_unknown", table_id)]


def test_marks_of_statements_are_no_findings_unless_a_rule_says_so() -> None:
    marked = night(debt_statements=[statement("other", "1", flags='["year_before"]')])
    rounded = night(debt_statements=[statement("other", "1", flags='["rounded_to_fen"]')])
    assert audit_rows(marked).findings == ()
    assert [f.rule for f in audit_rows(rounded).findings] == ["rounded_to_fen"]


def test_a_role_that_is_hardly_more_than_a_guess_is_asked_of_people() -> None:
    unsure = night(debt_statements=[statement("cleared", "1", flags='["role_unsure"]')])
    (finding,) = audit_rows(unsure).findings
    assert finding.rule == "role_unsure"
    assert (finding.field, finding.value, finding.severity) == ("role", "cleared", "note")
