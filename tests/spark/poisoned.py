"""What children on the cluster are made to do: a document that says POISON misbehaves, every other is read as ever."""

from __future__ import annotations

import os
import signal
import time

from extractors import process as real
from extractors.facts import Context

warm_up = real.warm_up


def process(data: bytes, name: str, context: Context) -> bytes:
    if data.startswith(b"POISON kill"):
        os.kill(os.getpid(), signal.SIGKILL)
    if data.startswith(b"POISON memory"):
        held = [bytearray(256 << 20)]
        while True:
            held.append(bytearray(4 << 30))  # at once beyond any limit, however busy the machine
    if data.startswith(b"POISON hang"):
        time.sleep(3600)
    return real.process(data, name, context)
