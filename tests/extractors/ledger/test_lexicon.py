"""The header lexicon keeps its own promises: every word, example and counter-example."""

from __future__ import annotations

import pytest

from extractors.ledger.headers import core, meanings
from extractors.ledger.words import FieldWords, lexicon, plain

FIELDS = list(lexicon().fields.values())


@pytest.mark.parametrize("field", FIELDS, ids=[f.name for f in FIELDS])
def test_words_examples_and_counter_examples(field: FieldWords) -> None:
    if field.kind != "tick":  # tick columns share their words with amounts; content decides
        for word in field.words:
            assert field.name in {m.field for m in meanings((word,), {})}, word
        for word in field.examples:
            assert meanings((word,), {})[0].field == field.name, word
    for word in field.counter:
        assert field.name not in {m.field for m in meanings((word,), {})}, word


@pytest.mark.parametrize(
    ("path", "never"),
    [
        (("排查单位数",), "arrears_amount_yuan"),
        (("发现拖欠单位数",), "arrears_amount_yuan"),
        (("累计清偿项目数量",), "repaid_amount_yuan"),
        (("机关事业单位拖欠本企业", "金额"), "arrears_amount_yuan"),
        (("应收账款", "余额"), "remaining_amount_yuan"),
        (("虚假清偿金额（万元）",), "repaid_amount_yuan"),
        (("年底前清偿目标金额",), "repaid_amount_yuan"),
    ],
)
def test_what_a_path_never_means(path: tuple[str, ...], never: str) -> None:
    assert never not in {m.field for m in meanings(path, {}) if m.rank < 20}


def test_every_field_has_an_example_or_is_reached_by_its_group() -> None:
    for field in FIELDS:
        assert field.examples or field.kind == "tick", field.name
        assert field.words or field.under, field.name


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (("拖欠金额（万元）", "其中：无分歧"), "undisputed_amount_yuan"),
        (("拖欠金额", "无分歧", "工程"), "undisputed_amount_works_yuan"),
        (("债务人信息", "名称"), "debtor_name"),
        (("债权人", "联系电话"), "creditor_contact_phone"),
        (("合同", "金额"), "contract_amount_yuan"),
        (("清偿计划", "时间"), "plan_due_date"),
        (("清偿计划", "资金来源"), "fund_source"),
        (("清偿情况", "累计"), "repaid_amount_yuan"),
        (("清偿情况", "本月"), "period_repaid_amount_yuan"),
        (("无分歧欠款", "笔数"), "undisputed_count"),
        (("拖欠中小企业账款", "金额"), "arrears_amount_yuan"),
        (("逾期尚未支付中小企业款项", "合同数量"), "contract_count"),
        (("逾期尚未支付中小企业款项", "金额（元）"), "amount_yuan"),
        (("拖欠金额（万元）", "万元"), "arrears_amount_yuan"),
        (("社会信用代码（拖欠主体）",), "debtor_uscc"),
        (("拖欠金额（无分歧）",), "undisputed_amount_yuan"),
        (("截至2023年5月底剩余拖欠金额（万元）",), "remaining_amount_yuan"),
        (("拖欠金颔",), "arrears_amount_yuan"),
        (("尚欠工程款",), "remaining_amount_yuan"),
        (("2023年1-5月清偿数",), "period_repaid_amount_yuan"),
        (("被拖欠民营企业名称",), "creditor_name"),
        (("拖欠账款责任单位名称",), "debtor_name"),
        (("本企业拖欠民营企业", "金额"), "arrears_amount_yuan"),
        (("被拖欠企业", "名称"), "creditor_name"),
        (("拖欠金额", "其中：1年以内（含）"), "arrears_amount_under_1y_yuan"),
        (("已清偿金额", "现金"), "repaid_amount_cash_yuan"),
        (("期末", "逾期余额"), "overdue_amount_yuan"),
        (("合同乙方",), "creditor_name"),
        (("责任主体",), "debtor_name"),
        (("债权主体联系人及电话",), "creditor_contact_name"),
        (("实清偿（万元）",), "repaid_amount_yuan"),
        (("Debtor 债务人",), "debtor_name"),
        (("2019年新增",), "new_arrears_amount_yuan"),
        (("债权人统一社会信用代码/身份证号",), "creditor_uscc"),
    ],
)
def test_paths(path: tuple[str, ...], field: str) -> None:
    assert meanings(path, {})[0].field == field


@pytest.mark.parametrize(
    ("one", "other"), [("已清偿金额", "未清偿金额"), ("有分歧金额", "无分歧金额"), ("债权人", "债务人")]
)
def test_opposites_one_character_apart_are_never_taken_for_each_other(one: str, other: str) -> None:
    assert meanings((one,), {})[0].field != meanings((other,), {})[0].field


@pytest.mark.parametrize("header", ["天气", "神秘代号", "", "（）", "X" * 500, "\u200b", "2023", "/////"])
def test_what_means_nothing_maps_to_nothing(header: str) -> None:
    assert meanings((header,), {}) == ()


def test_the_source_map_wins_and_may_leave_a_column_alone() -> None:
    path = ("拖欠金额", "合计")
    assert meanings(path, {"拖欠金额/合计": "remaining_amount_yuan"})[0].field == "remaining_amount_yuan"
    assert meanings(path, {"合 计": "repaid_amount_yuan"})[0].field == "repaid_amount_yuan"
    assert meanings(path, {"合计": "-"}) == ()


def test_core_drops_what_is_not_the_header() -> None:
    assert core(" *1、拖 欠\n金 额（万元） ") == plain("拖欠金额")
