"""Writes OFD files for the tests as GB/T 33190-2016 lays them down, and as producers bend it.

Lengths are millimetres. Text flows in lines over as many pages as it needs; tables are drawn with ruling lines.
"""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any
from xml.sax.saxutils import escape

from extractors.formats.sm3 import sm3

NAMESPACE = "http://www.ofdspec.org/2016"
WIDTH, HEIGHT = 210.0, 297.0
LEFT, RIGHT, TOP, BOTTOM = 28.0, 26.0, 37.0, 35.0
BODY, PITCH = 5.6, 9.8  # 16 pt type on 28 pt lines
SMALL, ROW = 3.2, 8.0

Span = tuple[int, int, int, int]  # first row, first column, rows, columns of a merged area


def width_of(char: str, size: float) -> float:
    return size if ord(char) > 0x2E7F or char in "“”‘’—…·" else size / 2


class Ofd:
    """One OFD file. `parts` may be changed before `bytes()`; `prefix` is the namespace's, empty for the default."""

    def __init__(self, *, prefix: str = "ofd", namespace: str = NAMESPACE, absolute: bool = False) -> None:
        self.prefix, self.namespace, self.absolute = prefix, namespace, absolute
        self.pages: list[list[str]] = []
        self.boxes: list[tuple[float, float]] = []
        self.attachments: list[tuple[str, bytes]] = []
        self.annotations: dict[int, list[str]] = {}
        self.template: list[str] = []
        self.extra: dict[str, bytes] = {}
        self.encode: Callable[[str], bytes] = lambda text: text.encode()
        self._id = 100
        self._y = HEIGHT

    # --- drawing
    def new_page(self) -> None:
        self.pages.append([])
        self._y = TOP

    def next_id(self) -> int:
        self._id += 1
        return self._id

    def text(self, x: float, y: float, text: str, size: float = BODY, *, into: list[str] | None = None) -> None:
        """One TextObject whose baseline starts at (x, y); equal advances are written as a `g` run."""
        steps = [width_of(c, size) for c in text[:-1]]
        delta = ""
        i = 0
        while i < len(steps):
            k = i
            while k < len(steps) and steps[k] == steps[i]:
                k += 1
            delta += f" g {k - i} {steps[i]:g}" if k - i > 2 else f" {steps[i]:g}" * (k - i)
            i = k
        width = sum(width_of(c, size) for c in text)
        attribute = f' DeltaX="{delta.strip()}"' if delta else ""
        (self.pages[-1] if into is None else into).append(
            f'<:TextObject ID="{self.next_id()}" Font="1" Size="{size:g}" '
            f'Boundary="{x:g} {y - size:g} {width:g} {size * 1.2:g}">'
            f'<:TextCode X="0" Y="{size:g}"{attribute}>{escape(text)}</:TextCode></:TextObject>'
        )

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.pages[-1].append(
            f'<:PathObject ID="{self.next_id()}" Boundary="{x0:g} {y0:g} {x1 - x0:g} {y1 - y0:g}" LineWidth="0.2">'
            f"<:AbbreviatedData>M 0 0 L {x1 - x0:g} {y1 - y0:g}</:AbbreviatedData></:PathObject>"
        )

    # --- flowing
    def paragraph(self, text: str, size: float = BODY, *, indent: int = 2, align: str = "left") -> None:
        """A paragraph broken into full lines, over pages where it must."""
        room = WIDTH - LEFT - RIGHT
        x = LEFT + indent * size
        line = ""
        lines: list[tuple[float, str]] = []
        used = indent * size
        for char in text:
            advance = width_of(char, size)
            if used + advance > room + 0.01 and char not in "，。、；：）”》":
                lines.append((x, line))
                x, line, used = LEFT, "", 0.0
            line += char
            used += advance
        lines.append((x, line))
        for x, line in lines:
            if self._y + PITCH > HEIGHT - BOTTOM:
                self.new_page()
            width = sum(width_of(c, size) for c in line)
            at = {"center": (WIDTH - width) / 2, "right": WIDTH - RIGHT - width - 2 * size}.get(align, x)
            self.text(at, self._y + size, line, size)
            self._y += PITCH

    def table(
        self, rows: Sequence[Sequence[str]], widths: Sequence[float], *, spans: Sequence[Span] = (), repeat: int = 0
    ) -> None:
        """A ruled table over as many pages as it needs; the first `repeat` rows stand on top of each."""
        owner = {(r, c): (r0, c0, h, w) for r0, c0, h, w in spans for r in range(r0, r0 + h) for c in range(c0, c0 + w)}
        at = 0
        while at < len(rows):
            if self._y + (repeat + 2) * ROW > HEIGHT - BOTTOM:
                self.new_page()
            head = list(range(repeat)) if at else []
            fit = max(int((HEIGHT - BOTTOM - self._y) / ROW) - len(head), 1)
            shown = [*head, *range(at, min(at + fit, len(rows)))]
            self._grid(rows, widths, owner, shown, len(head), at)
            at = min(at + fit, len(rows))
            if at < len(rows):
                self.new_page()

    def _grid(
        self,
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        owner: dict[tuple[int, int], Span],
        shown: list[int],
        head: int,
        first: int,
    ) -> None:
        xs = [LEFT + sum(widths[:i]) for i in range(len(widths) + 1)]
        top = self._y
        for k, r in enumerate(shown):
            y = top + k * ROW
            for c, _ in enumerate(widths):
                area = owner.get((r, c), (r, c, 1, 1))
                starts_row = r == area[0] or k == 0 or k == head  # a merged area goes on below a page break
                if starts_row:
                    self.line(xs[c], y, xs[c + 1], y)
                if c == area[1]:
                    self.line(xs[c], y, xs[c], y + ROW)
                if r == area[0] and c == area[1] and rows[r][c]:
                    self._cell(xs[c], y, sum(widths[c : c + area[3]]), rows[r][c])
            self.line(xs[-1], y, xs[-1], y + ROW)
        self.line(xs[0], top + len(shown) * ROW, xs[-1], top + len(shown) * ROW)
        self._y = top + len(shown) * ROW + 2

    def _cell(self, x: float, y: float, width: float, text: str) -> None:
        size = SMALL
        room = width - 2
        lines, used = [""], 0.0
        for char in text:
            if used + width_of(char, size) > room:
                lines.append("")
                used = 0.0
            lines[-1] += char
            used += width_of(char, size)
        size = min(size, (ROW - 1) / len(lines))
        for i, line in enumerate(lines):
            self.text(x + 1, y + 0.5 + size * (i + 0.9), line, size)

    # --- the package
    def place(self, path: str, folder: str) -> str:
        return f"/{path}" if self.absolute else path.removeprefix(folder)

    def parts(self) -> dict[str, bytes]:
        """All parts but signatures."""
        out: dict[str, str] = {}
        pages, annotated = "", ""
        for i, objects in enumerate(self.pages):
            path = f"Doc_0/Pages/Page_{i}/Content.xml"
            pages += f'<:Page ID="{i + 1}" BaseLoc="{self.place(path, "Doc_0/")}"/>'
            use = '<:Template TemplateID="90" ZOrder="Background"/>' if self.template else ""
            out[path] = (
                f'<:Page{{ns}}>{use}<:Content><:Layer ID="{50 + i}">{"".join(objects)}</:Layer></:Content></:Page>'
            )
            if i in self.annotations:
                out[f"Doc_0/Annots/Page_{i}.xml"] = f"<:PageAnnot{{ns}}>{''.join(self.annotations[i])}</:PageAnnot>"
                annotated += f'<:Page PageID="{i + 1}"><:FileLoc>Annots/Page_{i}.xml</:FileLoc></:Page>'
        templates = ""
        if self.template:
            templates = '<:TemplatePage ID="90" BaseLoc="Tpls/Tpl_0.xml"/>'
            layer = f'<:Layer ID="91">{"".join(self.template)}</:Layer>'
            out["Doc_0/Tpls/Tpl_0.xml"] = f"<:Page{{ns}}><:Content>{layer}</:Content></:Page>"
        tail = ""
        if annotated:
            out["Doc_0/Annotations.xml"] = f"<:Annotations{{ns}}>{annotated}</:Annotations>"
            tail += "<:Annotations>Annotations.xml</:Annotations>"
        blobs = dict(self.extra)
        if self.attachments:
            entries = ""
            for i, (name, data) in enumerate(self.attachments):
                blobs[f"Doc_0/Attachs/{i}.bin"] = data
                entries += f'<:Attachment ID="a{i}" Name="{escape(name)}"><:FileLoc>{i}.bin</:FileLoc></:Attachment>'
            out["Doc_0/Attachs/Attachments.xml"] = f"<:Attachments{{ns}}>{entries}</:Attachments>"
            tail += "<:Attachments>Attachs/Attachments.xml</:Attachments>"
        out["Doc_0/Document.xml"] = (
            f"<:Document{{ns}}><:CommonData><:MaxUnitID>9999</:MaxUnitID><:PageArea>"
            f"<:PhysicalBox>0 0 {WIDTH:g} {HEIGHT:g}</:PhysicalBox></:PageArea>{templates}</:CommonData>"
            f"<:Pages>{pages}</:Pages>{tail}</:Document>"
        )
        out["OFD.xml"] = (
            '<:OFD{ns} Version="1.0" DocType="OFD"><:DocBody><:DocInfo><:DocID>1</:DocID></:DocInfo>'
            f"<:DocRoot>{self.place('Doc_0/Document.xml', '')}</:DocRoot>"
            "<:Signatures>Doc_0/Signs/Signatures.xml</:Signatures></:DocBody></:OFD>"
        )
        return {k: self.xml(v) for k, v in out.items()} | blobs

    def xml(self, text: str) -> bytes:
        """A part's text with the prefix and namespace put in, encoded."""
        mark = f"{self.prefix}:" if self.prefix else ""
        name = f"xmlns:{self.prefix}" if self.prefix else "xmlns"
        declared = f' {name}="{self.namespace}"' if self.namespace else ""
        text = text.replace("</:", f"</{mark}").replace("<:", f"<{mark}").replace("{ns}", declared)
        return self.encode(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}')

    def bytes(self, *, sealed: bool = False, signer: str = "青山县人民政府办公室") -> bytes:
        """The file; `sealed` adds a signature over all other parts with SM3 digests."""
        parts = self.parts()
        if sealed:
            parts |= signature(self, parts, signer)
        return packed(parts)


