"""The container of an OFD file: its parts by the paths that other parts write, and their XML in whatever encoding.

GB/T 33190-2016, 7.2: a path that starts with a slash counts from the package's root, any other from the folder of the
part that names it. Producers mix both up, and case and slashes as well, so the other reading is tried too.
"""

from __future__ import annotations

import codecs
import posixpath
import re
from collections.abc import Iterator

from lxml import etree

from extractors.document import ReadError
from extractors.formats import limits
from extractors.formats.guard import Container
from extractors.formats.safexml import local, refuse_doctype, tree

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "gb_2312-80": "gb18030"}
_PREFIXED = re.compile(r"<(/?)[\w.-]*:(?=[\w.-])")
_NAMESPACE = re.compile(r"""\sxmlns(?::[\w.-]*)?\s*=\s*(?:"[^"]*"|'[^']*')""")
_PREFIXED_ATTRIBUTE = re.compile(r"(\s)[\w.-]+:(?=[\w.-]+\s*=)")


class Package:
    """An OFD file's parts. `repaired` and `garbled` name the XML parts that had to be mended to be read."""

    def __init__(self, data: bytes, name: str) -> None:
        """Raises `ReadError` as `guard.Container` does."""
        self.name = name
        self._container = Container(data, name)
        self._places = {_plain(n).casefold(): n for n in self._container.names}
        self.repaired: list[str] = []
        self.garbled: list[str] = []

    @property
    def names(self) -> list[str]:
        """All parts, as stored."""
        return self._container.names

    def find(self, location: str | None, base: str = "") -> str | None:
        """The stored name of the part at a location written in part `base`; None when there is none."""
        place = (location or "").strip().replace("\\", "/")
        if not place:
            return None
        folder = posixpath.dirname(_plain(base))
        tries = (place,) if place.startswith("/") else (posixpath.join(folder, place), place)
        for attempt in (*tries, posixpath.join(folder, place.lstrip("/"))):
            found = self._places.get(_plain(posixpath.normpath(_plain(attempt))).casefold())
            if found is not None:
                return found
        return None

    def read(self, part: str) -> bytes:
        """One part's bytes. Raises `ReadError`."""
        return self._container.read(part)

    def xml(self, part: str) -> etree._Element:
        """The root of an XML part. Raises `ReadError` (`bad_xml`, `bad_container`, `zip_bomb`)."""
        data = self.read(part)
        refuse_doctype(data[: limits.MEGABYTE], self.name, part)
        text, lossless = _decoded(data)
        if not lossless:
            self.garbled.append(part)
        text = _DECLARATION.sub("", text, count=1).lstrip("\ufeff \t\r\n")
        try:
            return tree(text.encode("utf-8", "replace"), self.name, part)
        except ReadError:
            # prefixes that nobody declared, empty ones: the names are still the standard's
            bare = _PREFIXED_ATTRIBUTE.sub(r"\1", _NAMESPACE.sub("", _PREFIXED.sub(r"<\1", text)))
            root = tree(bare.encode("utf-8", "replace"), self.name, part)
            self.repaired.append(part)
            return root


def _plain(path: str) -> str:
    path = path.replace("\\", "/")
    while path.startswith(("/", "./")):
        path = path[1:] if path.startswith("/") else path[2:]
    return path


def _decoded(data: bytes) -> tuple[str, bool]:
    """An XML part as text, and whether every byte of it meant something."""
    if data.startswith(codecs.BOM_UTF8):
        tries = ["utf-8"]
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tries = ["utf-16"]
    elif data.startswith(b"<\x00"):
        tries = ["utf-16-le"]
    elif data.startswith(b"\x00<"):
        tries = ["utf-16-be"]
    else:
        said = _ENCODING.match(data)
        label = said.group(1).decode("ascii").lower() if said else "utf-8"
        tries = [_WIDER.get(label, label), "utf-8", "gb18030"]
    for encoding in tries:
        try:
            return data.decode(encoding), True
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("utf-16" if tries[0].startswith("utf-16") else "utf-8", "replace"), False


# --- elements by local name: producers use several namespaces, and none
def children(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    """Direct children of that local name."""
    if element is not None:
        for child in element:
            if local(child) == name:
                yield child


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """The first element along a path of local names."""
    for name in path:
        element = next(children(element, name), None)
        if element is None:
            return None
    return element


def text_of(element: etree._Element | None, *path: str) -> str | None:
    """The stripped text of the element along a path; None when it is missing or empty."""
    found = child(element, *path)
    return None if found is None else (all_text(found).strip() or None)


def all_text(element: etree._Element) -> str:
    """All text below an element."""
    return "".join(str(piece) for piece in element.itertext())


def attribute(element: etree._Element, name: str) -> str | None:
    """An attribute by local name, whatever its namespace and case."""
    value = element.get(name)
    if value is not None:
        return value
    wanted = name.lower()
    return next((str(v) for k, v in element.attrib.items() if str(k).rpartition("}")[2].lower() == wanted), None)
