"""What children are made to do in the tests: the first word of the file says how to misbehave."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path

from extractors.facts import Context
from extractors.formats import heartbeat


class Panic(BaseException):
    """Like the panics of Rust parsers, no Exception."""


def act(data: bytes, name: str, context: Context) -> bytes:
    """Do what the file says; a file that says nothing special comes back as it is."""
    word, _, rest = data.partition(b" ")
    action = ACTIONS.get(word.decode("ascii", "replace"))
    return data if action is None else action(rest, context)


def kill(rest: bytes, context: Context) -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return b"unreachable"


def abort(rest: bytes, context: Context) -> bytes:
    os.abort()


def segfault(rest: bytes, context: Context) -> bytes:
    ctypes.string_at(8)
    return b"unreachable"


def leave(rest: bytes, context: Context) -> bytes:
    os._exit(7)


def loop(rest: bytes, context: Context) -> bytes:
    while True:
        pass


def toil(rest: bytes, context: Context) -> bytes:
    """Steps of half a second, a beat after each."""
    for _ in range(int(rest)):
        time.sleep(0.5)
        heartbeat.beat()
    return b"done"


def hog(rest: bytes, context: Context) -> bytes:
    held = []
    while True:
        held.append(bytearray(64 << 20))


def allocator_abort(rest: bytes, context: Context) -> bytes:
    os.write(2, b"memory allocation of 1073741824 bytes failed\n")
    os.abort()


def huge(rest: bytes, context: Context) -> bytes:
    return b"x" * int(rest)


def loud(rest: bytes, context: Context) -> bytes:
    print("a library prints" * 20000, flush=True)  # noqa: T201
    os.write(1, b"\x00\x01\x02" * 100000)
    os.write(2, b"and warns\n")
    return b"quiet"


def loud_crash(rest: bytes, context: Context) -> bytes:
    os.write(2, b"corrupt xref table\n")
    os.abort()


def fail(rest: bytes, context: Context) -> bytes:
    raise ValueError("a parser's own complaint")


def panic(rest: bytes, context: Context) -> bytes:
    raise Panic("called `Option::unwrap()` on a `None` value")


def stop(rest: bytes, context: Context) -> bytes:
    sys.exit(3)


def wrong_type(rest: bytes, context: Context) -> bytes:
    return "text"  # type: ignore[return-value]


def fork(rest: bytes, context: Context) -> bytes:
    """Leaves a process behind; reports its number."""
    child = os.fork()
    if child == 0:
        time.sleep(600)
        os._exit(0)
    return str(child).encode()


def swarm(rest: bytes, context: Context) -> bytes:
    """Forks until the system refuses."""
    for _ in range(int(rest)):
        if os.fork() == 0:
            time.sleep(600)
            os._exit(0)
    return b"all started"


def program(rest: bytes, context: Context) -> bytes:
    os.execv("/bin/true", ["true"])


def net(rest: bytes, context: Context) -> bytes:
    socket.create_connection(("127.0.0.1", int(rest)), timeout=5).close()
    return b"connected"


def write(rest: bytes, context: Context) -> bytes:
    Path(rest.decode()).write_bytes(b"outside")
    return b"written"


def fill(rest: bytes, context: Context) -> bytes:
    with tempfile.TemporaryFile() as file:
        for _ in range(int(rest)):
            file.write(bytes(1 << 20))
    return b"filled"


def scratch(rest: bytes, context: Context) -> bytes:
    """Writes to the temporary folder, as parsers do, and says where."""
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(b"left lying about")
    Path("beside").write_bytes(b"in the working folder")
    return file.name.encode()


def garbage(rest: bytes, context: Context) -> bytes:
    """Writes to every descriptor it finds, as a wild native library might."""
    for number in range(3, 40):
        try:
            os.write(number, b"\xff" * 64)
        except OSError:
            continue
    return b"done"


def tell(rest: bytes, context: Context) -> bytes:
    return f"{context.source}|{context.reference_date}|{os.getpid()}".encode()


def secret(rest: bytes, context: Context) -> bytes:
    return os.environ.get(rest.decode(), "not there").encode()


def modules(rest: bytes, context: Context) -> bytes:
    return ",".join(sorted({m.partition(".")[0] for m in sys.modules})).encode()


def grow(rest: bytes, context: Context) -> bytes:
    """Keeps memory for good, as leaky libraries do."""
    KEPT.append(b"x" * int(rest))
    return str(os.getpid()).encode()


def rest_a_while(rest: bytes, context: Context) -> bytes:
    time.sleep(float(rest))
    return b"rested"


def warm(rest: bytes, context: Context) -> bytes:
    return str(len(WARM)).encode()


def warm_up() -> None:
    WARM.append("dictionary")


KEPT: list[bytes] = []
WARM: list[str] = []
ACTIONS = {
    f.__name__: f
    for f in (
        *(kill, abort, segfault, leave, loop, hog, allocator_abort, huge, loud, loud_crash, fail, panic, stop),
        *(wrong_type, fork, swarm, program, net, write, fill, scratch, garbage, tell, secret, modules, grow),
        *(rest_a_while, warm, toil),
    )
}
