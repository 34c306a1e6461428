"""Which failures of a step may pass by themselves: those are tried again in the same run, and only when they are news.

Sources do their own trying (`pipelines.fetching.retry`); what is left are locks held for a moment by another process.
A step is tried again only while no trouble of nights stands (edge-triggered): if the last night failed too, trying
again hides what a person has to see.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from pipelines.night import Night
from pipelines.reading import ExecutorError
from warehouse.state_engine import StateBusyError, StateServerError

RETRIES = 2
WAIT_SECONDS = 60.0
_PASSING = {errno.EAGAIN, errno.EBUSY, errno.EINTR, errno.ESTALE, errno.ETXTBSY}


def is_transient(error: BaseException) -> bool:
    """True for a lock held by another, an interrupted call, a share or a cluster that was gone for a moment."""
    if isinstance(error, ExecutorError):
        return error.passing
    if isinstance(error, sqlite3.OperationalError):
        return "locked" in str(error) or "busy" in str(error)
    if isinstance(error, StateBusyError | StateServerError):
        return True
    return isinstance(error, OSError) and error.errno in _PASSING


@contextmanager
def tried_again(night: Night, *, wait: float = WAIT_SECONDS) -> Iterator[None]:
    """Turn a passing failure of the body into Dagster's request for another try; everything else goes through."""
    try:
        yield
    except Exception as e:
        if is_transient(e) and not night.is_in_trouble():
            raise dg.RetryRequested(max_retries=RETRIES, seconds_to_wait=wait) from e
        raise
