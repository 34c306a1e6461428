"""Large sheets, scanned as bytes: cells in the plain form that Excel, WPS, LibreOffice and the usual libraries write.

The XML is cut into blocks of whole rows; within a block the tags are found and told apart by array operations, some
hundred times cheaper than an element each. What is not in the plain form (rich text in the cell, truth values, errors,
formulas without a result) is given row by row to the parser of `xlsx_sheet`. A sheet that is not what this module
expects raises `NotPlain`, and is read in the general way from its beginning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.bulk import ODD, TEXT, split_doubles
from extractors.formats import limits
from extractors.formats.xlsx_parts import unescape

BLOCK_BYTES = 4 * 1024 * 1024
_C, _END_C, _V, _END_V, _F, _END_F, _IS, _END_IS, _T, _END_T, _ROW, _END_ROW = range(1, 13)
_CELL_TAGS = (b"<c ", b"<c>", b"<c/")
_ROW_TAG = re.compile(rb"<row\b([^>]*)>")
_ROW_NUMBER = re.compile(rb'\sr="([0-9]{1,7})"')
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));|&")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


class NotPlain(Exception):  # noqa: N818 - a verdict, not an error
    """The sheet is not in the form that this module reads."""


class TooWide(Exception):  # noqa: N818 - a verdict, not an error
    """A row has more cells than a sheet may have columns."""


def _kinds() -> Any:
    """Kind of a tag by its first two bytes."""
    table = np.zeros(65_536, np.uint8)
    for text, kind in (
        *((f"c{e}", _C) for e in " >/\n"), *((f"v{e}", _V) for e in " >/"), *((f"f{e}", _F) for e in " >/"),
        *((f"t{e}", _T) for e in " >/"), ("is", _IS), ("ro", _ROW), ("/c", _END_C), ("/v", _END_V), ("/f", _END_F),
        ("/i", _END_IS), ("/t", _END_T), ("/r", _END_ROW),
    ):  # fmt: skip
        table[ord(text[0]) * 256 + ord(text[1])] = kind
    return table


_KIND = _kinds()


class Cells:
    """The cells of one block: places in the sheet (from 0), kinds and payloads; `odd` rows as their own XML."""

    def __init__(self, rows: Any, cols: Any, kind: Any, payload: Any, exponent: Any, style: Any) -> None:
        self.rows, self.cols, self.kind, self.payload = rows, cols, kind, payload
        self.exponent, self.style = exponent, style
        self.odd: list[bytes] = []
        self.hidden_rows: list[int] = []
        self.last_row = -1
        self.texts: Any = None  # inline texts; payloads of TEXT cells count from the block's own beginning then


def blocks(chunks: Iterator[bytes]) -> Iterator[tuple[str, bytes]]:
    """("head", …), then ("rows", …) of whole rows each, then ("tail", …) of a sheet's XML."""
    buffer = b""
    at = -1
    for chunk in chunks:
        buffer += chunk
        at = buffer.find(b"<sheetData")
        if at >= 0 and buffer.find(b">", at) >= 0:
            break
        if len(buffer) > BLOCK_BYTES:
            raise NotPlain
    end = buffer.find(b">", at) + 1
    if at < 0 or buffer[end - 2 : end - 1] == b"/":
        raise NotPlain
    yield "head", buffer[:end]
    parts, size = [buffer[end:]], len(buffer) - end
    for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size < BLOCK_BYTES:
            continue
        buffer = b"".join(parts)
        cut = buffer.rfind(b"</row>") + 6
        if cut > 6 and b"</sheetData" not in buffer:
            yield "rows", buffer[:cut]
            buffer = buffer[cut:]
        elif cut < 6 and sum(map(buffer.count, _CELL_TAGS)) > limits.MAX_SHEET_COLS:  # one row, not ended yet
            raise TooWide
        elif size > limits.MAX_ROW_BYTES:
            raise NotPlain
        parts, size = [buffer], len(buffer)
    buffer = b"".join(parts)
    cut = buffer.find(b"</sheetData>")
    if cut < 0:
        raise NotPlain
    yield "rows", buffer[:cut]
    yield "tail", buffer[cut:]


