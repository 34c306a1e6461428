"""A year of three counties' ledgers with known changes: what the forty questions of the specs are asked of.

Each month's ledger comes in on the 5th of the next month. County 990103 files March again in May (a wrong figure and a
debt that was none), and its July file is replaced in place on 1 September.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from tests.warehouse.makers import debt, file_id, ledger, put
from warehouse.arrow import arrow_table
from warehouse.build import Candidate, Inputs, build_candidate
from warehouse.parts import Manifest

YEAR = 2031
REFILED = dt.date(YEAR, 5, 20)
REPLACED = dt.date(YEAR, 9, 1)
Row = dict[str, Any]


def period(month: int) -> dt.date:
    """The last day of a month of the year."""
    return dt.date(YEAR + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)


def known(month: int) -> dt.date:
    """The night on which a month's ledger came in."""
    return period(month) + dt.timedelta(days=5)


def county_a(month: int) -> Iterator[Row]:
    """Repaid in parts, relabelled in May, dropped from July, new in April, split in August."""
    remaining = {1: "1000000", 2: "1000000", 6: "250000.50", 7: "250000.50", 8: "250000.50", 9: "250000.50"}
    if month <= 10:
        left = "0" if month == 10 else remaining.get(month, "600000")
        yield debt("甲局", "一公司", 1000000, left, contract_no="HT-A1")
    yield debt("甲局", "二公司", 500000, 500000, project_name="河堤" if month < 5 else "防洪堤二期")
    if month < 7:
        yield debt("乙校", "三公司", 300000, 300000, contract_no="HT-A3")
    if month >= 4:
        yield debt("丙院", "四公司", 80000, 80000 if month < 12 else 20000, contract_no="HT-A4")
    if month < 8:
        yield debt("丁局", "五公司", 240000, 240000, contract_no="HT-A5")
    else:
        yield debt("丁局", "五公司", 100000, 100000, contract_no="HT-A5-1")
        yield debt("丁局", "五公司", 140000, 140000 if month < 11 else 40000, contract_no="HT-A5-2")


def county_b(month: int) -> Iterator[Row]:
    """Merged in June, a debtor renamed in September, disputed from October, missing in April and May."""
    if month < 6:
        yield debt("戊局", "六公司", 70000, 70000, contract_no="HT-B1")
        yield debt("戊局", "六公司", 30000, 30000, contract_no="HT-B2")
    else:
        yield debt("戊局", "六公司", 100000, 100000, contract_no="HT-B3")
    yield debt("己局" if month < 9 else "己庚局", "七公司", 450000, 450000, contract_no="HT-B9")
    yield debt("辛校", "八公司", 60000, 60000, contract_no="HT-B7", disputed="no" if month < 10 else "yes")
    if month in (2, 3) or month >= 6:
        yield debt("己局", "八公司", 5000, 5000, contract_no="HT-B8")


def county_c(month: int, *, first_filing: bool = True) -> Iterator[Row]:
    """March wrong at first, July replaced in place, all cleared in November, nothing to report in December."""
    if month == 12:
        return
    wrong = month == 3 and first_filing
    yield debt("壬局", "九公司", 900000, "90000" if wrong else "0" if month == 11 else "900000", contract_no="HT-C1")
    yield debt("壬局", "十公司", 20000, "20000" if month < 7 or (month == 7 and first_filing) else
               "0" if month == 11 else "15000", contract_no="HT-C3")  # fmt: skip
    if wrong:
        yield debt("癸局", "十公司", 50000, 50000, contract_no="HT-C2")


def _put(home: Path, name: str, region: str, month: int, rows: Iterator[Row], night: dt.date, path: str) -> Manifest:
    listed = list(rows)
    kind = {} if listed else {"report_type": "zero"}
    facts = ledger(listed, period(month), region=region, title=f"{region}账款台账", **kind)
    return put(home, name, facts, first_seen_date=night, path=path)


def parts_of_the_year(home: Path) -> tuple[list[Manifest], list[dict[str, Any]], list[str]]:
    """Stage everything: parts, rows of `files`, documents superseded."""
    parts: list[Manifest] = []
    files: list[dict[str, Any]] = []

    def add(
        name: str, region: str, month: int, rows: Iterator[Row], night: dt.date, path: str, *, current: bool = True
    ) -> None:
        parts.append(_put(home, name, region, month, rows, night, path))
        files.append(
            {"document_id": file_id(name), "source": "inbox", "path": path, "first_seen_date": night,
             "is_current": current}
        )  # fmt: skip

    for month in range(1, 13):
        add(f"a{month}.xlsx", "990101", month, county_a(month), known(month), f"a/{month:02}.xlsx")
        add(f"b{month}.xlsx", "990102", month, county_b(month), known(month), f"b/{month:02}.xlsx")
        current = month != 7
        add(f"c{month}.xlsx", "990103", month, county_c(month), known(month), f"c/{month:02}.xlsx", current=current)
    add("c3-again.xlsx", "990103", 3, county_c(3, first_filing=False), REFILED, "c/03更正.xlsx")
    add("c7-again.xlsx", "990103", 7, county_c(7, first_filing=False), REPLACED, "c/07.xlsx")
    return parts, files, [file_id("c7.xlsx")]


def year_inputs(home: Path) -> Inputs:
    """What the warehouse of the year is built from."""
    parts, files, superseded = parts_of_the_year(home)
    return Inputs(parts=parts, files=arrow_table("files", files), superseded=superseded)


@cache
def _year() -> tuple[tempfile.TemporaryDirectory[str], Candidate]:
    """The year's home, built once a process and never changed."""
    folder = tempfile.TemporaryDirectory(prefix="qq-year-")
    return folder, build_candidate(Path(folder.name), year_inputs(Path(folder.name)))


def year_warehouse(home: Path) -> Candidate:
    """The warehouse of the whole year with its parts: a copy of what is built once a process."""
    folder, made = _year()
    shutil.copytree(folder.name, home, dirs_exist_ok=True)
    return msgspec.structs.replace(made, path=home / made.path.relative_to(folder.name))
