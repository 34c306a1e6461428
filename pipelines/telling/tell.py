"""After a night, well or not: write the morning's files, then tell people what they were not told yet.

Nothing here can fail a night. A channel that does not work is a trouble of its own; what was not told stays untold and
goes out with the next summary, so nothing is lost and nothing is told twice.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from pipelines.source_schema import SourceError
from pipelines.telling.channels import ChannelError, send_mail, send_robot
from pipelines.telling.journal import clear_old, note
from pipelines.telling.metrics import write_metrics
from pipelines.telling.morning import Morning, headline, morning_of, outside, write_morning
from pipelines.telling.settings import Telling, load_telling
from warehouse.state import State
from warehouse.state_troubles import begin_trouble, end_trouble, mark_told


def tell(home: Path, state: State, now: dt.datetime) -> Morning | None:
    """Write and send; returns the summary. Raises OSError only when the home's disk refuses."""
    morning = morning_of(state, now)
    if morning is None:
        return None
    write_morning(home, morning)
    try:
        settings = load_telling(home)
        wrong = _send(settings, morning, now)
    except SourceError as e:
        wrong = [str(e)]
    if wrong:
        message = "；".join(wrong)
        begin_trouble(state, "telling", kind="telling", subject="通知", message=message, now=now)
    else:
        end_trouble(state, "telling", now=now)
        mark_told(state, [*morning.began, *morning.ended], now=now)
    write_metrics(home, state, now)
    note(home, now, "told", run_id=morning.run_id, status=morning.status, began=len(morning.began),
         ended=len(morning.ended), standing=len(morning.standing), channels_failed=len(wrong))  # fmt: skip
    clear_old(home, now)
    return morning


def _send(settings: Telling, morning: Morning, now: dt.datetime) -> list[str]:
    """Send to every channel; what went wrong, a sentence each."""
    if settings.quiet and not morning.began and not morning.ended:
        return []
    wrong: list[str] = []
    subject, lines = headline(morning), outside(morning)
    if settings.mail is not None:
        try:
            send_mail(settings.mail, subject, lines)
        except (ChannelError, SourceError) as e:
            wrong.append(str(e))
    for robot in settings.robots:
        try:
            send_robot(robot, subject, lines, now)
        except (ChannelError, SourceError) as e:
            wrong.append(str(e))
    return wrong