def scan(block: bytes, after: int) -> Cells:
    """The cells of whole rows; `after` is the last row before the block, from 0 (-1 at the beginning)."""
    if b"<!" in block or b"<?" in block:
        raise NotPlain
    a = np.frombuffer(block + b"\0" * 32, np.uint8)
    lt, gt = np.flatnonzero(a == 60), np.flatnonzero(a == 62)
    if len(lt) != len(gt) or (len(lt) and (not (lt < gt).all() or not (gt[:-1] < lt[1:]).all())):
        raise NotPlain  # a bracket in an attribute or outside any tag
    kind = _KIND[a[lt + 1].astype(np.uint16) * 256 + a[lt + 2]]
    row_tags = np.flatnonzero(kind == _ROW)
    numbers, hidden = _row_numbers(block, len(row_tags), after)
    closed = a[gt - 1] == 47
    kind = np.concatenate([kind, np.zeros(8, np.uint8)])
    c = np.flatnonzero(kind[:-8] == _C)
    of_row = np.searchsorted(row_tags, c) - 1
    if len(c) and of_row[0] < 0:
        raise NotPlain
    bad = np.zeros(len(row_tags), bool)
    strange = np.flatnonzero(kind[:-8] == 0)  # rich text, extensions: their rows are odd
    if len(strange):
        at = np.searchsorted(row_tags, strange) - 1
        if at[0] < 0:
            raise NotPlain
        bad[at] = True
    start, end, has_value, inline, wrong = _values(kind, lt, gt, closed, c)
    bad[of_row[wrong]] = True
    keep = has_value & ~bad[of_row]
    c, of_row, start, end, inline = c[keep], of_row[keep], start[keep], end[keep], inline[keep]
    cols, style, letter, wrong = _attributes(a, lt[c], gt[c], numbers[of_row] + 1, inline)
    is_text = (letter == ord("s")) | (letter == ord("S")) | inline
    wrong |= (letter == 0) | (end <= start)
    bad[of_row[wrong]] = True
    keep = ~bad[of_row]
    out, failed = _typed(block, a, cols[keep], style[keep], letter[keep], is_text[keep], start[keep], end[keep])
    rows = numbers[of_row[keep]]
    if len(failed):
        bad[of_row[keep][failed]] = True
        keep2 = ~bad[of_row[keep]]
        rows = rows[keep2]
        out = _only(out, keep2)
    out.rows = rows.astype(np.int32)
    _ordered(out)
    if bad.any():
        edges = np.append(lt[row_tags], len(block))
        out.odd = [block[edges[i] : edges[i + 1]] for i in np.flatnonzero(bad)]
    out.hidden_rows = hidden
    out.last_row = int(numbers[-1]) if len(numbers) else after
    return out


def _row_numbers(block: bytes, count: int, after: int) -> tuple[Any, list[int]]:
    """Row numbers from 0, and which of them are hidden. Raises NotPlain where they do not rise."""
    out = np.empty(count, np.int64)
    hidden: list[int] = []
    last = after
    n = 0
    for match in _ROW_TAG.finditer(block):
        attributes = match[1]
        number = _ROW_NUMBER.search(attributes)
        row = int(number[1]) - 1 if number else last + 1
        if row <= last or row >= 1_048_576 or n >= count:
            raise NotPlain
        if b"hidden" in attributes and re.search(rb'\shidden="(?:1|true|on)"', attributes):
            hidden.append(row)
        out[n] = last = row
        n += 1
    if n != count:
        raise NotPlain
    return out, hidden


def _values(kind: Any, lt: Any, gt: Any, closed: Any, c: Any) -> tuple[Any, Any, Any, Any, Any]:
    """Where each cell's value stands: start, end, whether it has one, whether it is inline, whether it is irregular."""
    n = len(c)
    start, end = np.zeros(n, np.int64), np.zeros(n, np.int64)
    has, inline = np.zeros(n, bool), np.zeros(n, bool)
    k = [kind[c + i] for i in range(7)]
    shut = np.concatenate([closed, np.zeros(8, bool)])
    own_closed = closed[c]
    blank = own_closed | (k[1] == _END_C) | ((k[1] == _V) & shut[c + 1] & (k[2] == _END_C))
    simple = ~own_closed & (k[1] == _V) & ~shut[c + 1] & (k[2] == _END_V) & (k[3] == _END_C)
    with_f = ~own_closed & (k[1] == _F)
    f_open = (
        with_f & ~shut[c + 1] & (k[2] == _END_F) & (k[3] == _V) & ~shut[c + 3] & (k[4] == _END_V) & (k[5] == _END_C)
    )
    f_shut = with_f & shut[c + 1] & (k[2] == _V) & ~shut[c + 2] & (k[3] == _END_V) & (k[4] == _END_C)
    is_text = ~own_closed & (k[1] == _IS) & ~shut[c + 1] & (k[2] == _T) & ~shut[c + 2] & (k[3] == _END_T)
    is_text &= (k[4] == _END_IS) & (k[5] == _END_C)
    for mask, step in ((simple, 1), (f_open, 3), (f_shut, 2), (is_text, 2)):
        at = c[mask] + step
        start[mask], end[mask] = gt[at] + 1, lt[at + 1]
        has |= mask
    inline = is_text
    return start, end, has, inline, ~(blank | has)


