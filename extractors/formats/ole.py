"""Just enough of the Compound File Binary format ([MS-CFB]) to say what an OLE file is: its stream names.

Directory entries are 128 bytes, aligned to 128 from byte 512 on, the name first in UTF-16 with its length behind.
Looking them up by name needs no allocation table and so survives damaged files.
"""

from __future__ import annotations

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENTRY = 128
_HEADER = 512
_TYPES = (1, 2)  # storage, stream

KNOWN = (
    "EncryptedPackage", "EncryptionInfo", "WordDocument", "Workbook", "Book", "PowerPoint Document", "MatOST",
)  # fmt: skip


def stream_names(data: bytes) -> set[str]:
    """Which of the `KNOWN` streams the file's directory names."""
    return {name for name in KNOWN if _has(data, name)}


def _has(data: bytes, name: str) -> bool:
    wanted = name.encode("utf-16-le") + b"\x00\x00"
    at = data.find(wanted, _HEADER)
    while at >= 0:
        if (at - _HEADER) % _ENTRY == 0 and at + _ENTRY <= len(data):
            length = int.from_bytes(data[at + 64 : at + 66], "little")
            if length == len(wanted) and data[at + 66] in _TYPES:
                return True
        at = data.find(wanted, at + 2)
    return False
