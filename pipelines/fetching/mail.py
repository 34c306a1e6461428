"""Mailboxes: each mail of an allowed sender as the bytes it came as; its attachments are files inside it.

The mailbox is opened read-only and bodies are asked for with PEEK, so nothing there changes. A mail is known by its
Message-ID (hashed: it is part of paths, and must not tell who wrote); UIDs with UIDVALIDITY only spare looking again.
"""

from __future__ import annotations

import contextlib
import email.utils
import hashlib
import imaplib
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError
from imap_tools.message import MailMessage

from pipelines.fetching.delivery import Delivery, PermanentError, Pull, TransientError
from pipelines.fetching.retry import retried
from pipelines.fetching.secrets import reveal
from pipelines.fetching.spool import Part
from pipelines.source_schema import MIB, ImapSource, SourceError

T = TypeVar("T")


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """Up to which UID everything has been dealt with, as long as the mailbox keeps its UIDVALIDITY."""

    validity: int
    uid: int


def deliver(source: ImapSource, pull: Pull) -> Iterator[Delivery]:
    """The mails that came since the last pull. A line that breaks is made anew; what was delivered stays delivered."""
    post = _Post(source, pull)
    limits = source.limits
    files = total = 0
    seen: set[str] = set()
    unbroken = True  # everything up to here is dealt with, so the cursor may move on
    try:
        last = _last_uid(pull.cursor, post.asked(lambda box: _validity(box, source)))
        for uid in post.asked(lambda box: _uids_after(box, last)):
            head = post.asked(lambda box, uid=uid: _head(box, uid))  # type: ignore[misc]
            if head is None:
                continue  # deleted meanwhile
            path = _path(head)
            if path in seen:
                continue  # the same message delivered twice
            seen.add(path)
            url = f"imap://{source.host}/{source.mailbox};UIDVALIDITY={post.validity}/;UID={uid}"
            record = pull.known.get(path)
            delivery = Delivery(path=path, url=url, size=head.size_rfc822, token=f"{post.validity}:{uid}")
            reason = None
            if record is not None:
                delivery = msgspec.structs.replace(delivery, url=record.url, size=record.size, known=record.file_id)
            elif not _is_allowed(head, source):
                reason = "发件人不在允许名单（senders）中"
            elif head.size_rfc822 > limits.max_file_bytes:
                reason = f"邮件超过 {limits.max_file_bytes // MIB} MB 的上限"
            elif files >= limits.max_files or total + head.size_rfc822 > limits.max_total_bytes:
                unbroken = False
                reason = "今夜收取已达上限，下一夜再收"
            else:
                data = post.asked(lambda box, uid=uid: _bytes(box, uid))  # type: ignore[misc]
                files, total = files + 1, total + len(data)
                part = Part(pull.folder, path)
                part.write([data], at=0, version=None, limit=limits.max_file_bytes * 2)
                file = part.finish(size=len(data), digests={})
                delivery = msgspec.structs.replace(delivery, size=len(data), file=file)
            yield delivery if reason is None else msgspec.structs.replace(delivery, ignored=reason)
            if unbroken:
                pull.told["cursor"] = msgspec.json.encode(Cursor(validity=post.validity, uid=uid)).decode()
    finally:
        post.hang_up()


class _Post:
    """The line to the server, made anew when it breaks."""

    def __init__(self, source: ImapSource, pull: Pull) -> None:
        self.source, self.pull = source, pull
        self.validity = 0
        self._password = reveal(source.password, source.name, "口令")
        self._box: BaseMailBox | None = None

    def asked(self, question: Callable[[BaseMailBox], T]) -> T:
        """The answer to a question, with tries again."""

        def once() -> T:
            try:
                with _typed(self.source):
                    if self._box is None:
                        self._box = _connected(self.source, self._password)
                        validity = _validity(self._box, self.source)
                        if self.validity and validity != self.validity:
                            raise PermanentError(
                                "renumbered", f"邮箱 {self.source.mailbox} 中途重新编号，下一夜从头核对"
                            )
                        self.validity = validity
                    return question(self._box)
            except TransientError:
                self.hang_up()
                raise

        return retried(once, self.source.limits, self.pull)

    def hang_up(self) -> None:
        """End the line, whatever state it is in."""
        box, self._box = self._box, None
        if box is not None:
            with contextlib.suppress(imaplib.IMAP4.error, OSError, ImapToolsError):
                box.client.shutdown()


