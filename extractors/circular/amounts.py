"""Amounts of money with what they count, the date they hold for, and who owes whom where the clause says so."""

from __future__ import annotations

import datetime as dt
import re

from extractors.circular.amount_pieces import Piece, pieces
from extractors.circular.amount_roles import RoleReader
from extractors.circular.role_cues import Passages
from extractors.circular.role_weights import UNSURE, weigh
from extractors.circular.time_stands import is_compared
from extractors.document import Document
from extractors.facts import Amount, AmountRole, AmountRoleRule, Deadline
from extractors.rules import lexicon, money
from extractors.rules.engine import Spans
from extractors.rules.segment import Outline

Told = tuple[AmountRole, AmountRoleRule]  # a role, and what told it


def find_amounts(
    document: Document, outline: Outline, masked: Spans, deadlines: tuple[Deadline, ...], issued: dt.date | None
) -> tuple[Amount, ...]:
    """All amounts in order, each with role, scope and the date it holds for."""
    cutoffs = as_of_dates(outline, deadlines)
    found, said = figures(outline, masked, deadlines, issued)
    out: list[Amount] = []
    weighed = weigh(Passages(outline, found, said, deadlines), len(found)) if found else []
    for piece, (rule_role, rule), told in zip(found, said, weighed, strict=True):
        role = told.role
        start, end = outline.view.span(piece.start, piece.end)
        value = piece.value
        flags = []
        if value.conflict:
            flags.append("amount_words_mismatch")
        if role == "remaining" and lexicon.compiled(r"<money.role_disputed>").search(piece.after):
            flags.append("disputed")
        if told.confidence < UNSURE:
            flags.append("role_unsure")
        out.append(
            Amount(
                text=document.text[start:end],
                start=start,
                end=end,
                rule=piece.rule,
                evidence=document.evidence(start, end),
                flags=tuple(flags),
                amount_yuan=value.low if value.high is None else (value.low, value.high),
                approx=value.approx,
                role=role,
                role_rule=rule if rule_role == role else "amount.weighed",
                role_confidence=told.confidence,
                role_cues=told.cues,
                as_of=as_of(cutoffs, outline, piece.start, issued),
                scope=_scope(piece),
                debtor=_debtor(piece),
                creditor=_creditor(piece),
                quantum_yuan=value.quantum,
            )
        )
    return tuple(out)


def figures(
    outline: Outline, masked: Spans, deadlines: tuple[Deadline, ...], issued: dt.date | None
) -> tuple[list[Piece], list[Told]]:
    """The figures of money in order, and what the written rules say each counts."""
    text = outline.view.text
    found = pieces(text, outline, money.LAYER.scan(text, masked))
    reader = RoleReader(outline, found, deadlines, issued.year if issued is not None else None)
    return found, [reader.role(number) for number in range(len(found))]


def as_of_dates(outline: Outline, deadlines: tuple[Deadline, ...]) -> list[tuple[int, dt.date]]:
    """Positions and days of the as-of dates of the text, in order; not those only compared with (较7月底提高)."""
    text, places = outline.view.text, []
    for d in deadlines:
        if d.kind == "as_of" and isinstance(d.resolved, str):
            at = outline.view.position(d.start)
            if not is_compared(text[max(at - 4, 0) : at]):
                places.append((at, dt.date.fromisoformat(d.resolved)))
    return places


def as_of(
    cutoffs: list[tuple[int, dt.date]], outline: Outline, position: int, issued: dt.date | None
) -> dt.date | None:
    """The as-of date of a figure: the last one before it in its paragraph, else the document's own."""
    paragraph = outline.paragraph_at(position)
    before = [day for at, day in cutoffs if paragraph.start <= at < position]
    if before:
        return before[-1]
    return issued


_TRIM = re.compile(r"^(?:其中|截至[^,]*|目前|已|共|累计|并|[,;:、\s])+")


def _scope(piece: Piece) -> str | None:
    """What the figure counts, in the text's own words: its clause without the figure."""
    words = f"{piece.before}{piece.after}".strip(" ,;:。、)(\n")
    words = _TRIM.sub("", words).strip()
    return words[:80] or None


_OWES = re.compile(
    r"(?P<debtor>[\u4e00-\u9fa5()]{3,40}?(?:公司|局|厅|委|政府|医院|学校|中心|集团|院|办|管委会|乡|镇"
    r"|街道办事处))\s?(?:尚|共|仍|长期)?(?:拖欠|欠付|尚欠|欠|应付)"
    r"(?P<creditor>[\u4e00-\u9fa5()]{3,40}?(?:公司|厂|集团|合作社|经营部|商行|商店|企业|事务所|工作室))?"
)


def _debtor(piece: Piece) -> str | None:
    m = _OWES.search(piece.before)
    return m["debtor"] if m else None


def _creditor(piece: Piece) -> str | None:
    m = _OWES.search(piece.before)
    return m["creditor"] if m else None
