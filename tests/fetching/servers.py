"""Servers that tests start for real, on this machine: a site with faults, SFTP, IMAP, and a line that breaks."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import paramiko

Answer = Callable[[BaseHTTPRequestHandler], None]


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Site:
    """A small web site. `pages` are served with ETag, ranges and 304; `faults` answer once each, in order."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.faults: dict[str, list[Answer]] = {}
        self.asked: list[tuple[str, dict[str, str], int]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                waiting = site.faults.get(self.path)
                self.answered = 0
                if waiting:
                    waiting.pop(0)(self)
                else:
                    site.serve(self)
                site.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}, self.answered))

            def send_response(self, code: int, message: str | None = None) -> None:
                self.answered = code
                super().send_response(code, message)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        data = self.pages.get(handler.path)
        if data is None:
            send(handler, 404, "没有这一页".encode())
            return
        etag = f'"{hash(data) & 0xFFFFFFFF:x}"'
        if handler.headers.get("If-None-Match") == etag:
            send(handler, 304, b"", {"ETag": etag})
            return
        wanted = handler.headers.get("Range")
        kind = self.types.get(handler.path, "text/html; charset=utf-8")
        if wanted and handler.headers.get("If-Range") == etag:
            at = int(wanted.removeprefix("bytes=").rstrip("-"))
            extent = {"Content-Range": f"bytes {at}-{len(data) - 1}/{len(data)}", "ETag": etag, "Content-Type": kind}
            send(handler, 206, data[at:], extent)
            return
        send(handler, 200, data, {"ETag": etag, "Content-Type": kind})

    def paths(self, since: int = 0) -> list[str]:
        return [path for path, _, _ in self.asked[since:]]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def send(handler: BaseHTTPRequestHandler, status: int, data: bytes, headers: dict[str, str] | None = None) -> None:
    handler.send_response(status)
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    if status != 304:
        handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def status(code: int, headers: dict[str, str] | None = None, data: bytes = b"no") -> Answer:
    return lambda handler: send(handler, code, data, headers)


def redirect(target: str) -> Answer:
    return status(302, {"Location": target}, b"")


def half(data: bytes, *, reset: bool) -> Answer:
    """The first half of the body under the whole's length, then a reset or a plain end."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("ETag", f'"{hash(data) & 0xFFFFFFFF:x}"')
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data[: len(data) // 2])
        handler.wfile.flush()
        time.sleep(0.1)  # let the half arrive before the line breaks
        if reset:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.close_connection = True
        handler.connection.close()

    return answer


def stall(seconds: float) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)
        handler.close_connection = True

    return answer


class Line:
    """A relay to another port that breaks the connection after so many bytes from the server, once for each entry."""

    def __init__(self, port: int) -> None:
        self.target, self.breaks = port, list[int]()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                self.connections += 1
                far = socket.create_connection(("127.0.0.1", self.target))
                limit = self.breaks.pop(0) if self.breaks else None
                threading.Thread(target=self._relay, args=(near, far, None), daemon=True).start()
                threading.Thread(target=self._relay, args=(far, near, limit), daemon=True).start()

    @staticmethod
    def _relay(source: socket.socket, sink: socket.socket, limit: int | None) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := source.recv(16384):
                passed += len(data)
                if limit is not None and passed > limit:
                    break
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class _Handle(paramiko.SFTPHandle):
    def __init__(self, path: Path) -> None:
        super().__init__(os.O_RDONLY)
        self.readfile = path.open("rb")

    def stat(self) -> paramiko.SFTPAttributes:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


class _Files(paramiko.SFTPServerInterface):
    root: Path

    def _path(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def list_folder(self, path: str) -> Any:
        try:
            return [paramiko.SFTPAttributes.from_stat(p.lstat(), p.name) for p in sorted(self._path(path).iterdir())]
        except OSError as e:
            return paramiko.SFTPServer.convert_errno(e.errno or 0)

    def stat(self, path: str) -> Any:
        try:
            return paramiko.SFTPAttributes.from_stat(self._path(path).stat())
        except OSError as e:
            return paramiko.SFTPServer.convert_errno(e.errno or 0)

    lstat = stat

    def open(self, path: str, flags: int, attr: Any) -> Any:
        try:
            return _Handle(self._path(path))
        except OSError as e:
            return paramiko.SFTPServer.convert_errno(e.errno or 0)


class _Login(paramiko.ServerInterface):
    def check_auth_password(self, username: str, password: str) -> int:
        good = (username, password) == ("qingqian", "s3cret-口令")
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


@contextlib.contextmanager
def sftp(root: Path) -> Iterator[tuple[int, str]]:
    """A server on a folder: its port and its public key as a source's YAML gives it."""
    key = paramiko.RSAKey.generate(2048)
    listener = socket.create_server(("127.0.0.1", 0))
    files = type("Files", (_Files,), {"root": root})
    open_: list[paramiko.Transport] = []

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                transport = paramiko.Transport(connection)
                transport.add_server_key(key)
                transport.set_subsystem_handler("sftp", paramiko.SFTPServer, files)
                open_.append(transport)
                with contextlib.suppress(paramiko.SSHException, EOFError, OSError):
                    transport.start_server(server=_Login())

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield int(listener.getsockname()[1]), f"{key.get_name()} {key.get_base64()}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for transport in open_:
            transport.close()


@contextlib.contextmanager
def imap() -> Iterator[int]:
    """A mail server with the account qingqian / pass; its port."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", "from pymap.main import main; main()", "--host", "127.0.0.1", "--port", str(port),
         "--no-tls", "--no-service", "admin", "--no-service", "managesieve", "dict", "--demo-user", "qingqian",
         "--demo-password", "pass"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if process.poll() is not None:
                raise RuntimeError(process.stderr.read().decode() if process.stderr else "no mail server")
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


@contextlib.contextmanager
def expired_site(folder: Path) -> Iterator[tuple[int, Path]]:
    """An https server for localhost whose certificate ran out yesterday; its port and the authority to trust."""
    import datetime as dt
    import ssl

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - dt.timedelta(days=9)).not_valid_after(now - dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    public, private = folder / "cert.pem", folder / "key.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield int(server.server_address[1]), public
    finally:
        server.shutdown()
        server.server_close()
