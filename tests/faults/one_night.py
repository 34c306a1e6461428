"""One night without Dagster, as a process of its own: `python -m tests.faults.one_night HOME INBOX NIGHT [STEP]`.

The steps are those of the assets; Dagster only adds seconds of start-up here. With STEP, it says so on stdout when
that step begins and goes on.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from pipelines.home import only_night
from pipelines.night import Night


def main(home: Path, inbox: Path, night: dt.date, told: str) -> None:
    """Run the night; raises what it raises."""

    def say(step: str) -> None:
        if step == told:
            sys.stdout.write(step + "\n")
            sys.stdout.flush()

    with only_night(home):
        work = Night(home=home, inbox=inbox, workers=2)
        run_id = f"night-{night}-{dt.datetime.now(dt.UTC):%H%M%S%f}"
        say("pull")
        pulled = work.pull(night, run_id)
        say("read")
        work.read(night)
        say("stage")
        work.stage(night)
        say("audit")
        work.audit(night)
        say("build")
        built = work.build(night, run_id)
        say("publish")
        work.publish(built, pulled.rows, night, run_id)
        work.ended(run_id)
        say("end")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), dt.date.fromisoformat(sys.argv[3]), (sys.argv[4:] or [""])[0])
