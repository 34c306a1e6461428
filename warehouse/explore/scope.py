"""Which regions a reader may see, rows as dicts, and values to choose by.

A scope is a condition that every statement of this room carries. A row without a region is nobody's in particular:
only readers without a limit see it.
"""

# ruff: noqa: S608 - columns and conditions come from code, values are bound; a scope holds checked digits only

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from warehouse.duty_rows import region_prefix

if TYPE_CHECKING:
    import duckdb

Rows = list[dict[str, Any]]
_CODE = re.compile(r"[1-9][0-9]{5}")


class Scope(msgspec.Struct, frozen=True):
    """Regions by their six-digit codes, each with those below it; `regions` None means all of them, () none."""

    regions: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for what is no code of GB/T 2260: the codes become part of statements."""
        for code in self.regions or ():
            if not _CODE.fullmatch(code):
                raise ValueError(f"not a region code: {code!r}")

    @property
    def is_everything(self) -> bool:
        """True for readers without a limit."""
        return self.regions is None

    def where(self, column: str) -> str:
        """The condition on a column with region codes, as SQL; false for rows without a region."""
        if self.regions is None:
            return "true"
        tests = [f"starts_with({column}, '{prefix}')" for prefix in sorted({region_prefix(c) for c in self.regions})]
        return f"coalesce({' OR '.join(tests)}, false)" if tests else "false"

    def covers(self, region_code: str | None) -> bool:
        """Whether rows of a region are to be seen."""
        if self.regions is None:
            return True
        return region_code is not None and any(region_code.startswith(region_prefix(c)) for c in self.regions)


EVERYTHING = Scope()


def rows_of(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()
) -> Rows:
    """Rows of a SELECT as dicts; named parameters it does not use are left out."""
    given: Any = parameters
    if isinstance(parameters, Mapping):
        given = {k: v for k, v in parameters.items() if re.search(rf"\${k}\b", sql)}
    found = connection.execute(sql, given)
    names = [d[0] for d in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def row_of(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()
) -> dict[str, Any] | None:
    """The first row, or None."""
    found = rows_of(connection, sql, parameters)
    return found[0] if found else None


class Facet(msgspec.Struct, frozen=True):
    """One value to choose by; `value` is `NONE` for rows that have none."""

    value: str
    label: str
    count: int
    is_chosen: bool = False


NONE = "-"
"""In a filter: rows that have no such value."""


def facet_tests(asked: object, facets: Sequence[str], without: str | None = None) -> list[str]:
    """The conditions of the facets that a filter sets, but for one; their values are `facet_values`."""
    out = []
    for facet in facets:
        value = getattr(asked, facet)
        if value is None or facet == without:
            continue
        if value == NONE:
            out.append(f"{facet} IS NULL")
        elif facet == "region":  # with the regions below it
            out.append("starts_with(region, $region)")
        else:
            out.append(f"{facet} = ${facet}")
    return out


def facet_values(asked: object, facets: Sequence[str]) -> dict[str, Any]:
    """What `facet_tests` binds, by the facets' names."""
    given = {f: getattr(asked, f) for f in facets}
    if given.get("region") not in (None, NONE):
        given["region"] = region_prefix(str(given["region"]))
    return given


def facet_of(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    selection: str,
    parameters: Mapping[str, Any],
    *,
    chosen: str | None,
    labels: Mapping[str, str],
    most: int,
) -> list[Facet]:
    """The values of one column of a selection (a SELECT) with how many rows choosing each would give, most first.

    A region counts with those below it, as choosing it does.
    """
    is_region = name == "region"
    label = "any_value(r.name)" if is_region else f"any_value({name})"
    joined = "LEFT JOIN main.regions r ON r.region_code = s.region" if is_region else ""
    found = rows_of(
        connection,
        f"SELECT {name} AS value, {label} AS label, count(*) AS n FROM ({selection}) s {joined} GROUP BY ALL "
        f"ORDER BY n DESC, value LIMIT {100_000 if is_region else most}",
        parameters,
    )
    out = []
    for row in found:
        value, count = row["value"] or NONE, row["n"]
        if is_region and row["value"]:
            prefix = region_prefix(row["value"])
            count = sum(r["n"] for r in found if r["value"] and r["value"].startswith(prefix))
        out.append(Facet(value, labels.get(value, row["label"] or row["value"] or ""), count, value == chosen))
    return sorted(out, key=lambda f: -f.count)[:most]
