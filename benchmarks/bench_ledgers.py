"""Large ledgers: a workbook of 200,000 x 40 cells beside the bare read of the fastest library, a csv and a workbook of
a million rows, a workbook of a million columns.

Each measurement runs in a process of its own, and memory is the greatest resident size the kernel counted in it. What
is timed is processor time from the file's bytes to typed, checked rows; the peer reads values and does nothing else.
"""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from benchmarks.row import Row

ROWS, CSV_ROWS, LONG_ROWS, WIDE_COLUMNS = 200_000, 1_000_000, 1_000_000, 1_000_000
_HEADER = [
    "序号", "拖欠单位名称", "统一社会信用代码", "债权企业名称", "项目名称", "合同编号", "合同签订日期", "合同金额",
    "应付款日期", "拖欠金额", "是否有分歧", "无分歧金额",
    "有分歧金额", "已清偿金额", "剩余金额", "计划清偿日期", "资金来源", "责任单位",
    "联系人", "联系电话",
]  # fmt: skip


def _row(i: int, rng: random.Random) -> list[object]:
    owed = rng.randint(100, 5_000_000) / 100
    agreed = rng.random() < 0.7
    return [
        i, f"某县第{i % 300}局", f"91110000{i % 50_000:010d}", f"某某建设工程{i % 50_000}有限公司",
        f"道路改造{i % 20_000}期",
        f"HT-{2018 + i % 6}-{i:06d}", f"20{15 + i % 8}-0{1 + i % 9}-15", round(owed * 1.6, 2), f"20{15 + i % 8}-12-31",
        owed, "否" if agreed else "是", owed if agreed else 0, 0 if agreed else owed, 0, owed, "2026-06-30", "财政资金",
        f"第{i % 300}局", f"李{chr(0x4E00 + i % 900)}", f"138{i:08d}",
    ]  # fmt: skip


def _workbook(path: Path, rows: int, *, own_columns: int = 20) -> None:
    import xlsxwriter

    rng = random.Random(1)
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_numbers": False})
    sheet = book.add_worksheet("台账")
    sheet.write_row(0, 0, ["某县拖欠中小企业账款台账", "", "", "", "单位：元"])
    own = [f"自编栏{k}" for k in range(own_columns)]
    sheet.write_row(1, 0, [*_HEADER, *own])
    for i in range(1, rows + 1):
        sheet.write_row(
            i + 1, 0, [*_row(i, rng), *((i * k) % 997 if k % 2 else f"备{i % 50}" for k in range(own_columns))]
        )
    book.close()


def _wide(path: Path) -> None:
    """A small workbook whose first row truly has a million cells without names."""
    _workbook(path, 1, own_columns=0)
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    # random figures: cells that are all alike would be refused as a bomb before a column is counted
    rng = random.Random(3)
    cells = b"".join(b"<c><v>%d</v></c>" % rng.randrange(10**9) for _ in range(WIDE_COLUMNS))
    head, _, rest = parts[sheet].partition(b"<sheetData>")
    parts[sheet] = head + b'<sheetData><row r="1">' + cells + b"</row>" + rest.partition(b"</row>")[2]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in parts.items():
            book.writestr(name, data)


def _csv(path: Path, rows: int) -> None:
    rng = random.Random(2)
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["某县拖欠中小企业账款台账", "", "单位：元"])
        writer.writerow(_HEADER[:14])
        writer.writerows(_row(i, rng)[:14] for i in range(1, rows + 1))


_OURS = """
import json, resource, sys, time
from extractors.facts import Context
from extractors.process import extract, warm_up
warm_up()
data = open(sys.argv[1], "rb").read()
begun = time.process_time()
found = extract(data, sys.argv[1], Context())
seconds = time.process_time() - begun
rows = len(found.facts.ledger[0].rows) if found.facts else found.failure.code
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, rows]))
"""
_CALAMINE = """
import json, resource, sys, time
from python_calamine import CalamineWorkbook
begun = time.process_time()
rows = CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).to_python()
seconds = time.process_time() - begun
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, len(rows)]))
"""
_DUCKDB = """
import json, resource, sys, time
import duckdb
con = duckdb.connect(config={"threads": 1})
con.execute("LOAD excel")
begun = time.process_time()
rows = con.execute("SELECT * FROM read_xlsx(?, all_varchar = true, range = 'A2:AN1048576')", [sys.argv[1]]).arrow()
seconds = time.process_time() - begun
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, rows.num_rows]))
"""


