"""The child that draws one page: a `Request` on stdin, one line of JSON and the PNG on stdout.

Started by `warehouse.page_images` for each page as a program of its own, as `query_child` is for each query. It lives
here for the sandbox: drawing a page is parsing what may be hostile, and the console must not do it in its own process.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import msgspec

from pipelines.isolation import sandbox
from pipelines.isolation.limits import Limits, allow_cpu, apply


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What to draw: the archived file, what it is, the page from 1, dots per inch, boxes to paint over; what it may
    take of memory and time."""

    path: str
    name: str
    format: str
    page: int
    dpi: float
    bars: tuple[tuple[float, float, float, float], ...] = ()
    memory_bytes: int
    cpu_seconds: int


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """First line of the answer; `code` None means that a PNG of `size` bytes follows."""

    code: str | None = None
    message: str = ""
    width: float = 0.0
    height: float = 0.0
    size: int = 0


def main(parent: int, folder: str) -> None:
    """Answer one request and end; `folder` is the one place it may write to, made and removed by the parent.

    Whatever parsers print goes to stderr, not into the answer.
    """
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    request = msgspec.json.decode(sys.stdin.buffer.read(), type=Request)
    tempfile.tempdir = folder
    granted = sandbox.enter(folder, parent=parent, allow_processes=False)
    apply(Limits(memory_bytes=request.memory_bytes, file_bytes=0), own_user_namespace="user_namespace" in granted)
    allow_cpu(request.cpu_seconds)
    reply, png = _draw(request)
    out.write(msgspec.json.encode(reply) + b"\n" + png)
    out.flush()


def _draw(request: Request) -> tuple[Reply, bytes]:
    from extractors.document import ReadError
    from extractors.page_image import page_image

    try:
        data = Path(request.path).read_bytes()
        image = page_image(data, request.name, request.format, request.page, request.dpi, request.bars)
    except ReadError as e:
        return Reply(code=e.code, message=e.message), b""
    except MemoryError:
        return Reply(code="memory", message="这一页太大，画出时内存不足；请下载原文件查看。"), b""
    except OSError as e:
        return Reply(code="input", message=f"原始文件读不出来（{e.strerror or e}）；请检查档案目录。"), b""
    return Reply(width=image.width, height=image.height, size=len(image.png)), image.png
