"""The documented views of schema `main`, one `.sql` file each, and what their columns mean.

A file starts with comment lines: `-- label_zh | what a row is`, then `-- of: table, table` (where columns with the
same name take their meaning from, first match wins), then for every other column `-- column: label_zh | meaning`.
The rest is one SELECT. With `-- stored: column` its rows are worked out once, when the warehouse is built, and kept in
that order in `core`, since readers ask more often than nights change.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

from warehouse.ddl import column_comment, literal, quoted
from warehouse.tables import TABLES

# In an order in which each can be made: later ones may read earlier ones.
VIEW_NAMES: tuple[str, ...] = (
    "documents",
    "document_notices",
    "document_parts",
    "document_references",
    "files",
    "amounts",
    "debt_statements",
    "statistics",
    "time_expressions",
    "obligations",
    "obligation_units",
    "assignments",
    "ledger_tables",
    "ledger_rows",
    "ledger_totals",
    "debt_history",
    "debts",
    "debt_lineage",
    "repayments",
    "debt_duplicates",
    "debt_parts",
    "debt_clocks",
    "row_clocks",
    "complaints",
    "disclosures",
    "obligation_instances",
    "duties",
    "reports_received",
    "reports_due",
    "units",
    "regions",
    "companies",
    "company_names",
    "statutes",
    "lpr_rates",
    "findings",
    "corrections",
    "decisions",
    "quarantined_rows",
    "row_accounts",
    "runs",
)

# Rows the audit keeps out, those of a table it keeps out too, unless a steward has dismissed the finding.
QUARANTINE = """
CREATE VIEW core.quarantine AS
SELECT DISTINCT row_id FROM core.findings
WHERE severity IN ('block', 'quarantine') AND status IN ('open', 'deferred') AND row_id IS NOT NULL
UNION
SELECT r.row_id FROM core.ledger_rows r
JOIN core.findings f ON f.document_id = r.document_id AND f.row_id = concat(r.document_id, ':', r.table_index)
WHERE f.table_name = 'ledger_tables' AND f.severity IN ('block', 'quarantine') AND f.status IN ('open', 'deferred')
"""

# Questions with parameters, one `.sql` file each in `warehouse/macros`: `SELECT … FROM debts_as_of(period, known_at)`.
MACRO_NAMES: tuple[str, ...] = ("debts_as_of", "debt_lifeline")


@dataclass(frozen=True, slots=True)
class Macro:
    """One table macro: its parameters with what each means (`label: meaning`), their types, and its SELECT."""

    name: str
    label_zh: str
    description: str
    parameters: dict[str, str]
    types: tuple[str, ...]
    select: str

    def create(self) -> str:
        """The statement that makes it in schema main."""
        return f"CREATE MACRO main.{quoted(self.name)}({', '.join(self.parameters)}) AS TABLE\n{self.select}"

    def comment(self) -> str:
        """What is said of it."""
        return f"COMMENT ON MACRO TABLE main.{quoted(self.name)} IS {literal(f'{self.label_zh}: {self.description}')}"


@dataclass(frozen=True, slots=True)
class View:
    """One view: `columns` holds the meaning of columns that equal no field of the tables it is `of`."""

    name: str
    label_zh: str
    description: str
    of: tuple[str, ...]
    columns: dict[str, str]
    select: str
    stored: str | None = None

    def comment_of(self, column: str) -> str | None:
        """What is said of a column of the view; None when nothing says it (a test forbids that)."""
        if column in self.columns:
            return self.columns[column]
        for name in self.of:
            for f in TABLES[name].fields:
                if f.name == column:
                    return column_comment(f)
        return None

    def create(self) -> list[str]:
        """The statements that make the view in schema main."""
        if self.stored is None:
            return [f"CREATE VIEW main.{quoted(self.name)} AS\n{self.select}"]
        kept = f"core.{quoted(f'{self.name}_stored')}"
        comment = literal(f"{self.label_zh}: rows of the view main.{self.name}, worked out when it was built.")
        return [
            *self.refresh(),
            f"COMMENT ON TABLE {kept} IS {comment}",
            f"CREATE VIEW main.{quoted(self.name)} AS SELECT * FROM {kept}",  # noqa: S608 - our own names
        ]

    def refresh(self) -> list[str]:
        """The statements that work a stored view out anew; none for the others."""
        if self.stored is None:
            return []
        order = quoted(self.stored)
        return [f"CREATE OR REPLACE TABLE core.{quoted(f'{self.name}_stored')} AS\n{self.select}\nORDER BY {order}"]

    def comments(self, columns: list[str]) -> list[str]:
        """COMMENT ON statements for the view and the columns it turned out to have."""
        out = [f"COMMENT ON VIEW main.{quoted(self.name)} IS {literal(f'{self.label_zh}: {self.description}')}"]
        for column in columns:
            comment = self.comment_of(column)
            if comment is not None:
                out.append(f"COMMENT ON COLUMN main.{quoted(self.name)}.{quoted(column)} IS {literal(comment)}")
        return out


@cache
def load_views() -> tuple[View, ...]:
    """Every view, in an order in which they can be made. Raises ValueError for a file without its heading."""
    folder = resources.files("warehouse.views")
    return tuple(parse_view(name, (folder / f"{name}.sql").read_text("utf-8")) for name in VIEW_NAMES)


def parse_view(name: str, source: str) -> View:
    """A view from the text of its file. Raises ValueError when the heading is not as described above."""
    heading = [line[2:].strip() for line in source.splitlines() if line.startswith("--")]
    select = "\n".join(line for line in source.splitlines() if not line.startswith("--")).strip()
    if not heading or "|" not in heading[0] or not select:
        raise ValueError(f"view {name}: the file must start with '-- label | meaning' and hold one SELECT")
    label, _, description = (part.strip() for part in heading[0].partition("|"))
    of: tuple[str, ...] = ()
    stored: str | None = None
    columns: dict[str, str] = {}
    for line in heading[1:]:
        key, _, value = (part.strip() for part in line.partition(":"))
        if key == "of":
            of = tuple(part.strip() for part in value.split(","))
        elif key == "stored":
            stored = value
        elif "|" in value:
            zh, _, meaning = (part.strip() for part in value.partition("|"))
            columns[key] = f"{zh}: {meaning}"
        else:
            raise ValueError(f"view {name}: cannot read the heading line {line!r}")
    return View(name, label, description, of, columns, select.rstrip(";"), stored)


@cache
def load_macros() -> tuple[Macro, ...]:
    """Every table macro. Raises ValueError for a file without its heading."""
    folder = resources.files("warehouse.macros")
    return tuple(parse_macro(name, (folder / f"{name}.sql").read_text("utf-8")) for name in MACRO_NAMES)


def parse_macro(name: str, source: str) -> Macro:
    """A macro from the text of its file: the heading of a view, `-- parameters: a DATE, b DATE` and a line for each.

    Raises ValueError when the heading is not so.
    """
    lines = source.splitlines()
    listed = [line.removeprefix("-- parameters:") for line in lines if line.startswith("-- parameters:")]
    view = parse_view(name, "\n".join(line for line in lines if not line.startswith("-- parameters:")))
    pairs = [p.split() for p in ",".join(listed).split(",") if p.strip()]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"macro {name}: parameters are written '-- parameters: name TYPE, name TYPE'")
    names, types = [p[0] for p in pairs], tuple(p[1] for p in pairs)
    if not names or set(names) != set(view.columns):
        raise ValueError(f"macro {name}: every parameter needs its line '-- parameter: label | meaning'")
    return Macro(name, view.label_zh, view.description, {p: view.columns[p] for p in names}, types, view.select)