def _measure(code: str, path: Path) -> tuple[float, float, int | str] | None:
    """(processor seconds, MiB, rows or why it was refused) of a program in a process of its own; None when it cannot
    run here."""
    root = str(Path(__file__).resolve().parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, cwd=root, check=False
    )
    if done.returncode:
        return None
    seconds, megabytes, rows = json.loads(done.stdout.strip().splitlines()[-1])
    return seconds, megabytes, rows


def run() -> list[Row]:
    """The acceptance figures of large ledgers."""
    out: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "台账.xlsx"
        _workbook(book, ROWS)
        ours = _measure(_OURS, book)
        peers = {
            name: found
            for name, code in (("calamine", _CALAMINE), ("DuckDB", _DUCKDB))
            if (found := _measure(code, book))
        }
        fastest = min(peers, key=lambda n: peers[n][0]) if peers else None
        what = f"workbook of {ROWS:,} x 40: file to typed rows"
        if ours is None or ours[2] != ROWS or fastest is None:
            out.append(
                Row(what=what, ours="-", peer="-", ratio=None, target="<= 3 x bare read", ok=None if ours else False)
            )
        else:
            ratio = ours[0] / peers[fastest][0]
            out.append(
                Row(
                    what=what,
                    ours=f"{ours[0]:.1f} s",
                    peer=f"{peers[fastest][0]:.1f} s ({fastest}, bare read)",
                    ratio=round(ratio, 2),
                    target="<= 3 x bare read",
                    ok=ratio <= 3,
                )
            )
            out.append(
                Row(
                    what="the same, greatest resident size",
                    ours=f"{ours[1]:.0f} MiB",
                    peer=f"{peers[fastest][1]:.0f} MiB ({fastest})",
                    ratio=round(ours[1] / peers[fastest][1], 2),
                    target="<= 2048 MiB",
                    ok=ours[1] <= 2048,
                )
            )
        book.unlink()
        plain = Path(folder) / "台账.csv"
        _csv(plain, CSV_ROWS)
        ours = _measure(_OURS, plain)
        per_second = CSV_ROWS / ours[0] if ours is not None and ours[2] == CSV_ROWS else 0
        out.append(
            Row(
                what=f"csv of {CSV_ROWS:,} rows (GB18030): file to typed rows",
                ours=f"{per_second:,.0f} rows/s, {ours[1]:.0f} MiB" if ours else "-",
                peer="-",
                ratio=None,
                target=">= 50,000 rows/s, <= 2048 MiB",
                ok=bool(ours) and per_second >= 50_000 and ours[1] <= 2048,
            )
        )
        plain.unlink()
        _workbook(book, LONG_ROWS, own_columns=0)
        ours = _measure(_OURS, book)
        out.append(
            Row(
                what=f"workbook of {LONG_ROWS:,} x {len(_HEADER)}: greatest resident size",
                ours=f"{ours[1]:.0f} MiB, {ours[0]:.1f} s" if ours else "-",
                peer=f"{book.stat().st_size / 2**20:.0f} MiB file",
                ratio=None,
                target="<= 2048 MiB",
                ok=ours is not None and ours[2] == LONG_ROWS and ours[1] <= 2048,
            )
        )
        _wide(book)
        ours = _measure(_OURS, book)
        out.append(
            Row(
                what=f"workbook of {WIDE_COLUMNS:,} columns: refused",
                ours=f"{ours[0]:.2f} s, {ours[2]}" if ours else "-",
                peer="-",
                ratio=None,
                target="<= 1 s",
                ok=ours is not None and ours[2] == "too_large" and ours[0] <= 1,
            )
        )
    return out
