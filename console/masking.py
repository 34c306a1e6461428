"""What a page masks: personal data for everyone, except that a steward may ask to see one object's, with a reason, for
a quarter of an hour. The act is logged (`POST /unmask`, form in `macros/people.html`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from starlette.requests import Request

from console.roles import STEWARD, User
from warehouse.personal import mask_name, mask_party, mask_text, mask_value, names_in

__all__ = ["UNMASK_MINUTES", "Masker", "mask_name", "mask_party", "mask_text", "mask_value", "masker_of", "names_in"]

UNMASK_MINUTES = 15


class Masker:
    """Masks what one page shows, or nothing while its object is unmasked. In templates it is `mask`."""

    def __init__(self, is_on: bool = True, names: Iterable[str] = ()) -> None:
        """`names` are persons known to be spoken of, to be found in running text too."""
        self.is_on = is_on
        self._names = tuple(names)

    def text(self, value: str | None) -> str:
        """Running text."""
        return "" if value is None else mask_text(value, self._names) if self.is_on else value

    def name(self, value: str | None) -> str:
        """A person's name."""
        return "" if value is None else mask_name(value) if self.is_on else value

    def phone(self, value: str | None) -> str:
        """A telephone number."""
        return "" if value is None else str(self.field("contact_phone", value))

    def party(self, value: str | None) -> str:
        """A debtor or creditor, who may be a person."""
        return "" if value is None else mask_party(value) if self.is_on else value

    def field(self, column: str, value: object) -> object:
        """A value of a column of the warehouse."""
        return mask_value(column, value) if self.is_on else value

    def row(self, row: dict[str, object]) -> dict[str, object]:
        """A whole row."""
        return {c: self.field(c, v) for c, v in row.items()}


def masker_of(request: Request, object_kind: str = "", object_id: str = "", names: Iterable[str] = ()) -> Masker:
    """The masker for a page about one object: off only while this session has unmasked that very object."""
    user: User | None = getattr(request.state, "user", None)
    session = getattr(request.state, "session", None)
    if user is None or session is None or not object_kind or not user.has(STEWARD):
        return Masker(True, names)
    until = session.unmasked.get(f"{object_kind}:{object_id}")
    now: dt.datetime = request.app.state.settings.now()
    return Masker(until is None or dt.datetime.fromisoformat(until) < now, names)
