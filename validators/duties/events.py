"""A duty as an event of a calendar program."""

from __future__ import annotations

from validators.duties.duty import Duty
from warehouse.icalendar import Event

_REMIND_DAYS = 3


def event_of(duty: Duty) -> Event:
    """The event: state and action as its summary, why, words and source in its description, a reminder ahead."""
    notes = [f"状态：{duty.status_zh}。{duty.state.why}", f"原文：{duty.text}", f"出处：{duty.source}"]
    if duty.recipient:
        notes.append(f"报送：{duty.recipient}")
    if duty.due != duty.nominal:
        notes.append(f"原定 {duty.nominal}，遇休息日调整。")
    if not duty.is_certain:
        notes.append("该年放假安排尚未公布，只按周末推算。")
    if not duty.is_exact:
        notes.append("原文没有写明哪一天，按期末计。")
    return Event(
        uid=duty.uid,
        day=duty.due,
        summary=f"【{duty.status_zh}】{duty.action or duty.text}",
        description="\n".join(notes),
        categories=("清欠", duty.status_zh),
        alarm_days=_REMIND_DAYS,
    )
