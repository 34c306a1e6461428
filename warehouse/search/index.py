"""The index file: made from the published warehouse, brought up to date by what changed in it.

One SQLite file beside the warehouse holds the words (FTS5). A publishing compares what each document was made from
with what the index has of it and writes the difference in one transaction: readers see the index of before or of after,
a crash leaves the one of before. A document with a mark of secrecy is never in it, and leaves it when it gets one.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from warehouse.explore.documents import OPEN
from warehouse.publish import warehouse_path
from warehouse.search.words import match_of, words_of

if TYPE_CHECKING:
    import duckdb

NAME = "search.sqlite"
LONGEST_TEXT = 1_000_000
"""Characters of a document that are indexed: a ledger of a million rows is searched in the tables, not here."""
_VERSION = "1"
_BATCH = 200
_SCHEMA = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE documents (
  number INTEGER PRIMARY KEY, document_id TEXT NOT NULL UNIQUE, digest TEXT NOT NULL, heading TEXT NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE VIRTUAL TABLE words USING fts5(heading, body, content='', tokenize='unicode61 remove_diacritics 0');
"""
# What a document's entry follows from. The texts themselves are read for changed documents only.
_KNOWN = """
SELECT d.document_id, md5(concat_ws(chr(1), coalesce(b.part_digest, d.extractor_version), coalesce(d.title, ''),
       coalesce(d.issuer, ''), coalesce(d.doc_number, ''), coalesce(d.name, '')))
FROM core.documents d LEFT JOIN core.built_parts b USING (document_id)
WHERE {open}
""".format(open=OPEN.format("d."))
_TEXTS = """
SELECT document_id, concat_ws(chr(10), title, doc_number, issuer, name), coalesce(left(text, ?), '')
FROM core.documents WHERE document_id IN (SELECT unnest(?)) AND {open}
""".format(open=OPEN.format(""))


class SearchError(Exception):
    """A search that cannot be made; the message is a sentence that says what to do."""


class Refreshed(msgspec.Struct, frozen=True, kw_only=True):
    """What bringing the index up to date did, in documents."""

    added: int
    removed: int
    total: int


def index_path(home: Path) -> Path:
    """Where the index of a home lies."""
    return warehouse_path(home).with_name(NAME)


def refresh(home: Path) -> Refreshed:
    """Bring the index up to date with the published warehouse; one that is damaged is made anew.

    Raises duckdb.Error where there is no sound warehouse, sqlite3.Error or OSError where the disk refuses.
    """
    path = index_path(home)
    try:
        return _refresh(path, warehouse_path(home))
    except sqlite3.OperationalError:
        raise  # locked, full: the index is what it was
    except sqlite3.DatabaseError:
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)
        return _refresh(path, warehouse_path(home))


def _refresh(path: Path, warehouse: Path) -> Refreshed:
    import duckdb

    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        duckdb.connect(str(warehouse), read_only=True) as source,
        closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as index,
    ):
        index.execute("PRAGMA journal_mode=WAL")
        index.execute("PRAGMA synchronous=NORMAL")  # after a power cut the index of before, which the next night mends
        index.execute("BEGIN IMMEDIATE")
        try:
            done = _bring_up(index, source)
        except BaseException:
            index.execute("ROLLBACK")
            raise
        index.execute("COMMIT")
        index.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return done


