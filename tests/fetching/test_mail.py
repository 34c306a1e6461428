"""A mailbox pulled for real: whole mails of allowed senders, once, and nothing in the mailbox changes."""

from __future__ import annotations

import imaplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from pipelines.source_schema import Source
from tests.fetching.pulls import Pulls, changes, source
from tests.fetching.servers import Line, imap


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    with imap() as port:
        yield port


def post(port: int, sender: str, subject: str, number: str | None, size: int = 10) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "qingqian@box.example", subject
    message["Date"] = "Wed, 01 Jul 2026 09:00:00 +0800"
    if number is not None:
        message["Message-ID"] = f"<{number}@office.example>"
    message.set_content("见附件。")
    message.add_attachment(b"x" * size, maintype="application", subtype="octet-stream", filename="台账.xlsx")
    data = message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    with imaplib.IMAP4("127.0.0.1", port) as box:
        box.login("qingqian", "pass")
        assert box.append("INBOX", "", "", data)[0] == "OK"
    return data


def mailbox(port: int, monkeypatch: pytest.MonkeyPatch, **more: Any) -> Source:
    monkeypatch.setenv("QQ_MAIL", "pass")
    keys: dict[str, Any] = {
        "name": "mailbox", "kind": "imap", "host": "127.0.0.1", "port": port, "security": "none",
        "username": "qingqian", "password": {"env": "QQ_MAIL"}, "senders": ["@office.example", "one@town.example"],
        "limits": {"attempts": 3, "timeout_seconds": 5.0},
    }  # fmt: skip
    return source(**{**keys, **more})


def test_mails_twice_with_a_broken_line_between(server: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pulls, line = Pulls(tmp_path), Line(server)
    first = post(server, "科室 <a@office.example>", "七月台账", "1", size=200_000)
    post(server, "b@elsewhere.example", "广告", "2")
    post(server, "one@town.example", "补报", None)
    post(server, "x@fake-office.example", "冒名", "3")
    line.breaks = [100_000]  # in the middle of the large mail
    files = pulls(mailbox(line.port, monkeypatch))
    assert changes(files) == {"new": 2, "ignored": 2}
    assert pulls.bytes_of(files[0]) == first
    assert line.connections == 2
    assert all("senders" in (f.reason or "") for f in files if f.change == "ignored")

    assert pulls(mailbox(line.port, monkeypatch)) == []  # all dealt with: nothing is even looked at
    post(server, "a@office.example", "又一封", "4")
    post(server, "a@office.example", "七月台账", "1")  # the same message delivered again
    files = pulls(mailbox(line.port, monkeypatch))
    assert changes(files) == {"new": 1, "unchanged": 1}
    line.close()

    with imaplib.IMAP4("127.0.0.1", server) as box:
        box.login("qingqian", "pass")
        box.select("INBOX", readonly=True)
        assert box.search(None, "SEEN")[1] == [b""]
        assert len(box.search(None, "ALL")[1][0].split()) == 6


def test_a_mailbox_numbered_anew_brings_nothing_twice(
    server: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from warehouse.state import open_state

    pulls = Pulls(tmp_path)
    post(server, "a@office.example", "一", "renumbered")
    before = changes(pulls(mailbox(server, monkeypatch)))
    with open_state(tmp_path) as state:  # as if the server had another UIDVALIDITY then
        state.db.execute('UPDATE source_health SET cursor = \'{"validity": 1, "uid": 99999}\'')
    after = changes(pulls(mailbox(server, monkeypatch)))
    assert before["new"] + before.get("unchanged", 0) == after["unchanged"]
    assert "new" not in after


def test_a_wrong_password_or_an_open_line_to_another_machine_is_refused(
    server: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulls = Pulls(tmp_path)
    one = mailbox(server, monkeypatch)
    monkeypatch.setenv("QQ_MAIL", "wrong-secret")
    assert pulls(one) == []
    assert pulls.health("mailbox").error_code == "login_refused"
    assert "wrong-secret" not in str(pulls.troubles())
    assert pulls(mailbox(server, monkeypatch, host="mail.example")) == []
    assert pulls.health("mailbox").error_code == "configuration"
