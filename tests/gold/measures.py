"""How an extraction is measured against a gold record: which items count as the same, and precision, recall, F1.

A gold item is met by at most one found item whose span shares a character with it, equal spans first, then the
larger overlap. What counts besides the span is the measure's own condition:

* yuan: equal to the fen; a gold range is met by a value inside it or a range that meets it
* resolved: the same day, the same two days, or the same parts of a rule; null only by null
* an obligation is `due`, `recurring`, `effective` or `period` without a subtype that says past, scope or forecast
* a kind of document may be longer by what stands before it: 紧急通知 and 通知, 工作方案 and 方案
* a unit is its words without spaces and without the difference of full and half width

Found items that lie on an `ignore_span` and meet no gold item are neither right nor wrong, and so are units whose
words the gold ignores.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

Item = dict[str, Any]
Same = Callable[[Item, Item], bool]

OBLIGATIONS = frozenset({"due", "recurring", "effective", "period"})
NO_OBLIGATION = frozenset({"past_period", "scope", "forecast", "past"})
HEAD = ("title", "issuer", "doc_number", "doc_type", "issued_date")
_TOLERANCE = 0.01


@dataclass
class Tally:
    """Right, found and expected items of one measure."""

    right: int = 0
    found: int = 0
    expected: int = 0

    def add(self, right: int, found: int, expected: int) -> None:
        """Count one document's items."""
        self.right += right
        self.found += found
        self.expected += expected

    @property
    def precision(self) -> float:
        """Share of the found items that are right; 1 where nothing was found and nothing expected."""
        return self.right / self.found if self.found else float(not self.expected)

    @property
    def recall(self) -> float:
        """Share of the expected items that were found."""
        return self.right / self.expected if self.expected else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.found + self.expected
        return 2 * self.right / total if total else 1.0


@dataclass
class Score:
    """All measures over the documents added, and a line for every item that is not as the gold has it."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    documents: int = 0
    false_obligations: int = 0  # history or a cut-off reported as a duty

    def add(self, gold: Item, found: Item) -> None:
        """Measure one document's extraction against its gold record."""
        self.documents += 1
        name = gold["doc_id"]
        self._amounts(name, gold, found)
        self._dates(name, gold, found)
        self._units(name, gold, found)
        self._head(name, gold["metadata"], found["metadata"])
        numbers = {packed(r["doc_number"]) for r in gold["refs"] if r["doc_number"]}
        named = {packed(r["doc_number"]) for r in found["refs"] if r["doc_number"]}
        self._sets(name, "refs (number)", numbers, named)

    def __getitem__(self, measure: str) -> Tally:
        return self.tallies.setdefault(measure, Tally())

    def _amounts(self, name: str, gold: Item, found: Item) -> None:
        wanted, got = gold["amounts"], _counted(found["amounts"], gold["amounts"], gold["ignore_spans"])
        self["amounts (span+yuan)"].add(len(matches(wanted, got, same_yuan)), len(got), len(wanted))
        pairs = matches(wanted, got, lambda a, b: same_yuan(a, b) and a["role"] == b["role"])
        self["amounts (span+yuan+role)"].add(len(pairs), len(got), len(wanted))
        self._differences(name, "amount", wanted, got, pairs, ("text", "amount_yuan", "role"))

    def _dates(self, name: str, gold: Item, found: Item) -> None:
        wanted, got = gold["deadlines"], _counted(found["deadlines"], gold["deadlines"], gold["ignore_spans"])
        pairs = matches(wanted, got, same_date)
        self["dates (span+kind+resolved)"].add(len(pairs), len(got), len(wanted))
        self._differences(name, "date", wanted, got, pairs, ("text", "kind", "subtype", "resolved"))
        duties = [d for d in wanted if is_obligation(d)]
        # History found as a period without saying so is not charged where the gold has the same words as history.
        told = [d for d in got if is_obligation(d) and not any(_is_history_of(d, w) for w in wanted)]
        self["obligations (span+kind+resolved)"].add(len(matches(duties, told, same_date)), len(told), len(duties))
        for d in told:
            touched = [w for w in wanted if overlap(d, w) > 0]
            if touched and not any(is_obligation(w) for w in touched):
                self.false_obligations += 1
                self.errors.append(f"{name}: no duty, reported as one: {d['text']} {d['kind']}")

    def _units(self, name: str, gold: Item, found: Item) -> None:
        wanted = {(packed(a["unit"]), a["role"]) for a in gold["assignments"]}
        idle = {packed(u["text"]) for u in gold.get("ignore_units", [])}
        got = {(packed(a["unit"]), a["role"]) for a in found["assignments"]}
        got = {(unit, role) for unit, role in got if unit not in idle or (unit, role) in wanted}
        self["assignments (unit)"].add(
            len({u for u, _ in wanted} & {u for u, _ in got}), len({u for u, _ in got}), len({u for u, _ in wanted})
        )
        self._sets(name, "assignments (unit+role)", wanted, got)

    def _head(self, name: str, gold: Item, found: Item) -> None:
        for key in HEAD:
            want, got = packed(gold[key]), packed(found[key])
            same = want == got
            if key == "doc_type" and want and got:
                same = want.endswith(got) or got.endswith(want)
            self["metadata (exact)"].add(int(same and bool(want)), int(bool(got)), int(bool(want)))
            if not same:
                self.errors.append(f"{name}: {key}: gold {gold[key]!r}, found {found[key]!r}")
        self._sets(
            name, "recipients", {packed(r) for r in gold["recipients"]}, {packed(r) for r in found["recipients"]}
        )

    def _sets(self, name: str, measure: str, wanted: set[Any], got: set[Any]) -> None:
        self[measure].add(len(wanted & got), len(got), len(wanted))
        self.errors += [f"{name}: {measure} missed: {x}" for x in sorted(wanted - got)]
        self.errors += [f"{name}: {measure} extra: {x}" for x in sorted(got - wanted)]

    def _differences(
        self,
        name: str,
        what: str,
        wanted: list[Item],
        got: list[Item],
        pairs: list[tuple[int, int]],
        keys: Iterable[str],
    ) -> None:
        hit, used = {i for i, _ in pairs}, {j for _, j in pairs}
        shown = tuple(keys)
        for word, items, done in (("missed", wanted, hit), ("extra", got, used)):
            for i, item in enumerate(items):
                if i not in done:
                    said = " ".join(str(item[k]) for k in shown if item.get(k) is not None)
                    self.errors.append(f"{name}: {what} {word}: {said}")


