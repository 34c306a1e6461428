"""Counts, shares and members stated in prose, against what stands beside them in the same sentence or table.

Only what can be settled is: a count of parts that are said to be complementary, a share whose two amounts stand beside
it, a number of members with the list next to it. Where a figure may count something else nothing is said.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from validators.history import plain
from validators.rules import raise_finding
from validators.totals import GRAND_TOTALS

if TYPE_CHECKING:
    import pyarrow as pa

    from validators.findings import Finding
    from validators.places import Places

Row = Mapping[str, Any]
COUNTED = ("笔", "户", "件", "家", "宗", "起", "项")
_APPROX = re.compile(r"[余多约近]|不足|超过|以上|以下|至少|不少于")
_SENTENCE_END = re.compile(r"[。；;！!\n]")
_SETTLED = re.compile(r"已|完成|办结|销号|清偿|化解")
_OPEN = re.compile(r"未|尚|剩余|仍|正在|待")
_RATE = re.compile(r"(?<!应还)(?<!无分歧)(?<!有分歧)(?:清偿|化解|偿还|清欠|销号)(?:率|比例|进度)")
_NEAR = 80
"""Characters between a share and the amounts it is a share of, at most."""

_MEMBERS = r"(?:部门|单位|成员单位|县区|区县|县|市|区|镇街|乡镇|街道|企业|小组|工作组)"
_LISTED_BEFORE = re.compile(rf"(?P<list>[^\n，。；;:：]{{4,400}}?)等?(?P<n>\d{{1,3}})个(?:{_MEMBERS})")
_LISTED_AFTER = re.compile(rf"(?:以下|下列|包括)(?P<n>\d{{1,3}})个(?:{_MEMBERS})[:：](?P<list>[^\n。；;]{{4,400}})")
_BRACKETS = re.compile(r"[（(][^（）()]*[）)]")


def prose_findings(tables: Mapping[str, pa.Table], places: Places) -> list[Finding]:
    """Every finding on figures in prose; needs `documents` with their text and `statistics`."""
    if "documents" not in tables or "statistics" not in tables:
        return []
    texts = {
        r["document_id"]: r["text"]
        for r in tables["documents"].select(["document_id", "text"]).to_pylist()
        if r["text"] is not None
    }
    counts: dict[str, list[Row]] = defaultdict(list)
    for row in tables["statistics"].to_pylist():
        if row["document_id"] in texts:
            counts[row["document_id"]].append(row)
    amounts: dict[str, list[Row]] = defaultdict(list)
    if "debt_statements" in tables:
        for row in tables["debt_statements"].to_pylist():
            amounts[row["document_id"]].append(row)
    findings: list[Finding] = []
    for document, rows in counts.items():
        ordered = sorted(rows, key=lambda r: r["start_offset"])
        findings.extend(_counts(ordered, texts[document], places))
        findings.extend(_rates(ordered, amounts[document], texts[document], places))
        findings.extend(_members(ordered, texts[document], places))
    findings.extend(_against_tables(amounts, tables, places))
    return findings


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Offsets of the sentence in which `text[start:end]` stands."""
    low = max((m.end() for m in _SENTENCE_END.finditer(text, max(0, start - 400), start)), default=max(0, start - 400))
    after = _SENTENCE_END.search(text, end)
    return low, after.start() if after else len(text)


def _counts(rows: list[Row], text: str, places: Places) -> Iterator[Finding]:
    """386笔，其中已清偿312笔、未清偿74笔."""
    for i, whole in enumerate(rows):
        if whole["unit"] not in COUNTED or _APPROX.search(whole["raw_text"]):
            continue
        _, end = sentence_around(text, whole["start_offset"], whole["end_offset"])
        parts = [r for r in rows[i + 1 :] if r["start_offset"] < end and r["unit"] == whole["unit"]]
        if len(parts) != 2 or any(_APPROX.search(p["raw_text"]) for p in parts):
            continue
        between = text[whole["end_offset"] : parts[0]["start_offset"]]
        second = text[parts[0]["end_offset"] : parts[1]["start_offset"]]
        if "其中" not in between or not _SETTLED.search(between) or not _OPEN.search(second):
            continue
        added = sum((p["value"] for p in parts), Decimal(0))
        if added != whole["value"]:
            values: dict[str, object] = {
                "whole": f"{whole['value'].normalize():f}{whole['unit']}",
                "parts": "、".join(p["raw_text"] for p in parts),
                "sum": f"{added.normalize():f}{whole['unit']}",
            }
            yield _finding("statistic_sum_mismatch", whole, values, places)


