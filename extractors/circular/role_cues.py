"""Cues: what stands around a figure, as named signs that each speak for or against a role.

A cue is a short string `name|words`: `c` the words of the figure's own clause, `L` those right before it, `a` and `A`
behind it, `b` the clauses before, `r` the ones after, `s` the rest of the sentence, `p` the sentence before, `h` the
headings, `t` the title; the same names with `k` see kinds of words (lexicon/cues.yml) in place of words. Others tell
the role of the figures before, what the figures say of each other as numbers, and what the written rules say. Their
weights are in `role_weights`; nothing here decides.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate

from extractors.circular.amount_pieces import Piece
from extractors.circular.role_kinds import kinds, saying
from extractors.facts import AmountRole, Deadline
from extractors.rules.segment import Outline

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
_READ = frozenset(SIGNS.values())
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_CLAUSE = re.compile(r"[,;:()]")
_OWN_END = re.compile(f"[,;。(){_NEXT}]")
_NUMBERED = re.compile(r"\(?[一二三四五六七八九十#]{1,3}[)、.]\s?([^。:,\n]{2,24})")
_LEFT, _RIGHT = 150, 60  # characters of context
_NEAR, _BACK, _ON = 6, 12, 9  # figures looked at: for differences, for what this one is a part of, behind this one

Said = Sequence[tuple[AmountRole, str]]


class Passages:
    """The figures of one paper with their surroundings; `said` is what the written rules say of each, `times` are the
    paper's time expressions in order."""

    def __init__(self, outline: Outline, found: Sequence[Piece], said: Said, times: Sequence[Deadline] = ()) -> None:
        self._outline = outline
        self._text = outline.view.text
        self._found = found
        self._said = said
        self._title = _grams("t", _plain(_title(self._text)), 2, 2)
        self._headings: dict[int, list[str]] = {}
        # Where times begin, and what they are: a limit (due), a cut-off (as_of), told (past_event) …
        self._times = sorted((outline.view.position(t.start), f"{t.kind}/{t.subtype or ''}") for t in times)
        self._values = [piece.value.low for piece in found]
        self._sums = [Decimal(0), *accumulate(self._values)]

    def cues(self, number: int, roles: Sequence[AmountRole]) -> list[str]:
        """The cues of the figure with this number; `roles` are those of all figures before it."""
        piece = self._found[number]
        start = self._outline.paragraph_at(piece.start).start
        left, right = self._left(number, start, roles), self._right(number)
        cut = left.rfind("。") + 1
        sentence = left[cut:]
        out = [
            *self._words(left, sentence, left[:cut], right),
            *_kinds(sentence, right),
            *self._neighbours(number, start, sentence, roles),
            *self._when(piece, start),
            *self._heading(number),
            *self._title,
        ]
        rule, basis = self._said[number]
        last = roles[-1] if roles else "-"
        out += [f"{RULE}|{rule}", f"{RULE}|{rule}|{basis}", f"{RULE}|{rule}|{last}"]
        numbers = _numbers(self._values, self._sums, number, roles)
        out += numbers
        out += [f"{RULE}+{cue}|{rule}" for cue in numbers]
        return list(dict.fromkeys(out))

    def _left(self, number: int, start: int, roles: Sequence[AmountRole]) -> str:
        """The words before a figure in its paragraph, the figures among them written as their roles' signs."""
        parts: list[str] = []
        end, length = self._found[number].start, 0
        for k in range(number - 1, -1, -1):
            if self._found[k].start < start or length > _LEFT:
                break
            words = self._text[self._found[k].end : end]
            parts += [words, SIGNS[roles[k]]]
            length += len(words) + 1
            end = self._found[k].start
        parts.append(self._text[max(start, end - _LEFT) : end])
        return _plain("".join(reversed(parts)))[-_LEFT:]

    def _right(self, number: int) -> str:
        """The words behind a figure in its paragraph."""
        at = self._found[number].end
        stop = min(self._outline.paragraph_at(self._found[number].start).end, at + 2 * _RIGHT)
        parts: list[str] = []
        for piece in self._found[number + 1 : number + 1 + _ON]:
            if piece.start >= stop:
                break
            parts += [self._text[at : piece.start], _NEXT]
            at = piece.end
        parts.append(self._text[at : max(at, stop)])
        return _plain("".join(parts))[:_RIGHT]

    @staticmethod
    def _words(left: str, sentence: str, earlier: str, right: str) -> list[str]:
        own, before = _own(sentence)
        out = _grams("c", own[-24:], 1, 4)
        out += [f"L{n}|{left[-n:]}" for n in range(1, 7) if len(left) >= n]
        clauses = _CLAUSE.split(before[:-1]) if before else []
        for k, clause in enumerate(reversed(clauses[-2:]), 1):
            out += _grams(f"b{k}", clause[-24:], 2, 3)
        out += _grams("s", "".join(c for c in before if c not in _READ)[-60:], 2, 2)
        out += _grams("p", earlier[-40:], 2, 2)
        behind = _behind(right)
        out += _grams("a", behind, 1, 3)
        out += [f"A{n}|{right[:n]}" for n in range(1, 5)]
        out += _grams("r", right[len(behind) :].partition("。")[0][:20], 2, 3)
        return out

    def _neighbours(self, number: int, start: int, sentence: str, roles: Sequence[AmountRole]) -> list[str]:
        """What the figures before this one count, and the words between."""
        if not number:
            return ["prev|-"]
        piece, last = self._found[number], self._found[number - 1]
        role = roles[-1]
        gap = self._text[last.end : piece.start] if last.start >= start else None
        near = "x" if gap is None else "p" if "。" in gap else "s"
        out = [f"prev|{role}|{near}"]
        if number > 1:
            out.append(f"prev2|{roles[-2]}|{role}")
        if gap is not None and near == "s":
            plain = _plain(gap[-40:])
            if len(gap) <= 14:
                out.append(f"g|{role}|{plain}")
            out.append(f"gm|{role}|{''.join(c for c in gap if c in ',;:、()')}")
            out += _grams(f"G{SIGNS[role]}", plain[-20:], 1, 3)
            out += self._parallel(number, start, plain, role)
        read = [c for c in sentence if c in _READ]
        if read:
            out.append(f"first|{read[0]}")
        whole, divides, parts = sentence.rpartition("其中")
        if divides and (read := [c for c in whole if c in _READ]):
            out.append(f"whole|{read[-1]}")
            out += _grams(f"W{read[-1]}", _own(parts)[0][-12:], 1, 3)
        return out

    def _parallel(self, number: int, start: int, gap: str, role: AmountRole) -> list[str]:
        """Whether a figure is one more item of a list: only names between, or the same words as before the last one."""
        rule = self._said[number][0]
        shape = kinds(gap)
        out = []
        if not saying().search(shape):
            marks = "".join(c for c in shape if c in ",;:、()和及")
            out += [f"bare|{role}|{marks}", f"{RULE}+bare|{role}|{rule}"]
        last = self._found[number - 1].start
        begin = max(start, self._found[number - 2].end if number > 1 else start, last - 40)
        before = kinds(_plain(self._text[begin:last]))
        for length in (2, 4):
            if len(shape) >= length and shape[-length:] == before[-length:]:
                out += [f"like{length}|{role}", f"{RULE}+like{length}|{role}|{rule}"]
        if shape == before:
            out.append(f"like|{role}")
        return out

    def _when(self, piece: Piece, start: int) -> list[str]:
        """The last time told before a figure: in its own clause, in its sentence, in its paragraph."""
        at = bisect_left(self._times, (piece.start, "")) - 1
        if at < 0 or self._times[at][0] < start:
            return []
        place, what = self._times[at]
        near = "c" if place >= piece.since else "s" if "。" not in self._text[place : piece.start] else "p"
        return [f"when{near}|{what}"]

    def _heading(self, number: int) -> list[str]:
        paragraph = self._outline.paragraph_at(self._found[number].start)
        known = self._headings.get(paragraph.index)
        if known is None:
            known = []
            if m := _NUMBERED.match(_plain(self._text[paragraph.start : paragraph.start + 40])):
                known += _grams("h", m[1], 2, 3) + _bones("h", kinds(m[1]))
            for heading in self._outline.path(paragraph)[-1:]:
                title = _plain(heading.title)[:20]
                known += _grams("H", title, 2, 3) + _bones("H", kinds(title))
            self._headings[paragraph.index] = known
        return known


