"""Queries that people keep: a name and a statement for each account, in the state store."""

from __future__ import annotations

import datetime as dt

import msgspec

from warehouse.sql_guard import MAX_SQL_CHARACTERS
from warehouse.state import State, utc

LONGEST_NAME = 60
MOST = 200


class SavedQueryError(Exception):
    """A query that cannot be kept; the message is one sentence that says why."""


class SavedQuery(msgspec.Struct, frozen=True, kw_only=True):
    """One kept query of one account."""

    query_id: int
    name: str
    sql: str
    saved_at: str


def save(state: State, user_id: int, name: str, sql: str, *, now: dt.datetime) -> None:
    """Keep a query under a name; one of that name is replaced. Raises SavedQueryError."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise SavedQueryError(f"请给查询起一个 1 到 {LONGEST_NAME} 个字的名字")
    if not sql.strip() or len(sql) > MAX_SQL_CHARACTERS:
        raise SavedQueryError("没有可以保存的语句，或语句太长")
    with state.transaction():
        kept = state.db.execute("SELECT count(*) FROM saved_queries WHERE user_id = ?", [user_id]).fetchone()[0]
        if kept >= MOST:
            raise SavedQueryError(f"已存满 {MOST} 条查询，请先删去不用的")
        state.db.execute(
            "INSERT INTO saved_queries (user_id, name, sql, saved_at) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (user_id, name) DO UPDATE SET sql = excluded.sql, saved_at = excluded.saved_at",
            [user_id, name, sql, utc(now)],
        )


def listed(state: State, user_id: int) -> list[SavedQuery]:
    """The queries of an account, by name."""
    rows = state.db.execute(
        "SELECT query_id, name, sql, saved_at FROM saved_queries WHERE user_id = ? ORDER BY name", [user_id]
    ).fetchall()
    return [SavedQuery(query_id=i, name=name, sql=sql, saved_at=at) for i, name, sql, at in rows]


def remove(state: State, user_id: int, query_id: int) -> bool:
    """Forget a query of this account; False where it is not there or somebody else's."""
    with state.transaction():
        done = state.db.execute("DELETE FROM saved_queries WHERE query_id = ? AND user_id = ?", [query_id, user_id])
    return done.rowcount == 1
