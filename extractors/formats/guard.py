"""The guard before every zip-based format (docx, xlsx, ofd, zip): no parser sees a container that lies.

The central directory is read first and nothing else: number of parts, names, sizes, ratios, encryption, links.
Then the data ranges of the parts must not overlap (bombs reuse one range many times) and every local header must
name the same part as the directory. Bytes are counted while inflating, since declared sizes are only claims.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from itertools import pairwise

from extractors.document import ReadError
from extractors.formats import limits
from extractors.formats.draft import is_wide

_EOCD = b"PK\x05\x06"
_LOCAL = b"PK\x03\x04"
_LOCAL_SIZE = 30
_CHUNK = 256 * 1024
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAGS = 0x1 | 0x40


class Container:
    """A checked zip file in memory.

    `names` are the part names as the file gives them (GBK names decoded when the UTF-8 flag is off).
    """

    def __init__(self, data: bytes, name: str, *, expanded: int = limits.MAX_EXPANDED_BYTES) -> None:
        """Checks the container; `expanded` bounds all its parts together, in bytes.

        Raises `ReadError`: `zip_bomb`, `bad_container` or `needs_password`."""
        self._name = name
        self._data = data
        self._spent = 0
        self._expanded = expanded
        self._zip = self._open()
        self._parts: dict[str, zipfile.ZipInfo] = {}
        self._check_directory()
        self._check_ranges()

    @property
    def names(self) -> list[str]:
        """Names of all parts, folders left out."""
        return list(self._parts)

    def __contains__(self, part: str) -> bool:
        return part in self._parts

    def size(self, part: str) -> int:
        """Bytes of one part as the directory states them; never more are read."""
        return self._parts[part].file_size

    def find(self, part: str) -> str | None:
        """The part's name as stored, whatever case and slashes the container uses; None when there is none."""
        if part in self._parts:
            return part
        wanted = part.replace("\\", "/").lstrip("/").lower()
        return next((n for n in self._parts if n.replace("\\", "/").lstrip("/").lower() == wanted), None)

    def read(self, part: str, *, limit: int = limits.MAX_TREE_PART_BYTES) -> bytes:
        """One part, inflated, at most `limit` bytes. Raises `ReadError` (`zip_bomb`, `bad_container`)."""
        out = io.BytesIO()
        for chunk in self.chunks(part, limit=limit):
            out.write(chunk)
        return out.getvalue()

    def chunks(self, part: str, *, limit: int = limits.MAX_XML_PART_BYTES) -> Iterator[bytes]:
        """One part as it inflates; stops with `zip_bomb` as soon as a limit is crossed."""
        info = self._parts[part]
        got = 0
        try:
            with self._zip.open(info) as stream:
                while chunk := stream.read(_CHUNK):
                    got += len(chunk)
                    self._spent += len(chunk)
                    if got > limit or self._spent > 2 * self._expanded or got > info.file_size:
                        raise self._bomb()
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise self._bad(f"其中的“{part}”无法解压") from error

    # --- checks
    def _open(self) -> zipfile.ZipFile:
        tail = self._data[-(65_535 + 22) :]
        at = tail.rfind(_EOCD)
        if at < 0 or len(tail) - at < 22:
            raise self._bad("文件不完整（缺少目录）")
        entries, size = struct.unpack_from("<HI", tail, at + 10)
        if entries > limits.MAX_ENTRIES or (size != 0xFFFFFFFF and size > limits.MAX_DIRECTORY_BYTES):
            raise self._bomb()
        try:
            return zipfile.ZipFile(io.BytesIO(self._data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error, OverflowError) as error:
            raise self._bad("文件已损坏") from error

    def _check_directory(self) -> None:
        infos = self._zip.infolist()
        if len(infos) > limits.MAX_ENTRIES or sum(i.file_size for i in infos) > self._expanded:
            raise self._bomb()
        seen: set[str] = set()
        for info in infos:
            if info.flag_bits & _ENCRYPTED_FLAGS:
                raise ReadError("needs_password", f"文件“{self._name}”已加密，无法读取，请向报送单位索取未加密的版本。")
            if info.file_size > limits.RATIO_MATTERS_ABOVE and (
                info.file_size > limits.MAX_RATIO * max(info.compress_size, 1)
            ):
                raise self._bomb()
            name = _part_name(info)
            if not is_good_name(name) or stat.S_ISLNK(info.external_attr >> 16):
                raise self._bad("其中有不合规的文件名或链接")
            if name.lower() in seen:
                raise self._bad(f"其中的“{name}”出现两次")
            seen.add(name.lower())
            if not name.endswith("/"):
                self._parts[name] = info

    def _check_ranges(self) -> None:
        ranges = []
        for info in self._zip.infolist():
            at = info.header_offset
            head = self._data[at : at + _LOCAL_SIZE]
            if len(head) < _LOCAL_SIZE or head[:4] != _LOCAL:
                raise self._bad("文件已损坏")
            name_size, extra_size = struct.unpack_from("<HH", head, 26)
            local = self._data[at + _LOCAL_SIZE : at + _LOCAL_SIZE + name_size]
            encoding = "utf-8" if info.flag_bits & _UTF8_FLAG else "cp437"
            if local != info.orig_filename.encode(encoding, "surrogateescape"):
                raise self._bad("目录与内容不一致")
            start = at + _LOCAL_SIZE + name_size + extra_size
            if start + info.compress_size > len(self._data):
                raise self._bad("文件不完整")
            ranges.append((at, start + info.compress_size))
        ranges.sort()
        for (_, end), (start, _) in pairwise(ranges):
            if start < end:
                raise self._bomb()

    def _bomb(self) -> ReadError:
        return ReadError(
            "zip_bomb",
            f"文件“{self._name}”解压后异常庞大或结构异常（疑似压缩炸弹），已拒绝读取，请核实来源后索取正常文件。",
        )

    def _bad(self, why: str) -> ReadError:
        return ReadError("bad_container", f"文件“{self._name}”{why}，无法打开，请向报送单位索取完好的文件。")


def _part_name(info: zipfile.ZipInfo) -> str:
    """The part's name; without the UTF-8 flag Chinese packers write GBK, some UTF-8; zipfile reads both as cp437."""
    if info.flag_bits & _UTF8_FLAG:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            name = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        # GBK of a few characters may pass for UTF-8 of Greek or Cyrillic letters, never of Chinese
        if encoding != "utf-8" or name.isascii() or any(is_wide(c) for c in name):
            return name
    return info.filename


def is_good_name(name: str) -> bool:
    """True for a relative path that stays inside its container, of ordinary length and characters."""
    path = name.replace("\\", "/")
    if not path or len(path) > limits.MAX_PART_NAME or any(ord(c) < 0x20 for c in path):
        return False
    return ".." not in path.split("/") and not (len(path) > 1 and path[1] == ":")
