"""What a publishing makes ready for readers beforehand and clears away afterwards."""

from __future__ import annotations

from pathlib import Path

from warehouse.limited.accounts import scopes_of_accounts
from warehouse.limited.catalog import clear, prepare
from warehouse.personal import PersonalMasks
from warehouse.previews import remove_unused
from warehouse.publish import extractor_versions, kept_files
from warehouse.sql_guard import QueryError
from warehouse.state import State

Troubles = list[dict[str, str]]


def limited_ready(home: Path, state: State, troubles: Troubles, candidate: Path) -> None:
    """Make what readers query, each account's regions, before they can ask for it. Where it cannot be, they wait for
    theirs when they first ask: one of the `troubles` to tell, not a night to lose."""
    try:
        prepare(candidate, home, scopes_of_accounts(state), PersonalMasks())
    except QueryError as e:
        message = f"各账号查询用的数据没有提前备好（{e.message}）；第一次查询时会现做，要等一会儿，请先查看磁盘空间。"
        troubles.append({"path": "limited", "code": "limited_warehouse", "message": message})


def tidied(home: Path) -> Troubles:
    """Remove limited warehouses of earlier nights, and previews that none of the publications kept speaks of."""
    try:
        clear(home)
        remove_unused(home, extractor_versions(kept_files(home)))
    except OSError as e:
        message = f"上几夜留下的预览和查询数据没有清理干净（{e}）；不影响使用，请检查磁盘和权限。"
        return [{"path": "previews", "code": "not_tidied", "message": message}]
    return []
