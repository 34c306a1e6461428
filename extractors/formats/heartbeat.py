"""A sign of life from readers whose work takes long: one beat for each page that was recognised.

Whoever runs readers under a time limit a file may `listen`, and count the time from the last beat instead. A beat
carries nothing and changes nothing: what a reader returns is the same with and without a listener.
"""

from __future__ import annotations

from collections.abc import Callable

_listeners: list[Callable[[], None]] = []


def listen(listener: Callable[[], None]) -> None:
    """From now on `listener` is called at every beat, for the life of the process."""
    _listeners.append(listener)


def beat() -> None:
    """One more step of a long work is done."""
    for listener in _listeners:
        listener()
