"""ZIP archives: a list of what is inside, and each entry as a child document.

The container guard has looked at the directory before any entry is inflated; names are decoded as Chinese packers
write them. Entries are read, not judged: each is a file of its own later, under the guards of any file.
"""

from __future__ import annotations

import posixpath
import re

import msgspec

from extractors.document import Anchor, Child, Document, ReadError
from extractors.formats import limits
from extractors.formats.draft import Draft
from extractors.formats.guard import Container
from extractors.formats.sniff import Sniffed

_JUNK = re.compile(r"(?:^|/)(?:__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|~\$|\._)", re.IGNORECASE)
"""What systems and office programs leave behind: folders' settings, previews, locks."""
_OFFICE = re.compile(r"/?(?:\[Content_Types\]\.xml$|_rels/\.rels$|(?:word|xl|ppt)/|OFD\.xml$|Doc_\d+/)", re.IGNORECASE)
"""Parts at the root that only office and OFD files have."""
_SEPARATOR = "!/"  # parts a container's path from the path inside it; no name may hold it


def read(data: bytes, name: str, sniffed: Sniffed) -> Document:
    """Reads a ZIP archive. Raises `ReadError` (`bad_container`, `zip_bomb`, `needs_password`, `empty_text`)."""
    container = Container(data, name)
    _refuse_office(container, name)
    packing = Packing(Draft(data, name, "zip"))
    for entry in container.names:
        if packing.wants(entry):
            try:
                packing.add(entry, container.read(entry, limit=limits.MAX_FILE_BYTES))
            except ReadError as error:
                if error.code != "bad_container":
                    raise
                packing.lose(entry, "已损坏，无法解压")
    return packing.finish()


def _refuse_office(container: Container, name: str) -> None:
    """Raises `ReadError("bad_container")` for an office or OFD file that lost the part which would tell what it is."""
    if any(_OFFICE.match(n.replace("\\", "/")) for n in container.names):
        raise ReadError(
            "bad_container", f"文件“{name}”是缺少主要部件的办公文档或OFD文件，无法打开，请向报送单位索取完好的文件。"
        )


def clean_name(entry: str) -> str:
    """An entry's path with forward slashes, no leading slash, and nothing that could be taken for a separator."""
    path = posixpath.normpath(entry.replace("\\", "/")).lstrip("/")
    return path.replace(_SEPARATOR, "！/")


class Packing:
    """The entries of one archive as they are taken out."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.children: list[Child] = []
        self.bytes = 0
        self.junk = 0

    def wants(self, entry: str) -> bool:
        """False for what systems leave behind; it is counted."""
        junk = _JUNK.search(entry) is not None
        self.junk += junk
        return not junk

    def add(self, entry: str, data: bytes) -> None:
        """Adds an entry, or says why it is left out."""
        if self.bytes + len(data) > limits.MAX_CHILDREN_BYTES:
            self.lose(
                entry, f"未解出（解压总量超过{limits.MAX_CHILDREN_BYTES // limits.MEGABYTE}MB），请拆分后重新报送"
            )
            return
        self.bytes += len(data)
        self.children.append(Child(name=clean_name(entry), how="entry", data=data))
        self._line(entry)

    def lose(self, entry: str, why: str) -> None:
        """Records an entry that could not be taken out."""
        self._line(entry)
        self.draft.notice("entry_not_read", f"压缩包“{self.draft.name}”中的“{clean_name(entry)}”{why}。", partial=True)

    def _line(self, entry: str) -> None:
        self.draft.paragraph(clean_name(entry), Anchor(paragraph=len(self.draft.blocks) + 1))

    def finish(self) -> Document:
        """The document of the archive: its text is the list of its entries."""
        name = self.draft.name
        if not self.draft.blocks:
            raise ReadError("empty_text", f"压缩包“{name}”里没有文件，请核对原件后重新报送。")
        if self.junk:
            self.draft.notice("entries_left_out", f"压缩包“{name}”中的{self.junk}个系统或临时文件未收。")
        return msgspec.structs.replace(self.draft.finish(), children=tuple(self.children))
