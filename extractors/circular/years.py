"""Which year a date without one belongs to: its sentence's, its stage's, the plan's, else the document's.

The order is that of the project's contract: printed, inherited, the document's date, the latest full date of the
body. A date earlier than the document is never moved; only words that look ahead (计划, 拟, 力争) before a month
already past mean the next year, and that is said with a flag.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from extractors.circular.reading import Around
from extractors.circular.time_kinds import AS_OF, PUBLISHED_THEN, TOWARD
from extractors.facts import Metadata
from extractors.rules.segment import Outline
from extractors.rules.time import resolve
from extractors.rules.time.expressions import Expression
from extractors.rules.time.resolve import Frame, Resolved


def reference_date(
    issued: dt.date | None, found: list[Expression], text: str, fallback: dt.date | None
) -> tuple[dt.date | None, str]:
    """The document's own date, else the latest full date its body tells of, else what the caller offers."""
    if issued is not None:
        return issued, "issued_date"
    told: list[dt.date] = []
    limits: list[dt.date] = []
    for x in found:
        if x.first.year is None or x.first.is_year_only:
            continue
        r = resolve.resolve(x.first, Frame(None, "none"))
        if r is not None:
            left = text[max(0, x.start - 6) : x.start]
            tells = x.shape in ("point", "since") and (AS_OF.search(left) is not None or not TOWARD.search(left))
            (told if tells else limits).append(r.end)
    if told:
        return max(told), "body"
    if fallback is not None:
        return fallback, "none"
    return (min(limits), "body") if limits else (None, "none")


def planned_year(metadata: Metadata, reference: dt.date | None) -> int | None:
    """A year after the document's that its title plans for (2025年清欠工作方案, issued in December 2024)."""
    if metadata.title is None or reference is None:
        return None
    m = re.search(r"(20\d\d)\s?年", metadata.title.value)
    return int(m[1]) if m and int(m[1]) == reference.year + 1 else None


# A paper of the last quarter that wants something by the first months means those of the next year.
_LAST_MONTHS, _FIRST_MONTHS = 10, 4
_FAR_AHEAD = 200  # days to a festival that has been over for less than half a year
_HEADED = re.compile(
    r"(?<![-—至到~\d])(?P<year>20\d\d)\s?年(?=度?(?:的|主要|重点|全年|工作|清欠|清偿|化解|目标|任务|计划|打算|安排|思路|举措|措施|[:,。]|$))"
    r"|(?:明年|来年|下一?年度)(?!\s?\d)"
)


