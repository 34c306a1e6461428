"""`qingqian report`: a report people know as an xlsx file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from pipelines.home import resolve_home
from warehouse.publish import warehouse_path
from warehouse.reports.catalog import find, make_sheets, period_of
from warehouse.reports.common import ReportError
from warehouse.workbook import workbook


def run(
    *,
    name: str,
    period: str,
    known_at: dt.date | None,
    region: str | None,
    party: str | None,
    target: Path | None,
    home: Path | None,
) -> None:
    """Write the report and say where."""
    report, day = find(name), period_of(period)
    sheets = make_sheets(
        warehouse_path(resolve_home(home)), report.name, period=day, known_at=known_at, region_code=region, party=party
    )
    data = workbook(sheets)
    path = target or Path(f"{report.label_zh}_{day}.xlsx")
    try:
        path.write_bytes(data)
    except OSError as e:
        raise ReportError(f"写不了文件 {path}：{e.strerror}。") from e
    print(f"已写出 {path}")
