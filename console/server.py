"""One server process: says where it listens and, before the first account, the one-time code."""

from __future__ import annotations

import socket
import sys
import threading

import uvicorn

from console import warming
from console.app import create_app
from console.settings import Settings
from warehouse.accounts import has_accounts


def run(settings: Settings, listener: socket.socket) -> None:
    """Serve on a listening socket until told to stop. Raises StateDamagedError."""
    app = create_app(settings)
    with app.state.store.open() as state:
        is_new = not has_accounts(state)
    port = listener.getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    _say(f"清欠工作台：http://{host}:{port}/ （状态目录 {settings.home}；按 Ctrl+C 停止）")
    if is_new:
        _say(f"还没有账号。请在浏览器里打开上面的地址，用一次性设置码建立第一个管理员：{app.state.setup_code.text}")
    if not app.state.warehouse.is_published:
        _say("还没有发布过仓库：页面会说明怎样跑第一夜（qingqian nightly）。")
    if not settings.is_loopback and not settings.behind_proxy:
        _say("注意：服务对外开放但没有 HTTPS；请放在反向代理之后并加 --behind-proxy。")
    threading.Thread(target=warming.keep_warm, args=(app.state,), name="warming", daemon=True).start()
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, proxy_headers=False, server_header=False, date_header=True,
        timeout_keep_alive=15, limit_concurrency=512, h11_max_incomplete_event_size=32 * 1024, lifespan="off",
    )  # fmt: skip
    uvicorn.Server(config).run(sockets=[listener])


def _say(message: str) -> None:
    sys.stdout.write(message + "\n")
    sys.stdout.flush()
