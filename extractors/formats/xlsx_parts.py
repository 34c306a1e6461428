"""The parts of a workbook around its sheets: which sheets there are, shared strings, styles."""

from __future__ import annotations

import posixpath
from typing import Any

import msgspec
from lxml import etree

from extractors.document import ReadError
from extractors.formats import limits, safexml
from extractors.formats.guard import Container
from extractors.formats.numfmt import BUILTIN


class SheetInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A sheet's name, its part in the container and whether Excel hides it."""

    name: str
    part: str
    hidden: bool


class SharedStrings(msgspec.Struct, frozen=True, kw_only=True):
    """The texts that cells name by number: a list, or Arrow arrays (`chunks`) where there are very many."""

    listed: list[str] = []
    chunks: tuple[Any, ...] = ()

    def __len__(self) -> int:
        return len(self.listed) or sum(map(len, self.chunks))

    def arrays(self) -> list[Any]:
        """The texts as Arrow arrays."""
        import pyarrow as pa

        return [pa.array(self.listed, pa.string())] if self.listed else list(self.chunks)

    def __getitem__(self, index: int) -> str:
        if self.listed:
            return self.listed[index]
        for chunk in self.chunks:
            if index < len(chunk):
                return str(chunk[index].as_py())
            index -= len(chunk)
        raise IndexError(index)


class Workbook(msgspec.Struct, frozen=True, kw_only=True):
    """What sheets need to be read: strings, number formats by style, the epoch of dates."""

    sheets: tuple[SheetInfo, ...]
    other_sheets: tuple[str, ...]  # chart sheets, macro sheets, and sheets whose part is missing
    shared: SharedStrings
    formats: list[str]
    epoch_1904: bool
    title: str | None


def open_workbook(container: Container, name: str) -> Workbook:
    """Reads everything but the sheets. Raises `ReadError` (`bad_xlsx`, `bad_xml`, `too_large`)."""
    roots = relations(container, "", name)
    main = next((p for _, (t, p) in roots.items() if t == "officeDocument"), None) or container.find("xl/workbook.xml")
    if main is None:
        raise ReadError("bad_xlsx", f"文件“{name}”缺少工作簿部件，请用WPS或Excel重新另存为xlsx后报送。")
    root = safexml.tree(container.read(main), name, main)
    links = relations(container, main, name)
    sheets: list[SheetInfo] = []
    others: list[str] = []
    epoch = False
    for element in root.iter():
        tag = safexml.local(element)
        if tag == "workbookPr":
            epoch = str(element.get("date1904", "")).lower() in ("1", "true", "on")
        elif tag == "sheet":
            title = str(element.get("name", ""))
            identifier = next((str(v) for k, v in element.attrib.items() if str(k).endswith("}id")), "")
            kind, part = links.get(identifier, ("", ""))
            if kind == "worksheet" and len(sheets) < limits.MAX_SHEETS:
                hidden = str(element.get("state", "visible")) != "visible"
                sheets.append(SheetInfo(name=title, part=part, hidden=hidden))
            else:
                others.append(title)
    by_kind = dict(links.values())
    return Workbook(
        sheets=tuple(sheets),
        other_sheets=tuple(others),
        shared=_strings(container, by_kind.get("sharedStrings") or container.find("xl/sharedStrings.xml"), name),
        formats=_formats(container, by_kind.get("styles") or container.find("xl/styles.xml"), name),
        epoch_1904=epoch,
        title=_title(container, roots, name),
    )


def relations(container: Container, owner: str, name: str) -> dict[str, tuple[str, str]]:
    """id -> (last word of the type, part) of a part's inner relations ('' for the package)."""
    folder, _, base = owner.rpartition("/")
    path = container.find(f"{folder}/_rels/{base}.rels" if owner else "_rels/.rels")
    if path is None:
        return {}
    out = {}
    for element in safexml.tree(container.read(path), name, path):
        if safexml.local(element) != "Relationship" or element.get("TargetMode") == "External":
            continue
        target = str(element.get("Target", "")).replace("\\", "/")
        full = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        found = container.find(full)
        if found is not None:
            out[str(element.get("Id", ""))] = (str(element.get("Type", "")).rpartition("/")[2], found)
    return out


def rich_text(element: etree._Element) -> str:
    """The text of a string item or inline string, phonetic guides left out."""
    out = []
    for child in element:
        tag = safexml.local(child)
        if tag == "t":
            out.append(child.text or "")
        elif tag == "r":
            out.extend(t.text or "" for t in child if safexml.local(t) == "t")
    return unescape("".join(out))


def unescape(text: str) -> str:
    """`_x000D_` and the like back into characters (18.4.12 of ECMA-376)."""
    if "_x" not in text:
        return text
    import re

    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: _char(m.group(1)), text)


def _char(code: str) -> str:
    char = chr(int(code, 16))
    return "" if 0xD800 <= ord(char) < 0xE000 or (ord(char) < 0x20 and char not in "\t\n\r") else char


def _strings(container: Container, part: str | None, name: str) -> SharedStrings:
    if part is None:
        return SharedStrings()
    if container.size(part) > limits.BULK_STRING_BYTES:
        from extractors.formats.xlsx_scan import NotPlain, shared_strings

        try:
            return SharedStrings(chunks=tuple(shared_strings(container.chunks(part))))
        except NotPlain:
            pass  # rich texts among them: one by one below
    out: list[str] = []
    for element in safexml.stream(container.chunks(part), ("si",), name, part):
        out.append(rich_text(element))
        if len(out) > limits.MAX_SHARED_STRINGS:
            raise ReadError("too_large", f"文件“{name}”的文字项过多，请拆分后重新报送。")
    return SharedStrings(listed=out)


def _formats(container: Container, part: str | None, name: str) -> list[str]:
    """Number format of each cell style, by its index."""
    if part is None:
        return []
    custom: dict[int, str] = {}
    out: list[str] = []
    for element in safexml.stream(container.chunks(part), ("numFmt", "cellXfs"), name, part):
        if safexml.local(element) == "numFmt":
            number = str(element.get("numFmtId", ""))
            if number.isdigit():
                custom[int(number)] = str(element.get("formatCode", "General"))
            continue
        for style in element:
            if safexml.local(style) != "xf":
                continue
            number = str(style.get("numFmtId", "0"))
            key = int(number) if number.isdigit() else 0
            out.append(custom.get(key) or BUILTIN.get(key, "General"))
            if len(out) > limits.MAX_STYLES:
                raise ReadError("too_large", f"文件“{name}”的单元格样式过多，请另存后重新报送。")
    return out


def _title(container: Container, roots: dict[str, tuple[str, str]], name: str) -> str | None:
    core = next((p for t, p in roots.values() if t == "core-properties"), None)
    if core is None:
        return None
    for element in safexml.tree(container.read(core), name, core):
        if safexml.local(element) == "title":
            return element.text
    return None
