"""Running the console for real in tests: a server process on a free port, accounts, signed-in HTTP clients."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from console.passwords import hashed
from warehouse import accounts
from warehouse.state import open_state

PASSWORD = "Night-shift 2026"
PEOPLE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "steward": (("steward",), ()),
    "analyst": (("analyst",), ()),
    "auditor": (("auditor",), ()),
    "admin": (("admin",), ()),
    "local": (("steward", "analyst"), ("341800",)),
    "county": (("steward", "analyst"), ("341824",)),
}
"""Accounts of every test home: name → roles, regions. `local` sees 宣城市 only, `county` one county of it."""

_HASH = ""


@dataclass(frozen=True)
class Server:
    """A running console: where it listens, its home, what its terminal said at the start."""

    url: str
    home: Path
    said: str
    process: subprocess.Popen[str]


def add_people(home: Path) -> None:
    """Make the accounts; one hash serves them all, since hashing is slow on purpose."""
    global _HASH
    _HASH = _HASH or hashed(PASSWORD)
    with open_state(home) as state:
        for name, (roles, regions) in PEOPLE.items():
            accounts.add_account(
                state, name=name, display_name=name.title(), password_hash=_HASH, roles=roles, regions=regions,
                now=dt.datetime.now(dt.UTC),
            )  # fmt: skip


@contextlib.contextmanager
def serve(home: Path, *options: str, clock: Path | None = None, archive: str | None = None) -> Iterator[Server]:
    """A server on a free port until the block ends; `archive` is where originals and facts lie besides the home."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("QINGQIAN_", "DAGSTER_"))}
    if clock is not None:
        env["QINGQIAN_CONSOLE_CLOCK"] = str(clock)
    if archive is not None:
        env["QINGQIAN_ARCHIVE"] = archive
    command = [sys.executable, "-m", "console", "serve", "--home", str(home), "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            found = re.search(r"http://\S+?:\d+", said)
            assert found, f"the server did not start: {said}"
            if "还没有账号" not in said and not _has_accounts(home):
                said += process.stdout.readline()
            yield Server(found.group(), home, said, process)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()  # the test fails with it; waiting on would hang the whole run
                raise


def _has_accounts(home: Path) -> bool:
    with open_state(home) as state:
        return accounts.has_accounts(state)


def client(server: Server) -> httpx.Client:
    """A client without a session."""
    return httpx.Client(base_url=server.url, headers={"Origin": server.url}, timeout=60)


def csrf_of(html: str) -> str:
    """The token of the first form on a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    assert found, "no form on the page"
    return found.group(1)


def sign_in(server: Server, name: str, password: str = PASSWORD) -> httpx.Client:
    """A client signed in as one of PEOPLE."""
    browser = client(server)
    token = csrf_of(browser.get("/sign-in").text)
    answer = browser.post("/sign-in", data={"csrf": token, "name": name, "password": password})
    assert answer.status_code == 303, answer.text
    return browser


def post(browser: httpx.Client, path: str, page: str = "/password", **fields: str) -> httpx.Response:
    """Send a form with the token from a page of this session."""
    return browser.post(path, data={"csrf": csrf_of(browser.get(page).text), **fields})
