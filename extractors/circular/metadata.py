"""Metadata of a circular: the frame elements of GB/T 9704-2012 as statements, and the kind of document."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import msgspec

from extractors.circular.contacts import find_contacts
from extractors.circular.frame import Found, Frame, joined
from extractors.circular.issuer import find_issuer
from extractors.document import Document
from extractors.facts import Contact, DocumentKind, Field, Metadata
from extractors.rules import lexicon
from extractors.rules.segment import Outline
from extractors.rules.view import View

_HEAD = 600
_REPORT = re.compile(r"现将(?P<what>[^,。;:\n]{0,30}?)(?P<verb>汇报|报告|通报|通知|答复|公示|公告|总结|函告|公开)如下")
_ATTACHMENT_LINE = re.compile(r"附\s?件\s?\d{0,2}\s?[::]\s?")
_NUMBERED = re.compile(r"\s?(?:\d{1,2}[.、\s]\s?(?!\d)|\(\d{1,2}\)\s?|[①-⑳]\s?)")


def find_metadata(document: Document, view: View, outline: Outline) -> tuple[Metadata, DocumentKind]:
    """All frame elements with their places, and what kind of document it is."""
    frame = Frame(outline)
    doc_type = _doc_type(frame)
    metadata = Metadata(
        title=_field(document, view, frame.title),
        issuer=_field(document, view, find_issuer(frame)),
        doc_number=_field(document, view, frame.doc_number()),
        doc_type=_field(document, view, doc_type),
        issued_date=_field(document, view, frame.date),
        recipients=tuple(_present(_field(document, view, f) for f in frame.recipients())),
        urgency=_field(document, view, _head_word(view, "urgency")),
        secrecy=_field(document, view, _secrecy(view)),
        attachments=tuple(_present(_field(document, view, f) for f in _attachments(frame))),
        contacts=_contacts(document, view),
        signed_off_by=_field(document, view, _signed_off(view)),
    )
    return metadata, _kind(frame, doc_type)


def _present(fields: Iterable[Field | None]) -> list[Field]:
    return [f for f in fields if f is not None]


def _field(document: Document, view: View, found: Found | None) -> Field | None:
    if found is None or found.start >= found.end:
        return None
    start, end = view.span(found.start, found.end)
    value = found.value
    if found.rule != "metadata.doc_number" and value == joined(view.text[found.start : found.end]):
        value = joined(_printed(view, found.start, found.end))
    return Field(
        text=document.text[start:end],
        start=start,
        end=end,
        rule=found.rule,
        evidence=document.evidence(start, end),
        flags=found.flags,
        value=value,
    )


def _printed(view: View, start: int, end: int) -> str:
    """The source's own characters (full-width brackets and all) under a stretch of the view, dropped ones left out."""
    out: list[str] = []
    source, last = view.source, -1
    for char, at in zip(view.text[start:end], view.offsets(start, end), strict=True):
        if char == "\n":
            out.append(char)
        elif at != last:
            out.append(source[at])
            last = at
    return "".join(out)


def _doc_type(frame: Frame) -> Found | None:
    """The title's kind word; without a title what 现将…汇报如下 announces."""
    if frame.title is not None and frame.title_kind is not None:
        word = frame.title_kind
        at = frame.text.rfind(word, frame.title.start, frame.title.end)
        if at < 0:  # the word itself is broken over two lines
            return Found(frame.title.start, frame.title.end, word, "metadata.doc_type_title")
        return Found(at, at + len(word), word, "metadata.doc_type_title")
    m = _REPORT.search(frame.text[:3000])
    if m is None:
        return None
    verb = m["verb"]
    value = {"汇报": "工作情况汇报", "函告": "函"}.get(verb, verb)
    return Found(m.start("verb"), m.end("verb"), value, "metadata.doc_type_opening")


_OPENING_KINDS: dict[str, DocumentKind] = {
    "通知": "circular",
    "通报": "circular",
    "函": "circular",
    "答复": "reply",
    "公示": "disclosure",
    "公告": "disclosure",
    "公开": "disclosure",
}
_BULLETIN = re.compile(r"(?:^|\n)[^\n。]{0,30}(?:简\s?报|专\s?报|快\s?报|工作动态)(?:\s?\n|$|\s?第)")
_ARREARS_DISCLOSED = re.compile(r"(?:拖欠|未支付)[^,。]{0,20}(?:信息|情况)的?(?:公示|公告|公开)")


def _kind(frame: Frame, doc_type: Found | None) -> DocumentKind:
    """circular, report, reply … by the words of the title, else by what the opening announces."""
    if _BULLETIN.search(frame.text[:300]):
        return "bulletin"
    if doc_type is None:
        return "other"
    if doc_type.rule == "metadata.doc_type_opening":
        return _OPENING_KINDS.get(doc_type.value, "report")
    title = frame.title.value if frame.title is not None else ""
    if doc_type.value == "函" and re.search(r"建议|提案|议案", title):
        return "reply"
    if _ARREARS_DISCLOSED.search(title):
        return "disclosure"
    kinds = _title_kinds()
    return kinds.get(doc_type.value, kinds.get(f"的{doc_type.value}", "other"))


