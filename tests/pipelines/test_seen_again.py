"""Files that are as they were: that they were seen again is kept, in few transactions, whatever lies in them."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

from pipelines.night import Night
from tests.pipelines.in_this_process import in_this_process


def test_every_place_is_seen_again_and_changes_are_not_missed(tmp_path: Path) -> None:
    home, inbox = tmp_path / "home", tmp_path / "inbox"
    inbox.mkdir()
    for n in range(8):
        (inbox / f"{n}.txt").write_text(f"关于第{n}件事的通知\n请于6月30日前报送。\n", encoding="utf-8")
    with zipfile.ZipFile(inbox / "包.zip", "w") as z:
        z.writestr("内.txt", "关于包内事项的通知\n请于6月30日前报送。\n")
    night = Night(
        home=home, inbox=inbox, executors=in_this_process, clock=lambda: dt.datetime(2026, 7, 9, tzinfo=dt.UTC)
    )
    first, second = dt.date(2026, 7, 1), dt.date(2026, 7, 2)
    assert night.pull(first, "a").counts["new"] == 9
    night.read(first)
    (inbox / "3.txt").write_text("关于另一件事的通知\n", encoding="utf-8")
    (inbox / "7.txt").unlink()
    counts = night.pull(second, "b").counts
    assert counts == {"seen": 8, "new": 0, "changed": 1, "unchanged": 7, "ignored": 0}
    with night.open() as state:
        seen = {p.path: p.last_seen_date for p in state.provenance() if p.is_current}
    assert seen == {p: first if p == "7.txt" else second for p in seen}
    assert set(seen) == {*(f"{n}.txt" for n in range(8)), "包.zip", "包.zip!/内.txt"}
