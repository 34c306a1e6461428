"""What a warehouse is made of, and the digest by which a night knows that nothing of it has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from functools import cache

import msgspec
import pyarrow as pa

from warehouse.arrow import schema_digest
from warehouse.lookups import Lookup
from warehouse.parts import Manifest
from warehouse.reuse import part_digest
from warehouse.views import QUARANTINE, load_macros, load_views


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a warehouse is made of. Tables are Arrow tables of the schema of that name, or None for no rows.

    `superseded` are documents whose rows must not count any more; `extra` names further things the content depends
    on (version of the rules, head of the decisions), so that a change of theirs leads to a new build.
    `runs`, `findings` and `units` take no part in `inputs_digest`: they follow from the rest. Findings may be a
    reader, so that they stream in; such inputs build one warehouse only.
    """

    parts: Sequence[Manifest]
    superseded: Collection[str] = ()
    files: pa.Table | None = None
    units: pa.Table | None = None
    regions: pa.Table | None = None
    findings: pa.Table | pa.RecordBatchReader | None = None
    runs: pa.Table | None = None
    extra: Mapping[str, str] = {}
    lookups: Sequence[Lookup] = ()

    def registers(self) -> dict[str, pa.Table | pa.RecordBatchReader]:
        """The tables given, by name."""
        given = {n: getattr(self, n) for n in ("files", "units", "regions", "findings", "runs")}
        return {name: table for name, table in given.items() if table is not None}


def inputs_digest(inputs: Inputs) -> str:
    """SHA-256 over everything the content follows from; a night with the same digest needs no new warehouse."""
    digest = hashlib.sha256(structure_digest().encode())
    for part in sorted(inputs.parts, key=lambda p: (p.file_id, p.version)):
        digest.update(f"{part.file_id}:{part_digest(part)};".encode())
    digest.update(msgspec.json.encode(sorted(inputs.superseded)))
    digest.update(msgspec.json.encode(sorted(inputs.extra.items())))
    for name, table in (("files", inputs.files), ("regions", inputs.regions)):
        if table is not None:
            digest.update(name.encode() + _table_digest(table))
    return digest.hexdigest()


@cache
def structure_digest() -> str:
    """SHA-256 over tables, views and macros: a file of another structure is no base to go on from."""
    digest = hashlib.sha256(schema_digest().encode() + QUARANTINE.encode())
    for view in load_views():
        digest.update("".join(view.create()).encode())
    for macro in load_macros():
        digest.update(macro.create().encode())
    return digest.hexdigest()


def _table_digest(table: pa.Table) -> bytes:
    """A digest of the rows that does not depend on their order."""
    rows = sorted(hashlib.sha256(repr(row).encode()).digest() for row in table.to_pylist())
    return hashlib.sha256(b"".join(rows)).digest()
