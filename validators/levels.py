"""Papers that speak of their own level as if it were below them: a city that gathers the ledgers of 各市 has copied its
superior's draft. It is noted with its words; whom it means is for people to say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from validators.places import Places
from validators.rules import raise_finding

if TYPE_CHECKING:
    import pyarrow as pa

    from validators.findings import Finding

# Whom the paper tells: 各市、各部门, but neither 各市、县（区） (cities among counties) nor 各市直单位 nor 各市场主体.
_BELOW = {
    "city": re.compile(r"各市(?=[、，,。；;]|各|和各|及各)(?![、和及]?(?:县|区|州|旗|乡|镇))"),
    "county": re.compile(r"各县(?=[、，,。；;]|各|和各|及各)(?![、和及]?(?:市|区|旗|乡|镇))"),
}
_CALLED = {"city": ("市级", "各县（市、区）"), "county": ("县级", "各乡镇（街道）")}
# Other regions told of in passing, or the superior's own sentence.
_OF_OTHERS = re.compile(r"(?:全省|我省|本省|省内|全国|兄弟|周边|其他|其它|沿海|先进|全市)[^，。；]{0,6}$")
_QUOTED = re.compile(r"《[^》]*》|“[^”]*”")
_AROUND = 8


def level_of(region_code: str | None) -> str | None:
    """city or county by GB/T 2260; None for provinces and where no region is known."""
    if region_code is None or not re.fullmatch(r"\d{6}", region_code) or region_code.endswith("0000"):
        return None
    return "city" if region_code.endswith("00") else "county"


def level_findings(documents: pa.Table, places: Places) -> Iterator[Finding]:
    """At most one finding for a paper: where it first speaks so."""
    for row in documents.select(["document_id", "region_code", "kind", "text"]).to_pylist():
        level = level_of(row["region_code"])
        if level is None or not row["text"] or row["kind"] not in ("circular", "report", "bulletin"):
            continue
        text = _QUOTED.sub(lambda m: "〇" * len(m[0]), row["text"])
        hit = next((m for m in _BELOW[level].finditer(text) if not _OF_OTHERS.search(text[: m.start()][-12:])), None)
        if hit is None:
            continue
        where_zh, where_en = places.of("documents", row)
        words = re.sub(r"\s+", "", row["text"][max(0, hit.start() - _AROUND) : hit.end() + _AROUND])
        called, meant = _CALLED[level]
        yield raise_finding(
            "own_level_as_subordinate",
            where_zh=where_zh,
            where_en=where_en,
            document_id=row["document_id"],
            table_name="documents",
            row_id=row["document_id"],
            field="text",
            value=hit[0],
            values={"words": words, "level": called, "meant": meant},
        )
