"""Bytes to text for every plain-text format: which encoding, how sure, and what was odd about it.

Order: byte-order mark; UTF-16 without a mark, by its pattern of NUL bytes; strict UTF-8; then GB18030 against Big5
by how ordinary the characters are that each would give. Labels in the file are only a hint: pages labelled gb2312
hold GBK and GB18030 characters every day (GB 18030-2022 is a superset of both). UTF-7 is never tried.
"""

from __future__ import annotations

import codecs
import re

import msgspec

from extractors.document import Notice, ReadError

_SAMPLE = 200_000
_ENOUGH = 4_000_000  # bytes that show whether broken places are few
_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LABELS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "big5": "big5",
    "big5-hkscs": "big5",
    "utf-8": "utf-8",
    "utf8": "utf-8",
}
# Control characters that no text file holds: all but TAB, LF, VT, FF, CR, SUB (end mark of DOS) and ESC.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1c-\x1f]")
_LATIN1_HINT = re.compile(r"[\x80-\x9f]")


class Decoded(msgspec.Struct, frozen=True, kw_only=True):
    """Text with LF newlines and no BOM, the encoding it was in, and notices about doubtful places."""

    text: str
    encoding: str
    notices: tuple[Notice, ...] = ()


def decode(data: bytes, name: str, *, label: str | None = None) -> Decoded:
    """Decodes a text file; `label` is what the file says of itself (a page's charset).

    Raises `ReadError("unknown_encoding")` when no encoding gives text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _lenient(data[len(mark) :], encoding, name)
    wide = _utf16_by_pattern(data)
    if wide is not None:
        return _lenient(data, wide, name)
    try:
        return _finish(data.decode("utf-8"), "utf-8", name)
    except UnicodeDecodeError as error:
        almost_utf8 = _almost_utf8(data, error)
    guesses: list[tuple[float, str, str]] = []
    for encoding in ("gb18030", "big5"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        bonus = 0.1 if label is not None and _LABELS.get(label.strip().lower()) == encoding else 0.0
        guesses.append((_ordinary(text) + bonus, encoding, text))
    if guesses and not almost_utf8:
        _, encoding, text = max(guesses, key=lambda g: g[0])
        return _finish(text, encoding, name)
    # Nothing fits strictly: a mixed or damaged file. Keep what can be read and say so.
    return _lenient(data, "utf-8" if almost_utf8 else "gb18030", name)


def is_text(data: bytes) -> bool:
    """True when the bytes look like a text file in one of the known encodings."""
    if not data:
        return False
    sample = data[:_SAMPLE]
    if any(sample.startswith(mark) for mark, _ in _MARKS) or _utf16_by_pattern(sample) is not None:
        return True
    if b"\x00" in sample:
        return False
    for encoding in ("utf-8", "gb18030", "big5"):
        text = _decode_sample(sample, encoding)
        if text is not None:
            odd = len(_CONTROL.findall(text))
            return odd <= len(text) * 0.002 and (encoding == "utf-8" or _ordinary(text) > 0.3)
    # mixed encodings: text still, if nearly all of it decodes and nothing looks like binary
    for encoding in ("utf-8", "gb18030"):
        text = sample.decode(encoding, "replace")
        if text.count("\ufffd") < len(text) * 0.02 and len(_CONTROL.findall(text)) <= len(text) * 0.002:
            return _ordinary(text) > 0.5
    return False


def _decode_sample(sample: bytes, encoding: str) -> str | None:
    """The sample as strict text; a character cut in two at the sample's end does not count."""
    try:
        return codecs.getincrementaldecoder(encoding)("strict").decode(sample, final=len(sample) < _SAMPLE)
    except UnicodeDecodeError:
        return None


def _utf16_by_pattern(data: bytes) -> str | None:
    """UTF-16 without a mark: LF, CR, digits and ASCII leave NULs on one side only; pure Chinese leaves LF pairs."""
    sample = data[: _SAMPLE & ~1]
    if len(sample) < 4 or len(data) % 2 or b"\x00" not in sample:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    encoding = "utf-16-le" if odd > 4 * even else "utf-16-be" if even > 4 * odd else None
    if encoding is None:
        return None
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return None
    return encoding if _ordinary(text) > 0.8 and len(_CONTROL.findall(text)) <= len(text) * 0.002 else None


def _ordinary(text: str) -> float:
    """Share of non-ASCII characters that everyday Chinese uses (1.0 for pure ASCII).

    The first level of GB 2312 holds the 3,755 everyday characters; wrong guesses give rare ones.
    """
    sample = [c for c in text[:20_000] if ord(c) > 0x7F]
    if not sample:
        return 1.0
    good = 0.0
    for char in sample:
        try:
            pair = char.encode("gb2312")
        except UnicodeEncodeError:
            try:
                pair = char.encode("big5")
            except UnicodeEncodeError:
                continue
            good += 0.9 if 0xA4 <= pair[0] <= 0xC6 else 0.6 if pair[0] <= 0xA3 else 0.1
            continue
        if 0xB0 <= pair[0] <= 0xD7:
            good += 1
        elif pair[0] in (0xA1, 0xA2, 0xA3):
            good += 0.9
        else:
            good += 0.25
    return good / len(sample)


def _almost_utf8(data: bytes, error: UnicodeDecodeError) -> bool:
    """True for UTF-8 with a few broken places (a cut character at the end, one bad byte in a long file)."""
    if error.reason == "unexpected end of data" and error.start >= len(data) - 4:
        return data[: error.start].count(b"\xe4") + data[: error.start].count(b"\xe5") > 2 or error.start > 64
    text = data[:_ENOUGH].decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = len(text) - len(text.encode("ascii", "ignore")) - bad
    return good > 4 * bad


def _lenient(data: bytes, encoding: str, name: str) -> Decoded:
    text = data.decode(encoding, "replace")
    if text.count("\ufffd") > max(8, len(text) // 10):
        raise ReadError(
            "unknown_encoding",
            f"文件“{name}”的文字编码无法识别，请用记事本另存为UTF-8编码后重新报送。",
        )
    return _finish(text, encoding, name)


def _finish(text: str, encoding: str, name: str) -> Decoded:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    notices = []
    bad = text.count("\ufffd")
    if bad:
        line = text.count("\n", 0, text.index("\ufffd")) + 1
        notices.append(
            Notice(
                code="undecodable_characters",
                message=f"文件“{name}”有{bad}处文字无法解码（第{line}行起），可能混用了多种编码，请对照原件核对。",
                partial=True,
            )
        )
    if encoding == "utf-8" and _LATIN1_HINT.search(text) and _mojibake(text):
        notices.append(
            Notice(
                code="garbled_text",
                message=f"文件“{name}”的部分文字疑似乱码（曾以错误编码转存），请索取原件。",
                partial=True,
            )
        )
    return Decoded(text=text, encoding=encoding, notices=tuple(notices))


def _mojibake(text: str) -> bool:
    """Chinese that was once read as Latin-1: runs of accented letters and C1 controls, no Han at all."""
    high = [c for c in text[:20_000] if ord(c) > 0x7F]
    return len(high) > 20 and sum(1 for c in high if 0x80 <= ord(c) <= 0xFF) > 0.9 * len(high)
