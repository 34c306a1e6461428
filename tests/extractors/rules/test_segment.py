"""Headings, levels and parents; sentences, items and clauses."""

from __future__ import annotations

import pytest

from extractors.rules.segment import outline
from extractors.rules.view import of_text

PLAN = """关于做好清欠工作的通知

各县（市、区）人民政府：

现将有关事项通知如下。

一、工作目标

第一阶段：摸底排查。3月底前完成。

第二阶段：集中清偿。9月底前完成。

二、主要任务

（一）建立台账。各县要逐笔登记；市级汇总。
1.登记。逐笔登记。
2.核对。逐笔核对。

（二）落实资金

由财政部门统筹。

（市财政局牵头，各县负责）

2026年3月1日
（代章）
附件：台账"""


def test_levels_and_parents() -> None:
    o = outline(of_text(PLAN))
    found = [
        (p.kind, p.level, p.title, None if p.parent is None else o.paragraphs[p.parent].title) for p in o.paragraphs
    ]
    assert found[1:] == [
        ("salutation", 0, "", None),
        ("body", 0, "", None),
        ("heading", 2, "工作目标", None),
        ("body", 4, "摸底排查", "工作目标"),
        ("body", 4, "集中清偿", "工作目标"),
        ("heading", 2, "主要任务", None),
        ("body", 3, "建立台账", "主要任务"),
        ("body", 5, "登记", "建立台账"),
        ("body", 5, "核对", "建立台账"),
        ("heading", 3, "落实资金", "主要任务"),
        ("body", 0, "", "落实资金"),
        ("trailer", 0, "", "落实资金"),
        ("date", 0, "", "落实资金"),
        ("label", 0, "", "落实资金"),
        ("label", 0, "", "落实资金"),
    ]
    assert [p.title for p in o.path(o.paragraphs[8])] == ["主要任务", "建立台账"]


@pytest.mark.parametrize("text", ["1.5亿元已清偿。", "3.2万元为有分歧欠款。", "2022.6.1至2022.6.30"])
def test_a_decimal_is_not_a_heading(text: str) -> None:
    assert outline(of_text(text)).paragraphs[0].level == 0


def test_sentences_items_clauses() -> None:
    view = of_text("甲局负责登记，乙局负责核对；丙局负责汇总。丁局“要加快进度。”随后通报。")
    o = outline(view)
    read = lambda spans: [view.text[a:b] for a, b in spans]  # noqa: E731
    assert read(o.sentences(0, len(view.text))) == [
        "甲局负责登记,乙局负责核对;丙局负责汇总。",
        "丁局“要加快进度。”",
        "随后通报。",
    ]
    assert read([o.item_at(0), o.item_at(16)]) == ["甲局负责登记,乙局负责核对;", "丙局负责汇总。"]
    assert read([o.clause_at(8)]) == ["乙局负责核对;"]
