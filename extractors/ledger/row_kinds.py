"""What kind a row of a body is: a total, a heading of a section, a note or signature, a nil report, or a debt."""

from __future__ import annotations

import re
from decimal import Decimal

from extractors.document import Cell
from extractors.facts import CellValue, Flag
from extractors.ledger.columns import Columns
from extractors.ledger.frame import Frame
from extractors.ledger.grid import Grid, is_numeric
from extractors.ledger.meta import is_label, is_note, is_signature, names_debtor
from extractors.ledger.units import in_caption
from extractors.ledger.words import is_repeat, plain, tidy, word_lists, word_set

_SECTION_NUMBER = re.compile(r"^[(（]?[一二三四五六七八九十]{1,3}[)）]?[、.．]?$")
_SECTION_TEXT = re.compile(r"^(?:[(（][一二三四五六七八九十]{1,3}[)）]|[一二三四五六七八九十]{1,3}[、.．])")
_TOTAL_TEXT = re.compile(r"^(?:合计|总计|小计|共计|总合计)(?:$|[(:（\d共])")
_SUBNUMBER = re.compile(r"^(\d{1,3})[.\-_]\d{1,3}$")
_ROW_NAMES = frozenset({"subject", "region_name", "reporting_unit"})


class RowKinds:
    """Tells the rows of one table's body apart, by the words and figures in them and where these stand."""

    def __init__(self, grid: Grid, frame: Frame, columns: Columns, *, detail: bool) -> None:
        self.grid, self.frame, self.columns, self.detail = grid, frame, columns, detail
        self.readers = columns.readers
        self.left, self.right = frame.left, frame.right
        money = [c.index for c in self.readers if c.kind in ("money", "int", "ratio")]
        self.first_money = min(money, default=self.right)
        self.text_columns = {c.index for c in self.readers if c.kind not in ("money", "int", "ratio", "date", "uscc")}
        self.seq = next((c.index for c in self.readers if c.field == "seq_no"), None)
        self.arabic = self._arabic_seq()
        self.parents = self._parents()

    def is_around(self, cells: list[Cell], notes_begun: bool) -> bool:
        """A note or signature line, below the table or between its pages."""
        first = plain(cells[0].text)
        if len(cells) <= 3 and is_note(first):
            return True
        if len(cells) == 1 and (in_caption(cells[0].text) is not None or names_debtor(first)):
            return True
        labels = sum(is_label(plain(c.text)) for c in cells)
        if labels >= 2 and labels * 2 >= len(cells) and is_label(first):
            return True  # label and value in cells of their own; a telephone number is no figure
        if any(is_numeric(c) for c in cells if c.col >= self.first_money):
            return False
        if any(is_signature(plain(c.text)) for c in cells[:4]):
            return True
        if is_label(first) and len(cells) <= 8 and sum(is_label(plain(c.text)) for c in cells) * 2 >= len(cells):
            return True
        return notes_begun and len(cells) <= 2

    def total_label(self, cells: list[Cell]) -> str | None:
        """The label of a total, subtotal, or number that stands over others of its own."""
        whole, part = word_set("totals", "whole"), word_set("totals", "part")
        places, suffix = word_set("totals", "places"), word_lists("totals")["suffix"]
        for cell in cells[:4]:
            if cell.col not in self.text_columns and cell.col not in self.columns.unmapped:
                continue
            flat = plain(cell.text).strip(":")
            if flat in whole or flat in part or _TOTAL_TEXT.match(flat):
                return tidy(cell.text)
            if cell.col < self.first_money and (
                flat.startswith("其中:") or (len(flat) <= 20 and flat.endswith(suffix))
            ):
                return tidy(cell.text)
            if not self.detail and flat in places and cell.col < self.first_money:
                return tidy(cell.text)
        return self._parent_label(cells)

    def _parent_label(self, cells: list[Cell]) -> str | None:
        """A row numbered 1 that stands over 1.1 and 1.2 and names no creditor of its own."""
        if not self.arabic or cells[0].col != self.seq or not any(is_numeric(c) for c in cells):
            return None
        if plain(cells[0].text) not in self.parents or not self._names_no_creditor(cells):
            return None
        return tidy(" ".join(c.text for c in cells[:2] if c is cells[0] or not is_numeric(c)))

    def group_heading(self, cells: list[Cell]) -> str | None:
        """A heading row with sums (一、政府机关 | 500 | 300) among rows numbered 1, 2, 3."""
        if self.seq is None or not self.arabic or not any(is_numeric(c) for c in cells):
            return None
        first = plain(cells[0].text)
        if not (_SECTION_NUMBER.match(first) or (cells[0].col <= self.seq and _SECTION_TEXT.match(first))):
            return None
        filled = {c.col for c in cells}
        parties = [c.index for c in self.readers if c.field in ("debtor_name", "creditor_name")]
        if len(parties) == 2 and all(p in filled for p in parties):
            return None
        return tidy(" ".join(c.text for c in cells[:2] if not is_numeric(c)))

    def _parents(self) -> set[str]:
        """Running numbers that stand over others of their own: 1 over 1.1 and 1.2."""
        if self.seq is None or self.grid.table.bulk is not None:
            return set()
        found = (self.grid.own.get(r, {}).get(self.seq) for r in self.frame.body)
        return {m[1] for c in found if c is not None and (m := _SUBNUMBER.match(plain(c.text)))}

    def _names_no_creditor(self, cells: list[Cell]) -> bool:
        creditor = next((c.index for c in self.readers if c.field == "creditor_name"), None)
        return creditor is not None and all(c.col != creditor for c in cells)

    def is_section(self, cells: list[Cell]) -> bool:
        """A heading without figures over the rows that follow."""
        if len(cells) > 2 or any(is_numeric(c) for c in cells[1:]):
            return False
        first = cells[0]
        flat = plain(first.text)
        if (
            not self.detail
            and first.col_span == 1
            and any(c.index == first.col and c.field in _ROW_NAMES for c in self.readers)
        ):
            return False  # a county that reported nothing
        if is_numeric(first) or is_repeat(flat) or any(w == flat for w in word_set("none_words")):
            return False
        wide = first.col_span >= max(2, (self.right - self.left) // 2)
        numbered = bool(_SECTION_TEXT.match(flat) or _SECTION_NUMBER.match(flat))
        return wide or numbered or (len(cells) == 1 and self.right - self.left > 3 and first.col == self.left)

    def _arabic_seq(self) -> bool:
        if self.seq is None:
            return False
        own = self.grid.own
        return any(
            (c := own.get(r, {}).get(self.seq)) is not None and plain(c.text)[:1].isdigit()
            for r in self.frame.body[:200]
        )

    def nil_word(self, cells: list[Cell], values: dict[str, CellValue], flags: list[Flag]) -> str | None:
        """What a row says when it reports that nothing is owed (无, 零报告, 无拖欠); None for every other row."""
        if any(isinstance(v.value, Decimal) and v.value for f, v in values.items() if f.endswith("_yuan")):
            return None
        if any(f.kind in ("unit_unknown", "formula_error", "unparsed_amount", "several_amounts") for f in flags):
            return None
        words = [plain(c.text) for c in cells]
        phrases = word_set("zero_phrases")
        said = next((w for w in words if any(p in w for p in phrases)), None)
        blank = word_set("blank")
        if said is None and all(
            w in blank or w in ("0", "0.0", "0.00") or c.col == self.seq for w, c in zip(words, cells, strict=True)
        ):
            return next((w for w in words if w in word_set("none_words")), None)
        return said
