"""PDF in the layout of GB/T 9704-2012: red head, document number, red line, size-3 text, signature, imprint."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from samples.layout import Grid, Part

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

_FONT = "STSong-Light"
_WIDTH, _HEIGHT = 595.28, 841.89
_LEFT, _RIGHT, _TOP, _BOTTOM = 79.0, _WIDTH - 74.0, _HEIGHT - 104.0, 99.0
_SIZE, _LEADING = 16.0, 28.5
# Characters that may not begin a line, and such as may not end one.
_NOT_FIRST = "，。、；：！？）》〉】〕”’"
_NOT_LAST = "（《〈【〔“‘"


def to_pdf(parts: list[Part], title: str) -> bytes:
    """A PDF whose text layer is plain text in a standard Chinese font that is not embedded."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(_WIDTH, _HEIGHT), pageCompression=0, invariant=1)
    canvas.setTitle(title)
    canvas.setAuthor("示例")
    _Page(canvas).draw(parts)
    canvas.save()
    return out.getvalue()


class _Page:
    """Where the pen is; turns the page when it runs out."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.number = 1
        self.y = _TOP

    def draw(self, parts: list[Part]) -> None:
        """All parts, then the page number of the last page."""
        for part in parts:
            if isinstance(part, Grid):
                self.table(part)
            elif part.kind == "issuer":
                self.centred(part.text, size=28, colour=(0.85, 0.05, 0.05), after=20)
            elif part.kind == "number":
                self.centred(part.text, after=0)
                self.rule()
            elif part.kind == "title":
                self.y -= 14
                for line in wrapped(part.text, 22, 0, _RIGHT - _LEFT - 40):
                    self.centred(line, size=22, after=8)
                self.y -= 14
            elif part.kind in ("sign", "date"):
                self.y -= _LEADING if part.kind == "sign" else 0
                self.line(part.text, _RIGHT - 2 * _SIZE - self.width(part.text))
            elif part.kind == "foot":
                self.paragraph(part.text, indent=0, size=14.0)
            else:
                self.paragraph(part.text, indent=0 if part.kind == "to" else 2)
        self.foot()

    def width(self, text: str, size: float = _SIZE) -> float:
        """Width of a line in points."""
        return float(self.canvas.stringWidth(text, _FONT, size))

    def centred(
        self, text: str, *, size: float = _SIZE, colour: tuple[float, float, float] = (0, 0, 0), after: float
    ) -> None:
        """One line in the middle."""
        size = min(size, size * (_RIGHT - _LEFT) / self.width(text, size))
        self.canvas.setFillColorRGB(*colour)
        self.line(text, (_LEFT + _RIGHT - self.width(text, size)) / 2, size=size)
        self.canvas.setFillColorRGB(0, 0, 0)
        self.y -= after

    def rule(self) -> None:
        """The red line under the document number."""
        self.canvas.setStrokeColorRGB(0.85, 0.05, 0.05)
        self.canvas.setLineWidth(1.5)
        self.canvas.line(_LEFT, self.y + 12, _RIGHT, self.y + 12)
        self.y -= 20

    def paragraph(self, text: str, *, indent: int, size: float = _SIZE) -> None:
        """A wrapped paragraph, its first line indented by so many characters."""
        for number, line in enumerate(wrapped(text, size, indent, _RIGHT - _LEFT)):
            self.line(line, _LEFT + (indent * size if number == 0 else 0), size=size)

    def line(self, text: str, x: float, *, size: float = _SIZE) -> None:
        """One line at x; on to the next page when there is no room."""
        if self.y < _BOTTOM:
            self.foot()
            self.canvas.showPage()
            self.number += 1
            self.y = _TOP
        self.canvas.setFont(_FONT, size)
        self.canvas.drawString(x, self.y, text)
        self.y -= max(_LEADING, size * 1.3)

    def table(self, grid: Grid) -> None:
        """A ruled table, columns of equal width."""
        column = (_RIGHT - _LEFT) / len(grid.rows[0])
        for row in grid.rows:
            if self.y < _BOTTOM:
                self.foot()
                self.canvas.showPage()
                self.number += 1
                self.y = _TOP
            self.canvas.setFont(_FONT, 10.5)
            self.canvas.setStrokeColorRGB(0, 0, 0)
            self.canvas.setLineWidth(0.5)
            for index, text in enumerate(row):
                self.canvas.rect(_LEFT + index * column, self.y - 6, column, 20)
                self.canvas.drawString(_LEFT + index * column + 4, self.y, text)
            self.y -= 20
        self.y -= 12

    def foot(self) -> None:
        """The page number between dashes."""
        self.canvas.setFont(_FONT, 14)
        self.canvas.drawCentredString(_WIDTH / 2, 62, f"— {self.number} —")


def wrapped(text: str, size: float, indent: int, room: float) -> list[str]:
    """Lines no wider than `room` points; Latin letters and digits count half a character."""
    lines, line, used = [], "", indent * size
    for index, character in enumerate(text):
        wide = size if ord(character) > 0x2E7F or character in "“”‘’—…" else size / 2
        following = text[index + 1 : index + 2]
        full = used + wide > room and character not in _NOT_FIRST
        awkward = character in _NOT_LAST and used + wide + size > room and following != ""
        if line and (full or awkward):
            lines.append(line)
            line, used = "", 0.0
        line += character
        used += wide
    return [*lines, line] if line else lines
