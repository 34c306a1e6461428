"""Mail as .eml (RFC 5322, MIME): the body is the document, attachments are children.

Headers are decoded by hand: mailers of offices write GBK under the name gb2312, raw bytes, and file names in three
ways (RFC 2231, encoded words, both). The mail's own headers are told in a notice and stay out of the text, whose
dates and names they are not; only the subject becomes a heading where the body does not say it.
"""

from __future__ import annotations

import base64
import binascii
import email
import email.message
import email.policy
import email.utils
import quopri
import re

import msgspec

from extractors.document import Anchor, Block, Child, Document, Notice, ReadError
from extractors.formats import html, limits, txt
from extractors.formats.archive import clean_name
from extractors.formats.draft import one_line
from extractors.formats.encodings import decode
from extractors.formats.sniff import Sniffed

_WORD = re.compile(r"=\?([^?\s]+)\?([BbQq])\?([^?]*)\?=")
_BETWEEN = re.compile(r"(\?=)\s+(=\?)")
_EXTENSIONS = {
    "text/plain": "txt",
    "text/html": "html",
    "message/rfc822": "eml",
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
}
_DEFECTS = {
    "NoBoundaryInMultipartDefect",
    "StartBoundaryNotFoundDefect",
    "CloseBoundaryNotFoundDefect",
    "MultipartInvariantViolationDefect",
    "MissingHeaderBodySeparatorDefect",
    "InvalidBase64CharactersDefect",
    "InvalidBase64LengthDefect",
}
_MARK = b"\xef\xbb\xbf"
Part = email.message.Message


def read(data: bytes, name: str, sniffed: Sniffed) -> Document:
    """Reads a mail. Raises `ReadError` (`bad_eml`, `empty_text`, and those of the html and txt readers)."""
    try:
        mail = email.message_from_bytes(data, policy=email.policy.compat32)
        parts = _leaves(mail, name)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise _bad(name) from error
    subject = one_line(_header(mail, "Subject")).strip()
    plain, pages, attached = _sorted(parts)
    notices: list[Notice] = []
    document = _body(data, name, plain, pages, notices)
    children = _children(attached, notices, name)
    if document is None:
        listed = "\n".join(c.name for c in children)
        if not subject and not listed:
            raise ReadError("empty_text", f"邮件“{name}”既没有正文也没有附件，请核对原件后重新报送。")
        document = _plain(data, name, "" if subject else listed)
    document = _with_heading(document, subject)
    notices += _damage(mail, name)
    notices.append(Notice(code="mail_headers", message=f"邮件“{name}”的邮件头：{_heads(mail, subject)}，未计入正文。"))
    return msgspec.structs.replace(
        document,
        format="eml",
        encoding=None,
        title_hint=subject or document.title_hint,
        published_hint=_day(mail),
        notices=document.notices + tuple(notices),
        children=tuple(children),
    )


def _bad(name: str) -> ReadError:
    return ReadError("bad_eml", f"邮件“{name}”的结构已损坏，无法读取，请将正文和附件另存为文件后报送。")


# --- parts
def _leaves(mail: Part, name: str) -> list[tuple[Part, str]]:
    """The parts that hold something, with the subtype of the multipart around them; attached mails stay whole."""
    out: list[tuple[Part, str]] = []
    todo: list[tuple[Part, str, int]] = [(mail, "", 0)]
    while todo:
        part, around, depth = todo.pop()
        if len(out) > limits.MAX_MAIL_PARTS or depth > limits.MAX_MAIL_DEPTH:
            raise _bad(name)
        payload = part.get_payload()
        if part.get_content_type() == "message/rfc822" or not isinstance(payload, list):
            out.append((part, around))
        else:
            inner = [
                (p, part.get_content_subtype(), depth + 1) for p in payload if isinstance(p, email.message.Message)
            ]
            todo.extend(reversed(inner))
    return out


def _sorted(parts: list[tuple[Part, str]]) -> tuple[list[Part], list[Part], list[Part]]:
    """Plain parts of the body, the page that says the same (or all there is), and the attached parts."""
    plain: list[Part] = []
    pages: list[Part] = []
    attached: list[Part] = []
    texts = [p for p, _ in parts if _is_body(p, "text/plain") and _bytes(p).strip()]
    for part, around in parts:
        if _is_body(part, "text/plain"):
            plain.append(part)
        elif _is_body(part, "text/html") and not pages and (not texts or around in ("alternative", "related")):
            pages.append(part)
        else:
            attached.append(part)
    return plain, pages, attached


