"""A report names no subject for what its author does: the issuer then stands as responsible, and says so."""

from __future__ import annotations

from extractors.facts import Context
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


def responsible(text: str) -> dict[str, tuple[tuple[str, ...], bool]]:
    facts = extract(text.encode(), "x.txt", Context()).facts
    assert facts is not None
    return {
        d.text: (d.responsible, "responsible_is_issuer" in d.flags) for d in facts.deadlines if d.kind == "recurring"
    }


def test_the_author_of_a_reply_is_responsible_where_no_unit_is_named() -> None:
    found = responsible(REPLY)
    assert found["按月"] == (("环县清理拖欠中小企业账款工作领导小组办公室",), True)


def test_a_named_unit_is_never_replaced_by_the_author() -> None:
    found = responsible(REPLY)
    ((units, inferred),) = [v for k, v in found.items() if "季" in k]
    assert (units, inferred) == (("县财政局",), False)