@cache
def _title_kinds() -> dict[str, DocumentKind]:
    """Kind words of titles and what kind of document they make; raises ValidationError on an unknown kind."""
    return msgspec.convert(lexicon.table("metadata", "title_kinds"), dict[str, DocumentKind])


def _head_word(view: View, name: str) -> Found | None:
    """特急, 加急, 特提 … alone on a line of the head, or after 等级 / 紧急程度; letter-spaced forms joined."""
    m = _head_pattern(name).search(view.text, 0, min(_HEAD, len(view.text)))
    return Found(m.start("w"), m.end("w"), re.sub(r"\s", "", m["w"]), f"metadata.{name}") if m else None


@cache
def _head_pattern(name: str) -> re.Pattern[str]:
    spaced = "|".join(r"\s?".join(w) for w in lexicon.words("metadata", name))
    return re.compile(rf"(?m)(?:^|(?:等级|紧急程度|缓急)\s?[::]?\s?)(?P<w>{spaced})(?=$|[★*\s·][^。\n]{{0,40}}$)")


_SECRECY = re.compile(
    r"(?m)^(?:密级\s?[::]\s?)?(?P<w>绝\s?密|机\s?密|秘\s?密|内部资料)(?P<t>\s?[★*☆]\s?[^\s。]{0,8})?\s?(?=$)"
)
_SIGNED_OFF = re.compile(
    r"(?:签\s?发\s?人?|签\s?批(?:\s?盖\s?章)?)\s?[::]?\s?\n?\s?(?P<n>[\u4e00-\u9fa5](?:[·\s]?[\u4e00-\u9fa5]){1,2}(?:[\u4e00-\u9fa5·]{1,4})?)\s?(?=\n|$|\s)"
)


def _secrecy(view: View) -> Found | None:
    """绝密, 机密, 秘密 with their period (机密★1年). 内部明电 names a carrier, not a grade."""
    m = _SECRECY.search(view.text, 0, min(_HEAD, len(view.text)))
    return (
        Found(m.start("w"), m.end("t") if m["t"] else m.end("w"), re.sub(r"\s", "", m["w"]), "metadata.secrecy")
        if m
        else None
    )


def _signed_off(view: View) -> Found | None:
    """签发人 in the letterhead, 签批 in a telegram's (the name may stand on the next line)."""
    m = _SIGNED_OFF.search(view.text, 0, min(_HEAD, len(view.text)))
    if m is None or lexicon.compiled(r"<metadata.names_not>|盖章|等级").search(m["n"]):
        return None
    return Found(m.start("n"), m.end("n"), re.sub(r"\s", "", m["n"]), "metadata.signed_off_by")


def _attachments(frame: Frame) -> list[Found]:
    """附件：1.… 2.…; without such a note the plan that this very document hands down (现印发给你们)."""
    out: list[Found] = []
    text = frame.text
    for p in frame.paragraphs:
        m = _ATTACHMENT_LINE.match(text, p.start, p.end)
        if m is None:
            continue
        out += _items(text, m.end(), p.end)
        for q in frame.paragraphs[p.index + 1 : p.index + 12]:
            if not _NUMBERED.match(text, q.start, q.end) or q.end - q.start > 80 or "。" in frame.line(q):
                break
            out += _items(text, q.start, q.end)
        if out:
            return out
    return out or _handed_down(frame)


def _items(text: str, start: int, end: int) -> list[Found]:
    """`1.甲表 2.乙表` of one line as single attachments."""
    cuts = [
        m
        for m in _NUMBERED.finditer(text, start, end)
        if m.start() == start or text[m.start() - 1] in " ;、。)" or text[m.start()] == " "
    ]
    starts = [m.end() for m in cuts] or [start]
    ends = [m.start() for m in cuts[1:]] + [end] if cuts else [end]
    out = []
    for a, b in zip(starts, ends, strict=True):
        raw = text[a:b]
        a += len(raw) - len(raw.lstrip(" 《"))
        b -= len(raw) - len(raw.rstrip(" 》;、。,"))
        if b > a and not re.fullmatch(r"[\d.\s]+", text[a:b]):
            out.append(Found(a, b, joined(text[a:b]), "metadata.attachments"))
    return out


def _handed_down(frame: Frame) -> list[Found]:
    """A plan whose own title follows the signature and is quoted in the body."""
    if frame.date is None:
        return []
    quoted = {joined(m) for m in re.findall(r"《([^《》\n]{4,80})》", frame.text[: frame.date.start])}
    for p in frame.paragraphs:
        line = joined(frame.line(p))
        if p.start > frame.date.end and line in quoted:
            return [Found(p.start, p.end, line, "metadata.attachment_embedded")]
    return []


def _contacts(document: Document, view: View) -> tuple[Contact, ...]:
    out = []
    for c in find_contacts(view.text):
        start, end = view.span(c.start, c.end)
        out.append(
            Contact(
                text=document.text[start:end],
                start=start,
                end=end,
                rule="metadata.contacts",
                evidence=document.evidence(start, end),
                flags=c.flags,
                name=c.name,
                phones=c.phones,
                email=c.email,
                unit=c.unit,
            )
        )
    return tuple(out)