def _is_body(part: Part, kind: str) -> bool:
    return part.get_content_type() == kind and part.get_content_disposition() != "attachment" and not file_name(part)


def _bytes(part: Part) -> bytes:
    """A part's content, its transfer encoding undone; what does not decode is taken as it stands."""
    payload = part.get_payload()
    if isinstance(payload, list):  # message/rfc822 holds a message
        return payload[0].as_bytes() if payload and isinstance(payload[0], email.message.Message) else b""
    decoded = part.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else str(payload or "").encode("utf-8", "surrogateescape")


def _text(part: Part, name: str) -> tuple[bytes, tuple[Notice, ...]]:
    """A text part as UTF-8 with a mark, so that the next reader need not guess."""
    decoded = decode(_bytes(part), name, label=part.get_content_charset())
    return _MARK + decoded.text.encode(), decoded.notices


def _body(data: bytes, name: str, plain: list[Part], pages: list[Part], notices: list[Notice]) -> Document | None:
    """The body: plain text, or the web page where that says more (tables, more words, no plain text at all)."""
    texts = [_text(p, name) for p in plain]
    whole = b"\n".join(t.removeprefix(_MARK) for t, _ in texts)
    for part in pages:
        page, told = _text(part, name)
        bare = re.sub(r"<style.*?</style>|<[^>]*>", "", page.decode(), flags=re.DOTALL | re.IGNORECASE)
        more = len("".join(bare.split())) > 1.2 * len("".join(whole.decode().split())) + 20
        if not whole.strip() or more or re.search(rb"<table[\s>]", page, re.IGNORECASE):
            try:
                found = html.read(page, name, Sniffed(format="html"))
            except ReadError as error:
                if not whole.strip():
                    raise
                notices.append(Notice(code="mail_page_not_read", message=f"{error.message}已改读邮件的纯文本正文。"))
            else:
                if found.text.strip():
                    notices.extend(told)
                    return _renamed(found, data, name)
    if not whole.strip():
        return None
    for _, told in texts:
        notices.extend(told)
    return _plain(data, name, whole.decode())


def _damage(mail: Part, name: str) -> list[Notice]:
    """A notice where the mail's own structure is broken, so that something may be missing."""
    broken = {type(d).__name__ for p in mail.walk() for d in p.defects} & _DEFECTS
    if not broken:
        return []
    return [
        Notice(
            code="mail_damaged",
            message=f"邮件“{name}”的结构不完整（分段或编码损坏），正文或附件可能有缺失，请核对原件或要求重发。",
            partial=True,
        )
    ]


def _plain(data: bytes, name: str, text: str) -> Document:
    return _renamed(txt.read(_MARK + text.encode(), name, Sniffed(format="txt")), data, name)


def _renamed(document: Document, data: bytes, name: str) -> Document:
    import hashlib

    return msgspec.structs.replace(document, sha256=hashlib.sha256(data).hexdigest(), name=name)


def _with_heading(document: Document, subject: str) -> Document:
    """The document with the subject as its first line, unless its first lines say it already."""
    bare = "".join(re.sub(r"^(?:(?:Re|Fw|Fwd|回复|转发|答复)\s*[:：]\s*)+", "", subject, flags=re.IGNORECASE).split())
    if not bare or bare in "".join(document.text[:2_000].split()):
        return document
    line = f"{subject}\n"
    heading = Block(start=0, end=len(subject), kind="heading", anchor=Anchor(paragraph=1))
    moved = [msgspec.structs.replace(b, start=b.start + len(line), end=b.end + len(line)) for b in document.blocks]
    return msgspec.structs.replace(document, text=line + document.text, blocks=(heading, *moved))


