"""The child: takes one file at a time from its parent, parses it, answers, waits for the next.

Started by `pool.WorkerPool` as a program of its own, never forked off the parent, so that it carries none of the
parent's memory, threads or open files:

    python -m pipelines.isolation.worker SOCKET PARENT FOLDER MODULE:FUNCTION LIMITS

SOCKET is the number of an inherited socket, PARENT the process id that must stay alive, FOLDER the only place the
child may write to, LIMITS the JSON of `limits.Limits`. The function gets (data, name, context) and returns bytes;
a failure it knows about is inside those bytes. What it raises nevertheless is reported, and the child retires.
"""

from __future__ import annotations

import errno
import gc
import importlib
import os
import resource
import shutil
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import msgspec

from extractors.facts import Context
from extractors.formats import heartbeat
from pipelines.isolation import frames, sandbox
from pipelines.isolation.limits import Limits, allow_cpu, apply

Entry = Callable[[bytes, str, Context], object]  # bytes, as we shall see


def main(arguments: list[str]) -> None:
    """Set up the limits, load the function, serve until the parent closes the socket."""
    number, parent, folder, entry, settings = arguments
    channel = socket.socket(fileno=int(number))
    channel.set_inheritable(False)
    limits = msgspec.json.decode(settings, type=Limits)
    tempfile.tempdir = folder
    granted = sandbox.enter(folder, parent=int(parent), allow_processes=limits.allow_processes)
    apply(limits, own_user_namespace="user_namespace" in granted)
    allow_cpu(int(limits.start_seconds) + limits.cpu_seconds)
    heartbeat.listen(lambda: beat(channel, limits))
    function = load(entry)
    gc.collect()
    gc.freeze()  # what start-up built stays; later collections need not walk it
    send(channel, frames.READY, msgspec.json.encode(frames.ReadyBody(granted, max_resident())))
    serve(channel, function, limits, Path(folder))


def load(entry: str) -> Entry:
    """The function named by `module:function`. Where its module has a `warm_up()`, it is called first, so that
    dictionaries are loaded once before the first file and not on its time."""
    name, _, attribute = entry.partition(":")
    module = importlib.import_module(name)
    function: Entry = getattr(module, attribute)
    warm_up: Callable[[], None] | None = getattr(module, "warm_up", None)
    if warm_up is not None:
        warm_up()
    return function


def serve(channel: socket.socket, function: Entry, limits: Limits, folder: Path) -> None:
    """Answer tasks until the parent hangs up or a failure makes this process unfit for the next file."""
    while (request := receive(channel)) is not None:
        allow_cpu(limits.cpu_seconds + int(limits.seconds_more(_size(request.path))))
        begun = time.perf_counter()
        kind, body, fit = answer(request, function, limits, folder)
        seconds = time.perf_counter() - begun
        fit = fit and no_children_left()
        send(channel, kind, body, fit=fit, seconds=seconds)
        if not fit:
            return


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - as in `answer`
    except OSError:
        return 0


def answer(request: frames.TaskBody, function: Entry, limits: Limits, folder: Path) -> tuple[int, bytes, bool]:
    """One task: kind and body of the reply, and whether this process may take another."""
    try:
        size = os.stat(request.path).st_size  # noqa: PTH116 - Path would normalise what the parent wrote
        if size > limits.input_bytes:
            return failed("input", f"EFBIG: {size} bytes, more than {limits.input_bytes}", fit=True)
        with open(request.path, "rb") as file:  # noqa: PTH123
            data = file.read()
    except OSError as error:
        word = errno.errorcode.get(error.errno or 0, "OSError")
        return failed("input", f"{word}: {error.strerror or error}", fit=True)
    except MemoryError:
        return failed("memory", "MemoryError while reading the file", fit=False)
    scratch = Path(tempfile.mkdtemp(prefix="task-", dir=folder))
    tempfile.tempdir = str(scratch)
    os.chdir(scratch)
    try:
        context = msgspec.json.decode(request.context, type=Context)
        payload = function(data, request.name, context)
    except MemoryError:
        return failed("memory", "MemoryError", fit=False)
    except BaseException as error:  # noqa: BLE001 - panics of Rust parsers derive from BaseException
        return failed("error", describe(error), fit=False)
    finally:
        os.chdir(folder)
        tempfile.tempdir = str(folder)
        shutil.rmtree(scratch, ignore_errors=True)
    if not isinstance(payload, bytes):
        return failed("error", f"TypeError: the entry function returned {type(payload).__name__}, not bytes", fit=False)
    if len(payload) > limits.output_bytes:
        return failed("output_too_large", f"{len(payload)} bytes", fit=False)
    return frames.RESULT, payload, True


def failed(code: str, detail: str, *, fit: bool) -> tuple[int, bytes, bool]:
    """A FAILED reply."""
    return frames.FAILED, msgspec.json.encode(frames.FailedBody(code, detail)), fit


def describe(error: BaseException) -> str:
    """Kind of exception, its first words, and the innermost line it came from."""
    steps = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(steps[-1].filename).name}:{steps[-1].lineno})" if steps else ""
    words = str(error).encode("utf-8", "replace").decode("utf-8")
    return f"{type(error).__name__}: {words[:500]}{place}"


def beat(channel: socket.socket, limits: Limits) -> None:
    """Tell the parent that a page of a long work is done; the next one has its own time."""
    allow_cpu(limits.cpu_seconds)
    send(channel, frames.BEAT, b"")


def send(channel: socket.socket, kind: int, body: bytes, *, fit: bool = True, seconds: float = 0.0) -> None:
    """One frame to the parent; header and body apart, so that a large body is not copied."""
    channel.sendall(frames.header(kind, len(body), fit=fit, seconds=seconds, rss=resident()))
    channel.sendall(body)


def receive(channel: socket.socket) -> frames.TaskBody | None:
    """The next task, or None when the parent closed the socket."""
    header = receive_exactly(channel, frames.HEADER.size)
    if header is None:
        return None
    length = frames.HEADER.unpack(header)[-1]
    body = receive_exactly(channel, length)
    return None if body is None else msgspec.msgpack.decode(body, type=frames.TaskBody)


def receive_exactly(channel: socket.socket, count: int) -> bytes | None:
    """`count` bytes, or None at the end of the stream."""
    parts = bytearray()
    while len(parts) < count:
        part = channel.recv(min(count - len(parts), 1 << 20))
        if not part:
            return None
        parts += part
    return bytes(parts)


def resident() -> int:
    """Resident memory of this process in bytes; 0 where /proc is not there."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - once per file, keep it cheap
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def max_resident() -> int:
    """The greatest resident size so far in bytes, as the kernel counts it (KiB on Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def no_children_left() -> bool:
    """False when the file's parsing left a process behind; the parent then ends the whole group."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue
    except ChildProcessError:
        return True
    return False


if __name__ == "__main__":
    main(sys.argv[1:])
