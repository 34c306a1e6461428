"""Where the state store of a home lies: in the home, or on the server that `QINGQIAN_STATE` names.

A home and its store belong together. A store on a server is claimed by the first home that uses it, which notes it in
`state/server.json`; another home is refused, and so is a home whose store lies elsewhere than the setting says: an
empty store in the place of the real one would take every file for new and know no decision and no account.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from warehouse.durable import write_bytes_atomic
from warehouse.state_engine import VARIABLE, StateDamagedError, transaction

if TYPE_CHECKING:
    from warehouse.state_server import ServerEngine

_SCHEMES = ("postgresql://", "postgres://")


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What a home notes of its store on a server; never an address or a password."""

    store_id: str


def server_set(environment: Mapping[str, str] | None = None) -> str | None:
    """The URL of the server that is set (in the process's own environment when none is given); None for the home.

    Raises StateDamagedError for a value that names no server.
    """
    value = (os.environ if environment is None else environment).get(VARIABLE, "").strip()
    if value in ("", "sqlite"):
        return None
    if not value.startswith(_SCHEMES):
        raise StateDamagedError(
            f"环境变量 {VARIABLE} 只能是 sqlite 或 postgresql://用户@主机/库名；请改正，或去掉它，状态库就放在状态目录里。"
        )
    return value


def state_path(home: Path) -> Path:
    """Where the state store of a home lies when no server is set."""
    return home / "state" / "state.sqlite"


def note_path(home: Path) -> Path:
    """Where a home notes that its store lies on a server."""
    return home / "state" / "server.json"


def has_state(home: Path) -> bool:
    """Whether a home has a state store already, wherever it lies."""
    return state_path(home).is_file() or note_path(home).is_file()


def check_file(home: Path) -> None:
    """Raises StateDamagedError for a home whose store lies on a server, while none is set."""
    if note_path(home).is_file():
        raise StateDamagedError(f"{home} 的状态库在 PostgreSQL 服务器上；请设好环境变量 {VARIABLE} 再运行。")


def claim(home: Path, engine: ServerEngine) -> None:
    """See to it that a home and the store on the server belong together; a new home takes a new store for its own.

    Raises StateDamagedError when either belongs to another.
    """
    if state_path(home).is_file():
        raise StateDamagedError(
            f"{home} 里已有 SQLite 状态库，设置 {VARIABLE} 却指向 {engine.name}；要搬到服务器上，请先 qingqian backup，"
            "再设好该变量，用 qingqian restore 恢复到一个新目录。"
        )
    path = note_path(home)
    with transaction(engine):
        store_id, is_claimed = engine.store_id()
        if path.is_file():
            if msgspec.json.decode(path.read_bytes(), type=Note).store_id != store_id:
                raise StateDamagedError(
                    f"数据库 {engine.name} 里的不是 {home} 的状态库；请检查 {VARIABLE}，"
                    "或从备份恢复到一个新目录和一个空库。"
                )
        elif is_claimed:
            raise StateDamagedError(
                f"数据库 {engine.name} 里的状态库属于另一个状态目录，不是 {home}；请为它另建一个库，"
                f"或检查 --home 和 {VARIABLE}。"
            )
        else:
            write_bytes_atomic(path, msgspec.json.encode(Note(store_id=store_id)) + b"\n")
        if not is_claimed:
            engine.claim()
