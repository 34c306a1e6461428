"""Decisions found again when the name of what they are about has changed: a debt under another id, a paper saved again
under another file name, a sentence typed with other blanks or full-width signs.

A decision keeps its own name; copies under the names that stand for the same matter now are put beside it.
"""

# ruff: noqa: S608 - names in statements come from the schema in code, values are bound

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from warehouse.debt_decisions import DEBT
from warehouse.decisions import Decision, context_of
from warehouse.keys import normal_name

if TYPE_CHECKING:
    import duckdb

# One paper at several paths of a source: what its head says, or the ledgers it holds.
_SAME_PAPER = """
WITH heads AS (
  SELECT d.source, d.path,
         CASE WHEN t.key IS NOT NULL THEN t.key
              ELSE concat_ws('|', d.kind, d.title, d.doc_number, d.issued_date) END AS head
  FROM core.documents d
  LEFT JOIN (
    SELECT document_id, string_agg(concat_ws('|', series_key, as_of_date, report_type), ';' ORDER BY table_index) AS key
    FROM core.ledger_tables GROUP BY document_id
  ) t USING (document_id)
  WHERE d.title IS NOT NULL OR t.key IS NOT NULL
)
SELECT a.source, a.path, b.path FROM heads a JOIN heads b ON a.source = b.source AND a.head = b.head
WHERE a.path <> b.path AND list_contains(?, a.path)
"""


def rebound(path: Path, decided: Sequence[Decision], subjects: dict[str, str]) -> list[Decision]:
    """The decisions, each followed by copies under further subjects of a candidate that mean the same matter.

    `subjects` is, by table, the SELECT of `row_id, subject, document_id, status` for its rows.
    """
    import duckdb

    about = [d for d in decided if d.action != "map"]
    if not about:
        return list(decided)
    with duckdb.connect(str(path), read_only=True) as connection:
        moved = _of_debts(connection, about)
        for number, names in _of_papers(connection, about, subjects).items():
            moved[number] |= names
    out: list[Decision] = []
    for d in decided:
        out.append(d)
        out += [msgspec.structs.replace(d, row_id=s) for s in sorted(moved.get(d.decision_number, ()))]
    return out


def _of_debts(connection: duckdb.DuckDBPyConnection, about: Sequence[Decision]) -> defaultdict[int, set[str]]:
    """Debts whose id is not there any more: the debt that the row decided about belongs to now."""
    out: defaultdict[int, set[str]] = defaultdict(set)
    debts = [d for d in about if d.row_id.startswith(DEBT)]
    ids = [d.row_id.removeprefix(DEBT) for d in debts]
    there = connection.execute(
        "SELECT DISTINCT debt_id FROM core.ledger_rows WHERE list_contains(?, debt_id)", [ids]
    ).fetchall()
    known = {r[0] for r in there}
    lost = {d.decision_number: context_of(d).row_id for d in debts if d.row_id.removeprefix(DEBT) not in known}
    rows = connection.execute(
        "SELECT row_id, debt_id FROM core.ledger_rows WHERE list_contains(?, row_id) AND debt_id IS NOT NULL",
        [[r for r in lost.values() if r]],
    ).fetchall()
    debt_of = dict(rows)
    for number, row_id in lost.items():
        if row_id in debt_of:
            out[number].add(f"{DEBT}{debt_of[row_id]}")
    return out


def _of_papers(
    connection: duckdb.DuckDBPyConnection, about: Sequence[Decision], subjects: dict[str, str]
) -> dict[int, set[str]]:
    """Figures, totals, rows and files by path: the same paper at other paths, the same words typed otherwise."""
    by_path: dict[tuple[str, str], list[Decision]] = defaultdict(list)
    for d in about:
        source, where = _place(d.row_id)
        if where is not None:
            by_path[source, where].append(d)
    if not by_path:
        return {}
    homes: dict[tuple[str, str], set[str]] = {key: {key[1]} for key in by_path}
    for source, one, other in connection.execute(_SAME_PAPER, [[p for _, p in by_path]]).fetchall():
        if (source, one) in homes:
            homes[source, one].add(other)
    out: dict[int, set[str]] = defaultdict(set)
    texts = _texts(connection, {d.table_name for ds in by_path.values() for d in ds}, homes, subjects)
    for (source, where), decisions in by_path.items():
        for d in decisions:
            kind, _, rest = d.row_id.partition(":")
            tail = rest.removeprefix(f"{source}|{where}")
            for path in homes[source, where]:
                if kind == "text":
                    out[d.decision_number] |= texts.get((d.table_name, source, path, _typed(tail)), set())
                else:
                    out[d.decision_number].add(f"{kind}:{source}|{path}{tail}")
            out[d.decision_number].discard(d.row_id)
    return out


def _texts(
    connection: duckdb.DuckDBPyConnection,
    tables: set[str],
    homes: dict[tuple[str, str], set[str]],
    subjects: dict[str, str],
) -> dict[tuple[str, str, str, str], set[str]]:
    """Subjects of figures in the texts of some papers, by table, source, path and what is typed."""
    out: dict[tuple[str, str, str, str], set[str]] = defaultdict(set)
    paths = sorted({p for ps in homes.values() for p in ps})
    for table in sorted(tables & subjects.keys()):
        found = connection.execute(
            f"SELECT s.subject, d.source, d.path FROM ({subjects[table]}) s JOIN core.documents d USING (document_id) "
            "WHERE s.status <> 'superseded' AND list_contains(?, d.path) AND starts_with(s.subject, 'text:')",
            [paths],
        ).fetchall()
        for subject, source, path in found:
            tail = subject.removeprefix(f"text:{source}|{path}")
            out[table, source, path, _typed(tail)].add(subject)
    return out


def _typed(tail: str) -> str:
    """`|words#n` with the words as they are compared."""
    words, _, nth = tail.rpartition("#")
    return f"{normal_name(words)}#{nth}"


def _place(subject: str) -> tuple[str, str | None]:
    """Source and path of a subject that is about a place in a file; (source, None) for debts."""
    kind, _, rest = subject.partition(":")
    if kind not in ("text", "row", "total", "file"):
        return "", None
    source, _, where = rest.partition("|")
    return source, where.split("|", 1)[0]