def _children(parts: list[Part], notices: list[Notice], name: str) -> list[Child]:
    children: list[Child] = []
    taken: set[str] = set()
    total = 0
    for number, part in enumerate(parts, 1):
        data = _bytes(part)
        title = clean_name(
            one_line(file_name(part)).strip() or f"附件{number}.{_EXTENSIONS.get(part.get_content_type(), 'bin')}"
        )
        title = title.rpartition("/")[2][: limits.MAX_PART_NAME] or f"附件{number}"
        while title.lower() in taken:
            stem, dot, kind = title.rpartition(".")
            title = f"{stem or kind}（{number}）{dot}{kind if stem else ''}"
        taken.add(title.lower())
        total += len(data)
        if total > limits.MAX_CHILDREN_BYTES:
            message = f"邮件“{name}”的附件“{title}”未取出（附件总量过大），请单独报送。"
            notices.append(Notice(code="entry_not_read", message=message, partial=True))
            continue
        children.append(Child(name=title, how="attachment", data=data))
    return children


# --- headers
def _heads(mail: Part, subject: str) -> str:
    found = [("主题", subject), ("发件人", _people(mail, "From")), ("收件人", _people(mail, "To"))]
    found += [("抄送", _people(mail, "Cc")), ("日期", one_line(_header(mail, "Date")).strip())]
    return "；".join(f"{label}“{value[:200]}”" for label, value in found if value) or "无"


def _people(mail: Part, field: str) -> str:
    return one_line(_header(mail, field)).strip()


def _header(mail: Part, field: str) -> str:
    return words(_raw(mail, field))


def _raw(mail: Part, field: str) -> str:
    """A header as it stands, empty when missing; bytes that are no ASCII are decoded as a text file would be."""
    text = next((str(v) for k, v in mail.raw_items() if k.lower() == field.lower()), "")
    data = text.encode("utf-8", "surrogateescape")
    if data.isascii():
        return text
    try:
        return decode(data, "").text
    except ReadError:
        return data.decode("utf-8", "replace")


def words(text: str) -> str:
    """A header with its encoded words (RFC 2047) decoded, gb2312 read as the GB18030 that it is."""
    text = _BETWEEN.sub(r"\1\2", re.sub(r"\r?\n[ \t]", " ", text))
    pieces: list[tuple[str, bytes] | str] = []
    at = 0
    for found in _WORD.finditer(text):
        if found.start() > at:
            pieces.append(text[at : found.start()])
        charset, how, body = found.groups()
        content = _unpacked(how, body)
        last = pieces[-1] if pieces else None
        if isinstance(last, tuple) and last[0] == charset.lower():
            pieces[-1] = (last[0], last[1] + content)  # mailers cut words within a character
        else:
            pieces.append((charset.lower(), content))
        at = found.end()
    if at < len(text):
        pieces.append(text[at:])
    return "".join(p if isinstance(p, str) else _decoded(p[1], p[0]) for p in pieces)


def _unpacked(how: str, body: str) -> bytes:
    if how in "Qq":
        return quopri.decodestring(body.replace("_", " ").encode("ascii", "replace"), header=False)
    try:
        return base64.b64decode(body + "=" * (-len(body) % 4))
    except (binascii.Error, ValueError):
        return body.encode("ascii", "replace")


def _decoded(data: bytes, charset: str) -> str:
    wide = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "cp936": "gb18030"}
    charset = charset.partition("*")[0].lower()  # RFC 2231 allows a language after the charset
    for encoding in (wide.get(charset, charset), "utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return data.decode("utf-8", "replace")


def file_name(part: Part) -> str:
    """An attachment's name: RFC 2231 parameters, encoded words, or raw bytes; empty when it has none."""
    for key, header in (("filename", "content-disposition"), ("name", "content-type")):
        raw = _raw(part, header)
        if not raw.isascii():
            found = re.search(rf"""\b{key}\s*=\s*(?:"([^"]*)"|([^;\s]+))""", raw, re.IGNORECASE)
            if found is not None:
                return words(found.group(1) or found.group(2) or "")
            continue
        try:
            value = part.get_param(key, header=header)
        except (ValueError, TypeError, IndexError, AttributeError):
            continue
        if isinstance(value, tuple):
            charset, _, text = value
            return _decoded(str(text).encode("latin-1", "replace"), charset or "utf-8")
        if value:
            return words(str(value))
    return ""


def _day(mail: Part) -> str | None:
    """The day the mail was sent, ISO."""
    try:
        sent = email.utils.parsedate_to_datetime(str(mail.get("Date", "")))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return sent.date().isoformat()
