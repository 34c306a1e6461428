"""What `python -m console` understands: serve, `audit verify`, `audit show`. Prints sentences; never a traceback."""

from __future__ import annotations

import argparse
import contextlib
import socket
import sys
from pathlib import Path

import msgspec

from console.settings import Settings, clock_file


def main(arguments: list[str]) -> int:
    """Run one command; the exit status is 0 on success, 2 on wrong usage, 1 on failure."""
    parser = argparse.ArgumentParser(prog="qingqian console", description="清欠工作台：办理人员和分析人员用的网页")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="启动网页服务")
    serve.add_argument("--home", type=Path, required=True)
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8600)
    serve.add_argument("--behind-proxy", action="store_true")
    serve.add_argument("--user-header")
    serve.add_argument("--allowed-host", action="append", default=[])
    audit = commands.add_parser("audit", help="审计日志")
    audit.add_argument("what", choices=("verify", "show"))
    audit.add_argument("--home", type=Path, required=True)
    audit.add_argument("--head", default=None)
    audit.add_argument("--limit", type=int, default=50)
    audit.add_argument("--user", default="")
    audit.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    try:
        return _serve(given) if given.command == "serve" else _audit(given)
    except (OSError, ValueError, msgspec.MsgspecError) as e:
        return _complain(str(e))


def _complain(message: str) -> int:
    sys.stderr.write(f"qingqian: {' '.join(message.split())}\n")
    return 1


def _serve(given: argparse.Namespace) -> int:
    settings = Settings(
        home=given.home,
        host=given.host,
        port=given.port,
        behind_proxy=given.behind_proxy,
        user_header=given.user_header,
        allowed_hosts=tuple(given.allowed_host),
        clock_file=clock_file(),
    )
    try:
        listener = _listen(settings.host, settings.port)
    except OSError as e:
        return _complain(
            f"{settings.host} 的 {settings.port} 端口用不了（{e.strerror or e}）；"
            "可能已有另一个工作台在运行，请用 --port 换一个端口"
        )
    from console.server import run
    from warehouse.state import StateDamagedError

    with contextlib.closing(listener):
        try:
            run(settings, listener)
        except StateDamagedError as e:
            return _complain(str(e))
    return 0


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except BaseException:
        listener.close()
        raise
    return listener


def _audit(given: argparse.Namespace) -> int:
    from console import audit_commands

    return audit_commands.run(given)
