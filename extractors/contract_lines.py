"""The rows of a very large ledger in the public JSON: made one after the other, and written as they are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

import msgspec

from extractors.facts import LedgerRow

_MARK = "\ue000rows:{}\ue000"


class LazyLines(Sequence[dict[str, Any]]):
    """The contract's rows as a sequence; each is made when it is asked for."""

    def __init__(self, rows: Sequence[LedgerRow], line: Callable[[LedgerRow], dict[str, Any]]) -> None:
        self._rows, self._line = rows, line

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(index, slice):
            return [self._line(r) for r in self._rows[index]]
        return self._line(self._rows[index])

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return map(self._line, self._rows)


def pieces(value: Any, indent: int) -> Iterator[str]:
    """The JSON text of the contract's object in pieces; joined they are what encoding it at once would give."""
    lazy: list[LazyLines] = []

    def later(found: Any) -> str:
        if not isinstance(found, LazyLines):
            raise TypeError(f"{type(found).__name__} has no place in the contract")
        lazy.append(found)
        return _MARK.format(len(lazy) - 1)

    encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=later)
    raw = encoder.encode(value)
    text = (msgspec.json.format(raw, indent=indent) if indent else raw).decode()
    for k, rows in enumerate(lazy):
        before, _, text = text.partition(f'"{_MARK.format(k)}"')
        yield before
        yield from _listed(rows, encoder, before, indent)
    yield text


def _listed(rows: LazyLines, encoder: msgspec.json.Encoder, before: str, indent: int) -> Iterator[str]:
    line = before.rpartition("\n")[2]
    margin = "\n" + line[: len(line) - len(line.lstrip(" "))] if indent else ""
    inner = margin + " " * indent
    yield "["
    for k, row in enumerate(rows):
        raw = encoder.encode(row)
        shown = msgspec.json.format(raw, indent=indent).decode().replace("\n", inner) if indent else raw.decode()
        yield f"{',' if k else ''}{inner}{shown}"
    yield f"{margin}]" if len(rows) else "]"
