"""A `RowStore` as bytes and back: a JSON head and the columns as Arrow, compressed. Nothing is rounded on the way."""

from __future__ import annotations

import struct
from decimal import Decimal
from typing import Any

import msgspec

from extractors.facts import Flag, LedgerRow
from extractors.rowstore import TEXT, Entry, RowStore, StoredColumn

_SIZES = struct.Struct("<QQQ")
_ARRAYS = ("lane", "payload", "exponent", "style")
_TEXTS_AT_ONCE = 1 << 18


class _ColumnHead(msgspec.Struct, array_like=True):
    field: str | None
    header: str
    letters: str
    entries: list[Entry]
    is_money: bool
    factor: Decimal | None
    rule: str
    unknown: str


class _Head(msgspec.Struct):
    columns: list[_ColumnHead]
    others: list[LedgerRow]
    sections: list[tuple[int, str | None]]
    formats: list[str]
    epoch_1904: bool
    sheet: str | None
    table: int
    fields: list[str]
    added: list[tuple[int, list[Flag]]]


_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(_Head, float_hook=Decimal)


def to_bytes(rows: RowStore) -> bytes:
    """The store as bytes; texts that no row names stay behind."""
    import numpy as np

    head = _Head(
        columns=[
            _ColumnHead(c.field, c.header, c.letters, c.entries, c.is_money, c.factor, c.rule, c.unknown)
            for c in rows.columns
        ],
        others=rows.others,
        sections=rows.sections,
        formats=rows.formats,
        epoch_1904=rows.epoch_1904,
        sheet=rows.sheet,
        table=rows.table,
        fields=sorted(rows.fields),
        added=[(k, list(v)) for k, v in sorted(rows.added.items())],
    )
    used = np.zeros(len(rows.texts), bool)
    for column in rows.columns:
        used[column.payload[column.lane == TEXT]] = True
    place = np.cumsum(used) - 1
    arrays: dict[str, Any] = {"numbers": rows.numbers}
    for i, column in enumerate(rows.columns):
        text = column.lane == TEXT
        arrays |= {f"{i}.{name}": getattr(column, name) for name in _ARRAYS}
        if text.any():
            payload = column.payload.copy()
            payload[text] = place[payload[text]]
            arrays[f"{i}.payload"] = payload
    parts = [
        _encoder.encode(head),
        _ipc(arrays),
        _ipc({"order": rows.order}),
        _texts(rows.texts.array, np.flatnonzero(used)),
    ]
    return _SIZES.pack(*map(len, parts[:3])) + b"".join(parts)


def from_bytes(data: bytes | memoryview) -> RowStore:
    """What `to_bytes` wrote; raises msgspec or Arrow errors when it is not that."""
    from extractors.bulk import Strings

    view = memoryview(data)
    sizes = _SIZES.unpack_from(view)
    at = _SIZES.size
    parts: list[memoryview] = []
    for size in sizes:
        parts.append(view[at : at + size])
        at += size
    head = _decoder.decode(parts[0])
    arrays = _read(parts[1])
    columns = [
        StoredColumn(
            field=c.field,
            header=c.header,
            letters=c.letters,
            entries=c.entries,
            is_money=c.is_money,
            factor=c.factor,
            rule=c.rule,
            unknown=c.unknown,
            **{name: arrays[f"{i}.{name}"] for name in _ARRAYS},
        )
        for i, c in enumerate(head.columns)
    ]
    store = RowStore(
        columns=columns,
        numbers=arrays["numbers"],
        order=_read(parts[2])["order"],
        others=head.others,
        sections=head.sections,
        texts=Strings(_chunks(view[at:])),
        formats=head.formats,
        epoch_1904=head.epoch_1904,
        sheet=head.sheet,
        table=head.table,
        fields=frozenset(head.fields),
    )
    store.added = {k: tuple(flags) for k, flags in head.added}
    return store


def _ipc(arrays: dict[str, Any]) -> bytes:
    import pyarrow as pa

    table = pa.table({name: pa.array(values) for name, values in arrays.items()})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    out: bytes = sink.getvalue().to_pybytes()
    return out


def _texts(array: Any, used: Any) -> bytes:
    """Some of the texts, a stretch at a time: a copy of them all would cost as much again."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    schema = pa.schema({"texts": array.type})
    with pa.ipc.new_stream(sink, schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        for start in range(0, max(len(used), 1), _TEXTS_AT_ONCE):
            stretch = array.take(pa.array(used[start : start + _TEXTS_AT_ONCE]))
            writer.write_batch(pa.record_batch([stretch], schema=schema))
    out: bytes = sink.getvalue().to_pybytes()
    return out


def _read(part: memoryview) -> dict[str, Any]:
    import pyarrow as pa

    table = pa.ipc.open_stream(pa.py_buffer(part)).read_all()
    return {name: table.column(name).to_numpy() for name in table.column_names}


def _chunks(part: memoryview) -> list[Any]:
    import pyarrow as pa

    chunks: list[Any] = pa.ipc.open_stream(pa.py_buffer(part)).read_all().column("texts").chunks
    return chunks
