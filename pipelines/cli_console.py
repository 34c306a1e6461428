"""`qingqian console` and `qingqian audit`: both replace this process by `python -m console`, which we do not import."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli_options import Home
from pipelines.home import resolve_home

audit_app = typer.Typer(name="audit", help="审计日志：核对是否完整、查看记录。", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("console")(console)
    app.add_typer(audit_app)


def console(
    host: Annotated[str, typer.Option("--host", help="在哪个地址上提供服务")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="端口；0 为任选一个")] = 8600,
    home: Home = None,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="在本机的反向代理之后（信任它给出的 X-Forwarded-*）")
    ] = False,
    user_header: Annotated[
        str | None,
        typer.Option(
            "--user-header", help="反向代理用这个请求头说明谁已登录（OIDC）；账号须已存在", show_default=False
        ),
    ] = None,
    allowed_host: Annotated[
        list[str] | None, typer.Option("--allowed-host", help="只应答这个域名，可多次给出", show_default=False)
    ] = None,
) -> None:
    """启动办理人员和分析人员用的网页工作台。"""
    if user_header and not behind_proxy:
        raise typer.BadParameter("--user-header 只能与 --behind-proxy 一起使用；否则任何人都能冒名登录")
    arguments = ["serve", "--home", str(resolve_home(home)), "--host", host, "--port", str(port)]
    if behind_proxy:
        arguments.append("--behind-proxy")
    if user_header:
        arguments += ["--user-header", user_header]
    for name in allowed_host or []:
        arguments += ["--allowed-host", name]
    _become(arguments)


@audit_app.command("verify")
def verify(
    home: Home = None,
    head: Annotated[
        Path | None,
        typer.Option("--head", help="另存的末条记录文件；不给则用状态目录里的 audit.head", show_default=False),
    ] = None,
) -> None:
    """核对审计日志的每一条，有问题时说出第一条坏的。"""
    arguments = ["audit", "verify", "--home", str(resolve_home(home))]
    _become([*arguments, "--head", str(head)] if head else arguments)


@audit_app.command("show")
def show(
    home: Home = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="最近多少条")] = 50,
    user: Annotated[str, typer.Option("--user", help="只看这个账号的")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="一行一个 JSON 对象")] = False,
) -> None:
    """列出最近的审计记录。"""
    arguments = ["audit", "show", "--home", str(resolve_home(home)), "--limit", str(limit), "--user", user]
    _become([*arguments, "--json"] if as_json else arguments)


def _become(arguments: list[str]) -> None:
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "console", *arguments])  # noqa: S606 - our own interpreter
