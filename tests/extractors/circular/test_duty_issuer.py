"""A report names no subject for what its author does: the issuer then stands as responsible, and says so."""

from __future__ import annotations

import pytest

from extractors.facts import Context, Facts
from extractors.process import extract

REPORT = """关于清欠工作进展情况的报告

市清欠领导小组：

现将我县清欠工作情况报告如下。

一、建立机制
完善台账管理制度，逐笔核对，按月上报。

二、下一步
县财政局每季度通报一次资金到位情况。

环县清理拖欠中小企业账款工作领导小组办公室
2026年7月2日
"""
REPLY = REPORT.replace("市清欠领导小组：", "王某某代表：").replace("报告", "答复")


def facts_of(text: str) -> Facts:
    facts = extract(text.encode(), "x.txt", Context()).facts
    assert facts is not None
    return facts


def responsible(text: str) -> dict[str, tuple[tuple[str, ...], bool]]:
    return {
        d.text: (d.responsible, "responsible_is_issuer" in d.flags)
        for d in facts_of(text).deadlines
        if d.kind == "recurring"
    }


def test_the_author_of_a_reply_is_responsible_where_no_unit_is_named() -> None:
    found = responsible(REPLY)
    assert found["按月"] == (("环县清理拖欠中小企业账款工作领导小组办公室",), True)


@pytest.mark.parametrize(
    ("signature", "issuer"),
    [
        ("某县中小企业服务中心（代章）", "某县中小企业服务中心"),
        ("某市清理拖欠账款工作领导小组办公室(盖章)", "某市清理拖欠账款工作领导小组办公室"),
        ("某县工业和信息化局", "某县工业和信息化局"),
    ],
)
def test_a_bracket_for_the_seal_belongs_to_no_name(signature: str, issuer: str) -> None:
    text = f"关于报送清欠进展的通知\n\n各乡镇：\n\n请于12月3日前报送进展。\n\n{signature}\n2024年11月28日\n"
    found = facts_of(text).metadata.issuer
    assert found is not None
    assert found.value == issuer


def test_the_line_over_a_table_gives_nobody_a_duty() -> None:
    text = "关于清欠情况的通报\n\n各县区：\n\n请继续加大力度。\n\n附表：各县区清偿情况（单位：万元）\n2024年11月28日\n"
    assert facts_of(text).assignments == ()


def test_a_named_unit_is_never_replaced_by_the_author() -> None:
    found = responsible(REPLY)
    ((units, inferred),) = [v for k, v in found.items() if "季" in k]
    assert (units, inferred) == (("县财政局",), False)
