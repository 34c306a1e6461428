"""Cues: what stands around a figure, as named signs that each speak for or against a role.

A cue has a name and words, written `name|words`: `c` the words of the figure's own clause, `L` those right before it,
`a` and `A` behind it, `b` the clauses before, `r` the ones after, `s` the rest of the sentence, `p` the sentence
before, `h` the headings, `t` the title; the same names with `k` see kinds of words (lexicon/cues.yml) in place of
words. Others tell the role of the figures before, what the figures say of each other as numbers, and what the written
rules say. Their weights are in `role_weights`; nothing here decides.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from extractors.circular.amount_pieces import Piece
from extractors.circular.role_kinds import kinds, saying
from extractors.circular.role_numbers import Numbers
from extractors.facts import AmountRole, Deadline
from extractors.rules.segment import Outline, Paragraph

# One sign a role, for figures already read; ￥ is one still to be read.
SIGNS: dict[AmountRole, str] = {
    "debt_total": "Ⓓ",
    "cleared": "Ⓒ",
    "remaining": "Ⓡ",
    "disputed": "Ⓧ",
    "undisputed": "Ⓤ",
    "new_debt": "Ⓝ",
    "other": "Ⓞ",
}
_NEXT = "￥"
RULE = "rule"  # how cues begin that repeat what the written rules say
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_READ = re.compile(f"[{''.join(SIGNS.values())}]")
_NO_MARK = re.compile(r"[^,;:、()]+")
_NO_LIST_MARK = re.compile(r"[^,;:、()和及]+")
_CLAUSE = re.compile(r"[,;:()]")
_OWN_END = re.compile(f"[,;。(){_NEXT}]")
_NUMBERED = re.compile(r"\(?[一二三四五六七八九十#]{1,3}[)、.]\s?([^。:,\n]{2,24})")
_LEFT, _RIGHT = 150, 60  # characters of context
_ON = 9  # figures looked at behind this one

Said = Sequence[tuple[AmountRole, str]]


class Cues(Protocol):
    """Who is told the cues of a figure, and lists them or adds up their weights. No cue is told twice of one figure,
    but by `grams` and `bones`."""

    def one(self, name: str, words: str) -> None:
        """One cue."""

    def grams(self, name: str, words: str, low: int, high: int) -> None:
        """A cue for each run of `low` to `high` characters of words."""

    def begins(self, name: str, words: str, low: int, high: int) -> None:
        """What words begin with, `low` to `high` characters of it; the number of characters belongs to the name."""

    def ends(self, name: str, words: str, low: int, high: int) -> None:
        """What words end with, as far as they are so long; the number of characters belongs to the name."""

    def bones(self, name: str, seen: str) -> None:
        """The kinds of a clause that say something of a sum, in their order, whatever stands between: 已…支付…拖欠."""


class Around(NamedTuple):
    """The words around a figure. Signs of roles stand for figures before it, ￥ for those behind it, # for numbers."""

    sentence: str  # its sentence before it
    own: str  # its own clause before it, behind the figure before
    before: str  # its sentence before its own clause
    clauses: list[str]  # those of `before`
    behind: str  # its own clause behind it
    rest: str  # its sentence behind its own clause
    right: str  # its paragraph behind it


