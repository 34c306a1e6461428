"""`qingqian calendar`: what falls due, for whom and how it stands; as a table, JSON or iCalendar files."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import msgspec

from pipelines.duties import Duty, duties, undated
from pipelines.home import resolve_home
from validators.duties.events import event_of
from warehouse.access import QueryError
from warehouse.export import to_table
from warehouse.icalendar import calendar
from warehouse.publish import warehouse_path

_UNSAFE = re.compile(r"[^\w（）()·-]+")
_NOBODY = "未指明单位"


def run(
    *,
    home: Path | None,
    output: str,
    target: Path | None,
    unit: str | None,
    day: dt.date,
    start: dt.date,
    until: dt.date,
) -> None:
    """Print or write the duties due from `start` to `until` as they stand on `day`.

    ics without `unit` writes one file for each unit into the folder `target`; with `unit` one calendar.
    """
    path = warehouse_path(resolve_home(home))
    found = duties(path, day=day, start=start, until=until)
    if unit is not None:
        found = [d for d in found if unit in (d.unit or _NOBODY)]
    if output == "ics":
        _write_calendars(found, unit, target, day)
        return
    if output == "json":
        text = msgspec.json.format(msgspec.json.encode([_plain(d) for d in found]), indent=1).decode() + "\n"
    else:
        text = _table(found)
        left = len(undated(path))
        if left:
            text += f"另有 {left} 项没有确定日期（从某一事件起算，或周期写法不能识别），见视图 obligations。\n"
    _put(text, target)


def _plain(duty: Duty) -> dict[str, object]:
    whole = msgspec.to_builtins(duty)
    state = whole.pop("state")
    return {**whole, "status": state["status"], "report": state["document_id"], "why": state["why"]}


def _table(found: list[Duty]) -> str:
    import pyarrow as pa

    columns = {
        "截止日期": [d.due.isoformat() for d in found],
        "状态": [d.status_zh for d in found],
        "单位": [d.unit or _NOBODY for d in found],
        "事项": [d.action or d.text for d in found],
        "说明": [d.state.why for d in found],
        "出处": [d.source for d in found],
    }
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    return to_table(table)


def _write_calendars(found: list[Duty], unit: str | None, target: Path | None, day: dt.date) -> None:
    stamp = dt.datetime.combine(day, dt.time(), dt.timezone(dt.timedelta(hours=8)))
    if unit is not None or target is None:
        _put(calendar(f"清欠时限 {unit or ''}".strip(), map(event_of, found), stamp=stamp), target)
        return
    by_unit: dict[str, list[Duty]] = {}
    for duty in found:
        by_unit.setdefault(duty.unit or _NOBODY, []).append(duty)
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, listed in sorted(by_unit.items()):
            text = calendar(f"清欠时限 {name}", map(event_of, listed), stamp=stamp)
            (target / f"{_UNSAFE.sub('_', name)[:60]}.ics").write_text(text, "utf-8", newline="")
    except OSError as e:
        raise QueryError("cannot_write", f"写不了文件夹 {target}：{e.strerror}。") from e
    print(f"已写出 {len(by_unit)} 个单位的日历到 {target}")


def _put(text: str, target: Path | None) -> None:
    if target is None:
        print(text, end="")
        return
    try:
        target.write_text(text, "utf-8", newline="")
    except OSError as e:
        raise QueryError("cannot_write", f"写不了文件 {target}：{e.strerror}。") from e
