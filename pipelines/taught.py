"""What stewards taught about column headers, as context for reading: which files of a source have such a header.

A file is read without anything taught first; only if one of its tables has a taught header is it read once more with
that, under a version of its own. Nothing else of the source is read again, and undoing brings the first reading back.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from extractors.facts import Context
from extractors.ledger.words import plain
from pipelines.reading import ToRead, load_facts
from warehouse.durable import write_bytes_atomic


def taught_context(home: Path, file: ToRead, taught: Mapping[str, str]) -> Context:
    """The context to read a file in: its source's own with the taught headers that it has.

    A file that was not read yet keeps its source's context.
    """
    if not taught:
        return file.context
    headers = _headers(home, file)
    mine = {said: meant for said, meant in taught.items() if plain(said) in headers}
    if not mine:
        return file.context
    known = {plain(said) for said in mine}
    own = {k: v for k, v in file.context.header_map.items() if plain(k) not in known}
    return msgspec.structs.replace(file.context, header_map={**own, **mine})


def _headers(home: Path, file: ToRead) -> frozenset[str]:
    """The headers of a file's ledgers as they are compared, whole paths and last parts; kept beside the facts."""
    path = home / "headers" / file.version / file.file_id[:2] / f"{file.file_id}.json"
    try:
        return frozenset(msgspec.json.decode(path.read_bytes(), type=list[str]))
    except FileNotFoundError:
        pass
    except msgspec.MsgspecError:
        path.unlink()
    extraction = load_facts(home, file.file_id, file.version)
    if extraction is None:
        return frozenset()
    tables = (extraction.facts.ledger or ()) if extraction.facts is not None else ()
    headers = {c.header for t in tables for c in t.columns}
    found = sorted({plain(h) for h in headers} | {plain(h.rsplit("/", 1)[-1]) for h in headers})
    write_bytes_atomic(path, msgspec.json.encode(found))
    return frozenset(found)
