"""XML of documents, read without DTDs, entities or network, with caps on size and depth.

libxml2's own limits (depth 256, 10 MB a text node, entity amplification) stay on: `huge_tree` is never set, and
`recover` is never set, since a recovering parser can return nothing and call it success.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator

from lxml import etree

from extractors.document import ReadError
from extractors.formats import limits

_DOCTYPE = re.compile(rb"<\0?!\0?D\0?O\0?C\0?T\0?Y\0?P\0?E")
_HEAD = 64 * 1024


def _bad(name: str, part: str) -> ReadError:
    where = f"中的“{part}”" if part else ""
    return ReadError("bad_xml", f"文件“{name}”{where}内容已损坏，无法解析，请向报送单位索取完好的文件。")


def refuse_doctype(head: bytes, name: str, part: str = "") -> None:
    """Raises `ReadError("bad_xml")` for a part that declares a document type: office formats never do."""
    if _DOCTYPE.search(head[:_HEAD]):
        raise _bad(name, part)


def tree(data: bytes, name: str, part: str = "") -> etree._Element:
    """The root of one XML part. Raises `ReadError("bad_xml")`."""
    if len(data) > limits.MAX_TREE_PART_BYTES:
        raise ReadError("too_large", f"文件“{name}”中的“{part}”过大，请拆分后重新报送。")
    refuse_doctype(data, name, part)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=False
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _bad(name, part) from error


class _Stream(io.RawIOBase):
    """The chunks of a container's part as a file that iterparse can read."""

    def __init__(self, chunks: Iterable[bytes], name: str, part: str) -> None:
        self._chunks = iter(chunks)
        self._rest = b""
        self._first = True
        self._name, self._part = name, part

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            if self._first:
                refuse_doctype(chunk, self._name, self._part)
                self._first = False
            self._rest = chunk
        if size < 0:
            out, self._rest = self._rest, b""
        else:
            out, self._rest = self._rest[:size], self._rest[size:]
        return out


def stream(chunks: Iterable[bytes], tags: tuple[str, ...], name: str, part: str) -> Iterator[etree._Element]:
    """Finished elements with one of the local names `tags`, in order; each is emptied after use.

    Memory holds one element at a time. Raises `ReadError("bad_xml")`.
    """
    source = _Stream(chunks, name, part)
    try:
        events = etree.iterparse(
            source,
            events=("end",),
            tag=tuple("{*}" + t for t in tags),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        )
        for _, element in events:
            yield element
            element.clear()
            parent = element.getparent()
            if parent is not None:
                while element.getprevious() is not None:
                    del parent[0]
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _bad(name, part) from error


def local(element: etree._Element) -> str:
    """The tag without its namespace; an empty string for comments and processing instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
