"""From pages of lines and table parts to the flow of a document: what every paginated reader shares (pdf, ofd).

Running heads and page numbers leave the flow, lines of one paragraph stand on one line of the text over page breaks
too, and the parts of a table on following pages become one table.
"""

from __future__ import annotations

from extractors.document import Anchor, Cell
from extractors.formats.draft import Draft, joint
from extractors.formats.pdf_lines import Furniture, Line, Margins, continues, continues_heading, find_furniture
from extractors.formats.pdf_tables import Joined, Part, is_repeated_caption

Item = Line | Part


class Pages:
    """The pages of one file as they are read; `write` puts them into the draft."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.lines: list[list[Line]] = []
        self.parts: list[list[Part]] = []
        self.heights: list[float] = []
        self.sizes: list[tuple[int, int]] = []

    def add(self, lines: list[Line], parts: list[Part], size: tuple[float, float]) -> None:
        """Adds the next page; `size` is its width and height in points."""
        self.lines.append(lines)
        self.parts.append(parts)
        self.heights.append(size[1])
        self.sizes.append((round(size[0]), round(size[1])))

    def write(self) -> Furniture:
        """Writes all pages; returns what was left out of the flow, its characters counted."""
        furniture = find_furniture(self.lines, self.heights)
        self._write(furniture)
        return furniture

    def _write(self, furniture: Furniture) -> None:
        for line in furniture.heads:
            self._line(line, "header", joined="\n")
        flow = self._flow(furniture)
        margins = {
            size: Margins([i for i in flow if isinstance(i, Line) and self.sizes[i.page - 1] == size], size[0])
            for size in set(self.sizes)
        }
        tables = 0
        previous: Item | None = None
        k = 0
        while k < len(flow):
            item = flow[k]
            k += 1
            if isinstance(item, Line):
                between = "\n"
                if isinstance(previous, Line):
                    area = margins[self.sizes[item.page - 1]]
                    if continues(previous, item, area) or continues_heading(previous, item, area):
                        between = joint(previous.text, item.text)
                self._line(item, "paragraph", joined=between)
                previous = item
                continue
            tables += 1
            table = Joined(tables, item)
            captions = self._captions(flow, k - 2)
            k = self._join(table, flow, k, captions, furniture)
            finished = table.table()
            furniture.characters += len("".join(table.dropped.split()))

            def anchor(cell: Cell, index: int = tables) -> Anchor:
                return Anchor(page=cell.page, bbox=cell.bbox, table=index, cell=cell.ref)

            self.draft.table(finished, anchor, confidence=table.confidence)
            previous = item
        for line in furniture.feet:
            self._line(line, "footer", joined="\n")
        self.draft.end_line()

    def _flow(self, furniture: Furniture) -> list[Item]:
        """Lines and table parts of all pages in reading order, furniture left out."""
        flow: list[Item] = []
        for lines, parts in zip(self.lines, self.parts, strict=True):
            rest = sorted(parts, key=lambda p: p.ys[0])
            for line in lines:
                if id(line) in furniture.lines:
                    continue
                while rest and (rest[0].ys[0] + rest[0].ys[-1]) / 2 < (line.y0 + line.y1) / 2:
                    flow.append(rest.pop(0))
                flow.append(line)
            flow.extend(rest)
        return flow

    @staticmethod
    def _captions(flow: list[Item], at: int) -> set[str]:
        """Texts of the lines just above a table, to know them again on the next page."""
        found: set[str] = set()
        while at >= 0 and len(found) < 4:
            item = flow[at]
            if not isinstance(item, Line):
                break
            found.add("".join(item.text.split()))
            at -= 1
        return found

    @staticmethod
    def _join(table: Joined, flow: list[Item], k: int, captions: set[str], furniture: Furniture) -> int:
        """Takes the table's parts on the following pages; returns the index of the next item of the flow."""
        while True:
            j = k
            skipped: list[Line] = []
            while j < len(flow) and len(skipped) < 4:
                item = flow[j]
                if not isinstance(item, Line) or item.page != table.last_page + 1:
                    break
                if not is_repeated_caption(item.text, captions):
                    break
                skipped.append(item)
                j += 1
            following = flow[j] if j < len(flow) else None
            if not isinstance(following, Part) or not table.takes(following):
                return k
            table.extend(following)
            for line in skipped:
                furniture.repeats += 1
                furniture.characters += len("".join(line.text.split()))
            k = j + 1

    def _line(self, line: Line, kind: str, *, joined: str) -> None:
        if joined == "\n":
            self.draft.end_line()
        else:
            self.draft.raw(joined)
        anchor = Anchor(page=line.page, bbox=line.box)
        self.draft.run(line.text, anchor, kind=kind, edges=line.shown_edges, confidence=line.confidence)
