"""What was found, laid back onto the text: every statement as a mark with its rule and its derivation.

A derivation is worked out from the statement's own words: they are normalised, and the rules of every layer run over
them again with their parts named, so that a person sees why 近3亿元 became a range. Nothing here decides anything.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache

import msgspec

from extractors.document import Anchor, Document
from extractors.facts import Amount, Assignment, Contact, Deadline, Facts, Metadata, Statement, Statistic
from extractors.rules import all_rules, layers, view
from extractors.rules.engine import NOTHING, Hit


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One rule at work inside a statement: the normalised words it took and the parts it saw in them."""

    rule: str
    text: str
    parts: tuple[tuple[str, str], ...] = ()


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A statement on the text `[start, end)`.

    `group` is metadata, part, amount, deadline, assignment, ref or statistic; `kind` the field's name, role or kind
    within it; `value` what the words resolved to, None where they did not; `details` further fields by name.
    """

    number: int
    start: int
    end: int
    text: str
    group: str
    kind: str
    value: str | None
    rule: str
    details: tuple[tuple[str, str], ...] = ()
    flags: tuple[str, ...] = ()
    evidence: Anchor = Anchor()
    steps: tuple[Step, ...] = ()


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of text under the same marks, innermost (shortest) first; none where nothing was found."""

    start: int
    end: int
    marks: tuple[int, ...]  # numbers of marks


def marks(facts: Facts) -> tuple[Mark, ...]:
    """Every statement of a document as a mark, in the order of the text, numbered from 1."""
    found = [m for m in _all(facts) if m.end > m.start]
    found.sort(key=lambda m: (m.start, -m.end, m.group))
    return tuple(msgspec.structs.replace(m, number=i) for i, m in enumerate(found, 1))


def pieces(document: Document, found: tuple[Mark, ...], also: Iterable[int] = ()) -> tuple[Piece, ...]:
    """The whole text cut where marks begin and end, and at the offsets `also`."""
    length = len(document.text)
    cuts = sorted(
        {
            0,
            length,
            *(a for a in also if 0 < a < length),
            *(min(m.start, length) for m in found),
            *(min(m.end, length) for m in found),
        }
    )
    out: list[Piece] = []
    open_marks: list[Mark] = []
    waiting = sorted(found, key=lambda m: m.start)
    next_mark = 0
    for start, end in itertools.pairwise(cuts):
        open_marks = [m for m in open_marks if m.end > start]
        while next_mark < len(waiting) and waiting[next_mark].start <= start:
            open_marks.append(waiting[next_mark])
            next_mark += 1
        inner_first = sorted(open_marks, key=lambda m: (m.end - m.start, m.number))
        out.append(Piece(start=start, end=end, marks=tuple(m.number for m in inner_first)))
    return tuple(out)


# Which layers can have had a part in a group's statements.
_LAYERS = {"amount": {"money"}, "statistic": {"count"}, "deadline": {"point", "suffix", "cadence", "term"}}


@cache
def derivation(group: str, text: str) -> tuple[Step, ...]:
    """The rules that see something in a statement's words, in reading order, each with the parts its pattern names."""
    normal = view.of_text(text).text
    hits = [hit for layer in layers() if layer.name in _LAYERS.get(group, ()) for hit in layer.scan(normal, NOTHING)]
    whole = [h for h in hits if not any(_inside(h, other) for other in hits)]
    return tuple(step for hit in sorted(whole, key=lambda h: h.start) for step in _steps(hit, normal))


def _inside(hit: Hit, other: Hit) -> bool:
    return other.start <= hit.start and hit.end <= other.end and (other.end - other.start) > (hit.end - hit.start)


def _steps(hit: Hit, text: str) -> Iterator[Step]:
    match = next(
        (m for r in all_rules() if r.name == hit.rule and (m := r.regex.match(text, hit.start, hit.end))), None
    )
    parts = tuple((name, words) for name, words in match.groupdict().items() if words) if match is not None else ()
    yield Step(rule=hit.rule, text=text[hit.start : hit.end], parts=parts)
    for child in hit.children:
        yield from _steps(child, text)


