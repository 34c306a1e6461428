"""`audit verify` and `audit show`."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path

import msgspec

from console.formats import BEIJING
from warehouse import audit_log
from warehouse.state import StateDamagedError, has_state, open_state


def run(given: argparse.Namespace) -> int:
    """Run one of them; 1 when the chain does not hold or there is no state store."""
    home: Path = given.home
    if not has_state(home):
        sys.stderr.write(f"qingqian: {home} 里还没有状态库；请用 --home 指定工作台用的状态目录\n")
        return 1
    try:
        return _verify(given) if given.what == "verify" else _show(given)
    except StateDamagedError as e:
        sys.stderr.write(f"qingqian: {e}\n")
        return 1


def _verify(given: argparse.Namespace) -> int:
    path = Path(given.head) if given.head else audit_log.head_path(given.home)
    if given.head and not path.is_file():
        sys.stderr.write(f"qingqian: 没有 {path} 这个末条记录文件\n")
        return 1
    try:
        head = audit_log.read_head(path)
    except msgspec.MsgspecError:
        sys.stderr.write(f"qingqian: 审计日志有问题：末条记录文件 {path} 被改过，不能读取。\n")
        return 1
    with open_state(given.home) as state:
        verdict = audit_log.verify(state, head)
    (sys.stdout if verdict.is_sound else sys.stderr).write(
        verdict.message + "\n" if verdict.is_sound else f"qingqian: {verdict.message}\n"
    )
    return 0 if verdict.is_sound else 1


def _show(given: argparse.Namespace) -> int:
    with open_state(given.home) as state:
        found = audit_log.records(state, user=given.user, limit=given.limit)
    for r in reversed(found):
        if given.json:
            sys.stdout.write(msgspec.json.encode(r).decode() + "\n")
            continue
        at = dt.datetime.fromisoformat(r.at).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
        what = " ".join(p for p in (r.action, r.object_kind, r.object_id) if p)
        result = "" if r.result == "ok" else f"（{r.result}）"
        sys.stdout.write(f"{r.number}  {at}  {r.user or '-'}  {r.address or '-'}  {what}{result}  {r.detail}\n")
    return 0