def _rates(rows: list[Row], amounts: list[Row], text: str, places: Places) -> Iterator[Finding]:
    """总额3.5亿元，已清偿2.1亿元，清偿率60%: rounded or cut off, against any whole that stands there."""
    for rate in rows:
        if rate["unit"] != "ratio" or _APPROX.search(rate["raw_text"]):
            continue
        low, high = sentence_around(text, rate["start_offset"], rate["end_offset"])
        if not _RATE.search(text[max(low, rate["start_offset"] - 12) : rate["start_offset"]]):
            continue
        near = [
            a
            for a in amounts
            if low <= a["start_offset"] < high
            and abs(a["start_offset"] - rate["start_offset"]) <= _NEAR
            and a["amount_high_yuan"] is None
            and a["amount_yuan"]
        ]
        by_role: dict[str, list[Row]] = defaultdict(list)
        for a in near:
            by_role[a["role"]].append(a)
        if len(by_role["cleared"]) != 1 or len(by_role["debt_total"]) != 1 or len(near) > 3:
            continue
        cleared, total = by_role["cleared"][0], by_role["debt_total"][0]
        wholes = [total["amount_yuan"], *(cleared["amount_yuan"] + r["amount_yuan"] for r in by_role["remaining"])]
        unit = _last_digit(rate["raw_text"])
        slack = unit + sum(
            ((a["quantum_yuan"] or Decimal(0)) / total["amount_yuan"] for a in (cleared, total)), Decimal(0)
        )
        shares = [cleared["amount_yuan"] / w for w in wholes]
        if all(abs(s - rate["value"]) >= slack for s in shares):
            values: dict[str, object] = {
                "rate": rate["raw_text"],
                "cleared": cleared["amount_yuan"],
                "total": total["amount_yuan"],
                "computed": f"{shares[0] * 100:.2f}%",
            }
            yield _finding("statement_rate_mismatch", rate, values, places)


def _last_digit(raw: str) -> Decimal:
    """One unit of the last printed digit of a percentage, as a share: 0.01 for 60%, 0.0001 for 60.25%."""
    decimals = re.search(r"[.．](\d+)", raw)
    return Decimal(1).scaleb(-2 - (len(decimals.group(1)) if decimals else 0))


def _members(rows: list[Row], text: str, places: Places) -> Iterator[Finding]:
    """9个部门 with the list before or behind it."""
    for row in rows:
        if row["unit"] != "个" or row["value"] < 3:
            continue
        at = row["start_offset"]
        low, high = sentence_around(text, at, row["end_offset"])
        before = _BRACKETS.sub("", text[low : min(high, row["end_offset"] + 6)])
        after = _BRACKETS.sub("", text[max(low, at - 2) : high])
        for m in (*_LISTED_BEFORE.finditer(before), *_LISTED_AFTER.finditer(after)):
            listed = m["list"].rpartition("由")[2] if "由" in m["list"] else m["list"]
            named = [n for n in re.split(r"[、]|和(?=[市县区省州])|以及", listed) if n.strip()]
            if Decimal(m["n"]) == row["value"] and len(named) >= 3 and len(named) != row["value"]:
                values: dict[str, object] = {"announced": f"{m['n']}个", "named": len(named)}
                yield _finding("members_miscounted", row, values, places)
                break


def _against_tables(amounts: Mapping[str, list[Row]], tables: Mapping[str, pa.Table], places: Places) -> list[Finding]:
    """A document's own total against the grand total of the one ledger it holds."""
    if "ledger_totals" not in tables or "ledger_tables" not in tables:
        return []
    ledgers: dict[str, list[Row]] = defaultdict(list)
    for row in tables["ledger_tables"].select(["document_id", "table_index", "about"]).to_pylist():
        ledgers[row["document_id"]].append(row)
    totals: dict[str, list[Row]] = defaultdict(list)
    for row in tables["ledger_totals"].to_pylist():
        if plain(row["label"]).rstrip(":：") in GRAND_TOTALS and row["arrears_amount_yuan"] is not None:
            totals[row["document_id"]].append(row)
    findings = []
    for document, given in totals.items():
        stated = [a for a in amounts.get(document, ()) if a["role"] == "debt_total" and a["amount_high_yuan"] is None]
        if (
            len(given) != 1
            or len(stated) != 1
            or len(ledgers[document]) != 1
            or ledgers[document][0]["about"] != "arrears"
        ):
            continue
        printed, said = given[0]["arrears_amount_yuan"], stated[0]
        if abs(printed - said["amount_yuan"]) > (said["quantum_yuan"] or Decimal(0)):
            where = places.of("ledger_totals", given[0], "arrears_amount_yuan")
            values: dict[str, object] = {"table": printed, "other": where[0]}
            findings.append(_finding("text_contradicts_table", said, values, places, "debt_statements"))
    return findings


def _finding(rule: str, row: Row, values: Mapping[str, object], places: Places, table: str = "statistics") -> Finding:
    where_zh, where_en = places.of(table, row)
    key, field = ("statement_id", "amount_yuan") if table == "debt_statements" else ("statistic_id", "value")
    return raise_finding(
        rule,
        where_zh=where_zh,
        where_en=where_en,
        document_id=row["document_id"],
        table_name=table,
        row_id=row[key],
        field=field,
        value=row[field],
        evidence=places.evidence(row),
        values=values,
    )