def _all(facts: Facts) -> Iterator[Mark]:
    yield from _metadata(facts.metadata)
    for a in facts.amounts:
        yield _mark(a, "amount", a.role, money(a.amount_yuan), _amount_details(a))
    for d in facts.deadlines:
        resolved = " – ".join(d.resolved) if isinstance(d.resolved, tuple) else d.resolved
        yield _mark(d, "deadline", d.kind, resolved, _deadline_details(d))
    for s in facts.assignments:
        yield _mark(s, "assignment", s.role, s.unit_name, _assignment_details(s))
    for r in facts.refs:
        yield _mark(r, "ref", r.relation or "reference", r.title, _given(("doc_number", r.doc_number)))
    for p in facts.parts:
        if p.title is not None:
            span = f"{p.start}–{p.end}"
            details = _given(("part_number", p.number), ("part_span", span), ("issued_date", p.issued_date))
            yield msgspec.structs.replace(_mark(p.title, "part", "part", p.title.value, details), flags=p.flags)
    for n in facts.statistics:
        yield _mark(n, "statistic", n.unit, _number(n), _given(("what", n.what), ("as_of", n.as_of)))


def _metadata(m: Metadata) -> Iterator[Mark]:
    for name in ("title", "issuer", "doc_number", "doc_type", "issued_date", "urgency", "secrecy", "signed_off_by"):
        field = getattr(m, name)
        if field is not None:
            yield _mark(field, "metadata", name, field.value)
    if m.region_code is not None:
        yield _mark(m.region_code, "metadata", "region", m.region_code.value, _given(("name", m.region_name)))
    for field in m.recipients:
        yield _mark(field, "metadata", "recipients", field.value)
    for field in m.attachments:
        yield _mark(field, "metadata", "attachments", field.value)
    for c in m.contacts:
        yield _mark(c, "metadata", "contacts", c.name, _contact_details(c))


def _mark(s: Statement, group: str, kind: str, value: str | None, details: tuple[tuple[str, str], ...] = ()) -> Mark:
    steps = derivation(group, s.text) if group in _LAYERS else ()
    return Mark(
        number=0, start=s.start, end=s.end, text=s.text, group=group, kind=kind, value=value, rule=s.rule,
        details=details, flags=s.flags, evidence=s.evidence, steps=steps,
    )  # fmt: skip


def money(value: Decimal | tuple[Decimal, Decimal]) -> str:
    """Yuan for people: ¥7,684,000, or two of them."""
    if isinstance(value, tuple):
        return " – ".join(money(v) for v in value)
    exact = value.quantize(Decimal("0.01"))
    return f"¥{exact:,.0f}" if exact == exact.to_integral_value() else f"¥{exact:,}"


def _number(n: Statistic) -> str:
    if n.unit == "ratio":
        share = (n.value * 100).normalize()
        return f"{share:f}%"
    return f"{n.value.normalize():,f}"


def _given(*pairs: tuple[str, object | None]) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value)) for name, value in pairs if value not in (None, "", ()))


def _amount_details(a: Amount) -> tuple[tuple[str, str], ...]:
    return _given(
        ("role_rule", a.role_rule), ("role_confidence", a.role_confidence), ("role_cues", " ".join(a.role_cues)),
        ("as_of", a.as_of), ("scope", a.scope), ("debtor", a.debtor), ("creditor", a.creditor),
        ("approx", "≈" if a.approx else None),
    )  # fmt: skip


def _deadline_details(d: Deadline) -> tuple[tuple[str, str], ...]:
    return _given(
        ("subtype", d.subtype), ("action", d.action), ("responsible", "、".join(d.responsible)),
        ("recipient", d.recipient), ("year_source", d.year_source), ("strength", d.strength),
    )  # fmt: skip


def _assignment_details(s: Assignment) -> tuple[tuple[str, str], ...]:
    return _given(
        ("task", s.task), ("unit_id", s.unit_id), ("open_list", "…" if s.open_list else None),
        ("expands_to", "、".join(s.expands_to)),
    )  # fmt: skip


def _contact_details(c: Contact) -> tuple[tuple[str, str], ...]:
    return _given(("phones", "、".join(c.phones)), ("email", c.email), ("unit", c.unit))
