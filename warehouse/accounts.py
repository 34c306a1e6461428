"""Accounts, sessions and failed sign-ins in the state store. Hashing passwords and deciding who may do what is the
console's business; here is what it keeps, and the rule that nobody both rules over accounts and reads the log of it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable

import msgspec

from warehouse.state import State, utc

ROLES = ("steward", "analyst", "auditor", "admin")
NAME_PATTERN = re.compile(r"[A-Za-z0-9_.\-\u4e00-\u9fff]{2,32}")
FAILURES = 5
LOCK = dt.timedelta(minutes=15)
_REGION = re.compile(r"[1-9][0-9]{5}")
_COLUMNS = "user_id, name, display_name, password_hash, roles, regions, is_active, must_change, created_at"


class AccountError(Exception):
    """An account cannot be like that; the message is one sentence that says why."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One person's account. No `password_hash`: they sign in elsewhere. No `regions`: they see all."""

    user_id: int
    name: str
    display_name: str
    password_hash: str | None
    roles: tuple[str, ...]
    regions: tuple[str, ...]
    is_active: bool
    must_change: bool
    created_at: str


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One sign-in. The cookie's token is not kept, only its hash. `unmasked`: object → until when (UTC) it is shown."""

    token_hash: str
    user_id: int
    csrf: str
    address: str
    began_at: str
    seen_at: str
    unmasked: dict[str, str]


def check(name: str, roles: Iterable[str], regions: Iterable[str]) -> None:
    """Raises AccountError for a name, roles or regions that no account may have."""
    held = set(roles)
    if not NAME_PATTERN.fullmatch(name):
        raise AccountError("账号名要用 2 到 32 个汉字、字母、数字或 . _ -")
    if not held or held - set(ROLES):
        raise AccountError("请至少选一个角色")
    if {"admin", "auditor"} <= held:
        raise AccountError("同一个人不能既是管理员又是审计员")
    for region in regions:
        if not _REGION.fullmatch(region):
            raise AccountError(f"“{region}”不是六位行政区划代码")


def add_account(
    state: State,
    *,
    name: str,
    display_name: str,
    password_hash: str | None,
    roles: Iterable[str],
    regions: Iterable[str] = (),
    must_change: bool = False,
    only_first: bool = False,
    now: dt.datetime,
) -> Account:
    """Add an account; with `only_first`, only while there is none. Raises AccountError."""
    held, within = sorted(set(roles)), sorted(set(regions))
    check(name, held, within)
    with state.transaction():
        if only_first and has_accounts(state):
            raise AccountError("已经有账号了，请直接登录")
        if account(state, name) is not None:
            raise AccountError(f"账号“{name}”已经存在")
        state.db.execute(
            "INSERT INTO accounts (name, display_name, password_hash, roles, regions, must_change, created_at, "
            "changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                name, display_name.strip() or name, password_hash, _json(held), _json(within), int(must_change),
                utc(now), utc(now),
            ),
        )  # fmt: skip
    made = account(state, name)
    assert made is not None
    return made


def change_account(
    state: State,
    user_id: int,
    *,
    display_name: str,
    roles: Iterable[str],
    regions: Iterable[str],
    is_active: bool,
    now: dt.datetime,
) -> None:
    """Change an account and end its sessions, so that nobody goes on with rights they had. Raises AccountError: also
    when no active admin would be left."""
    held, within = sorted(set(roles)), sorted(set(regions))
    with state.transaction():
        was = account_by_id(state, user_id)
        if was is None:
            raise AccountError("没有这个账号")
        check(was.name, held, within)
        others = [a for a in accounts(state) if a.user_id != user_id and a.is_active and "admin" in a.roles]
        if not others and not (is_active and "admin" in held):
            raise AccountError("这是最后一个可用的管理员账号，不能停用或去掉管理员角色")
        state.db.execute(
            "UPDATE accounts SET display_name = ?, roles = ?, regions = ?, is_active = ?, changed_at = ? "
            "WHERE user_id = ?",
            (display_name.strip() or was.name, _json(held), _json(within), int(is_active), utc(now), user_id),
        )
        end_sessions(state, user_id, now=now)


def set_password(state: State, user_id: int, password_hash: str, *, must_change: bool, now: dt.datetime) -> None:
    """Put a new password in place and end the account's sessions."""
    with state.transaction():
        state.db.execute(
            "UPDATE accounts SET password_hash = ?, must_change = ?, changed_at = ? WHERE user_id = ?",
            (password_hash, int(must_change), utc(now), user_id),
        )
        end_sessions(state, user_id, now=now)


def has_accounts(state: State) -> bool:
    """Whether anyone has an account yet."""
    return state.db.execute("SELECT 1 FROM accounts LIMIT 1").fetchone() is not None


def accounts(state: State) -> list[Account]:
    """Every account, by name."""
    rows = state.db.execute(f"SELECT {_COLUMNS} FROM accounts ORDER BY lower(name)")  # noqa: S608 - own text
    return [_account(r) for r in rows]


def account(state: State, name: str) -> Account | None:
    """The account of a name, whatever its case."""
    row = state.db.execute(f"SELECT {_COLUMNS} FROM accounts WHERE lower(name) = lower(?)", (name,)).fetchone()  # noqa: S608
    return None if row is None else _account(row)


