"""The table of rules: what is listed, what may be said, and how it reads."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from tests.validators import calendar_scenarios, document_scenarios, history_scenarios
from tests.validators.scenarios import SCENARIOS
from validators.findings import SEVERITY_ORDER, finding_id, rule_label
from validators.rules import RULES, UnknownRuleError, places_of, raise_finding, shown
from warehouse.tables import SEVERITIES, TABLES


def test_a_rule_that_is_not_listed_cannot_be_raised() -> None:
    with pytest.raises(UnknownRuleError, match="made_up"):
        raise_finding("made_up", where_zh="某处", where_en="somewhere")


# Raised where decisions are replayed; planted in tests/pipelines/test_decisions.py.
OF_DECISIONS = {"correction_outdated", "split_outdated"}
# Raised from what the sources configure; planted in tests/pipelines/test_source_audit.py.
OF_SOURCES = {"rows_below_minimum", "rows_above_maximum", "failures_above_threshold"}
# Raised where the rows of a night are counted; planted in tests/pipelines/test_quarantine.py.
OF_COUNTS = {"rows_unaccounted"}


def test_every_rule_has_a_planted_fault() -> None:
    lists = (SCENARIOS, history_scenarios.SCENARIOS, document_scenarios.SCENARIOS, calendar_scenarios.SCENARIOS)
    planted = {s.rule for scenarios in lists for s in scenarios}
    assert planted == set(RULES) - OF_DECISIONS - OF_SOURCES - OF_COUNTS


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_complete(name: str) -> None:
    rule = RULES[name]
    assert rule.severity in SEVERITY_ORDER
    assert "{where}" in rule.zh
    assert "{where}" in rule.en
    assert places_of(rule.zh) >= places_of(rule.en) - {"value", "rule_en"}
    assert rule.basis
    assert rule.zh.endswith("。")
    # One sentence that says what is wrong and, after the semicolon or a comma, what to do.
    assert rule.zh.count("。") == 1
    assert re.search(r"请|未更正前", rule.zh + rule.detail)
    assert ("{detail}" in rule.zh) == bool(rule.detail)
    assert re.search(r"[\u4e00-\u9fff]", rule.zh + rule.detail)
    assert not re.search(r"[\u4e00-\u9fff]", rule.en)
    for table in rule.tables:
        assert table in TABLES


def test_every_rule_has_a_short_name_of_its_own_in_both_languages() -> None:
    for rule in RULES.values():
        assert re.fullmatch(r"[\u4e00-\u9fff、]{3,14}", rule.label_zh), rule.name
        assert re.fullmatch(r"[A-Z][A-Za-z’', -]{5,44}", rule.label_en), rule.name
        assert rule_label(rule.name) == rule.label_zh
        assert rule_label(rule.name, english=True) == rule.label_en
    assert len({r.label_zh for r in RULES.values()}) == len({r.label_en for r in RULES.values()}) == len(RULES)
    assert rule_label("of_a_later_version") == "of_a_later_version"


def test_severities_are_those_of_the_warehouse() -> None:
    assert SEVERITY_ORDER == SEVERITIES


def test_values_with_braces_and_line_breaks_stay_values() -> None:
    finding = raise_finding(
        "region_code_malformed",
        where_zh="文件《{label}》",
        where_en="file",
        value="{where}\n\u202e13" + "9" * 200,
        values={"label": "行政{区划"},
    )
    assert "\n" not in finding.message_zh
    assert "\u202e" not in finding.message_zh
    assert "{where} 13999" in finding.message_zh
    assert finding.value is not None
    assert len(finding.value) > 200


def test_money_is_shown_with_thousands_and_without_needless_zeros() -> None:
    assert shown(Decimal("15167392.60")) == "15,167,392.6"
    assert shown(Decimal("300000.00")) == "300,000"
    assert shown(Decimal("0.00")) == "0"


def test_an_id_depends_on_each_part_and_on_nothing_else() -> None:
    parts = ("bad_uscc", "d", "r", "f", "v")
    same = finding_id(*parts)
    assert same == finding_id(*parts)
    others = {finding_id(*(p + "x" if i == n else p for i, p in enumerate(parts))) for n in range(5)}
    assert same not in others
    assert len(others) == 5
    assert finding_id("r", None, "", None, None) != finding_id("r", "", None, None, None)
