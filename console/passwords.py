"""Passwords: what one must be like, and hashing with argon2id so that guessing is slow."""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 10, 128
_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)  # RFC 9106, second recommendation
_AT_ONCE = threading.Semaphore(2)  # 64 MB each: many sign-ins at once must not take the machine's memory
_COMMON = ("password", "qingqian", "12345678", "11111111", "abcdefgh", "qwertyui", "admin")


def problem(password: str, name: str) -> str | None:
    """The words key of what is wrong with a password; None for a good one."""
    if not SHORTEST <= len(password) <= LONGEST:
        return "people.password_length"
    kinds = sum(any(test(c) for c in password) for test in (str.islower, str.isupper, str.isdigit, _is_other))
    if kinds < 2 or len(set(password)) < 5:
        return "people.password_simple"
    folded = password.casefold()
    if name.casefold() in folded or any(c in folded for c in _COMMON):
        return "people.password_common"
    return None


def _is_other(char: str) -> bool:
    return not char.islower() and not char.isupper() and not char.isdigit()


def hashed(password: str) -> str:
    """The argon2id hash to keep."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Whether a password is the one kept. Without one the work is done all the same, so that time tells nothing."""
    instead = _nobody()
    with _AT_ONCE:
        try:
            return _HASHER.verify(kept or instead, password[:LONGEST]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobody() -> str:
    return _HASHER.hash("nobody has this account")