def _connected(source: ImapSource, password: str) -> BaseMailBox:
    timeout = source.limits.timeout_seconds
    if source.ca_file is not None and not Path(source.ca_file).is_file():
        raise SourceError(f"来源“{source.name}”的 ca_file {source.ca_file} 不存在；请检查路径")
    box: BaseMailBox
    if source.security == "none":
        if source.host not in ("127.0.0.1", "::1", "localhost"):
            raise SourceError(f"来源“{source.name}”不加密（security: none）只能用于本机；请改为 tls 或 starttls")
        box = MailBoxUnencrypted(source.host, source.port, timeout)
    else:
        context = ssl.create_default_context(cafile=source.ca_file)
        kind = MailBox if source.security == "tls" else MailBoxStartTls
        box = kind(source.host, source.port, timeout, ssl_context=context)
    box.login(source.username, password, initial_folder=None)
    box.folder.set(source.mailbox, readonly=True)
    return box


def _validity(box: BaseMailBox, source: ImapSource) -> int:
    return int(box.folder.status(source.mailbox, ["UIDVALIDITY"])["UIDVALIDITY"])


def _uids_after(box: BaseMailBox, last: int) -> list[int]:
    # `n:*` always names the last mail too, even one below n (RFC 9051, 9)
    return sorted(u for u in map(int, box.uids(f"UID {last + 1}:*")) if u > last)


def _head(box: BaseMailBox, uid: int) -> MailMessage | None:
    return next(iter(box.fetch(uid_list=str(uid), mark_seen=False, headers_only=True)), None)


def _bytes(box: BaseMailBox, uid: int) -> bytes:
    """The mail, byte for byte."""
    status, answer = box.client.uid("FETCH", str(uid), "(BODY.PEEK[])")
    found = [part[1] for part in answer if isinstance(part, tuple)]
    if status != "OK" or len(found) != 1:
        raise TransientError("no_body", f"邮件 UID {uid} 没有取到内容")
    return bytes(found[0])


def _last_uid(cursor: str | None, validity: int) -> int:
    """Where to go on; from the start when the mailbox was numbered anew."""
    if cursor is None:
        return 0
    try:
        found = msgspec.json.decode(cursor, type=Cursor)
    except msgspec.MsgspecError:
        return 0
    return found.uid if found.validity == validity else 0


def _path(head: MailMessage) -> str:
    """A mail's path: its day and its Message-ID's hash; the hash of all headers where it has none."""
    stated = (head.obj.get("Message-ID") or "").strip()
    if not stated:
        stated = "\n".join(f"{k}: {v}" for k, v in head.obj.items())
    day = head.date.date().isoformat() if head.date is not None and head.date.year > 1900 else "undated"
    return f"{day}_{hashlib.sha256(stated.encode('utf-8', 'replace')).hexdigest()[:16]}.eml"


def _is_allowed(head: MailMessage, source: ImapSource) -> bool:
    """True for exactly one sender, who is on the list. (Whether the sender is real is the mail server's to check.)"""
    stated = head.obj.get_all("From") or []
    found = [a.lower() for _, a in email.utils.getaddresses([str(s) for s in stated]) if a]
    if len(found) != 1 or len(stated) != 1:
        return False
    allowed = [s.lower() for s in source.senders]
    return any(found[0].endswith(a) if a.startswith("@") else found[0] == a for a in allowed)


@contextlib.contextmanager
def _typed(source: ImapSource) -> Iterator[None]:
    """Whatever the libraries throw, as one of our two kinds."""
    where = f"imap://{source.host}:{source.port}"
    try:
        yield
    except (TransientError, PermanentError, SourceError):
        raise
    except MailboxLoginError as e:
        raise PermanentError("login_refused", f"{where} 不接受账号 {source.username} 的口令；请核对") from e
    except MailboxFolderSelectError as e:
        raise PermanentError("not_found", f"{where} 没有邮件夹 {source.mailbox}；请核对 mailbox") from e
    except ssl.SSLCertVerificationError as e:
        raise PermanentError("bad_certificate", f"{where} 的证书无效或已过期；请联系邮件管理员，勿关闭校验") from e
    except (imaplib.IMAP4.error, ImapToolsError, OSError, EOFError, KeyError, ValueError) as e:
        raise TransientError("broken_off", f"{where} 连接不上或中断（{type(e).__name__}）") from e
