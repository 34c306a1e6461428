"""Damages files as transport, bad programs and bad people do; the same number always gives the same damage."""

from __future__ import annotations

import functools
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable

from tests.extractors.formats import makers, render

_SLOW = ("image", "scan")  # recognition takes seconds a page
_SLOW_SHARE = 0.01


@functools.cache
def corpus() -> dict[str, bytes]:
    """One or more good files of every format, by a name that says which."""
    files = {kind: make() for kind, make in makers.SAMPLES.items()}
    files |= {f"circular.{kind}": make() for kind, make in render.CIRCULARS.items()}
    files |= {f"ledger.{kind}": make() for kind, make in render.LEDGERS.items()}
    return dict(sorted(files.items()))


def mutated(number: int) -> tuple[str, bytes]:
    """A file name and damaged bytes; `number` is the seed."""
    dice = random.Random(number)
    files = corpus()
    slow = [n for n in files if n.rpartition(".")[2] in _SLOW]
    fast = [n for n in files if n not in slow]
    name = dice.choice(slow) if slow and dice.random() < _SLOW_SHARE else dice.choice(fast)
    data = files[name]
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        ways = [*_ANY, *_ZIP] if zipfile.is_zipfile(io.BytesIO(data)) else _ANY
        data = dice.choice(ways)(dice, data)
    kind = name.rpartition(".")[2]
    extension = kind if dice.random() < 0.9 else dice.choice(("doc", "pdf", "txt", "xlsx", "zip", "eml", "bin"))
    return f"样本{number}.{extension}", data


def _cut(dice: random.Random, data: bytes) -> bytes:
    return data[: dice.randrange(1, max(len(data), 2))]


def _behead(dice: random.Random, data: bytes) -> bytes:
    return data[dice.randrange(0, max(len(data) // 4, 1)) :] or b"x"


def _flip(dice: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(dice.choice((1, 3, 20, 200))):
        if out:
            out[dice.randrange(len(out))] ^= 1 << dice.randrange(8)
    return bytes(out)


def _scramble(dice: random.Random, data: bytes) -> bytes:
    at = dice.randrange(max(len(data), 1))
    size = dice.choice((1, 16, 512, 4096))
    return data[:at] + dice.randbytes(min(size, len(data) - at)) + data[at + size :]


def _blank(dice: random.Random, data: bytes) -> bytes:
    at = dice.randrange(max(len(data), 1))
    size = min(dice.choice((16, 512, 8192)), len(data) - at)
    return data[:at] + bytes(size) + data[at + size :]


def _repeat(dice: random.Random, data: bytes) -> bytes:
    at = dice.randrange(max(len(data), 1))
    size = dice.choice((8, 200, 3000))
    return data[:at] + data[at : at + size] * dice.choice((2, 10, 60)) + data[at + size :]


def _splice(dice: random.Random, data: bytes) -> bytes:
    other = corpus()[dice.choice(list(corpus()))]
    return data[: dice.randrange(max(len(data), 1))] + other[dice.randrange(max(len(other), 1)) :]


def _lie(dice: random.Random, data: bytes) -> bytes:
    """A number somewhere, most likely a length or an offset, becomes another."""
    out = bytearray(data)
    for _ in range(dice.choice((1, 2, 8))):
        if len(out) > 8:
            at = dice.randrange(len(out) - 4) & ~1
            value = dice.choice(
                (0, 1, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFFFFFE, len(out), dice.getrandbits(16))
            )
            struct.pack_into(dice.choice("<>") + "I", out, at, value & 0xFFFFFFFF)
    return bytes(out)


def _digits(dice: random.Random, data: bytes) -> bytes:
    """A number written in digits becomes a very large or a negative one."""
    places = [i for i, b in enumerate(data[:200_000]) if 48 <= b <= 57]
    if not places:
        return _flip(dice, data)
    at = dice.choice(places)
    return data[:at] + dice.choice((b"99999999999", b"-1", b"0", b"1e308", b"4294967296")) + data[at + 1 :]


def _parts(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {i.filename: archive.read(i) for i in archive.infolist()[:200] if i.file_size < 5_000_000}
    except (
        zipfile.BadZipFile,
        zlib.error,
        ValueError,
        OSError,
        NotImplementedError,
        RuntimeError,
        EOFError,
        struct.error,
    ):
        return {}


def _swap_parts(dice: random.Random, data: bytes) -> bytes:
    parts = _parts(data)
    if len(parts) < 2:
        return _flip(dice, data)
    one, two = dice.sample(sorted(parts), 2)
    parts[one], parts[two] = parts[two], parts[one]
    return makers.zipped(parts)


def _drop_part(dice: random.Random, data: bytes) -> bytes:
    parts = _parts(data)
    if len(parts) < 2:
        return _cut(dice, data)
    parts.pop(dice.choice(sorted(parts)))
    return makers.zipped(parts)


def _damage_part(dice: random.Random, data: bytes) -> bytes:
    """One part damaged, the archive around it whole: the damage reaches the XML readers."""
    parts = _parts(data)
    if not parts:
        return _flip(dice, data)
    name = dice.choice(sorted(parts))
    parts[name] = dice.choice(_ANY)(dice, parts[name])
    return makers.zipped(parts)


_ANY: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    _cut,
    _behead,
    _flip,
    _flip,
    _scramble,
    _blank,
    _repeat,
    _splice,
    _lie,
    _lie,
    _digits,
)
_ZIP = (_swap_parts, _drop_part, _damage_part, _damage_part, _damage_part)
