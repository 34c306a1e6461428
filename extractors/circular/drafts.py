"""A time expression read in context, on its way to becoming a `Deadline`."""

from __future__ import annotations

import msgspec

from extractors.circular.reading import Around
from extractors.document import Document
from extractors.facts import Deadline, DeadlineKind
from extractors.rules.engine import Hit
from extractors.rules.view import View


class Draft(msgspec.Struct, frozen=True, gc=False):
    """What was found (`hit` at view positions) and what it is; see `extractors.facts.Deadline` for the fields."""

    hit: Hit
    kind: DeadlineKind
    subtype: str | None
    resolved: str | tuple[str, str] | None
    near: Around
    year_source: str | None
    flags: tuple[str, ...] = ()

    @property
    def is_obligation(self) -> bool:
        """Whether somebody must act: due, recurring, effective or a window, and not history, scope or forecast."""
        return self.kind in ("due", "recurring", "effective", "period") and self.subtype is None

    def statement(self, document: Document, view: View) -> Deadline:
        """The statement with its place in the document."""
        start, end = view.span(self.hit.start, self.hit.end)
        return Deadline(
            text=document.text[start:end],
            start=start,
            end=end,
            rule=self.hit.rule,
            evidence=document.evidence(start, end),
            flags=tuple(dict.fromkeys(self.flags)),
            kind=self.kind,
            subtype=self.subtype,
            resolved=self.resolved,
            year_source=self.year_source,
            strength=self.near.strength() if self.is_obligation else None,
        )
