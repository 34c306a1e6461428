"""The limited warehouse of a signed-in reader: their regions only, personal data masked as on the pages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from starlette.requests import Request

from console.masking import mask_text, mask_value
from console.scoping import scope_of
from warehouse.limited.catalog import limited_warehouse


class PageMasks:
    """The masks of the pages, as the making of a limited warehouse wants them."""

    def field(self, column: str, value: str) -> str:
        """A value of a column."""
        return str(mask_value(column, value))

    def text(self, value: str, names: Iterable[str]) -> str:
        """A running text in which these persons are named."""
        return mask_text(value, names)


def limited_path(request: Request) -> Path:
    """The file that queries and reports of this reader run on. Raises QueryError where there is none to be had."""
    return limited_warehouse(request.app.state.settings.home, scope_of(request), PageMasks())
