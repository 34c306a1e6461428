"""The bytes between parent and child: frames with a fixed header and a body.

Header, network byte order: kind (one byte), whether the child can take another task (bool), seconds the task took
(double), resident memory of the child in bytes (unsigned 64 bit), length of the body (unsigned 64 bit). The parent
trusts nothing in it: an unknown kind is an error, and a body longer than allowed is never read.
"""

from __future__ import annotations

import struct

import msgspec

HEADER = struct.Struct("!B?dQQ")

# parent to child
TASK = 1
# child to parent
READY = 10
RESULT = 11
FAILED = 12
BEAT = 13  # a step of a long work is done; no body, any number of them before the answer
KINDS_FROM_CHILD = frozenset({READY, RESULT, FAILED, BEAT})


class FrameError(Exception):
    """The other side sent something that is no frame, or a body over the limit (`too_large`)."""

    def __init__(self, message: str, *, too_large: bool = False) -> None:
        super().__init__(message)
        self.too_large = too_large


class TaskBody(msgspec.Struct, frozen=True):
    """What the child needs for one task; `context` is JSON of `extractors.facts.Context`."""

    path: str
    name: str
    context: bytes


class ReadyBody(msgspec.Struct, frozen=True):
    """What the child says once it can take work: which protections the kernel granted it, and the greatest resident
    size counted so far in bytes (at exec(2) Linux starts the count from the parent's size, not from nothing)."""

    protections: tuple[str, ...]
    max_rss: int


class FailedBody(msgspec.Struct, frozen=True):
    """A failure the child could still report itself."""

    code: str
    detail: str


class Frame(msgspec.Struct, frozen=True):
    """One whole frame as read."""

    kind: int
    fit: bool
    seconds: float
    rss: int
    body: bytes


def header(kind: int, length: int, *, fit: bool = True, seconds: float = 0.0, rss: int = 0) -> bytes:
    """The header of a frame whose body has `length` bytes."""
    return HEADER.pack(kind, fit, seconds, rss, length)


class FrameReader:
    """Collects bytes of a child until a frame is whole. `limit` bounds the body, in bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()

    @property
    def begun(self) -> bool:
        """True while part of a frame has come in."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> Frame | None:
        """Add bytes; the frame when it is complete, else None.

        Beats are swallowed: that they came is all they say. Raises FrameError for an unknown kind, a body over the
        limit, or bytes after the frame: a child answers one frame to one task and then waits.
        """
        self._buffer += data
        while True:
            if len(self._buffer) < HEADER.size:
                return None
            kind, fit, seconds, rss, length = HEADER.unpack_from(self._buffer)
            if kind != BEAT or length:
                break
            del self._buffer[: HEADER.size]
        if kind not in KINDS_FROM_CHILD or kind == BEAT:
            raise FrameError(f"unknown kind {kind}")
        if length > self._limit:
            raise FrameError(f"body of {length} bytes", too_large=True)
        end = HEADER.size + length
        if len(self._buffer) < end:
            return None
        if len(self._buffer) > end:
            raise FrameError("bytes after the frame")
        body = bytes(memoryview(self._buffer)[HEADER.size :])
        self._buffer = bytearray()
        return Frame(kind=kind, fit=fit, seconds=seconds, rss=rss, body=body)