class Passages:
    """The figures of one paper with their surroundings; `said` is what the written rules say of each, `times` are the
    paper's time expressions in order."""

    def __init__(self, outline: Outline, found: Sequence[Piece], said: Said, times: Sequence[Deadline] = ()) -> None:
        self._outline = outline
        self._text = outline.view.text
        self._found = found
        self._said = said
        self._title = _plain(_title(self._text))
        self._headings: dict[int, tuple[str, str]] = {}
        # Where times begin, and what they are: a limit (due), a cut-off (as_of), told (past_event) …
        self._times = sorted((outline.view.position(t.start), f"{t.kind}/{t.subtype or ''}") for t in times)
        self._numbers = Numbers([piece.value.low for piece in found])

    def cues(self, number: int, roles: Sequence[AmountRole]) -> list[str]:
        """The cues of the figure with this number, written out; `roles` are those of all figures before it."""
        listed = _Listed()
        self.tell(number, roles, listed)
        return list(dict.fromkeys(listed.cues))

    def tell(self, number: int, roles: Sequence[AmountRole], to: Cues) -> None:
        """Tell the cues of the figure with this number; `roles` are those of all figures before it."""
        piece = self._found[number]
        paragraph = self._outline.paragraph_at(piece.start)
        left = self._left(number, paragraph.start, roles)
        cut = left.rfind("。") + 1
        around = _around(left[cut:], self._right(number, paragraph.end))
        _words(around, left, left[:cut], to)
        _kinds(around, to)
        self._neighbours(number, paragraph.start, around.sentence, roles, to)
        self._when(piece, paragraph.start, to)
        self._heading(paragraph, to)
        to.grams("t", self._title, 2, 2)
        rule, basis = self._said[number]
        to.one(RULE, rule)
        to.one(RULE, f"{rule}|{basis}")
        to.one(RULE, f"{rule}|{roles[-1] if roles else '-'}")
        signs = self._numbers.signs(number, roles)
        for name, words in signs:
            to.one(name, words)
        for name, words in signs:
            to.one(f"{RULE}+{name}", f"{words}|{rule}")

    def _left(self, number: int, start: int, roles: Sequence[AmountRole]) -> str:
        """The words before a figure in its paragraph, the figures among them written as their roles' signs."""
        parts: list[str] = []
        end, length = self._found[number].start, 0
        for k in range(number - 1, -1, -1):
            piece = self._found[k]
            if piece.start < start or length > _LEFT:
                break
            words = self._text[piece.end : end]
            parts += [words, SIGNS[roles[k]]]
            length += len(words) + 1
            end = piece.start
        parts.append(self._text[max(start, end - _LEFT) : end])
        return _plain("".join(reversed(parts)))[-_LEFT:]

    def _right(self, number: int, stop: int) -> str:
        """The words behind a figure in its paragraph, which ends at `stop`."""
        at = self._found[number].end
        stop = min(stop, at + 2 * _RIGHT)
        parts: list[str] = []
        for piece in self._found[number + 1 : number + 1 + _ON]:
            if piece.start >= stop:
                break
            parts += [self._text[at : piece.start], _NEXT]
            at = piece.end
        parts.append(self._text[at : max(at, stop)])
        return _plain("".join(parts))[:_RIGHT]

    def _neighbours(self, number: int, start: int, sentence: str, roles: Sequence[AmountRole], to: Cues) -> None:
        """What the figures before this one count, and the words between."""
        if not number:
            to.one("prev", "-")
            return
        piece, last = self._found[number], self._found[number - 1]
        role = roles[-1]
        gap = self._text[last.end : piece.start] if last.start >= start else None
        near = "x" if gap is None else "p" if "。" in gap else "s"
        to.one("prev", f"{role}|{near}")
        if number > 1:
            to.one("prev2", f"{roles[-2]}|{role}")
        if gap is not None and near == "s":
            plain = _plain(gap[-40:])
            if len(gap) <= 14:
                to.one("g", f"{role}|{plain}")
            to.one("gm", f"{role}|{_NO_MARK.sub('', gap)}")
            to.grams(f"G{SIGNS[role]}", plain[-20:], 1, 3)
            self._parallel(number, start, plain, role, to)
        if first := _READ.search(sentence):
            to.one("first", first[0])
        whole, divides, parts = sentence.rpartition("其中")
        if divides and (signs := _READ.findall(whole)):
            to.one("whole", signs[-1])
            to.grams(f"W{signs[-1]}", _own(parts)[0][-12:], 1, 3)

    def _parallel(self, number: int, start: int, gap: str, role: AmountRole, to: Cues) -> None:
        """Whether a figure is one more item of a list: only names between, or the same words as before the last one."""
        rule = self._said[number][0]
        shape = kinds(gap)
        if not saying().search(shape):
            to.one("bare", f"{role}|{_NO_LIST_MARK.sub('', shape)}")
            to.one(f"{RULE}+bare", f"{role}|{rule}")
        last = self._found[number - 1].start
        begin = max(start, self._found[number - 2].end if number > 1 else start, last - 40)
        before = kinds(_plain(self._text[begin:last]))
        for length in (2, 4):
            if len(shape) >= length and shape[-length:] == before[-length:]:
                to.one(f"like{length}", role)
                to.one(f"{RULE}+like{length}", f"{role}|{rule}")
        if shape == before:
            to.one("like", role)

    def _when(self, piece: Piece, start: int, to: Cues) -> None:
        """The last time told before a figure: in its own clause, in its sentence, in its paragraph."""
        at = bisect_left(self._times, (piece.start, "")) - 1
        if at < 0 or self._times[at][0] < start:
            return
        place, what = self._times[at]
        near = "c" if place >= piece.since else "s" if "。" not in self._text[place : piece.start] else "p"
        to.one(f"when{near}", what)

    def _heading(self, paragraph: Paragraph, to: Cues) -> None:
        """The words a paragraph's number stands before, and the heading it stands under."""
        known = self._headings.get(paragraph.index)
        if known is None:
            numbered = _NUMBERED.match(_plain(self._text[paragraph.start : paragraph.start + 40]))
            above = self._outline.path(paragraph)[-1:]
            known = (numbered[1] if numbered else "", _plain(above[0].title)[:20] if above else "")
            self._headings[paragraph.index] = known
        for name, words in zip("hH", known, strict=True):
            to.grams(name, words, 2, 3)
            to.bones(name, kinds(words))


