"""`Table`: a base table as a list of fields, and the tables' common reference."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.fields import Field


@dataclass(frozen=True, slots=True)
class Table:
    """One base table. `key` is unique and never null; `references` maps a column to the table whose key it holds."""

    name: str
    label_zh: str
    description: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    references: tuple[tuple[str, str], ...] = ()

    def field(self, name: str) -> Field:
        """The column of that name. Raises KeyError."""
        for f in self.fields:
            if f.name == name:
                return f
        raise KeyError(f"{self.name}.{name}")

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(f.name for f in self.fields)


OF_DOCUMENT = (("document_id", "documents"),)
