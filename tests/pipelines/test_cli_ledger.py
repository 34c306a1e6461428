"""What a person sees of a ledger on a terminal: understood columns, first rows, totals held against sums, doubts."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from extractors.contract import to_contract
from extractors.facts import Context
from extractors.process import extract
from pipelines.cli_ledger import show_ledger

INBOX = Path(__file__).parents[2] / "samples/inbox"


def shown(data: bytes, name: str, width: int) -> list[str]:
    """The lines printed for the one ledger of a file."""
    console = Console(width=width)
    result = to_contract(extract(data, name, Context()), name)
    with console.capture() as capture:
        for table in result["ledger"]["tables"]:
            show_ledger(console, table)
    return capture.get().splitlines()


def sample(name: str, width: int) -> list[str]:
    return shown((INBOX / name).read_bytes(), name, width)


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize("path", sorted(p.name for p in INBOX.iterdir() if p.name.startswith(("台账", "汇总"))))
def test_nothing_is_wider_than_the_terminal_or_folded_to_single_characters(path: str, width: int) -> None:
    lines = sample(path, width)
    assert max(map(cell_len, lines)) <= width
    at = next(k for k, line in enumerate(lines) if line.startswith("明细"))
    header = lines[at + 2]
    assert header.split()[0] == "行" and 4 <= len(header.split()) <= 8, "headings stand on one line"


def test_a_ledger_is_shown_for_checking() -> None:
    text = "\n".join(sample("台账_绩溪县_2026年6月.xlsx", 100))
    for wanted in ("6月台账", "安徽省宣城市绩溪县（341824）", "2026-06-30", "万元", "拖欠账款明细，24行", "先列20行"):
        assert wanted in text
    columns = " ".join(text.split())
    assert "拖欠主体/单位名称 → 拖欠单位（列B）" in columns
    assert "拖欠金额/合计 → 拖欠金额（列M，万元）" in columns
    assert "7,923,100 ✓ 与明细之和相符" in columns
    assert "信用代码不合校验（1）：F9" in columns
    assert "!22" in columns


def test_a_total_that_disagrees_says_by_how_much() -> None:
    text = " ".join(" ".join(sample("台账_旌德县_2026年7月.csv", 100)).split())
    assert "合计 T23 剩余金额 4,899,300 ✗ 明细之和4,863,300，差36,000" in text
    assert "29,290,000 ✓ 与明细之和相符" in text
    assert "拖欠、清偿、剩余不平（1）：T23" in text


def test_formulas_of_the_header_are_spelled_out() -> None:
    text = "\n".join(sample("汇总_宣城市_2026年7月.xlsx", 100))
    assert "4=1-3（E4）：剩余金额 = 拖欠金额 - 已清偿金额，核8行，✓ 全部相符" in text
    assert "没有发现疑点" in text


def test_unknown_columns_and_many_doubts_of_a_kind() -> None:
    rows = [f"{k},甲县水利局,乙公司{k},{k}00.5,[红]暂,待定{k}" for k in range(1, 31)]
    text = "\n".join(["序号,欠款单位,债权企业,欠款金额（元）,片区代号乙,拖欠时间", *rows, "合计,,,约5万,,"])
    lines = shown(text.encode(), "某县台账.csv", 80)
    joined = "\n".join(lines)
    assert "片区代号乙（列E）：" in joined, "the unknown column with its place"
    assert "[红]" not in joined.partition("明细")[0]
    assert "另有27处同类" in joined, "the first few of a kind, then how many more"
    assert "先列20行" in joined and "✓" not in joined, "a vague total is not said to agree"
