"""One ledger laid out for a person who holds it against the original on a terminal of 80 columns or more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from extractors.contract import Json
from extractors.ledger.checking import UNKNOWN
from extractors.ledger.words import label_of
from pipelines.cli_words import FLAG_NAMES

FIRST_ROWS = 20
"""Rows shown; a checker compares the first ones, and every doubtful one is named below by its cell."""

LOOKED_THROUGH = 20_000
"""Rows whose findings are gathered; those of larger ledgers are in the JSON output."""

_FIRST_FLAGS = 3
_FIRST_TOTALS = 24
_NAME_WIDTH = 12
"""Columns of the terminal that a name gets at least: six Chinese characters."""

_REPORTS = {"detail": "明细", "summary": "汇总", "zero": "零报告"}
_ABOUT = {"arrears": "拖欠账款", "disclosure": "逾期披露", "complaint": "投诉", "dispatch": "调度", "ranking": "排名"}
_WORDS = {"yes": "是", "no": "否", "partial": "部分", "unknown": "不明", True: "是", False: "否"}

_NAMES = (
    "debtor_name", "creditor_name", "project_name", "contract_no", "region_name", "subject", "reporting_unit",
    "disclosing_unit", "complaint_no", "year", "outcome", "status",
)  # fmt: skip
_FIGURES = (
    "arrears_amount_yuan", "remaining_amount_yuan", "repaid_amount_yuan", "disputed_amount_yuan", "amount_yuan",
    "undisputed_amount_yuan", "new_arrears_amount_yuan", "overdue_amount_yuan", "contract_count", "clear_rate",
    "rank", "arrears_count",
)  # fmt: skip


class _Doubt(NamedTuple):
    kind: str
    cell: str | None
    message: str


def show_ledger(console: Console, ledger: Json) -> None:
    """One ledger table: what it says of itself, its columns as understood, first rows, totals, formulas, doubts."""
    first = ledger["rows"][:LOOKED_THROUGH]
    _head(console, ledger)
    _columns(console, ledger, first)
    _first_rows(console, ledger, first)
    _totals(console, ledger, first)
    _formulas(console, ledger["formulas_checked"])
    _doubts(console, ledger, first)


def field_name(field: str) -> str:
    """The Chinese name of a field."""
    return {"plan_instalments": "分期计划", "repaid_instalments": "分期清偿"}.get(field) or label_of(field)


def _head(console: Console, ledger: Json) -> None:
    console.print()
    console.print(Text(f"台账：{ledger.get('title') or '（无标题）'}", style="bold"))
    kind = _REPORTS.get(ledger["report_type"], ledger["report_type"])
    about = _ABOUT.get(ledger["about"], ledger["about"])
    facts = (
        ("工作表", ledger.get("sheet")),
        ("填报单位", ledger.get("reporting_unit") or "未写明"),
        ("地区", _region(ledger.get("region_code"))),
        ("截至", ledger.get("as_of") or "未写明"),
        ("填报日期", ledger.get("report_date")),
        ("金额单位", ledger.get("unit") or "未统一写明，见各栏"),
        ("类别", f"{about}{kind}，{len(ledger['rows']):,}行"),
        ("落款", "；".join(ledger.get("signatures") or ())),
    )
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in facts:
        if value:
            grid.add_row(name, Text(str(value)))
    console.print(Padding(grid, (0, 0, 0, 2), expand=False))


def _region(code: str | None) -> str:
    from extractors.resolve.regions import registry

    region = registry().get(code) if code else None
    return "未判定" if code is None else code if region is None else f"{registry().full_name(region)}（{code}）"


def _columns(console: Console, ledger: Json, rows: list[Json]) -> None:
    listed = ledger["columns"]
    letters = _letters(ledger, rows)
    known = [(letters[k], c) for k, c in enumerate(listed) if c["field"]]
    unknown = [(letters[k], c) for k, c in enumerate(listed) if not c["field"]]
    _title(console, f"已识别的列（{len(known)}）", "原表头 → 字段（列，金额单位）")
    lines = [
        (
            c["header"],
            f"→ {field_name(c['field'])}"
            + (f"（{'，'.join(filter(None, (at and f'列{at}', c['unit'])))}）" if at or c["unit"] else ""),
        )
        for at, c in known
    ]
    half = (len(lines) + 1) // 2
    widths = [max((cell_len(p[i]) for p in part), default=0) for part in (lines[:half], lines[half:]) for i in (0, 1)]
    grid = Table.grid(padding=(0, 1))
    if half > 1 and sum(widths) + 8 <= console.width:
        for (left, meant), (right, other) in zip(lines[:half], [*lines[half:], ("", "")], strict=False):
            grid.add_row(Text(left), Text(meant + "   "), Text(right), Text(other))
    else:
        grid.add_column(overflow="fold")
        grid.add_column(overflow="fold")
        for pair in lines:
            grid.add_row(*map(Text, pair))
    console.print(Padding(grid, (0, 0, 0, 2), expand=False))
    if not unknown:
        return
    _title(console, f"未识别的列（{len(unknown)}）", "原样保留，不计入任何字段")
    said = [f["message"] for f in ledger["flags"] if f["kind"] == "unmapped_column"]
    for at, c in unknown:
        why = next((m.partition("，")[2] for m in said if m.startswith(f"列“{c['header'][:60]}")), "按来源配置原样保留")
        place = f"（列{at}）" if at else ""
        console.print(Padding(Text(f"{c['header']}{place}：{why}", style="yellow"), (0, 0, 0, 2), expand=False))


def _letters(ledger: Json, rows: list[Json]) -> list[str | None]:
    """The letter of each column, from the cells its values stand in; None where no value tells."""
    places: dict[str, str] = {}
    for line in (*rows[:1000], *ledger["totals"]):
        for field, cell in line["cells"].items():
            if field not in places and (m := re.fullmatch(r"([A-Z]{1,3})\d+", cell or "")):
                places[field] = m[1]
    for flag in ledger["flags"]:
        if flag["kind"] == "unmapped_column" and (m := re.fullmatch(r"([A-Z]{1,3})\d+", flag["cell"] or "")):
            header = re.match(r"列“(.*?)…?”", flag["message"])
            places.setdefault(f"?{header[1] if header else ''}", m[1])
    out = [places.get(c["field"] or f"?{c['header'][:60]}") for c in ledger["columns"]]
    # a column without a value stands between two that have one, when no other place is left for it
    known = [(k, _number_of(letter)) for k, letter in enumerate(out) if letter is not None]
    for (a, first), (b, last) in pairwise(known):
        if last - first == b - a:
            for k in range(a + 1, b):
                out[k] = _letter_of(first + k - a)
    return out


def _number_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _letter_of(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _first_rows(console: Console, ledger: Json, rows: list[Json]) -> None:
    count = len(ledger["rows"])
    if not count:
        return
    shown = rows[:FIRST_ROWS]
    fields = _telling(ledger, shown, console.width)
    _title(
        console,
        f"明细（共{count:,}行{f'，先列{len(shown)}行' if count > len(shown) else ''}）",
        "金额均为元，!为有疑点",
    )
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False, padding=(0, 1))
    table.add_column("行", justify="right", no_wrap=True)
    for field in fields:
        if _is_figure(field):
            table.add_column(field_name(field), justify="right", no_wrap=True)
        else:
            table.add_column(field_name(field), overflow="fold", min_width=_NAME_WIDTH)
    for row in shown:
        number = f"!{row['row']}" if row["flags"] else str(row["row"])
        table.add_row(Text(number, style="yellow" if row["flags"] else ""), *(Text(said(row.get(f))) for f in fields))
    console.print(table)
    if count > len(shown):
        console.print(Text("  全部明细请用 --format jsonl 输出。", style="dim"))


def _telling(ledger: Json, rows: list[Json], width: int) -> list[str]:
    """The at most seven columns that tell most and fit, names before figures; a figure too many gives way."""
    mapped = dict.fromkeys(c["field"] for c in ledger["columns"] if c["field"])
    filled = [f for f in mapped if any(r.get(f) not in (None, []) for r in rows)]
    names = [f for f in _NAMES if f in filled]
    if "project_name" in names and "contract_no" in names:
        names.remove("contract_no")
    figures = [f for f in _FIGURES if f in filled][:4]
    if not figures and "disputed" in filled:
        figures = ["disputed"]
    names = names[: 7 - len(figures)][:3]
    others = [f for f in filled if f not in names and f not in figures and f not in ("seq_no", "region_code")]
    while others and len(names) + len(figures) < 4:
        names.append(others.pop(0))
    names = [f for f in names if not _is_figure(f)] + [f for f in names if _is_figure(f)]

    def needed() -> int:
        figure = sum(_width_of(f, rows) + 2 for f in (*names, *figures) if _is_figure(f))
        return 8 + figure + sum(_NAME_WIDTH + 2 for f in names if not _is_figure(f))

    while needed() > width and len(figures) > 1 and len(names) + len(figures) > 2:
        if len(names) > 2 and len(figures) <= 3:
            names.pop()
        else:
            figures.pop()
    return [*names, *figures]


def _is_figure(field: str) -> bool:
    return field.endswith(("_yuan", "_count")) or field in ("clear_rate", "rank", "age_days")


def _width_of(field: str, rows: Iterable[Json]) -> int:
    return max([cell_len(field_name(field)), *(cell_len(said(r.get(field))) for r in rows)])


def _totals(console: Console, ledger: Json, rows: list[Json]) -> None:
    if not ledger["totals"]:
        return
    whole = len(rows) == len(ledger["rows"])
    unsure = {f["field"] for r in rows for f in r["flags"] if f["kind"] in UNKNOWN}
    unsure |= {f for r in rows for f, v in r.items() if isinstance(v, list) and f.endswith("_yuan")}
    lines: list[tuple[bool, tuple[str, str, str, str, str]]] = []
    for total in ledger["totals"]:
        wrong = {f["field"]: f["message"] for f in total["flags"] if f["kind"] == "total_mismatch"}
        for field, cell in total["cells"].items():
            value = total.get(field)
            if value is None or not field.endswith(("_yuan", "_count")):
                continue
            checked = "✓ 与明细之和相符" if whole else "✓ 核对未见不符"
            if field in wrong:
                m = re.search(r"之和(-?[\d.,]+)相差(-?[\d.,]+)", wrong[field])
                checked = f"✗ 明细之和{m[1]}，差{m[2]}" if m else f"✗ {wrong[field]}"
            elif field in unsure or isinstance(value, list) or total["label"].startswith("其中"):
                checked = "未核：明细中有未能换算的金额" if field in unsure else "未核：不是明细之和"
            elif not len(ledger["rows"]):
                checked = "未核：没有明细"
            lines.append((field in wrong, (f"{total['label']}", cell, field_name(field), said(value), checked)))
    _title(console, f"合计（{len(ledger['totals'])}行）", "表上所写与明细之和")
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False, padding=(0, 1))
    table.add_column("名称", overflow="fold", min_width=4)
    table.add_column("格", no_wrap=True)
    table.add_column("字段", overflow="fold", min_width=8)
    table.add_column("表上所写（元）", justify="right", no_wrap=True)
    table.add_column("核对", overflow="fold", min_width=16)
    lines.sort(key=lambda line: not line[0])  # what disagrees first, in the order of the sheet
    for is_wrong, parts in lines[:_FIRST_TOTALS]:
        table.add_row(*map(Text, parts), style="red" if is_wrong else "")
    console.print(table)
    if len(lines) > _FIRST_TOTALS:
        console.print(f"  另有{len(lines) - _FIRST_TOTALS}个合计数未列出。")
    for total in ledger["totals"]:
        for flag in total["flags"]:
            if flag["kind"] == "count_mismatch":
                console.print(Padding(Text(f"✗ {flag['message']}", style="red"), (0, 0, 0, 2), expand=False))


def _formulas(console: Console, formulas: list[Json]) -> None:
    if not formulas:
        return
    _title(console, f"栏间公式（{len(formulas)}）", "表头所写的算法，逐行核对")
    for f in formulas:
        terms = "".join(f" {t['operator']} {field_name(t['field'])}" for t in f["terms"])
        wrong = f["mismatches"]
        verdict = (
            f"✗ {len(wrong)}格不符：{'、'.join(wrong[:6])}{'…' if len(wrong) > 6 else ''}"
            if wrong
            else "✓ 全部相符"
            if f["rows"]
            else "没有可核对的行"
        )
        meant = f"{field_name(f['field'])} ={terms.removeprefix(' +')}"
        line = f"{f['formula']}（{f['cell']}）：{meant}，核{f['rows']:,}行，{verdict}"
        console.print(Padding(Text(line, style="red" if wrong else ""), (0, 0, 0, 2), expand=False))


def _doubts(console: Console, ledger: Json, rows: list[Json]) -> None:
    groups: dict[str, dict[_Doubt, None]] = {}
    for doubt in _all_doubts(ledger, rows):
        groups.setdefault(doubt.kind, {})[doubt] = None
    groups.pop("unmapped_column", None)  # said with the columns
    count = sum(map(len, groups.values()))
    if not count:
        console.print(Text("\n没有发现疑点。", style="green"))
    else:
        _title(console, f"疑点（{count}）", "")
    for kind, found in groups.items():
        cells = [d.cell for d in found if d.cell]
        where = f"：{'、'.join(cells[:8])}{'…' if len(cells) > 8 else ''}" if cells else ""
        console.print(
            Padding(
                Text(f"{FLAG_NAMES.get(kind, kind)}（{len(found)}）{where}", style="bold yellow"),
                (0, 0, 0, 2),
                expand=False,
            )
        )
        for doubt in list(found)[:_FIRST_FLAGS]:
            console.print(Padding(Text(doubt.message or kind), (0, 0, 0, 4), expand=False))
        if len(found) > _FIRST_FLAGS:
            console.print(
                Padding(Text(f"另有{len(found) - _FIRST_FLAGS}处同类。", style="dim"), (0, 0, 0, 4), expand=False)
            )
    if len(ledger["rows"]) > len(rows):
        console.print(Text(f"  疑点只列到第{len(rows):,}行；其余请用 --format jsonl 输出。", style="dim"))


def _all_doubts(ledger: Json, rows: list[Json]) -> Iterator[_Doubt]:
    for line in (ledger, *ledger["totals"], *rows):
        for flag in line["flags"]:
            yield _Doubt(flag["kind"], flag["cell"], flag["message"])


def _title(console: Console, title: str, note: str) -> None:
    line = Text(f"\n{title}", style="bold")
    if note:
        line.append(f"  {note}", style="not bold dim")
    console.print(line)


def said(value: Any) -> str:
    """A value of a row as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "～".join(said(v) for v in value)
    if isinstance(value, (str, bool)):
        return str(_WORDS.get(value, value))
    return f"{value:,}"
