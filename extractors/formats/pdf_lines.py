"""From characters with boxes to lines, and from lines to paragraphs; page furniture taken out of the flow.

A line keeps the x positions of its character boundaries, so that any stretch of text has an exact box.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from statistics import median

from extractors.formats.draft import is_wide
from extractors.formats.pagenumbers import is_marked_page_number, is_page_number
from extractors.formats.pdf_page import PageText, Shown

_ITEM = re.compile(
    r"[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,2}[、.．](?!\d)|附件|附：|"
    r"第[一二三四五六七八九十百\d]{1,4}[章条节款]|[①-⑳]"
)
_TOKEN = re.compile(r"[A-Za-z0-9.,:%/_+-]{2,}")
_HEADING_END = re.compile(
    r"(?:[府局委办厅院会室部处署组社庭站所队校]|专班|中心|公司|集团|银行|文件|[〕\]］)）]\s*\d*\s*号?|\d+号|[。；：:！？]"
    r"|通知|通报|意见|方案|办法|规定|细则|报告|请示|批复|答复|函|公告|通告|决定|纪要|公示|公报|附件\d*)$"
)
_REMARK = re.compile(r"[（(〔\[]|[\d一二三四五六七八九十]+[、.．]|\d{4}年|签发")
_OPEN_END = re.compile(r"[,，、（(《“]$|\d$")
_SENTENCE_END = "。；：！？;:!?"
_SHORTEST_FULL_LINE = 12  # characters; a column of a newspaper page has about 15
_MARGIN = 0.13  # share of the page's height at top and bottom where furniture stands


class Line:
    """One line of a page: text, box in points from the top-left, boundaries of its characters.

    A line recognised in a picture has a `confidence`; `shown` leads from the straightened page to the one shown.
    """

    __slots__ = ("confidence", "edges", "em", "page", "shown", "text", "x0", "x1", "y0", "y1")

    def __init__(
        self,
        page: int,
        text: str,
        edges: list[float],
        y0: float,
        y1: float,
        *,
        confidence: float | None = None,
        shown: Shown | None = None,
    ) -> None:
        self.confidence, self.shown = confidence, shown
        self.page, self.text, self.edges = page, text, edges
        self.x0, self.x1, self.y0, self.y1 = edges[0], edges[-1], y0, y1
        widths = sorted([b - a for a, b in pairwise(edges)])
        self.em = max(widths[len(widths) // 2], (y1 - y0) * 0.6, 1.0)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """(x0, y0, x1, y1) on the page as shown, rounded to hundredths of a point."""
        return shown_box((self.x0, self.y0, self.x1, self.y1), self.shown)

    @property
    def shown_edges(self) -> tuple[float, ...] | None:
        """The boundaries on the page as shown; None where its lines do not run from left to right there."""
        if self.shown is None:
            return tuple(self.edges)
        (a, b, e), (c, _, _) = self.shown
        if a <= 0 or abs(c) > abs(a):
            return None
        middle = (self.y0 + self.y1) / 2
        return tuple(round(a * x + b * middle + e, 2) for x in self.edges)


def shown_box(box: tuple[float, float, float, float], shown: Shown | None) -> tuple[float, float, float, float]:
    """A box of the straightened page around the same letters on the page as shown, rounded to hundredths."""
    x0, y0, x1, y1 = box
    if shown is not None:
        (a, b, e), (c, d, f) = shown
        xs = [a * x + b * y + e for x in (x0, x1) for y in (y0, y1)]
        ys = [c * x + d * y + f for x in (x0, x1) for y in (y0, y1)]
        x0, y0, x1, y1 = min(xs), min(ys), max(xs), max(ys)
    return round(float(x0), 2), round(float(y0), 2), round(float(x1), 2), round(float(y1), 2)


def page_lines(page: PageText, number: int, taken: set[int] | None = None) -> list[Line]:
    """The lines of a page in reading order, characters in `taken` (those of tables) left out."""
    runs = _runs(page.text, taken)
    lines: list[Line] = []
    for start, end in runs:
        for a, b in _level(page, start, end):
            line = _line(page, number, a, b)
            if line is None:
                continue
            last = lines[-1] if lines else None
            joined = _beside(last, line) if last is not None else None
            if joined is not None:
                lines[-1] = joined
            else:
                lines.append(line)
    ordered = sorted(lines, key=lambda ln: ln.y0 + ln.y1)
    for above, below in pairwise(ordered):
        if above.y1 - below.y0 > 0.5 * min(above.y1 - above.y0, below.y1 - below.y0):
            return lines  # lines stand side by side (columns): pdfium's order is the better guess
    return ordered


def _runs(text: str, taken: set[int] | None) -> list[tuple[int, int]]:
    out = []
    if not taken:
        at = 0
        for piece in re.split(r"(\r\n|\r|\n)", text):
            if piece and piece[0] not in "\r\n":
                out.append((at, at + len(piece)))
            at += len(piece)
        return out
    start: int | None = None
    for i, char in enumerate(text):
        if char in "\r\n" or i in taken:
            if start is not None:
                out.append((start, i))
                start = None
        elif start is None:
            start = i
    if start is not None:
        out.append((start, len(text)))
    return out


def _level(page: PageText, start: int, end: int) -> list[tuple[int, int]]:
    """Cuts a run where it jumps to another height (pdfium sometimes runs lines together)."""
    y0, y1 = page.y0, page.y1
    tops, bottoms = y0[start:end], y1[start:end]
    tallest = max(b - t for t, b in zip(tops, bottoms, strict=True))
    if max(bottoms) - min(tops) <= 1.8 * tallest:
        return [(start, end)]
    out = []
    at = start
    middle: float | None = None
    for i in range(start, end):
        height = y1[i] - y0[i]
        if height <= 0 or page.text[i] == " ":
            continue
        here = (y0[i] + y1[i]) / 2
        if middle is not None and abs(here - middle) > 0.7 * height:
            out.append((at, i))
            at = i
        middle = here
    out.append((at, end))
    return out


def _line(page: PageText, number: int, start: int, end: int) -> Line | None:
    text = page.text[start:end]
    bare = text.strip()
    if not bare:
        return None
    start += len(text) - len(text.lstrip())
    end = start + len(bare)
    tops, bottoms = page.y0[start:end], page.y1[start:end]
    y0, y1 = min(tops), max(bottoms)
    if "\x20" in bare:  # generated spaces have no box of their own
        boxed = [(t, b) for t, b in zip(tops, bottoms, strict=True) if b > t]
        if not boxed:
            return None
        y0, y1 = min(t for t, _ in boxed), max(b for _, b in boxed)
    if y1 <= y0:
        return None
    edges = page.x0[start:end]
    edges.append(max(page.x1[end - 1], edges[-1]))
    if edges != sorted(edges):  # overlaps and text that runs leftwards: boundaries follow the order of the text
        top = edges[0]
        for i, value in enumerate(edges):
            if value < top:
                edges[i] = top
            else:
                top = value
    known = page.confidence[start:end] if page.confidence else None
    sure = round(sum(known) / len(known), 4) if known else None
    return Line(number, bare, edges, y0, y1, confidence=sure, shown=page.shown)


def _beside(left: Line, right: Line) -> Line | None:
    """Two pieces of one printed line as one, or None: same height, the second to the right of the first."""
    overlap = min(left.y1, right.y1) - max(left.y0, right.y0)
    if overlap < 0.6 * min(left.y1 - left.y0, right.y1 - right.y0) or right.x0 < left.x1 - 0.3 * left.em:
        return None
    gap = right.x0 - left.x1
    em = max(left.em, right.em)
    wide = is_wide(left.text[-1]) and is_wide(right.text[0])
    spaced = gap > (0.6 if wide else 0.2) * em
    edges = [*left.edges[:-1], left.x1, max(right.x0, left.x1), *right.edges[1:]] if spaced else None
    if edges is None:
        edges = [*left.edges[:-1], max(right.x0, left.edges[-2]), *right.edges[1:]]
    text = left.text + (" " if spaced else "") + right.text
    sure = left.confidence
    if sure is not None and right.confidence is not None:
        share = len(right.text) / (len(left.text) + len(right.text))
        sure = round(sure * (1 - share) + right.confidence * share, 4)
    top, bottom = min(left.y0, right.y0), max(left.y1, right.y1)
    return Line(left.page, text, edges, top, bottom, confidence=sure, shown=left.shown)


# --- furniture
class Furniture:
    """What was taken out of the flow: page numbers (dropped) and running heads and feet (each kept once)."""

    def __init__(self) -> None:
        self.lines: set[int] = set()  # id() of Line objects
        self.heads: list[Line] = []
        self.feet: list[Line] = []
        self.numbers = 0
        self.repeats = 0
        self.characters = 0  # non-blank characters that the text no longer holds


def left_out(name: str, numbers: int, repeats: int) -> str:
    """The sentence of the notice `page_furniture_left_out`: page numbers and running heads that the text leaves out."""
    counted = ((numbers, "处页码"), (repeats, "处重复的页眉页脚"))
    return f"文件“{name}”的{'、'.join(f'{n}{what}' for n, what in counted if n)}未计入正文。"


def find_furniture(pages: list[list[Line]], heights: list[float]) -> Furniture:
    """Page numbers and running heads of a document; `pages` are lines in order, `heights` the pages' heights."""
    out = Furniture()
    bare: list[tuple[int, Line]] = []
    repeated: dict[tuple[str, bool, int], list[Line]] = {}
    for number, (lines, height) in enumerate(zip(pages, heights, strict=True), start=1):
        for i, line in enumerate(lines):
            top, bottom = line.y1 < height * _MARGIN, line.y0 > height * (1 - _MARGIN)
            if not (top and i < 3) and not (bottom and i >= len(lines) - 3):
                continue
            if is_marked_page_number(line.text):
                _drop_number(out, line)
            elif is_page_number(line.text) and line.text.strip().isdecimal():
                bare.append((int(line.text) - number, line))
            elif line.text[-1] not in "。；，、：":  # a line of running text is no heading of its page
                key = (re.sub(r"\d+", "#", line.text), top, round((line.y0 if top else height - line.y1) / 6))
                repeated.setdefault(key, []).append(line)
    shifts = Counter(shift for shift, _ in bare)
    for shift, line in bare:
        if shifts[shift] >= max(2, 0.6 * len(pages)) or (len(pages) == 1 and shift == 0):
            _drop_number(out, line)
    for (_, top, _), lines in repeated.items():
        if len(pages) >= 3 and len({ln.page for ln in lines}) >= max(3, 0.6 * len(pages)):
            (out.heads if top else out.feet).append(lines[0])
            for line in lines:
                out.lines.add(id(line))
            for line in lines[1:]:
                out.repeats += 1
                out.characters += len("".join(line.text.split()))
    return out


