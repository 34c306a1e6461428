"""The audit log: who saw, decided, exported or unmasked what. Appended, never changed, each record hashing the one
before it, the last number and hash also kept in a head file, so that a cut-off tail shows.

A copy of the head file taken elsewhere each day is what holds against someone who can rewrite both.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from warehouse.durable import write_bytes_atomic
from warehouse.state import State, utc
from warehouse.state_engine import kept

_FIRST = "0" * 64
_PAGE = 5_000
_COLUMNS = 'number, at, "user", address, action, object_kind, object_id, result, detail, previous_hash, hash'


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One thing somebody did. `result` is ok, refused or failed; `detail` a JSON object."""

    number: int
    at: str
    user: str
    address: str
    action: str
    object_kind: str
    object_id: str
    result: str
    detail: str
    previous_hash: str
    hash: str


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The last record, as noted beside the store."""

    number: int
    hash: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the chain holds; where not, the first bad record and one Chinese sentence."""

    is_sound: bool
    records: int
    first_bad: int | None = None
    message: str = ""


def head_path(home: Path) -> Path:
    """Where the head file of a home lies."""
    return home / "state" / "audit.head"


def append(
    state: State,
    *,
    user: str,
    action: str,
    now: dt.datetime,
    object_kind: str = "",
    object_id: str = "",
    result: str = "ok",
    address: str = "",
    detail: dict[str, object] | None = None,
) -> Record:
    """Add one record to the chain and note it in the head file. Raises OSError when the disk refuses: then what was
    to be logged must not happen either."""
    told = msgspec.json.encode(detail or {}, order="deterministic").decode()
    with state.transaction():
        last = state.db.execute("SELECT number, hash FROM audit_log ORDER BY number DESC LIMIT 1").fetchone()
        number, previous = (1, _FIRST) if last is None else (last[0] + 1, last[1])
        said = map(kept, (user, address, action, object_kind, object_id, result, told))
        content = (number, utc(now), *said, previous)
        row = (*content, _hash(content))
        state.db.execute("INSERT INTO audit_log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    _note_head(head_path(state.home), state, number)
    return _record(row)


def _note_head(path: Path, state: State, number: int) -> None:
    """See that a head not before this record is noted. Whoever has the turn notes the last record of all, so that those
    who committed while they waited find theirs noted and need not write the file again."""
    with path.with_name("audit.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        noted = read_head(path)
        if noted is None or noted.number < number:
            last = state.db.execute("SELECT number, hash FROM audit_log ORDER BY number DESC LIMIT 1").fetchone()
            write_bytes_atomic(path, msgspec.json.encode(Head(number=last[0], hash=last[1])) + b"\n")


def read_head(path: Path) -> Head | None:
    """The noted head; None when there is no head file. Raises msgspec.MsgspecError for one that is no head."""
    if not path.is_file():
        return None
    return msgspec.json.decode(path.read_bytes(), type=Head)


def records(
    state: State,
    *,
    user: str = "",
    action: str = "",
    object_id: str = "",
    start: str = "",
    end: str = "",
    limit: int = 100,
    offset: int = 0,
) -> list[Record]:
    """Records, latest first, narrowed by whole user, whole action, part of the object's id, and days in UTC."""
    where, values = _where(user, action, object_id, start, end)
    rows = state.db.execute(
        f"SELECT {_COLUMNS} FROM audit_log WHERE {where} ORDER BY number DESC LIMIT ? OFFSET ?",  # noqa: S608 - own text
        (*values, limit, offset),
    )
    return [_record(r) for r in rows]


def count(
    state: State, *, user: str = "", action: str = "", object_id: str = "", start: str = "", end: str = ""
) -> int:
    """How many records `records` would find in all."""
    where, values = _where(user, action, object_id, start, end)
    return int(state.db.execute(f"SELECT count(*) FROM audit_log WHERE {where}", values).fetchone()[0])  # noqa: S608


def actions(state: State) -> list[str]:
    """Every action that was ever logged."""
    return [r[0] for r in state.db.execute("SELECT DISTINCT action FROM audit_log ORDER BY action")]


def _where(user: str, action: str, object_id: str, start: str, end: str) -> tuple[str, list[str]]:
    parts, values = ["1 = 1"], []
    for condition, value in (
        ('"user" = ?', user),
        ("action = ?", action),
        ("replace(object_id, ?, '') <> object_id", object_id),
        ("at >= ?", start),
        ("at < ?", end),
    ):
        if value:
            parts.append(condition)
            values.append(value)
    return " AND ".join(parts), values


def verify(state: State, head: Head | None = None) -> Verdict:
    """Walk the whole chain. `head` is the last record as noted elsewhere; without it a cut-off tail cannot show."""
    previous, expected, seen = _FIRST, 1, None
    for r in _all(state):
        if r.number != expected:
            return _bad(expected, expected - 1, f"第 {expected} 条不见了（后面是第 {r.number} 条）")
        if r.previous_hash != previous:
            return _bad(r.number, r.number, f"第 {r.number} 条与前一条接不上，前一条或这一条被改过")
        content = msgspec.structs.astuple(r)[:-1]
        if _hash(content) != r.hash:
            return _bad(r.number, r.number, f"第 {r.number} 条的内容被改过")
        if head is not None and r.number == head.number:
            seen = r.hash
        previous, expected = r.hash, expected + 1
    total = expected - 1
    if head is not None and head.number > total:
        return _bad(total + 1, total, f"末尾被截掉：另处记着有 {head.number} 条，现在只有 {total} 条")
    if head is not None and seen != head.hash:
        return _bad(head.number, total, f"第 {head.number} 条与另处记下的不是同一条，日志被整段重写过")
    if head is None and total:
        return _bad(total, total, "末条记录文件 audit.head 不见了，无法确认末尾没有被截掉")
    return Verdict(is_sound=True, records=total, message=f"审计日志完整，共 {total} 条")


def _bad(number: int, total: int, message: str) -> Verdict:
    return Verdict(is_sound=False, records=total, first_bad=number, message=f"审计日志有问题：{message}。")


def _all(state: State) -> Iterator[Record]:
    last = None
    while rows := state.db.execute(
        f"SELECT {_COLUMNS} FROM audit_log {'' if last is None else 'WHERE number > ?'} "  # noqa: S608 - own text
        f"ORDER BY number LIMIT {_PAGE}",
        () if last is None else (last,),
    ).fetchall():
        yield from map(_record, rows)
        last = rows[-1][0]


def _record(row: tuple[object, ...]) -> Record:
    return msgspec.convert(dict(zip(Record.__struct_fields__, row, strict=True)), Record)


def _hash(content: tuple[object, ...]) -> str:
    return hashlib.sha256(msgspec.json.encode(content)).hexdigest()