def _attributes(a: Any, lt: Any, gt: Any, number: Any, inline: Any) -> tuple[Any, Any, Any, Any]:
    """Column from 0, style, type letter (0 for one that is handled elsewhere) and irregularity of cell tags.

    The plain form is `<c r="F7" s="3" t="s">`, style and type left out where they are the default.
    """
    wrong = (a[lt + 3] != ord("r")) | (a[lt + 4] != ord("=")) | (a[lt + 5] != ord('"'))
    p = lt + 6
    col = np.zeros(len(lt), np.int32)
    more = np.ones(len(lt), bool)
    for _ in range(3):
        letter = a[p]
        more = more & (letter >= 65) & (letter <= 90)
        col = np.where(more, col * 26 + letter - 64, col)
        p = p + more
    wrong |= (col < 1) | (col > 16_384)
    read = np.zeros(len(lt), np.int64)
    digits = np.ones(len(lt), bool)
    for _ in range(7):
        d = a[p]
        digits = digits & (d >= 48) & (d <= 57)
        read = np.where(digits, read * 10 + d - 48, read)
        p = p + digits
    wrong |= (read != number) | (a[p] != ord('"'))
    p = np.minimum(p + 1, gt)
    style = np.zeros(len(lt), np.int32)
    styled = (a[p] == 32) & (a[p + 1] == ord("s")) & (a[p + 2] == ord("=")) & (a[p + 3] == ord('"'))
    q = np.where(styled, p + 4, p)
    digits = styled.copy()
    for _ in range(5):
        d = a[q]
        digits = digits & (d >= 48) & (d <= 57)
        style = np.where(digits, style * 10 + d - 48, style)
        q = q + digits
    wrong |= styled & (a[q] != ord('"'))
    p = np.where(styled, q + 1, p)
    typed = (a[p] == 32) & (a[p + 1] == ord("t")) & (a[p + 2] == ord("=")) & (a[p + 3] == ord('"'))
    first, second = a[p + 4], a[p + 5]
    short = typed & (second == ord('"'))
    letter = np.where(typed, 0, ord("n"))
    letter = np.where(short & ((first == ord("n")) | (first == ord("s"))), first, letter)
    is_str = typed & (first == ord("s")) & (second == ord("t")) & (a[p + 6] == ord("r")) & (a[p + 7] == ord('"'))
    letter = np.where(is_str, ord("S"), letter)
    is_inline = typed & (first == ord("i")) & (a[p + 13] == ord('"'))
    letter = np.where(is_inline & inline, ord("i"), letter)
    length = np.where(short, 6, np.where(is_str, 8, np.where(is_inline, 14, 0)))
    p = p + length
    wrong |= (a[p] != 62) | (p != gt) | (inline & ~is_inline)
    return col - 1, style, letter, wrong


def _typed(
    block: bytes, a: Any, cols: Any, style: Any, letter: Any, is_text: Any, start: Any, end: Any
) -> tuple[Cells, Any]:
    """The block's cells without their rows, and the places of those that are not what their type says."""
    n = len(cols)
    kind = np.full(n, TEXT, np.uint8)
    payload = np.zeros(n, np.int64)
    exponent = np.zeros(n, np.int8)
    failed: list[Any] = []
    numeric = np.flatnonzero(letter == ord("n"))
    if len(numeric):
        values, wrong = _cast(block, start[numeric], end[numeric], pa.float64())
        wrong |= ~np.isfinite(values)
        kind[numeric], payload[numeric], exponent[numeric] = split_doubles(np.where(wrong, 0.0, values))
        failed.append(numeric[wrong])
    shared = np.flatnonzero(letter == ord("s"))
    if len(shared):
        values, wrong = _cast(block, start[shared], end[shared], pa.int64())
        payload[shared] = values
        failed.append(shared[wrong | (values < 0)])
    out = Cells(None, cols, kind, payload, exponent, np.minimum(style, 65_535).astype(np.uint16))
    own = np.flatnonzero(is_text & (letter != ord("s")))
    if len(own):
        encoded = _slices(block, start[own], end[own]).dictionary_encode()
        payload[own] = -1 - encoded.indices.to_numpy()  # negative: the block's own texts
        out.texts = decoded(encoded.dictionary)
    return out, np.concatenate(failed) if failed else np.empty(0, np.int64)


