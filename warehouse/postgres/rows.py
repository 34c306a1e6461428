"""Rows from the server as Arrow: money stays decimal, dates dates, moments in China's time."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg
    import pyarrow as pa

# Object ids of built-in types (pg_type); they never change.
_JSON = (114, 3802)
_BOOL, _BYTEA, _INT8, _INT2, _INT4, _OID = 16, 17, 20, 21, 23, 26
_FLOAT4, _FLOAT8, _DATE, _TIMESTAMP, _TIMESTAMPTZ, _NUMERIC = 700, 701, 1082, 1114, 1184, 1700
_MAX_DIGITS = 76


def json_positions(columns: Sequence[psycopg.Column]) -> tuple[int, ...]:
    """Positions of columns whose texts are JSON."""
    return tuple(i for i, column in enumerate(columns) if column.type_code in _JSON)


def arrow_of(columns: Sequence[psycopg.Column], rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """Rows as an Arrow table with the columns' names; columns of one name stay apart."""
    import pyarrow as pa

    arrays = [_array(column, [row[i] for row in rows]) for i, column in enumerate(columns)]
    return pa.Table.from_arrays(arrays, names=[column.name for column in columns])


def _array(column: psycopg.Column, values: list[Any]) -> pa.Array:
    import pyarrow as pa

    code = column.type_code
    if code == _NUMERIC:
        return _decimals(values, column.scale)
    plain = {
        _BOOL: pa.bool_(), _BYTEA: pa.binary(), _INT8: pa.int64(), _INT2: pa.int16(), _INT4: pa.int32(),
        _OID: pa.int64(), _FLOAT4: pa.float32(), _FLOAT8: pa.float64(), _DATE: pa.date32(),
        _TIMESTAMP: pa.timestamp("us"), _TIMESTAMPTZ: pa.timestamp("us", tz="Asia/Shanghai"),
    }.get(code)  # fmt: skip
    if plain is not None:
        return pa.array(values, type=plain)
    if any(isinstance(v, list) for v in values):
        try:
            return pa.array(values)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            pass  # lists of unlike things: as text
    return pa.array([None if v is None else v if isinstance(v, str) else str(v) for v in values], type=pa.string())


def _decimals(values: list[Decimal | None], scale: int | None) -> pa.Array:
    """Exact decimals with as many digits as the values have; NaN and infinity, which Arrow has no decimal for, make the
    column text."""
    import pyarrow as pa

    known = [v for v in values if v is not None]
    if not all(v.is_finite() for v in known):
        return pa.array([None if v is None else str(v) for v in values], type=pa.string())
    places = max([scale or 0, *(-int(v.as_tuple().exponent) for v in known)])
    whole = max([1, *(v.adjusted() + 1 for v in known)])
    digits = max(18, whole + places)
    if digits > _MAX_DIGITS:
        return pa.array([None if v is None else format(v, "f") for v in values], type=pa.string())
    return pa.array(values, type=pa.decimal128(digits, places) if digits <= 38 else pa.decimal256(digits, places))