def _title(text: str) -> str:
    return next((line for line in text[:200].split("\n") if len(line) > 6), text[:60])[:60]


def _own(sentence: str) -> tuple[str, str]:
    """The words of a figure's own clause behind the figure before, and the sentence up to that clause."""
    at = max(sentence.rfind(c) for c in ",;:()") + 1
    own = sentence[at:]
    since = max((k for k, c in enumerate(own) if c in _READ), default=-1) + 1
    return own[since:], sentence[:at]


def _behind(right: str) -> str:
    m = _OWN_END.search(right)
    return (right[: m.start()] if m else right)[:16]


def _plain(words: str) -> str:
    return _FIGURE.sub("#", words)


def _grams(name: str, words: str, low: int, high: int) -> list[str]:
    return [f"{name}|{words[k : k + n]}" for n in range(low, high + 1) for k in range(len(words) - n + 1)]


def _kinds(sentence: str, right: str) -> list[str]:
    """The cues that see kinds of words."""
    own, before = _own(sentence)
    own = kinds(own[-30:])
    out = _grams("kc", own[-14:], 1, 4)
    out += [f"kL{n}|{own[-n:]}" for n in range(1, 7) if len(own) >= n]
    out += _bones("o", own)
    clauses = _CLAUSE.split(before[:-1]) if before else []
    for k, clause in enumerate(reversed(clauses[-2:]), 1):
        seen = kinds(clause[-30:])
        out += _grams(f"kb{k}", seen[-14:], 1, 4 - k)
        out += _bones(f"b{k}", seen)
    if clauses:  # what the sentence begins with holds for all of its figures: 未清偿账款中,…
        topic = clauses[0][-30:]
        out += _bones("t" if topic.endswith(("中", "看", "面", "里")) else "f", kinds(topic))
    behind = _behind(right)
    after = kinds(behind)
    out += _bones("a", after)
    out += _grams("ka", after[:8], 1, 3)
    out += [f"kA{n}|{after[:n]}" for n in (2, 3)]
    out += _grams("kr", kinds(right[len(behind) :].partition("。")[0][:24])[:10], 1, 2)
    all_ = kinds(sentence[-60:])
    out += _grams("ks", all_[-20:], 2, 3)
    out += [f"kS{n}|{all_[-n:]}" for n in range(2, 9) if len(all_) >= n]
    return out


