"""GB 32100-2015 unified social credit codes: the check digit of a whole column at once.

A code has 18 characters of `0-9A-Z` without I, O, S, V, Z. The last one is the check character: with the value c_i of
the i-th character and weights w_i = 3^(i-1) mod 31, it is (31 - sum(c_i * w_i) mod 31) mod 31.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18
WEIGHTS = tuple(pow(3, i, 31) for i in range(LENGTH - 1))

_VALUE_OF_BYTE = np.full(256, -1, dtype=np.int16)
for _value, _character in enumerate(ALPHABET):
    _VALUE_OF_BYTE[ord(_character)] = _value


def failing(codes: pa.ChunkedArray | pa.Array) -> npt.NDArray[np.bool_]:
    """True where a code is given and is not one: wrong length, wrong letter or wrong check character.

    Null passes (an unknown code is no wrong code); lower case fails, since extraction writes capitals.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    column = codes.combine_chunks() if isinstance(codes, pa.ChunkedArray) else codes
    given = pc.is_valid(column).to_numpy(zero_copy_only=False)
    # Bytes, not characters: a full-width or Chinese character makes the length differ and fails.
    binary = pc.cast(pc.fill_null(column, ""), pa.binary())
    whole = pc.equal(pc.binary_length(binary), LENGTH).to_numpy(zero_copy_only=False)
    wrong = given & ~whole
    at = np.flatnonzero(whole & given)
    if at.size:
        fixed = pc.cast(pc.take(binary, pa.array(at)), pa.binary(LENGTH))
        # A fixed-size binary array is one run of bytes; slices of it start at its offset.
        raw = np.frombuffer(fixed.buffers()[1], dtype=np.uint8)[fixed.offset * LENGTH :]
        values = _VALUE_OF_BYTE[raw[: at.size * LENGTH].reshape(at.size, LENGTH)]
        body = values[:, : LENGTH - 1].astype(np.int64)
        expected = (31 - (body @ np.asarray(WEIGHTS, dtype=np.int64)) % 31) % 31
        wrong[at] = (values < 0).any(axis=1) | (expected != values[:, LENGTH - 1])
    out: npt.NDArray[np.bool_] = wrong
    return out


def check_character(body: str) -> str:
    """The 18th character for the first 17; ValueError when they are not 17 characters of the alphabet."""
    if len(body) != LENGTH - 1 or any(c not in ALPHABET for c in body):
        raise ValueError(f"not the first 17 characters of a unified social credit code: {body!r}")
    total = sum(ALPHABET.index(c) * w for c, w in zip(body, WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]
