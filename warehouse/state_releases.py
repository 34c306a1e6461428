"""Releases: papers that were stopped for a mark of state secrecy and that a person has found to bear none.

No copy of a stopped paper is kept, so a release brings nothing back: it lets these bytes in the next time they are
seen, and with a package all that lies in it. Who released what and why stands in the audit log, and so does taking it
back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec

from warehouse import audit_log
from warehouse.accounts import account, has_accounts
from warehouse.state import State, utc
from warehouse.state_stopped import CODE, stopped_files

_ROLES = frozenset({"steward", "admin"})
_SHORTEST_REASON = 4


class ReleaseError(Exception):
    """A release cannot be given or taken back; the message is one Chinese sentence that says why."""


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """One release that stands."""

    file_id: str
    released_by: str
    reason: str
    released_at: dt.datetime


class Stopped(msgspec.Struct, frozen=True, kw_only=True):
    """One stopped file: where it lay, why it was stopped, whether it may come in again."""

    file_id: str
    source: str
    path: str
    reason: str
    since: dt.date
    is_released: bool


def stopped_list(state: State) -> list[Stopped]:
    """Every stopped file with its paths, the latest first."""
    rows = state.db.execute(
        "SELECT f.file_id, p.source, p.path, coalesce(f.reason, ''), p.last_seen_date, r.file_id IS NOT NULL "
        "FROM files f JOIN provenance p USING (file_id) "
        "LEFT JOIN secrecy_releases r ON r.file_id = f.file_id AND r.withdrawn_at IS NULL "
        "WHERE f.reason_code = ? ORDER BY p.last_seen_date DESC, p.source, p.path",
        (CODE,),
    )
    return [
        Stopped(
            file_id=r[0], source=r[1], path=r[2], reason=r[3], since=dt.date.fromisoformat(r[4]), is_released=bool(r[5])
        )
        for r in rows
    ]


def release(state: State, file_id: str, *, who: str, reason: str, now: dt.datetime) -> None:
    """Let these bytes in the next time they are seen. Raises ReleaseError when nobody may, or there is nothing to."""
    _check(state, who, reason)
    if file_id not in stopped_files(state):
        raise ReleaseError(f"文件 {file_id[:12]} 没有因密级标志被停止，不需要解除；可用 qingqian release 列出")
    if any(r.file_id == file_id for r in standing_releases(state)):
        raise ReleaseError(f"文件 {file_id[:12]} 已经解除，下次见到时收入；如要撤销请用 --undo")
    with state.transaction():
        state.db.execute(
            "INSERT INTO secrecy_releases (file_id, released_by, reason, released_at) VALUES (?, ?, ?, ?)",
            (file_id, who, reason, utc(now)),
        )
        _log(state, "release_stopped", file_id, who=who, reason=reason, now=now)


def withdraw(state: State, file_id: str, *, who: str, reason: str, now: dt.datetime) -> None:
    """Take a release back: the bytes are stopped again. The caller removes what was kept of them meanwhile."""
    _check(state, who, reason)
    with state.transaction():
        done = state.db.execute(
            "UPDATE secrecy_releases SET withdrawn_by = ?, withdrawal_reason = ?, withdrawn_at = ? "
            "WHERE file_id = ? AND withdrawn_at IS NULL",
            (who, reason, utc(now), file_id),
        )
        if not done.rowcount:
            raise ReleaseError(
                f"文件 {file_id[:12]} 没有解除过（随包解除的，请撤销对包的解除）；可用 qingqian release 列出"
            )
        _log(state, "withdraw_release", file_id, who=who, reason=reason, now=now)


def standing_releases(state: State) -> list[Release]:
    """Every release that was not taken back, oldest first."""
    rows = state.db.execute(
        "SELECT file_id, released_by, reason, released_at FROM secrecy_releases WHERE withdrawn_at IS NULL "
        "ORDER BY released_at, file_id"
    )
    return [
        Release(file_id=r[0], released_by=r[1], reason=r[2], released_at=dt.datetime.fromisoformat(r[3])) for r in rows
    ]


def released_files(state: State) -> frozenset[str]:
    """What was released, and what lies in it: who looked at a package judged it whole."""
    return frozenset(
        r[0]
        for r in state.db.execute(
            "WITH RECURSIVE let_in (file_id) AS (SELECT file_id FROM secrecy_releases WHERE withdrawn_at IS NULL "
            "UNION SELECT c.child_id FROM children c JOIN let_in l ON c.parent_id = l.file_id) "
            "SELECT file_id FROM let_in"
        )
    )


def let_in(state: State, file_ids: Iterable[str], *, now: dt.datetime) -> list[str]:
    """Released bytes are here: they count as never stopped, and are read. Returns those that were stopped."""
    let = sorted(stopped_files(state) & frozenset(file_ids))
    with state.transaction():
        for file_id in let:
            state.db.execute("DELETE FROM work WHERE file_id = ? AND error_code = ?", (file_id, CODE))
            state.db.execute(
                "UPDATE files SET state = 'seen', reason_code = NULL, reason = NULL, changed_at = ? "
                "WHERE file_id = ? AND reason_code = ?",
                (utc(now), file_id, CODE),
            )
    return let


def _check(state: State, who: str, reason: str) -> None:
    if not who.strip():
        raise ReleaseError("请用 --as 写明是谁的决定")
    if len(reason.strip()) < _SHORTEST_REASON:
        raise ReleaseError("请用 --reason 写明依据（如保密审查的结论和文号）")
    if not has_accounts(state):
        return
    found = account(state, who)
    if found is None or not found.is_active or not _ROLES & set(found.roles):
        raise ReleaseError(f"“{who}”不是在用的数据管理员或系统管理员账号，不能解除；请由有此职责的人办理")


def _log(state: State, action: str, file_id: str, *, who: str, reason: str, now: dt.datetime) -> None:
    audit_log.append(
        state, user=who, action=action, now=now, object_kind="file", object_id=file_id, detail={"reason": reason}
    )
