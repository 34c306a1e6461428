"""SFTP servers, through fsspec's file system; only the server whose key stands in the source's YAML is spoken to."""

from __future__ import annotations

import io
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import paramiko
from fsspec.implementations.sftp import SFTPFileSystem

from pipelines.fetching.delivery import Delivery, PermanentError, Pull, TransientError
from pipelines.fetching.secrets import reveal
from pipelines.fetching.store import Entry, deliver_from
from pipelines.source_schema import SftpSource, SourceError

_KEYS: tuple[type[paramiko.PKey], ...] = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
_MAX_DEPTH = 16


class _OnlyThisKey(paramiko.MissingHostKeyPolicy):
    """Refuses every server but the one whose public key is given."""

    def __init__(self, given: str, source: str) -> None:
        self.given, self.source = given.split(), source

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        """Called by paramiko for a server it has no key of, which is every one here."""
        if [key.get_name(), key.get_base64()] != self.given[:2]:
            raise PermanentError(
                "wrong_host_key",
                f"来源“{self.source}”的服务器出示的公钥与 host_key 不符；可能被冒充，请向对方核实后再改 host_key",
            )


def deliver(source: SftpSource, pull: Pull) -> Iterator[Delivery]:
    """The files below the folder on the server."""
    secrets = _credentials(source)
    yield from deliver_from(
        lambda: _Sftp(source, secrets), source, pull, lambda e: f"sftp://{source.host}:{source.port}{e.location}",
        source.settle_seconds,
    )  # fmt: skip


class _Sftp:
    """A connected server."""

    def __init__(self, source: SftpSource, secrets: dict[str, Any]) -> None:
        self.source = source
        with _typed(source):
            self.fs = SFTPFileSystem(
                source.host, port=source.port, username=source.username, timeout=source.limits.timeout_seconds,
                banner_timeout=source.limits.timeout_seconds, auth_timeout=source.limits.timeout_seconds,
                allow_agent=False, look_for_keys=False, skip_instance_cache=True,
                host_key_policy=_OnlyThisKey(source.host_key, source.name), **secrets,
            )  # fmt: skip
            self.fs.ftp.get_channel().settimeout(source.limits.timeout_seconds)

    def entries(self) -> list[Entry]:
        """All regular files; links are left alone."""
        with _typed(self.source):
            return sorted(self._below(self.source.path.rstrip("/") or "/", "", 0), key=lambda e: e.path)

    def _below(self, folder: str, path: str, depth: int) -> Iterator[Entry]:
        for found in self.fs.ftp.listdir_attr(folder):
            mode = found.st_mode or 0
            location, inside = f"{folder.rstrip('/')}/{found.filename}", f"{path}{found.filename}"
            if stat.S_ISDIR(mode) and depth < _MAX_DEPTH:
                yield from self._below(location, f"{inside}/", depth + 1)
            elif stat.S_ISREG(mode):
                size, mtime = int(found.st_size or 0), float(found.st_mtime or 0)
                yield Entry(path=inside, location=location, size=size, token=f"{size}:{mtime:.0f}", mtime=mtime)

    @contextmanager
    def open(self, entry: Entry) -> Iterator[IO[bytes]]:
        """The file for reading."""
        with _typed(self.source), self.fs.open(entry.location, "rb") as f:
            yield f

    def close(self) -> None:
        """Hang up."""
        self.fs.client.close()


def _credentials(source: SftpSource) -> dict[str, Any]:
    if source.key is not None:
        text = reveal(source.key, source.name, "私钥")
        for kind in _KEYS:
            try:
                return {"pkey": kind.from_private_key(io.StringIO(text + "\n"))}
            except (paramiko.SSHException, ValueError):
                continue
        raise SourceError(f"来源“{source.name}”的私钥读不出来；请用没有口令的 OpenSSH 格式私钥")
    if source.password is None:
        raise SourceError(f"来源“{source.name}”既没有 password 也没有 key；请在 YAML 里给出其一")
    return {"password": reveal(source.password, source.name, "口令")}


@contextmanager
def _typed(source: SftpSource) -> Iterator[None]:
    """Whatever the library throws, as one of our two kinds."""
    where = f"sftp://{source.host}:{source.port}"
    try:
        yield
    except (TransientError, PermanentError):
        raise
    except paramiko.AuthenticationException as e:
        raise PermanentError("login_refused", f"{where} 不接受账号 {source.username} 的口令或私钥；请核对") from e
    except FileNotFoundError as e:
        raise PermanentError("not_found", f"{where} 上没有 {source.path} 或其中的文件已移走；请核对 path") from e
    except PermissionError as e:
        raise PermanentError("no_permission", f"{where} 上没有权限读 {source.path}；请联系对方") from e
    except (paramiko.SSHException, EOFError, OSError) as e:
        raise TransientError("broken_off", f"{where} 连接不上或中断（{type(e).__name__}）") from e
