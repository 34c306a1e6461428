"""What a handler raises to say no."""

from __future__ import annotations


class RefusedForm(Exception):  # noqa: N818 - an answer
    """A form without a valid token, from another site, or too large."""


class Conflict(Exception):  # noqa: N818 - an answer
    """Somebody else has changed the same thing; the message is one sentence that names who and what."""