def _drop_number(out: Furniture, line: Line) -> None:
    out.lines.add(id(line))
    out.numbers += 1
    out.characters += len("".join(line.text.split()))


# --- paragraphs
class Margins:
    """The type area of the body text: where full lines begin and end, and the usual pitch; the page's own width."""

    def __init__(self, lines: list[Line], width: float = 0.0) -> None:
        self.width = width
        long = [ln for ln in lines if len(ln.text) >= 12] or lines
        widest = max((ln.x1 - ln.x0 for ln in long), default=0.0)
        full = [ln for ln in long if ln.x1 - ln.x0 >= 0.75 * widest]
        lefts = Counter(round(ln.x0 / 4) for ln in full)
        if lefts:
            # the left margin is the leftmost common start: first lines of paragraphs are indented
            common = [k for k, n in lefts.items() if n >= max(1, 0.15 * len(full))]
            at = min(common)
            self.left = min(ln.x0 for ln in full if abs(round(ln.x0 / 4) - at) <= 1)
        else:
            self.left = 0.0
        ends = sorted((ln.x1 for ln in full), reverse=True)
        self.right = ends[min(len(ends) - 1, len(ends) // 4)] if ends else 0.0
        pitches = [b.y0 - a.y0 for a, b in pairwise(lines) if a.page == b.page and 0 < b.y0 - a.y0 < 6 * a.em]
        self.pitch = median(pitches) if pitches else 0.0
        self.em = median(ln.em for ln in full) if full else 0.0


def _slack(above: Line, below: Line, em: float) -> float:
    """How far before the right margin a full line may end, in points.

    Two characters for punctuation that may not begin a line; more where the next line begins with a number or word
    that could not be parted; much more where the line plainly ends in mid-sentence.
    """
    token = _TOKEN.match(below.text)
    width = below.edges[token.end()] - below.x0 if token else 0.0
    return (10.0 if _OPEN_END.search(above.text) else 2.2) * em + width


def _same_size(above: Line, below: Line) -> bool:
    """Whether two lines are set in letters of one size, by their heights: a line of digits has narrow characters.

    The boxes of recognised lines are of any height; of two lines of Han the widths of the characters tell.
    """
    if above.confidence is None or below.confidence is None:
        heights = (above.y1 - above.y0, below.y1 - below.y0)
        return min(heights) >= 0.8 * max(heights)
    if all(sum(map(is_wide, ln.text)) >= max(0.85 * len(ln.text), 4) for ln in (above, below)):
        return min(above.em, below.em) >= 0.82 * max(above.em, below.em)
    return True


def continues(above: Line, below: Line, margins: Margins) -> bool:
    """True when `below` goes on with the paragraph of `above` (next line, or first line of the next page)."""
    em = max(above.em, below.em)
    if not _same_size(above, below):
        return False
    if above.x1 < margins.right - _slack(above, below, em) or below.x0 > margins.left + 0.9 * em:
        return False
    if above.x0 > margins.left + 5 * em or len(above.text) < _SHORTEST_FULL_LINE:
        return False
    if above.page == below.page:
        step = below.y0 - above.y0
        if step <= 0 or step > 2.7 * em or (margins.pitch and step > 1.5 * margins.pitch):
            return False
    elif below.page != above.page + 1:
        return False
    return not (above.text[-1] in _SENTENCE_END and _ITEM.match(below.text) is not None)


def continues_heading(above: Line, below: Line, margins: Margins) -> bool:
    """True when `below` goes on with a heading set centred over several lines, most often in larger letters.

    The names of organs that issue a paper together stand under one another in the same way: a line that ends as an
    organ's name or a masthead does stays by itself, and so does one that begins a bracketed remark.
    """
    em = max(above.em, below.em)
    if above.page != below.page or not margins.em or not 0 < below.y0 - above.y0 <= 2.4 * em:
        return False
    if min(above.em, below.em) < 0.9 * em or min(above.x0, below.x0) < margins.left - em:
        return False
    if abs((above.x0 + above.x1) - (below.x0 + below.x1)) > 1.2 * em:
        return False
    if min(above.em, below.em) < 1.12 * margins.em:  # no larger than the text: then plainly in the middle
        off = abs(above.x0 + above.x1 - (margins.width or margins.left + margins.right))
        if min(above.x0, below.x0) < margins.left + 3 * em or off > 3 * em or above.em < 0.9 * margins.em:
            return False
    return _HEADING_END.search(above.text) is None and _REMARK.match(below.text) is None
