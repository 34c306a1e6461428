"""Amounts and their roles, case by case from tests/specs/amounts.yml, and any surface form read back exactly."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from extractors import circular
from extractors.document import Document
from extractors.facts import AmountRoleRule, Context
from extractors.rules import money
from extractors.rules.money_value import Money

CASES: list[dict[str, Any]] = [
    case
    for name in ("amounts.yml", "amounts_sentences.yml", "amounts_neighbours.yml", "amounts_passages.yml")
    for case in yaml.safe_load((Path(__file__).parents[2] / "specs" / name).read_text(encoding="utf-8"))
]


SUBJECTS: list[dict[str, Any]] = [
    case
    for name in ("amounts_subject.yml", "amounts_explained.yml")
    for case in yaml.safe_load((Path(__file__).parents[2] / "specs" / name).read_text(encoding="utf-8"))
]
# A title and as much prose as tells what a paper is about.
PAPERS = {
    "audit": "关于2024年度预算执行情况的审计结果公告\n"
    + "市审计局依法对市直部门开展审计，重点关注重大政策落实和民生项目。" * 10,
    "budget": "关于2024年预算执行情况的报告\n" + "全市财政运行总体平稳，收入结构持续优化，各项民生支出得到保障。" * 10,
    "arrears": "关于清理拖欠企业账款工作情况的通报\n" + "各地高度重视，压实责任，建立健全工作机制，按月调度进展。" * 11,
    "dated": "关于清理拖欠企业账款工作的通知\n某某县清理拖欠企业账款工作专班办公室\n2024年5月20日",
}


def _shown(text: str) -> list[list[Any]]:
    facts = circular.extract(Document(sha256="0", name="x", format="txt", text=text), Context())
    return [
        [
            a.text,
            [float(v) for v in a.amount_yuan] if isinstance(a.amount_yuan, tuple) else float(a.amount_yuan),
            a.role,
        ]
        for a in facts.amounts
    ]


@pytest.mark.parametrize("case", SUBJECTS, ids=lambda c: f"{c['kind']}: {c['text'][:20]}")
def test_what_a_paper_is_about_decides_whether_its_sums_are_arrears(case: dict[str, Any]) -> None:
    assert _shown(f"{PAPERS[case['kind']]}\n{case['text']}\n") == case["expect"]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["text"][:24])
def test_case(case: dict[str, Any]) -> None:
    assert _shown(case["text"]) == case["expect"]


def test_words_and_figures_that_disagree_are_flagged() -> None:
    text = "拖欠货款人民币壹佰万元整（¥1000001元）。"
    (found,) = circular.extract(Document(sha256="0", name="x", format="txt", text=text), Context()).amounts
    assert "amount_words_mismatch" in found.flags


def test_printed_precision() -> None:
    text = "累计清偿13.13亿元。"
    (found,) = circular.extract(Document(sha256="0", name="x", format="txt", text=text), Context()).amounts
    assert found.quantum_yuan == Decimal("500000")


def _only(text: str) -> Money:
    (hit,) = money.LAYER.scan(text)
    assert hit.end - hit.start == len(text)
    assert isinstance(hit.value, Money)
    return hit.value


@given(
    st.decimals(min_value=Decimal("0.01"), max_value=Decimal("999999"), places=2),
    st.sampled_from([("元", 0), ("千元", 3), ("万元", 4), ("百万元", 6), ("亿元", 8)]),
    st.booleans(),
)
def test_a_rendered_figure_reads_back(number: Decimal, unit: tuple[str, int], thousands: bool) -> None:
    text = f"{number:,}" if thousands else str(number)
    assert _only(text + unit[0]).low == number.scaleb(unit[1])


_DIGITS = "零壹贰叁肆伍陆柒捌玖"


def _section(n: int) -> str:
    out, zero = "", False
    for power, unit in ((3, "仟"), (2, "佰"), (1, "拾"), (0, "")):
        digit = n // 10**power % 10
        if digit:
            out += ("零" if zero and out else "") + _DIGITS[digit] + unit
            zero = False
        else:
            zero = True
    return out


def _capitals(fen: int) -> str:
    """Financial capitals as the banks' rules want them, whole yuan below 10^12."""
    yuan, rest = divmod(fen, 100)
    parts, out, gap = [], "", False
    for scale, unit in ((10**8, "亿"), (10**4, "万"), (1, "")):
        parts.append((yuan // scale % 10_000, unit))
    for value, unit in parts:
        if value:
            out += ("零" if out and (gap or value < 1000) else "") + _section(value) + unit
            gap = False
        else:
            gap = True
    out += "元"
    jiao, cents = divmod(rest, 10)
    if not rest:
        return out + "整"
    if jiao:
        out += _DIGITS[jiao] + "角"
    if cents:
        out += ("" if jiao else "零") + _DIGITS[cents] + "分"
    return out


@given(st.integers(min_value=100, max_value=10**14 - 1))
def test_capitals_read_back(fen: int) -> None:
    assert money.capitals(_capitals(fen)) == Decimal(fen) / 100


@given(
    st.integers(min_value=1, max_value=8),
    st.sampled_from([("", 0), ("十", 1), ("百", 2), ("千", 3)]),
    st.sampled_from([("万元", 4), ("万", 4), ("亿元", 8), ("元", 0)]),
)
def test_two_digits_in_a_row_are_a_range(low: int, tens: tuple[str, int], unit: tuple[str, int]) -> None:
    digits = "零一二三四五六七八九"
    found = _only(f"{digits[low]}{digits[low + 1]}{tens[0]}{unit[0]}")
    power = tens[1] + unit[1]
    assert (found.low, found.high) == (Decimal(low).scaleb(power), Decimal(low + 1).scaleb(power))


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("全市拖欠账款3200万元，已清偿1200万元。", ["amount.before", "amount.before"]),
        ("货款80万元已清偿。", ["amount.after"]),
        ("1268万元货款已全部收回。", ["amount.after"]),
        ("除200万元外，其余账款全部付清。", ["amount.except"]),
        ("对500万元以下的欠款一次性付清。", ["amount.threshold"]),
        ("已化解欠款2100万元，其中现金600万元。", ["amount.before", "amount.whole"]),
        ("拖欠工程款1360万元，已支付960万元，400万元签订了抵款协议。", ["amount.before"] * 2 + ["amount.sums"]),
        ("化解账款386笔，涉及金额3850万元。", ["amount.before"]),
        ("化解账款386笔，惠及企业215家，金额3850万元。", ["amount.context"]),
    ],
)
def test_what_told_a_role_is_kept(text: str, rules: list[str]) -> None:
    facts = circular.extract(Document(sha256="0", name="x", format="txt", text=text), Context())
    assert [a.role_rule for a in facts.amounts] == rules


def test_every_role_names_a_rule_that_is_known() -> None:
    texts = [f"{PAPERS.get(case.get('kind', ''), '')}\n{case['text']}\n" for case in (*CASES, *SUBJECTS)]
    facts = [circular.extract(Document(sha256="0", name="x", format="txt", text=t), Context()) for t in texts]
    told = {a.role_rule for f in facts for a in f.amounts}
    assert told <= set(get_args(AmountRoleRule))
    assert len(told) >= 12