class _Listed:
    """Writes cues out, in the order they are told in."""

    def __init__(self) -> None:
        self.cues: list[str] = []

    def one(self, name: str, words: str) -> None:
        self.cues.append(f"{name}|{words}")

    def grams(self, name: str, words: str, low: int, high: int) -> None:
        self.cues += [f"{name}|{words[k : k + n]}" for n in range(low, high + 1) for k in range(len(words) - n + 1)]

    def begins(self, name: str, words: str, low: int, high: int) -> None:
        self.cues += [f"{name}{n}|{words[:n]}" for n in range(low, high + 1)]

    def ends(self, name: str, words: str, low: int, high: int) -> None:
        self.cues += [f"{name}{n}|{words[-n:]}" for n in range(low, high + 1) if len(words) >= n]

    def bones(self, name: str, seen: str) -> None:
        self.cues += [f"{shape}{name}|{signs}" for shape, signs in skeleton(seen)]


def skeleton(seen: str) -> tuple[tuple[str, str], ...]:
    """The signs of a clause that say something of a sum, the last six of them (kz), and all pairs of these (ky)."""
    said = "".join(saying().findall(seen))[-6:]
    pairs = [("ky", a + b) for i, a in enumerate(said) for b in said[i + 1 :]]
    return (("kz", said), *pairs) if said else ()


def _title(text: str) -> str:
    return next((line for line in text[:200].split("\n") if len(line) > 6), text[:60])[:60]


def _around(sentence: str, right: str) -> Around:
    own, before = _own(sentence)
    m = _OWN_END.search(right)
    behind = (right[: m.start()] if m else right)[:16]
    rest = right[len(behind) :].partition("。")[0]
    clauses = _CLAUSE.split(before[:-1]) if before else []
    return Around(sentence, own, before, clauses, behind, rest, right)


def _own(sentence: str) -> tuple[str, str]:
    """The words of a figure's own clause behind the figure before, and the sentence up to that clause."""
    at = max(map(sentence.rfind, ",;:()")) + 1
    own = sentence[at:]
    since = max(map(own.rfind, SIGNS.values())) + 1
    return own[since:], sentence[:at]


def _plain(words: str) -> str:
    return _FIGURE.sub("#", words)


def _words(around: Around, left: str, earlier: str, to: Cues) -> None:
    """The cues that see words; `left` is what stands before the figure in its paragraph, `earlier` its sentences."""
    to.grams("c", around.own[-24:], 1, 4)
    to.ends("L", left, 1, 6)
    for k, clause in enumerate(reversed(around.clauses[-2:]), 1):
        to.grams(f"b{k}", clause[-24:], 2, 3)
    to.grams("s", _READ.sub("", around.before)[-60:], 2, 2)
    to.grams("p", earlier[-40:], 2, 2)
    to.grams("a", around.behind, 1, 3)
    to.begins("A", around.right, 1, 4)
    to.grams("r", around.rest[:20], 2, 3)


def _kinds(around: Around, to: Cues) -> None:
    """The cues that see kinds of words."""
    own = kinds(around.own[-30:])
    to.grams("kc", own[-14:], 1, 4)
    to.ends("kL", own, 1, 6)
    to.bones("o", own)
    for k, clause in enumerate(reversed(around.clauses[-2:]), 1):
        seen = kinds(clause[-30:])
        to.grams(f"kb{k}", seen[-14:], 1, 4 - k)
        to.bones(f"b{k}", seen)
    if around.clauses:  # what the sentence begins with holds for all of its figures: 未清偿账款中,…
        topic = around.clauses[0][-30:]
        to.bones("t" if topic.endswith(("中", "看", "面", "里")) else "f", kinds(topic))
    after = kinds(around.behind)
    to.bones("a", after)
    to.grams("ka", after[:8], 1, 3)
    to.begins("kA", after, 2, 3)
    to.grams("kr", kinds(around.rest[:24])[:10], 1, 2)
    sentence = kinds(around.sentence[-60:])
    to.grams("ks", sentence[-20:], 2, 3)
    to.ends("kS", sentence, 2, 8)