def packed(parts: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 7, 1, 9, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def signature(ofd: Ofd, parts: dict[str, bytes], signer: str) -> dict[str, bytes]:
    """The parts of one seal on the last page, GB/T 38540 in shape; certificate and signature value prove nothing."""
    folder = "Doc_0/Signs"
    references = "".join(
        f'<:Reference FileRef="/{name}"><:CheckValue>{base64.b64encode(sm3(data)).decode()}</:CheckValue></:Reference>'
        for name, data in parts.items()
    )
    own = ofd.xml(
        '<:Signature{ns}><:SignedInfo><:Provider ProviderName="测试签章" Version="1.0" Company="测试"/>'
        "<:SignatureMethod>1.2.156.10197.1.501</:SignatureMethod>"
        "<:SignatureDateTime>2026-07-02 09:30:00</:SignatureDateTime>"
        f'<:References CheckMethod="1.2.156.10197.1.401">{references}</:References>'
        f'<:StampAnnot ID="1" PageRef="{len(ofd.pages)}" Boundary="120 200 42 42"/></:SignedInfo>'
        "<:SignedValue>SignedValue.dat</:SignedValue></:Signature>"
    )
    return {
        f"{folder}/Signatures.xml": ofd.xml(
            '<:Signatures{ns}><:MaxSignId>1</:MaxSignId><:Signature ID="1" Type="Seal" BaseLoc="Sign_0/Signature.xml"/>'
            "</:Signatures>"
        ),
        f"{folder}/Sign_0/Signature.xml": own,
        f"{folder}/Sign_0/SignedValue.dat": ses_signature(signer, sm3(own)),
    }


def tlv(tag: int, *contents: bytes) -> bytes:
    """A DER value."""
    body = b"".join(contents)
    size = len(body)
    length = bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2, "big")
    return bytes([tag]) + length + body


