"""The state store as requests use it: one open store per worker thread, since opening it checks the whole file."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.state import State, open_state


class Store:
    """Hands out this thread's open `State` of a home."""

    def __init__(self, home: Path) -> None:
        """Serve this home's store."""
        self._home = home
        self._local = threading.local()

    @contextmanager
    def open(self) -> Iterator[State]:
        """The store; writes belong inside `with state.transaction():`. Raises StateDamagedError."""
        state: State | None = getattr(self._local, "state", None)
        if state is None:
            state = self._local.state = open_state(self._home)
        yield state
