"""Files inside office documents: embedded workbooks, packages, attached files. They come out as children, unread.

An embedded object is a file itself (a zip, a pdf, a whole OLE file), or an OLE wrapper around one: stream `Package`
([MS-OLEDS] 2.2.5), `Ole10Native` (2.3.6) with the file's own name, or `CONTENTS`.
"""

from __future__ import annotations

import io
import posixpath
import struct
from collections.abc import Iterable, Iterator

from extractors.document import Child
from extractors.formats import limits, ole
from extractors.formats.draft import Draft

_NATIVE = "\x01ole10native"
_WHOLE = (("workbook", ".xls"), ("book", ".xls"), ("worddocument", ".doc"), ("powerpoint document", ".ppt"))
_BARE = ((b"PK\x03\x04", ""), (b"%PDF-", ".pdf"), (b"{\\rtf", ".rtf"))


class Embedded:
    """Collects children; what cannot be taken out is said in a notice that makes the document partial."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._bytes = 0
        self.children: list[Child] = []

    def add(self, path: str, blob: bytes) -> None:
        """An embedded part under its path in the container."""
        found = unwrapped(posixpath.basename(path), blob)
        if found is None:
            self.lose(path)
            return
        self.put(*found)

    def put(self, name: str, data: bytes) -> None:
        """A file that has been taken out of its wrapper already."""
        self._bytes += len(data)
        if self._bytes > limits.MAX_CHILDREN_BYTES:
            self.lose(name)
            return
        taken = {c.name for c in self.children}
        unique, number = name, 1
        while unique in taken:
            number += 1
            unique = f"{number}-{name}"
        self.children.append(Child(name=unique, how="embedded", data=data))

    def lose(self, path: str) -> None:
        """Says that an embedded object was not taken out."""
        self._draft.notice(
            "embedded_object",
            f"文件“{self._draft.name}”：嵌入的对象（{posixpath.basename(path)}）未能取出读取，请打开原件核对。",
            partial=True,
        )

    def tell(self) -> None:
        """Says which embedded files came out."""
        if self.children:
            names = "、".join(c.name for c in self.children[:5])[:120]
            self._draft.notice(
                "embedded_files",
                f"文件“{self._draft.name}”嵌有{len(self.children)}个文件（{names}），已取出另行读取，未计入正文。",
            )


def unwrapped(name: str, blob: bytes) -> tuple[str, bytes] | None:
    """(name, content) of the file that an embedded part holds, or None for an object that is no file."""
    for magic, extension in _BARE:
        if blob.startswith(magic):
            return (name if not extension or name.endswith(extension) else name + extension), blob
    if not blob.startswith(ole.MAGIC):
        return None
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(blob), raise_defects=olefile.DEFECT_FATAL) as container:
            streams = {"/".join(p).lower(): p for p in container.listdir(streams=True, storages=False)}

            def stream(key: str) -> bytes:
                return bytes(container.openstream(streams[key]).read())

            stem = name.rpartition(".")[0] or name
            for key, extension in _WHOLE:
                if key in streams:
                    return stem + extension, blob
            if _NATIVE in streams:
                return native(stream(_NATIVE), stem)
            for key in ("package", "contents"):
                if key in streams:
                    return unwrapped(stem, stream(key))
    except Exception:  # noqa: BLE001 - olefile lets a dozen types out; the caller says that the object stays closed
        return None
    return None


def native(raw: bytes, name: str) -> tuple[str, bytes] | None:
    """The file in an Ole10Native stream: a label, two paths, then its size and bytes; None when it lies about them."""
    try:
        at = 6
        label, at = _text(raw, at)
        _, at = _text(raw, at)
        at += 4
        at += 4 + struct.unpack_from("<I", raw, at)[0]
        size = struct.unpack_from("<I", raw, at)[0]
    except (struct.error, ValueError):
        return None
    data = raw[at + 4 : at + 4 + size]
    if not data or len(data) < size:
        return None
    return posixpath.basename(label.replace("\\", "/")) or name, data


def from_pool(objects: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes | None]]:
    """(name, file) of each storage of a Word file's ObjectPool; None for an object that is no file of its own.

    A workbook or document stored stream by stream cannot be put together again without its container.
    """
    storages: dict[str, dict[str, bytes]] = {}
    for path, blob in objects:
        parts = path.split("/")
        if len(parts) >= 3:
            storages.setdefault(parts[1], {})[parts[-1].lower()] = blob
    for name, streams in storages.items():
        title = f"object{name.lstrip('_')}"
        if _NATIVE in streams:
            found = native(streams[_NATIVE], title)
            yield (title, None) if found is None else found
        elif "package" in streams or "contents" in streams:
            yield title, streams.get("package") or streams.get("contents")
        elif any(key in streams for key, _ in _WHOLE):
            yield title, None


def from_ole1(raw: bytes, name: str) -> tuple[str, bytes] | None:
    """The file in an OLE 1.0 object as RTF embeds it ([MS-OLEDS] 2.2.5); None when there is none."""
    try:
        at = 8
        names = []
        for _ in range(3):  # class, topic, item
            size = struct.unpack_from("<I", raw, at)[0]
            names.append(raw[at + 4 : at + 4 + size].rstrip(b"\0"))
            at += 4 + size
        size = struct.unpack_from("<I", raw, at)[0]
    except struct.error:
        return None
    data = raw[at + 4 : at + 4 + size]
    if names[0].lower() == b"package":
        return native(struct.pack("<I", len(data)) + data, name)
    return unwrapped(name, data)


def _text(raw: bytes, at: int) -> tuple[str, int]:
    end = raw.index(b"\0", at)
    return raw[at:end].decode("gb18030", "replace"), end + 1


def take_all(draft: Draft, parts: Iterable[tuple[str, bytes]]) -> list[Child]:
    """The files in these parts, told of in the draft's notices."""
    out = Embedded(draft)
    for path, blob in parts:
        out.add(path, blob)
    out.tell()
    return out.children