def overlap(a: Item, b: Item) -> int:
    """How many characters two spans share; 0 or less for none."""
    return int(min(a["end"], b["end"]) - max(a["start"], b["start"]))


def matches(gold: list[Item], found: list[Item], same: Same) -> list[tuple[int, int]]:
    """Index pairs, one to one, equal spans first, then the larger overlap."""
    candidates = []
    for i, g in enumerate(gold):
        for j, f in enumerate(found):
            shared = overlap(g, f)
            if shared > 0 and same(g, f):
                candidates.append(((g["start"], g["end"]) != (f["start"], f["end"]), -shared, i, j))
    out: list[tuple[int, int]] = []
    taken_gold: set[int] = set()
    taken_found: set[int] = set()
    for _, _, i, j in sorted(candidates):
        if i not in taken_gold and j not in taken_found:
            taken_gold.add(i)
            taken_found.add(j)
            out.append((i, j))
    return out


def same_yuan(gold: Item, found: Item) -> bool:
    """Whether the found sum is the gold's."""
    low, high = _range(gold["amount_yuan"])
    a, b = _range(found["amount_yuan"])
    if low == high:
        return a == b and abs(a - low) < _TOLERANCE
    return a <= high + _TOLERANCE and b >= low - _TOLERANCE


def same_date(gold: Item, found: Item) -> bool:
    """Whether kind and resolution are the gold's."""
    if gold["kind"] != found["kind"]:
        return False
    want, got = gold["resolved"], found["resolved"]
    if isinstance(want, list) or isinstance(got, (list, tuple)):
        return isinstance(want, list) and isinstance(got, (list, tuple)) and list(got) == want
    if want is None or got is None:
        return want is got
    return _rule(str(want)) == _rule(str(got))


def is_obligation(date: Item) -> bool:
    """Whether a time expression binds somebody."""
    return date["kind"] in OBLIGATIONS and date.get("subtype") not in NO_OBLIGATION


def packed(value: object) -> str:
    """Words as they are compared: no spaces, one width, one kind of bracket."""
    text = unicodedata.normalize("NFKC", str(value or ""))
    return "".join(text.split()).translate(str.maketrans("〔〕[]【】﹝﹞", "()()()()"))


def _is_history_of(date: Item, gold: Item) -> bool:
    return overlap(date, gold) > 0 and gold["kind"] == date["kind"] and not is_obligation(gold)


def _counted(found: list[Item], gold: list[Item], ignored: list[Item]) -> list[Item]:
    return [f for f in found if any(overlap(f, g) > 0 for g in gold) or not any(overlap(f, i) > 0 for i in ignored)]


def _range(value: Any) -> tuple[float, float]:
    low, high = value if isinstance(value, (list, tuple)) else (value, value)
    return float(low), float(high)


def _rule(value: str) -> list[str]:
    return sorted(part for part in value.upper().split(";") if part and part != "INTERVAL=1")
