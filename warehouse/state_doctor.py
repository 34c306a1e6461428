"""What `qingqian doctor` says of the state store. It only looks: a store that is not there yet is not made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from warehouse.state_engine import VARIABLE, StateDamagedError
from warehouse.state_place import Note, check_file, note_path, server_set, state_path


def state_answer(home: Path) -> tuple[dict[str, Any], bool]:
    """Where the home's store lies and whether it can be used: `engine`, `server`, `answer` (a Chinese sentence)."""
    try:
        server = server_set()
        if server is None:
            check_file(home)
            path = state_path(home)
            said = "在状态目录里" if path.is_file() else "还没有，第一夜会在状态目录里新建"
            return {"engine": "sqlite", "server": None, "answer": said}, True
        name, said, is_well = _look(home, server)
    except StateDamagedError as e:
        return {"engine": None, "server": None, "answer": str(e)}, False
    return {"engine": "postgresql", "server": name, "answer": said}, is_well


def _look(home: Path, server: str) -> tuple[str, str, bool]:
    from warehouse.state_server import SCHEMA, connect, server_name

    name = server_name(server)
    noted = msgspec.json.decode(note_path(home).read_bytes(), type=Note).store_id if note_path(home).is_file() else None
    with connect(server) as connection:
        found = None
        if connection.execute(f"SELECT to_regclass('{SCHEMA}.store')".encode()).fetchone() != (None,):
            found = connection.execute(f"SELECT store_id, is_claimed FROM {SCHEMA}.store".encode()).fetchone()  # noqa: S608
        unsafe = connection.execute(
            b"SELECT string_agg(name, ', ' ORDER BY name) FROM pg_settings "
            b"WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'"
        ).fetchone()
    if state_path(home).is_file():
        return (
            name,
            f"状态目录里已有 SQLite 状态库，{VARIABLE} 却指向 {name}；请去掉该变量，或用备份和恢复搬过去",
            False,
        )
    if noted is not None and (found is None or found[0] != noted):
        return name, f"{name} 里的不是这个状态目录的状态库；请检查 {VARIABLE}", False
    if noted is None and found is not None and found[1]:
        return name, f"{name} 里的状态库属于另一个状态目录；请另建一个库，或检查 --home 和 {VARIABLE}", False
    if unsafe is not None and unsafe[0]:
        return name, f"{name} 关着 {unsafe[0]}，断电会丢失已保存的决定；请打开", False
    return name, f"{name}，可用" if noted is not None else f"{name}，还没有内容，第一夜会新建", True
