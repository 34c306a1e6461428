"""Pages as pictures beside a finding: drawn on request by a limited child, kept for the next look.

Only PNG made here is ever shown, never the bytes of the file. `<home>/cache/pages` can be deleted at any time; it is
held below a size by removing what was not looked at for longest.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from warehouse.archive import ArchiveDamagedError, held
from warehouse.durable import write_bytes_atomic
from warehouse.far_store import FarStoreError

DPI = 144.0
DRAWN_FORMATS = frozenset({"pdf", "scan", "image"})
"""Formats whose pages can be drawn from the file itself; pages of others are laid out from their text."""
CACHE_BYTES = 512 << 20
_MOST_BYTES = 32 << 20
_FILE_ID = re.compile(r"[0-9a-f]{64}")
_PNG = b"\x89PNG\r\n\x1a\n"
_ROOT = str(Path(__file__).resolve().parent.parent)
Box = tuple[float, float, float, float]
_CHILD = (
    f"import sys; sys.path.insert(0, {_ROOT!r}); from pipelines.isolation.page import main; "
    "main(int(sys.argv[1]), sys.argv[2])"
)
_at_once = threading.BoundedSemaphore(2)  # a child takes some 200 MB


class PageImageError(Exception):
    """A page that cannot be shown as a picture; `code` is stable, the message one sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class DrawLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What drawing one page may use."""

    seconds: float = 20.0
    cpu_seconds: int = 20
    memory_bytes: int = 1536 << 20


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """One page: the PNG, and the page's size in points, which boxes are measured in."""

    png: bytes
    width: float
    height: float


class _Reply(msgspec.Struct, frozen=True, kw_only=True):
    code: str | None = None
    message: str = ""
    width: float = 0.0
    height: float = 0.0
    size: int = 0


def page_image(
    home: Path,
    file_id: str,
    name: str,
    kind: str,
    page: int,
    *,
    dpi: float = DPI,
    bars: Sequence[Box] = (),
    limits: DrawLimits | None = None,
) -> Drawn:
    """Page `page` (from 1) of an archived file of format `kind`, from the cache or drawn now.

    `bars` are boxes in points that are painted over, for what the reader may not see.

    Raises PageImageError: `no_page_image`, `timeout`, `memory`, `crash`, `input`, or why the reader refuses the file.
    """
    if not _FILE_ID.fullmatch(file_id) or kind not in DRAWN_FORMATS or not 1 <= page <= 100_000:
        raise PageImageError("no_page_image", f"文件“{name}”没有可以画出的第{page}页。")
    kept = home / "cache" / "pages" / file_id[:2] / f"{file_id}-{page}-{dpi:g}{_bars_name(bars)}.page"
    found = _kept(kept)
    if found is None:
        with _at_once:
            found = _kept(kept) or _draw(home, file_id, name, kind, page, dpi, bars, limits or DrawLimits())
        head = msgspec.json.encode(_Reply(width=found.width, height=found.height, size=len(found.png)))
        write_bytes_atomic(kept, head + b"\n" + found.png)
        hold_below(home, CACHE_BYTES)
    return found


def hold_below(home: Path, most: int) -> int:
    """Remove pages not looked at for longest until the cache holds no more than four fifths of `most` bytes; how many
    were removed. Nothing is removed from a cache that holds less than `most`."""
    files = []
    for path in (home / "cache" / "pages").glob("??/*.page"):
        with contextlib.suppress(FileNotFoundError):  # another request may be clearing up
            status = path.stat()
            files.append((status.st_mtime_ns, status.st_size, path))
    total = sum(size for _, size, _ in files)
    removed = 0
    if total <= most:
        return 0
    for _, size, path in sorted(files):
        if total <= most * 4 // 5:
            break
        path.unlink(missing_ok=True)
        total -= size
        removed += 1
    return removed


def _kept(path: Path) -> Drawn | None:
    try:
        data = path.read_bytes()
        os.utime(path)
        return _parsed(data)
    except FileNotFoundError:
        return None
    except PageImageError:
        path.unlink(missing_ok=True)
        return None


def _parsed(data: bytes) -> Drawn:
    line, _, png = data.partition(b"\n")
    try:
        reply = msgspec.json.decode(line, type=_Reply)
    except msgspec.MsgspecError as e:
        raise PageImageError("crash", "画出这一页的进程中途结束；文件可能已损坏，请下载原文件查看。") from e
    if reply.code is not None:
        raise PageImageError(reply.code, reply.message)
    if len(png) != reply.size or not png.startswith(_PNG) or not (reply.width > 0 and reply.height > 0):
        raise PageImageError("crash", "画出的页面不完整；请刷新重试。")
    return Drawn(png=png, width=reply.width, height=reply.height)


def _bars_name(bars: Sequence[Box]) -> str:
    """What sets a page with bars apart from the same page with others or none."""
    return "-" + hashlib.sha256(msgspec.json.encode(bars)).hexdigest()[:16] if bars else ""


def _draw(
    home: Path, file_id: str, name: str, kind: str, page: int, dpi: float, bars: Sequence[Box], limits: DrawLimits
) -> Drawn:
    try:
        original = held(home, file_id)
    except (ArchiveDamagedError, FarStoreError) as e:
        raise PageImageError("input", f"文件“{name}”的这一页画不出来：{e}") from e
    request = msgspec.json.encode(
        {
            "path": str(original), "name": name, "format": kind, "page": page, "dpi": dpi,
            "bars": bars, "memory_bytes": limits.memory_bytes, "cpu_seconds": limits.cpu_seconds,
        }
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="qingqian-page-") as folder:
        return _parsed(_ask(request, folder, limits.seconds))


def _ask(request: bytes, folder: str, seconds: float) -> bytes:
    """What the child answers; it is ended in any case."""
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and code; the request goes over stdin
        [sys.executable, "-I", "-c", _CHILD, str(os.getpid()), folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},
        cwd="/",
        start_new_session=True,
        bufsize=0,
    )
    try:
        assert child.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it died at once; its end is read below
            child.stdin.write(request)
            child.stdin.close()
        return _answer(child, seconds)
    finally:
        if child.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


def _answer(child: subprocess.Popen[bytes], seconds: float) -> bytes:
    """All the child says, up to the limits of time and size."""
    assert child.stdout is not None
    deadline = time.monotonic() + seconds
    got = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                raise PageImageError("timeout", f"画出这一页超过 {seconds:g} 秒，已中止；请下载原文件查看。")
            chunk = os.read(child.stdout.fileno(), 1 << 20)
            if not chunk:
                return bytes(got)
            got += chunk
            if len(got) > _MOST_BYTES:
                raise PageImageError("too_large", "画出的页面过大，已中止；请下载原文件查看。")
