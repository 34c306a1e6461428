"""Draws a long ledger over several PDF pages as office programs print it: repeated header, merged cells that go on
below the page break, rows cut in two by it."""

from __future__ import annotations

import io
from typing import Any, NamedTuple

_FONT, _SIZE, _STEP = "STSong-Light", 9.0, 13.0
_WIDTHS = (36, 150, 62, 80, 110)
_LEFT, _TOP, _BOTTOM = 80.0, 770.0, 72.0


class Ledger(NamedTuple):
    """The rows as they should come back, and which kinds span how many rows: {first row: rows}."""

    rows: list[list[str]]
    spans: dict[int, int]


def ledger(count: int = 80, every: int = 7, long: int = 3) -> Ledger:
    """An invented ledger: the kind (third column) is merged over `every` rows, each `long`th name is a long one."""
    rows = []
    for i in range(count):
        name = f"青山县第{i + 1}建设工程有限责任公司项目部"
        if i % long == 0:
            name += "负责的教学楼及附属设施建设工程尾款（含质保金）"
        rows.append([str(i + 1), name, f"类别{i // every + 1}", f"{i * 1.5 + 10:.2f}", f"备注{i + 1}"])
    return Ledger(rows, {i: min(every, count - i) for i in range(0, count, every)})


def pdf(table: Ledger, *, repeat_header: bool = True, cut_rows: bool = True, caption: str = "拖欠账款台账") -> bytes:
    """The ledger as a PDF; a header of two rows with merged cells, repeated on each page where asked."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    out = io.BytesIO()
    pen = _Pen(Canvas(out, pagesize=(595, 842), invariant=1), table)
    pen.text(230, pen.y, caption, 16)
    pen.y -= 24
    pen.header()
    for number in range(len(table.rows)):
        pen.row(number, cut=cut_rows, header=repeat_header)
    pen.close_merged()
    pen.text(_LEFT, pen.y - 26, "填表单位：青山县财政局", 10)
    pen.page_number()
    pen.canvas.save()
    return out.getvalue()


class _Pen:
    def __init__(self, canvas: Any, table: Ledger) -> None:
        self.canvas, self.table = canvas, table
        self.xs = [_LEFT + sum(_WIDTHS[:k]) for k in range(len(_WIDTHS) + 1)]
        self.y = _TOP
        self.page = 1
        self.opened = self.y  # where the merged cell of the third column begins on this page
        self.word = ""

    def text(self, x: float, y: float, words: str, size: float = _SIZE) -> None:
        self.canvas.setFont(_FONT, size)
        self.canvas.drawString(x, y, words)

    def box(self, first: int, last: int, top: float, bottom: float) -> None:
        self.canvas.rect(self.xs[first], bottom, self.xs[last] - self.xs[first], top - bottom)

    def header(self) -> None:
        top, middle, bottom = self.y, self.y - 18, self.y - 36
        for col, words in ((0, "序号"), (3, "金额（万元）"), (4, "备注")):
            self.box(col, col + 1, top, bottom)
            self.text(self.xs[col] + 3, middle - 4, words)
        self.box(1, 3, top, middle)
        self.text(self.xs[1] + 3, top - 13, "欠款单位")
        for col, words in ((1, "名称"), (2, "类别")):
            self.box(col, col + 1, middle, bottom)
            self.text(self.xs[col] + 3, middle - 13, words)
        self.y = self.opened = bottom

    def turn(self, header: bool) -> None:
        self.close_merged()
        self.page_number()
        self.canvas.showPage()
        self.page += 1
        self.y = self.opened = _TOP
        if header:
            self.header()

    def page_number(self) -> None:
        self.text(280, 40, f"— {self.page} —", 12)

    def close_merged(self) -> None:
        if self.opened > self.y:
            self.box(2, 3, self.opened, self.y)
            self.text(self.xs[2] + 3, self.opened - 11, self.word)
            self.word = ""
        self.opened = self.y

    def row(self, number: int, *, cut: bool, header: bool) -> None:
        values = self.table.rows[number]
        if number in self.table.spans:
            self.close_merged()
            self.word = values[2]
        lines = [_wrapped(v, int((_WIDTHS[c] - 6) // _SIZE)) for c, v in enumerate(values)]
        lines[2] = []
        tall = max(len(column) for column in lines)
        done = 0
        while done < tall:
            room = int((self.y - _BOTTOM - 4) // _STEP)
            if room < 1 or (room < tall - done and not cut):
                self.turn(header)
                continue
            take = min(room, tall - done)
            top, self.y = self.y, self.y - take * _STEP - 4
            for col in (0, 1, 3, 4):
                self.box(col, col + 1, top, self.y)
                for k, words in enumerate(lines[col][done : done + take]):
                    self.text(self.xs[col] + 3, top - 11 - k * _STEP, words)
            done += take
            if done < tall:
                self.turn(header)


def _wrapped(text: str, width: int) -> list[str]:
    """Cut where the cell ends; digits and Latin letters count half."""
    out, line, used = [], "", 0.0
    for c in text:
        size = 1.0 if ord(c) > 0x2E7F else 0.5
        if used + size > width:
            out.append(line)
            line, used = "", 0.0
        line, used = line + c, used + size
    return [*out, line]