def ses_signature(signer: str, digest: bytes) -> bytes:
    integer, oid = tlv(2, b"\x04"), tlv(6, bytes.fromhex("2a811ccf55018375"))
    name = tlv(0x30, tlv(0x31, tlv(0x30, tlv(6, bytes.fromhex("550403")), tlv(0x0C, signer.encode()))))
    issuer = tlv(0x30, tlv(0x31, tlv(0x30, tlv(6, bytes.fromhex("550403")), tlv(0x0C, "测试根证书".encode()))))
    algorithm = tlv(0x30, oid)
    body = tlv(
        0x30, tlv(0xA0, tlv(2, b"\x02")), tlv(2, b"\x01"), algorithm, issuer, tlv(0x30), name, tlv(0x30, algorithm)
    )
    certificate = tlv(0x30, body, algorithm, tlv(3, b"\x00\x01"))
    kind = tlv(0x30, integer, tlv(0x0C, f"{signer}电子公章".encode()), integer)
    info = tlv(0x30, tlv(0x30, tlv(0x16, b"ES"), integer, tlv(0x16, b"v")), tlv(0x16, b"0001"), kind, tlv(0x30))
    seal = tlv(0x30, info, tlv(4, certificate), oid, tlv(3, b"\x00\x01"))
    to_sign = tlv(0x30, integer, seal, tlv(0x18, b"20260702093000Z"), tlv(3, b"\x00" + digest), tlv(0x16, b"/x"))
    return tlv(0x30, to_sign, tlv(4, certificate), oid, tlv(3, b"\x00\x01"))