def account_by_id(state: State, user_id: int) -> Account | None:
    """One account."""
    row = state.db.execute(f"SELECT {_COLUMNS} FROM accounts WHERE user_id = ?", (user_id,)).fetchone()  # noqa: S608
    return None if row is None else _account(row)


def _account(r: tuple[object, ...]) -> Account:
    told = dict(zip(_COLUMNS.split(", "), r, strict=True))
    told["roles"] = msgspec.json.decode(str(told["roles"]))
    told["regions"] = msgspec.json.decode(str(told["regions"]))
    told["is_active"], told["must_change"] = bool(told["is_active"]), bool(told["must_change"])
    return msgspec.convert(told, Account)


def _json(values: list[str]) -> str:
    return msgspec.json.encode(values).decode()


# Sessions ------------------------------------------------------------------------------------------------------


def hash_of(token: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def begin_session(state: State, token: str, user_id: int, *, csrf: str, address: str, now: dt.datetime) -> None:
    """Keep a new session."""
    state.db.execute(
        "INSERT INTO sessions (token_hash, user_id, csrf, address, began_at, seen_at) VALUES (?, ?, ?, ?, ?, ?)",
        (hash_of(token), user_id, csrf, address, utc(now), utc(now)),
    )


def session(
    state: State, token: str, *, idle: dt.timedelta, absolute: dt.timedelta, now: dt.datetime
) -> tuple[Session, Account] | None:
    """The session of a token with its account; None when there is none, it has ended, stood idle or ran too long, or
    the account is out of use. Its being used is noted once a minute."""
    r = state.db.execute(
        "SELECT token_hash, user_id, csrf, address, began_at, seen_at, unmasked FROM sessions "
        "WHERE token_hash = ? AND ended_at IS NULL",
        (hash_of(token),),
    ).fetchone()
    if r is None:
        return None
    began, seen = dt.datetime.fromisoformat(r[4]), dt.datetime.fromisoformat(r[5])
    of = account_by_id(state, r[1])
    if of is None or not of.is_active or now - seen > idle or now - began > absolute:
        end_session(state, token, now=now)
        return None
    if now - seen > dt.timedelta(minutes=1):
        with state.transaction():  # in turn with other writers
            state.db.execute("UPDATE sessions SET seen_at = ? WHERE token_hash = ?", (utc(now), r[0]))
    found = Session(
        token_hash=r[0], user_id=r[1], csrf=r[2], address=r[3], began_at=r[4], seen_at=r[5],
        unmasked=msgspec.json.decode(r[6]),
    )  # fmt: skip
    return found, of


def end_session(state: State, token: str, *, now: dt.datetime) -> None:
    """End one session."""
    state.db.execute(
        "UPDATE sessions SET ended_at = ? WHERE token_hash = ? AND ended_at IS NULL", (utc(now), hash_of(token))
    )


def end_sessions(state: State, user_id: int, *, now: dt.datetime) -> None:
    """End all sessions of an account."""
    state.db.execute("UPDATE sessions SET ended_at = ? WHERE user_id = ? AND ended_at IS NULL", (utc(now), user_id))


def unmask(state: State, token_hash: str, what: str, *, until: dt.datetime) -> None:
    """Let a session see one object's personal data until a moment."""
    with state.transaction():
        row = state.db.execute("SELECT unmasked FROM sessions WHERE token_hash = ?", (token_hash,)).fetchone()
        shown: dict[str, str] = msgspec.json.decode(row[0])
        shown[what] = utc(until)
        told = msgspec.json.encode(shown).decode()
        state.db.execute("UPDATE sessions SET unmasked = ? WHERE token_hash = ?", (told, token_hash))


# Failed sign-ins -----------------------------------------------------------------------------------------------


def is_locked(state: State, name: str, *, now: dt.datetime) -> bool:
    """Whether a name, with or without an account, has failed too often just now."""
    row = state.db.execute(
        "SELECT locked_until FROM sign_in_failures WHERE name_hash = ?", (_name_key(name),)
    ).fetchone()
    return row is not None and row[0] is not None and dt.datetime.fromisoformat(row[0]) > now


def note_failure(state: State, name: str, *, now: dt.datetime) -> bool:
    """Count a failed sign-in; True when it locks the name. Failures older than the lock's length are forgotten."""
    key = _name_key(name)
    with state.transaction():
        state.db.execute("DELETE FROM sign_in_failures WHERE last_at < ?", (utc(now - LOCK),))
        row = state.db.execute("SELECT failures FROM sign_in_failures WHERE name_hash = ?", (key,)).fetchone()
        failures = 1 if row is None else row[0] + 1
        until = utc(now + LOCK) if failures >= FAILURES else None
        state.db.execute(
            "INSERT INTO sign_in_failures VALUES (?, ?, ?, ?) ON CONFLICT (name_hash) DO UPDATE SET "
            "failures = excluded.failures, last_at = excluded.last_at, locked_until = excluded.locked_until",
            (key, failures, utc(now), until),
        )
    return until is not None


def forget_failures(state: State, name: str) -> None:
    """A sign-in succeeded, or an admin lifted the lock."""
    state.db.execute("DELETE FROM sign_in_failures WHERE name_hash = ?", (_name_key(name),))


def _name_key(name: str) -> str:
    return hash_of(name.strip().casefold())
