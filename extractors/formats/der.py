"""Just enough of DER (ITU-T X.690) to see who made a signature: a tree of tagged values, and the name in a certificate.

Nothing is verified here. Lengths are checked against the bytes there are, and depth and number of values are bounded.
"""

from __future__ import annotations

import msgspec

from extractors.formats import limits

_COMMON_NAME = bytes.fromhex("550403")  # 2.5.4.3
_ORGANISATION = bytes.fromhex("55040a")  # 2.5.4.10
_TEXT = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be", 0x1C: "utf-32-be"}
_SEQUENCE, _SET, _OID, _OCTETS, _BITS = 0x30, 0x31, 0x06, 0x04, 0x03


class Value(msgspec.Struct):
    """One value: its tag byte, its content, and its parts where it is constructed."""

    tag: int
    content: bytes
    parts: list[Value]

    @property
    def text(self) -> str | None:
        """A string type's text; None for anything else."""
        encoding = _TEXT.get(self.tag)
        if encoding is None:
            return None
        try:
            return self.content.decode(encoding).strip() or None
        except UnicodeDecodeError:
            return None

    def at(self, *path: int) -> Value | None:
        """The value along a path of positions; None where there is none."""
        value = self
        for i in path:
            if not -len(value.parts) <= i < len(value.parts):
                return None
            value = value.parts[i]
        return value


def parse(data: bytes) -> Value | None:
    """The first value in the bytes; None when they are no DER."""
    budget = [limits.MAX_DER_VALUES]
    try:
        value, _ = _value(data, 0, len(data), 0, budget)
    except (IndexError, ValueError):
        return None
    return value


def _value(data: bytes, at: int, end: int, depth: int, budget: list[int]) -> tuple[Value, int]:
    budget[0] -= 1
    if budget[0] < 0 or depth > limits.MAX_DER_DEPTH or at + 2 > end:
        raise ValueError("no DER")
    tag, length = data[at], data[at + 1]
    at += 2
    if length & 0x80:
        size = length & 0x7F
        if not 1 <= size <= 4 or at + size > end:
            raise ValueError("no DER")
        length = int.from_bytes(data[at : at + size], "big")
        at += size
    if at + length > end:
        raise ValueError("no DER")
    parts = []
    if tag & 0x20:
        inner = at
        while inner < at + length:
            part, inner = _value(data, inner, at + length, depth + 1, budget)
            parts.append(part)
    return Value(tag, data[at : at + length], parts), at + length


def subject_of(certificate: bytes) -> str | None:
    """The subject's common name (else its organisation) of an X.509 certificate; None when there is none."""
    root = parse(certificate)
    body = root.at(0) if root is not None else None
    if body is None:
        return None
    fields = [p for p in body.parts if p.tag == _SEQUENCE]
    # tbsCertificate: signature, issuer, validity, subject, subjectPublicKeyInfo among its sequences
    subject = fields[3] if len(fields) > 3 else None
    names: dict[bytes, str] = {}
    for group in subject.parts if subject is not None else []:
        for pair in group.parts:
            if len(pair.parts) == 2 and pair.parts[0].tag == _OID and pair.parts[1].text:
                names[pair.parts[0].content] = pair.parts[1].text
    return names.get(_COMMON_NAME) or names.get(_ORGANISATION)


def is_octets(value: Value | None) -> bool:
    """True for an OCTET STRING."""
    return value is not None and value.tag == _OCTETS


def bits_of(value: Value | None) -> bytes | None:
    """The bytes of a BIT STRING or OCTET STRING."""
    if value is None or value.tag not in (_BITS, _OCTETS) or not value.content:
        return None
    return value.content[1:] if value.tag == _BITS else value.content