@dataclass(slots=True)
class YearKeeper:
    """What earlier dates of the same document lend to later ones; fed in reading order."""

    outline: Outline
    reference: dt.date | None
    source: str
    issued: dt.date | None
    planned: int | None  # a later year that the title plans for
    year: int | None = None
    month: int | None = None
    sentence: tuple[int, int] = (-1, -1)
    stage: tuple[int, int] | None = None  # the list of stages last read in, and the year it has come to
    later: int | None = None  # a year after the document's own, named by an earlier limit
    opened: tuple[int, int] | None = None  # a later year that opened a sentence (2025年为清偿年。…) and its paragraph

    def days(self, x: Expression, near: Around) -> Resolved | None:
        """The days an expression means here; None where its year cannot be known or there is no such day."""
        frame = self.frame(x, near)
        found = resolve.span(x, frame) if x.shape == "range" else resolve.limit(x, frame)
        return None if found is None else self._rolled(x, near, found, frame)

    def lend(self, x: Expression, year: int, near: Around) -> None:
        """A year that heads its sentence (2026年，…; 2026年为清零年。) is that of what follows in it or behind it."""
        sentence = self.outline.sentence_at(x.start)
        if near.after.startswith((",", ":")):
            self.sentence, self.year = sentence, year
        paragraph = self.outline.paragraph_at(x.start)
        if x.start in (sentence[0], paragraph.body, paragraph.start + len(paragraph.marker)):
            ahead = self.reference is not None and year > self.reference.year
            self.opened = (paragraph.index, year) if ahead else None

    def remember(self, x: Expression, days: Resolved, *, limit: bool, obligation: bool) -> None:
        """Keep what later dates may inherit. `limit`: kind due; `obligation`: due or period without a subtype."""
        if x.first.year is not None or x.first.year_shift is not None or x.first.festival is None:
            self.year, self.month = days.end.year, days.end.month
        ahead = self.reference is not None and days.end.year > self.reference.year
        named = x.last.year if x.last is not None else x.first.year
        if (limit or (obligation and x.last is not None)) and ahead and named is not None and not x.first.is_year_only:
            self.later = days.end.year
        stage = self._stage(x)
        if stage is not None and obligation:
            self.stage = (stage, days.end.year)

    def frame(self, x: Expression, near: Around) -> Frame:
        """What the expression may inherit: from its sentence, the stage before it, a plan for a later year."""
        sentence = self.outline.sentence_at(x.start)
        if sentence != self.sentence:
            self.sentence, self.year, self.month = sentence, None, None
        year = self.year
        limit = x.shape in ("before", "inside")
        if (
            year is not None
            and self.reference is not None
            and year < self.reference.year
            and limit
            and not near.is_told()
        ):
            year = None  # a limit to come does not take its year from a story
        told = x.shape == "since" or near.is_told()
        if year is None and not told and self.reference is not None:
            year = self._named_ahead(x, near, self.reference.year)
        if year is None and not told and not near.narrates():
            stage = self._stage(x)
            if stage is not None and self.stage is not None and stage == self.stage[0]:
                year = self.stage[1]
            elif self.planned is not None and x.first.day is None:
                year = self.planned
            else:
                later = self.later or self.planned
                own = resolve.resolve(x.first, Frame(self.reference, self.source))
                if later is not None and own is not None and self.issued is not None and own.end < self.issued:
                    year = later
        past = x.first.festival is not None and (
            near.is_outcome() or near.after.startswith(("曾", "已", "就已")) or self._was_missed(x, near)
        )
        return Frame(self.reference, self.source, year=year, month=self.month, past=past)

    def _was_missed(self, x: Expression, near: Around) -> bool:
        """答应春节前支付，春节过后仍无音讯, told in the months after it: the festival that is over."""
        if self.reference is None or not (near.was_agreed() and near.was_due()):
            return False
        coming = resolve.resolve(x.first, Frame(self.reference, self.source))
        return coming is not None and (coming.end - self.reference).days > _FAR_AHEAD

    def _named_ahead(self, x: Expression, near: Around, own: int) -> int | None:
        """A later year that the heading above names (四、2026年工作打算), or that opened a sentence before."""
        if self.opened is not None and self.opened[0] == self.outline.paragraph_at(x.start).index:
            return self.opened[1]
        for heading in near.headings():
            m = _HEADED.search(heading)
            if m is not None:
                named = int(m["year"]) if m["year"] else own + 1
                return named if named == own + 1 else None
        return None

    def _stage(self, x: Expression) -> int | None:
        """The list of stages an expression stands in (第一阶段, （二）排查阶段（…）); None outside one."""
        p = self.outline.paragraph_at(x.start)
        if p.level == 4 or "阶段" in p.title or "阶段(" in self.outline.view.text[max(p.start, x.start - 30) : x.start]:
            return -1 if p.parent is None else p.parent
        return None

    def _rolled(self, x: Expression, near: Around, days: Resolved, frame: Frame) -> Resolved:
        """A month before the document's, in words that look ahead (计划, 拟), is next year's; flagged.

        So is one of the year's first months in a paper of its last ones, where it is demanded or planned.
        """
        given = (
            x.first.year is not None
            or x.first.year_shift is not None
            or x.first.month_shift is not None
            or frame.year is not None
        )
        if given or self.issued is None or x.first.month is None:
            return days
        if days.start > self.issued and x.shape == "point" and PUBLISHED_THEN.match(near.after):
            # 3月29日公示的, in a paper of February: what is shown already was shown the year before.
            again = resolve.limit(x, Frame(self.reference, self.source, year=days.start.year - 1))
            return days if again is None else Resolved(again.start, again.end, self.source, again.flags)
        if days.end >= self.issued or days.start.month >= self.issued.month:
            return days
        if near.is_told() or x.shape == "since":
            return days
        limit = x.shape in ("before", "inside")
        turn = self.issued.month >= _LAST_MONTHS and days.end.month <= _FIRST_MONTHS and not near.was_due()
        wanted = near.is_demanded() or (limit and near.has_task())
        if not (limit and near.is_forward()) and not (turn and wanted and self._is_to_come(near)):
            return days
        frame = Frame(self.reference, self.source, year=days.end.year + 1)
        again = resolve.span(x, frame) if x.shape == "range" else resolve.limit(x, frame)
        if again is None:
            return days
        return Resolved(again.start, again.end, self.source, (*again.flags, "rolled_to_next_year"))

    def _is_to_come(self, near: Around) -> bool:
        """Whether the passage plans or orders: in a paper that tells only where it says so."""
        return near.plans() or (not near.past and not near.is_outcome() and not near.is_settled())
