"""Trying again: exponential pauses with jitter, as long as the other side asks for, within the source's limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from pipelines.fetching.delivery import PermanentError, Pull, TransientError
from pipelines.source_schema import Limits

T = TypeVar("T")
_FIRST_PAUSE = 1.0


def retried(work: Callable[[], T], limits: Limits, pull: Pull) -> T:
    """`work()`, again after a `TransientError`, up to `limits.attempts` times.

    The pause before try n is up to 2^n seconds, at least half of that (jitter keeps many clients from knocking at
    once), or what Retry-After says. Raises the last TransientError, or PermanentError at once; a Retry-After beyond
    `max_wait_seconds` ends the tries: the other side wants to be left alone tonight.
    """

    def pause(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        asked = error.retry_after if isinstance(error, TransientError) else None
        if asked is not None:
            return asked
        ceiling = min(limits.max_wait_seconds, _FIRST_PAUSE * 2.0 ** (state.attempt_number - 1))
        return ceiling * (0.5 + pull.random.random() / 2)

    def give_up(state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome is not None else None
        too_long = isinstance(error, TransientError) and (error.retry_after or 0.0) > limits.max_wait_seconds
        return too_long or stop_after_attempt(limits.attempts)(state)

    return Retrying(
        retry=retry_if_exception_type(TransientError), wait=pause, stop=give_up, sleep=pull.sleep, reraise=True
    )(work)


__all__ = ["PermanentError", "TransientError", "retried"]
