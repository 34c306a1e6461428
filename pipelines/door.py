"""The door: a file with a mark of state secrecy is stopped, with the package it came in, and no copy of it is kept.

Why no copy: 保守国家秘密法 (2024) art. 31 forbids storing such papers on a system that is not made for them, and a
folder with tighter permissions is still storage. The original lies where it was put; people deal with it there, by
the rules for it. What stays here is its SHA-256, path and time (docs/decisions: no copy of secret papers).
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable
from pathlib import Path

from extractors.process import SECRECY_MARK, stopped
from extractors.secrecy import Place, mark_in_name
from warehouse.archive import remove_there
from warehouse.parts import remove_parts_there
from warehouse.state import State
from warehouse.state_releases import let_in
from warehouse.state_stopped import CODE, close_packages, family_of, keep_stopped, stopped_files
from warehouse.state_troubles import begin_trouble, end_trouble

assert CODE == SECRECY_MARK
PACKAGE = (
    "其中有文件带国家秘密标志，整个文件（包）已停止处理：内容未保存、未入库；"
    "请立即按保密规定处置原件，并报告保密工作机构。"
)
TAKEN_BACK = "解除已撤销，按带国家秘密标志处理，已停止；请按保密规定处置原件，并报告保密工作机构。"
WITH_IT = "与带国家秘密标志的文件同在一个包内，一并停止处理；确认不涉密的，请单独报送。"


def marked_name(path: str) -> Place | None:
    """Whether a path's last name bears a mark; inside packages each name is looked at when the package is read."""
    return mark_in_name(path)


def stop_by_name(state: State, file_id: str, *, source: str, path: str, now: dt.datetime) -> str:
    """Record a file that its name betrays; returns the reason."""
    reason = stopped("文件名").message
    keep_stopped(state, [file_id], reason=reason, now=now)
    alert(state, source=source, path=path, message=reason, now=now)
    return reason


def alert(state: State, *, source: str, path: str, message: str, now: dt.datetime) -> None:
    """Tell people, once for each path."""
    begin_trouble(state, f"secrecy:{source}:{path}", kind="secrecy", subject=path, message=message, now=now)


def stop_marked(home: Path, state: State, *, now: dt.datetime) -> list[str]:
    """Stop what reading found to be marked, with its package; remove every copy. May be repeated at any time.

    Copies on the storages that are set go too. Returns the ids of all files that are stopped. Raises OSError when a
    copy cannot be removed; the next call removes what is left.
    """
    marked = [f for f in state.files() if f.reason_code == CODE and f.reason != PACKAGE and f.reason != WITH_IT]
    for record in marked:
        with state.transaction():
            above, beside = family_of(state, record.file_id)
            keep_stopped(state, above, reason=PACKAGE, now=now)
            keep_stopped(state, beside, reason=WITH_IT, now=now)
            close_packages(state, {*above, *beside, record.file_id})
        for p in state.provenance(record.file_id):
            if p.is_current:
                alert(state, source=p.source, path=p.path, message=record.reason or "", now=now)
    out = sorted(stopped_files(state))
    for file_id in out:
        forget(home, file_id)
    remove_there(out)
    remove_parts_there(out)
    return out


def welcome(state: State, file_ids: Iterable[str], *, now: dt.datetime) -> None:
    """Released bytes came in: they count as never stopped, and the alert is over."""
    for file_id in let_in(state, file_ids, now=now):
        for p in state.provenance(file_id):
            end_trouble(state, f"secrecy:{p.source}:{p.path}", now=now)


def stop_again(home: Path, state: State, file_id: str, *, now: dt.datetime) -> None:
    """A release was taken back: stop the file with its package as before, and remove what was kept meanwhile."""
    keep_stopped(state, [file_id], reason=TAKEN_BACK, now=now)
    stop_marked(home, state, now=now)


def forget(home: Path, file_id: str) -> None:
    """Remove from the home the bytes of a file and everything made of them: whatever lies under its id, any version."""
    shard = file_id[:2]
    for pattern in (f"*/{shard}/{file_id}*", f"*/*/{shard}/{file_id}*", f"*/*/*/{shard}/{file_id}*"):
        for path in list(home.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
