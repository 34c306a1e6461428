"""Long lists a page at a time."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import URL
from starlette.requests import Request

SIZES = (25, 50, 100, 200)


@dataclass(frozen=True, slots=True)
class Page:
    """Where in a list the reader is: `number` from 1, `size` rows each, `total` rows in all."""

    number: int
    size: int
    total: int
    url: URL

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.number - 1) * self.size

    @property
    def last(self) -> int:
        """Number of the last page, at least 1."""
        return max(1, -(-self.total // self.size))

    def link(self, number: int) -> str:
        """The address of another page of the same list."""
        return str(self.url.include_query_params(page=number, size=self.size).replace(scheme="", netloc=""))


def page_of(request: Request, total: int, size: int = 50) -> Page:
    """The page that `?page=` and `?size=` ask for, kept within the list."""
    wanted = whole(request.query_params.get("size"), size)
    per = wanted if wanted in SIZES else size
    last = max(1, -(-total // per))
    return Page(min(max(1, whole(request.query_params.get("page"), 1)), last), per, total, request.url)


def whole(text: str | None, default: int) -> int:
    """A whole number from a query parameter; the default for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else default
