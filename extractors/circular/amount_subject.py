"""Whether a passage speaks of arrears at all.

Words such as 涉及金额, 支付 or 余额 name a debt only where debts are spoken of: audits, budgets, verdicts and the
statistics of an economy use them too.
"""

from __future__ import annotations

import re

from extractors.circular.amount_pieces import REACH, Piece
from extractors.rules import lexicon
from extractors.rules.segment import Outline

_OPENING = 300  # characters of title and first sentences: a paper is about what they speak of


class Subject:
    """Answers for one paper which of its passages are about arrears."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._text = outline.view.text
        self._owed = lexicon.compiled("<money.arrears>")
        self._due = lexicon.compiled("<money.arrears>|<money.arrears_wide>")
        short = len(self._text) < _OPENING  # says too little of its own to tell
        self._whole = short or self._due.search(self._text, 0, _OPENING) is not None
        title = outline.paragraph_at(0)
        self._titled = short or self._owed.search(self._text, title.start, title.end) is not None
        self._known: dict[int, bool] = {}
        # A name, or a number of cases in a bracket behind one: 教育系统8450万元, （5条，2260万元）
        self._name = lexicon.compiled(
            r"[、,(:]?[^,。;、()\d]{0,16}<money.bare_names>(?:\(\d+[条笔件个家户]\))?|\(?\d+\s?[条笔件个家户][、,]?(?:共|合计)?"
        )
        self._numbered = re.compile(r"\(\d+\s?[条笔件个家户],$")
        self._money = lexicon.compiled("<money.role_other>|<money.at_hand>")

    def is_arrears(self, piece: Piece) -> bool:
        """Whether the paper opens with sums that are due, or the figure's paragraph or a heading above names them."""
        if self._whole:
            return True
        paragraph = self._outline.paragraph_at(piece.start)
        known = self._known.get(paragraph.index)
        if known is None:
            titles = " ".join(h.title for h in self._outline.path(paragraph))
            known = (
                self._due.search(titles) is not None
                or self._due.search(self._text, paragraph.start, paragraph.end) is not None
            )
            self._known[paragraph.index] = known
        return known

    def is_bare_debt(self, piece: Piece) -> bool:
        """Whether a figure beside a bare name counts a debt: the title is about arrears, and nothing in the figure's
        sentence speaks of other money (教育系统8450万元、医疗卫生系统1.26亿元)."""
        if not self._titled:
            return False
        numbered = not piece.before and self._numbered.search(self._text, max(0, piece.start - 12), piece.start)
        if not numbered and self._name.fullmatch(piece.before) is None:
            return False
        start, end = self._outline.sentence_at(piece.start)
        stop = min(end, piece.end + REACH)
        return self._money.search(self._text, max(start, piece.start - REACH), stop) is None

    def is_near(self, piece: Piece) -> bool:
        """Whether the title, a heading, the figure's sentence or the one before it names arrears."""
        if self._titled:
            return True
        paragraph = self._outline.paragraph_at(piece.start)
        start, end = self._outline.sentence_at(piece.start)
        if start > paragraph.start:
            start = self._outline.sentence_at(start - 1)[0]
        return self._owed.search(self._text, start, end) is not None or any(
            self._owed.search(h.title) for h in self._outline.path(paragraph)
        )