def _slices(block: bytes, start: Any, end: Any) -> Any:
    """The stretches of a block as an Arrow string array, copied once."""
    n = len(start)
    offsets = np.empty(2 * n, np.int32)
    offsets[0::2], offsets[1::2] = start, end
    whole = pa.Array.from_buffers(pa.string(), 2 * n - 1, [None, pa.py_buffer(offsets), pa.py_buffer(block)])
    return whole.take(pa.array(np.arange(0, 2 * n - 1, 2)))


def _cast(block: bytes, start: Any, end: Any, to: Any) -> tuple[Any, Any]:
    """Numbers of stretches of text, and which of them are none."""
    texts = _slices(block, start, end)
    try:
        return pc.cast(texts, to).to_numpy(zero_copy_only=False), np.zeros(len(start), bool)
    except pa.ArrowInvalid:
        pattern = r"^-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$" if to == pa.float64() else r"^[0-9]{1,9}$"
        good = pc.match_substring_regex(texts, pattern)
        fixed = pc.if_else(good, texts, "0")
        return pc.cast(fixed, to).to_numpy(zero_copy_only=False), ~good.to_numpy(zero_copy_only=False)


def decoded(texts: Any) -> Any:
    """Texts of XML as they were meant: entities, line ends and `_x000D_` resolved. Raises NotPlain for bad ones."""
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid as error:
        raise NotPlain from error
    marked = pc.match_substring_regex(texts, r"[&\r]|_x[0-9A-Fa-f]{4}_").to_numpy(zero_copy_only=False)
    if not marked.any():
        return texts
    listed = texts.to_pylist()
    for i in np.flatnonzero(marked):
        raw = listed[i].replace("\r\n", "\n").replace("\r", "\n")
        listed[i] = unescape(_ENTITY.sub(_character, raw))
    return pa.array(listed, pa.string())


def _character(match: re.Match[str]) -> str:
    decimal, hexadecimal, name = match.groups()
    if name is not None:
        return _NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16) if hexadecimal else 0
    if code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF:
        return chr(code)
    raise NotPlain


def _only(cells: Cells, keep: Any) -> Cells:
    out = Cells(None, cells.cols[keep], cells.kind[keep], cells.payload[keep], cells.exponent[keep], cells.style[keep])
    out.texts = cells.texts
    return out


def _ordered(cells: Cells) -> None:
    """Raises NotPlain where a row's cells do not stand from left to right, each place once."""
    rows, cols = cells.rows, cells.cols
    if len(rows) and ((rows[1:] == rows[:-1]) & (cols[1:] <= cols[:-1])).any():
        raise NotPlain
    if len(rows) and (cells.kind == ODD).any():
        raise NotPlain


def shared_strings(chunks: Iterator[bytes]) -> list[Any]:
    """The shared strings as Arrow arrays, in order. Raises NotPlain where one is rich text or phonetic."""
    out: list[Any] = []
    buffer = b""
    head = True
    for chunk in chunks:
        buffer += chunk
        if len(buffer) < BLOCK_BYTES and b"</sst>" not in buffer[-4096:]:
            continue
        if head:
            at = buffer.find(b"<si>")
            if at < 0 or b"<!" in buffer[:at]:
                raise NotPlain
            buffer, head = buffer[at:], False
        cut = buffer.rfind(b"</si>") + 5
        out.append(_items(buffer[:cut]))
        buffer = buffer[cut:]
    if head or not buffer.lstrip().startswith(b"</sst>"):
        raise NotPlain
    return out


def _items(block: bytes) -> Any:
    """One `<si><t>…</t></si>` each."""
    a = np.frombuffer(block + b"\0" * 8, np.uint8)
    lt, gt = np.flatnonzero(a == 60), np.flatnonzero(a == 62)
    if len(lt) % 4 or len(lt) != len(gt) or not (lt < gt).all() or not (gt[:-1] < lt[1:]).all():
        raise NotPlain
    first, second = a[lt + 1], a[lt + 2]
    plain = (first[0::4] == ord("s")) & (first[1::4] == ord("t")) & (second[2::4] == ord("t")) & (second[3::4] == 115)
    plain &= (first[2::4] == 47) & (first[3::4] == 47) & (a[gt[1::4] - 1] != 47)
    if not plain.all():
        raise NotPlain
    return decoded(_slices(block, gt[1::4] + 1, lt[2::4]))
