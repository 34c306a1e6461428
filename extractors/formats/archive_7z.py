"""7z archives through py7zr, under the guards of ZIP: everything is judged by the directory before it is unpacked."""

from __future__ import annotations

import io
import lzma
import re
import struct
import zlib

from extractors.document import Document, ReadError
from extractors.formats import limits
from extractors.formats.archive import Packing
from extractors.formats.draft import Draft
from extractors.formats.guard import is_good_name
from extractors.formats.sniff import Sniffed


def read(data: bytes, name: str, sniffed: Sniffed) -> Document:
    """Reads a 7z archive. Raises `ReadError` (`bad_container`, `zip_bomb`, `needs_password`, `empty_text`)."""
    import py7zr
    from py7zr.exceptions import ArchiveError, PasswordRequired
    from py7zr.io import BytesIOFactory

    packing = Packing(Draft(data, name, "7z"))
    try:
        with py7zr.SevenZipFile(io.BytesIO(data)) as archive:
            if archive.needs_password():
                raise _locked(name)
            files = archive.list()
            _check([(f.filename, f.uncompressed or 0, f.is_symlink) for f in files], len(data), name)
            wanted = [f.filename for f in files if f.is_file and packing.wants(f.filename)]
            made = BytesIOFactory(limits.MAX_EXPANDED_BYTES)
            if wanted:
                archive.extract(targets=wanted, factory=made)
    except PasswordRequired as error:
        raise _locked(name) from error
    except (ArchiveError, lzma.LZMAError, zlib.error, struct.error, EOFError, OSError) as error:
        raise _bad(name) from error
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, RuntimeError) as error:
        raise _bad(name) from error  # what py7zr lets out of damaged headers
    for entry in wanted:
        product = made.products.get(entry)
        if product is None:
            packing.lose(entry, "未能解压")
            continue
        product.seek(0)
        packing.add(entry, product.read())
    return packing.finish()


def _check(entries: list[tuple[str, int, bool]], packed: int, name: str) -> None:
    """The directory's guard; the ratio is that of the whole, since 7z packs files together."""
    total = sum(size for _, size, _ in entries)
    if (
        len(entries) > limits.MAX_ENTRIES
        or total > limits.MAX_EXPANDED_BYTES
        or (total > limits.RATIO_MATTERS_ABOVE and total > limits.MAX_RATIO * packed)
    ):
        raise ReadError(
            "zip_bomb", f"文件“{name}”解压后异常庞大（疑似压缩炸弹），已拒绝读取，请核实来源后索取正常文件。"
        )
    seen = set()
    for entry, _, is_link in entries:
        plain = re.sub(r"[\\/]+", "/", entry).lower()
        if is_link or plain in seen or not is_good_name(entry):
            raise ReadError(
                "bad_container", f"文件“{name}”其中有不合规或重复的文件名或链接，无法打开，请向报送单位索取完好的文件。"
            )
        seen.add(plain)


def _locked(name: str) -> ReadError:
    return ReadError("needs_password", f"文件“{name}”已加密，无法读取，请向报送单位索取未加密的版本。")


def _bad(name: str) -> ReadError:
    return ReadError("bad_container", f"文件“{name}”已损坏，无法解压，请向报送单位索取完好的文件。")