def _bones(name: str, seen: str) -> list[str]:
    """The kinds of a clause that say something of a sum, in their order, whatever stands between: 已…支付…拖欠."""
    said = "".join(saying().findall(seen))[-6:]
    pairs = [f"ky{name}|{a}{b}" for i, a in enumerate(said) for b in said[i + 1 :]]
    return [f"kz{name}|{said}", *pairs] if said else []


def _numbers(values: Sequence[Decimal], sums: Sequence[Decimal], number: int, roles: Sequence[AmountRole]) -> list[str]:
    """What the figures say of each other: sums, differences, the same again, a whole of which this is a part.

    `sums[k]` is the sum of all values before the k-th.
    """
    value = values[number]
    if not value:
        return []
    out = [f"than|{roles[-1]}|{'<' if value < values[number - 1] else '>'}"] if number else []
    near = [(values[k], roles[k]) for k in range(max(0, number - _NEAR), number)]
    same = next((role for one, role in reversed(near) if one == value), None)
    if same is not None:
        out.append(f"same|{same}")
    for k, (one, role) in enumerate(near):
        for other, next_role in near[k + 1 :]:
            if abs(one - other) == value:
                out.append(f"diff|{role}|{next_role}")
            if one + other == value:
                out.append(f"sum|{role}|{next_role}")
    since, stop = max(0, number - _BACK), min(len(values), number + _ON)
    ends = {sums[k + 1]: k for k in range(number, stop)}  # where a run of figures that holds this one may end
    for first in range(since, number + 1):
        for whole in range(since, first):
            last = ends.get(sums[first] + values[whole], -1)
            if last > first:
                out += [f"part|{roles[whole]}", *([f"last|{roles[whole]}"] if last == number else ())]
        for last in range(max(number, first + 1), stop - 1):
            if sums[last + 1] - sums[first] == values[last + 1]:
                out.append(f"toward|{roles[first] if first < number else '-'}")
    for first in range(since, number - 1):
        if sums[number] - sums[first] == value:
            out.append(f"total|{roles[first] if len(set(roles[first:number])) == 1 else 'mixed'}")
    for last in range(number + 2, stop):
        if sums[last + 1] - sums[number + 1] == value:
            out.append("whole|next")
    return out