def _bring_up(index: sqlite3.Connection, source: duckdb.DuckDBPyConnection) -> Refreshed:
    if _about(index, "version") != _VERSION:
        for name in ("words", "documents", "about"):
            index.execute(f"DROP TABLE IF EXISTS {name}")
        for statement in _SCHEMA.strip().split(";\n"):
            index.execute(statement)
        index.execute("INSERT INTO about VALUES ('version', ?)", [_VERSION])
    has_parts = source.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'built_parts'").fetchone()
    known = _KNOWN if has_parts == (1,) else _KNOWN.replace("coalesce(b.part_digest, d.extractor_version)", "text") \
        .replace("LEFT JOIN core.built_parts b USING (document_id)", "")  # fmt: skip
    wanted: dict[str, str] = dict(source.execute(known).fetchall())
    held = dict(index.execute("SELECT document_id, digest FROM documents").fetchall())
    removed = [d for d, digest in held.items() if wanted.get(d) != digest]
    added = sorted(d for d, digest in wanted.items() if held.get(d) != digest)
    for document_id in removed:
        _remove(index, document_id)
    for start in range(0, len(added), _BATCH):
        for document_id, heading, text in source.execute(
            _TEXTS, [LONGEST_TEXT, added[start : start + _BATCH]]
        ).fetchall():
            _add(index, document_id, wanted[document_id], heading, text)
    row = source.execute("SELECT value FROM core.publication WHERE key = 'inputs_digest'").fetchone()
    index.execute("INSERT OR REPLACE INTO about VALUES ('inputs_digest', ?)", [row[0] if row else ""])
    return Refreshed(added=len(added), removed=len(removed), total=len(wanted))


def _about(index: sqlite3.Connection, key: str) -> str | None:
    there = index.execute("SELECT count(*) FROM sqlite_master WHERE name = 'about'").fetchone()[0]
    row = index.execute("SELECT value FROM about WHERE key = ?", [key]).fetchone() if there else None
    return None if row is None else str(row[0])


def _add(index: sqlite3.Connection, document_id: str, digest: str, heading: str, text: str) -> None:
    title, body = words_of(heading), words_of(text)
    cursor = index.execute(
        "INSERT INTO documents (document_id, digest, heading, body) VALUES (?, ?, ?, ?)",
        [document_id, digest, title, zlib.compress(body.encode(), 1)],
    )
    index.execute("INSERT INTO words (rowid, heading, body) VALUES (?, ?, ?)", [cursor.lastrowid, title, body])


def _remove(index: sqlite3.Connection, document_id: str) -> None:
    """Take a document out. An index without contents wants to be told the words it was given."""
    number, heading, body = index.execute(
        "SELECT number, heading, body FROM documents WHERE document_id = ?", [document_id]
    ).fetchone()
    words = zlib.decompress(body).decode()
    index.execute(
        "INSERT INTO words (words, rowid, heading, body) VALUES ('delete', ?, ?, ?)", [number, heading, words]
    )
    index.execute("DELETE FROM documents WHERE number = ?", [number])


@contextmanager
def _reading(home: Path) -> Iterator[sqlite3.Connection]:
    path = index_path(home)
    if not path.is_file():
        raise SearchError("还没有全文索引；请先运行一次 qingqian nightly，发布之后就能按文字检索。")
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)) as index:
            yield index
    except sqlite3.DatabaseError as e:
        raise SearchError("全文索引打不开，可能已损坏；请运行 qingqian nightly，它会重建索引。") from e


def find(home: Path, query: str, *, limit: int = 20_000) -> list[str]:
    """Ids of the documents that hold every term of the question, the best first; titles weigh more than texts.

    Raises SearchError where there is no index or nothing is asked for.
    """
    wanted = match_of(query)
    if not wanted:
        raise SearchError("请输入要查找的文字（汉字、字母或数字）；多个词之间用空格隔开，表示都要出现。")
    with _reading(home) as index:
        rows: list[Any] = index.execute(
            "SELECT d.document_id FROM words JOIN documents d ON d.number = words.rowid WHERE words MATCH ? "
            "ORDER BY bm25(words, 8.0, 1.0), d.document_id LIMIT ?",
            [wanted, limit],
        ).fetchall()
    return [str(r[0]) for r in rows]


def is_current(home: Path, inputs_digest: str) -> bool:
    """Whether the index was made from the publication of these inputs. Raises SearchError where there is no index."""
    with _reading(home) as index:
        return _about(index, "inputs_digest") == inputs_digest
