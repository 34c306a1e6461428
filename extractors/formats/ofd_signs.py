"""Signatures and electronic seals of OFD files: who, when, over what, and whether the digests still match.

GB/T 33190-2016, clause 18 (Signatures.xml, Signature.xml); the signed value is an SES signature of GB/T 38540-2020 or
the older GM/T 0031. Only digests are checked: no certificate chain, no signature value, no time stamp. So a match says
that the parts are those that were signed, and nothing about who signed.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import re

from lxml import etree

from extractors.document import Anchor, ReadError, Seal
from extractors.formats import der, limits
from extractors.formats.ofd_content import POINTS, numbers
from extractors.formats.ofd_package import Package, attribute, child, children, text_of
from extractors.formats.sm3 import sm3

_LIMITS = "仅核对所列部件的摘要，未验证证书、签名值和时间戳，不能证明签章人身份"
_DIGESTS = {"1.2.156.10197.1.401": "sm3", "sm3": "sm3", "md5": "md5", "sha1": "sha1", "sha256": "sha256"} | {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "sha384": "sha384",
    "sha512": "sha512",
}
_TIME = re.compile(r"(\d{4})[-/年]?(\d{1,2})[-/月]?(\d{1,2})日?[T\s]*(?:(\d{1,2}):?(\d{2}):?(\d{2})?)?")


def seals_of(package: Package, body: etree._Element, base: str, pages: dict[str, tuple[int, str]]) -> list[Seal]:
    """The signatures of one DocBody. `pages` maps page ids to page numbers and content parts.

    A signature part that cannot be read gives a seal that says so. Raises `ReadError("zip_bomb")` only.
    """
    listed = package.find(text_of(body, "Signatures"), base)
    if listed is None:
        return []
    try:
        entries = list(children(package.xml(listed), "Signature"))[: limits.MAX_SIGNATURES]
    except ReadError as error:
        return [_unreadable(listed, error)]
    out = []
    for entry in entries:
        place = attribute(entry, "BaseLoc") or text_of(entry, "BaseLoc")
        part = package.find(place, listed)
        if part is None:
            out.append(Seal(kind="signature", note=f"签名文件“{place}”缺失，未能核对"))
            continue
        try:
            out.append(_seal(package, part, pages))
        except ReadError as error:
            out.append(_unreadable(part, error))
    return out


def _unreadable(part: str, error: ReadError) -> Seal:
    if error.code == "zip_bomb":
        raise error
    return Seal(kind="signature", note=f"签名文件“{part}”已损坏，未能核对")


def _seal(package: Package, part: str, pages: dict[str, tuple[int, str]]) -> Seal:
    root = package.xml(part)
    info = child(root, "SignedInfo")
    references = child(info, "References")
    covers, good, bad, unknown = _check(package, part, references)
    value = package.find(text_of(root, "SignedValue"), part)
    name, signer, stated = _ses(package.read(value)) if value is not None else (None, None, None)
    remarks = [_LIMITS]
    match: bool | None = None
    if bad:
        match = False
        remarks.insert(0, f"签章后被改动或缺失的部件：{'、'.join(bad[:5])}")
    elif good:
        match = True
    if stated is not None and match is not False:
        own = package.read(part)
        if stated not in (sm3(own), hashlib.sha256(own).digest(), hashlib.sha1(own, usedforsecurity=False).digest()):
            match = False
            remarks.insert(0, "签名文件本身的摘要与签名值中所记不符")
    if unknown:
        remarks.append(f"{unknown}个部件所用摘要算法未知，未核对")
    loose = [str(n) for n, content in pages.values() if content not in covers]
    if covers and loose:
        remarks.append(f"签名未覆盖第{'、'.join(sorted(loose, key=int)[:10])}页的内容")
    provider = child(info, "Provider")
    if provider is not None and attribute(provider, "ProviderName"):
        remarks.append(f"签章组件：{attribute(provider, 'ProviderName')}")
    return Seal(
        kind="signature",
        text=name,
        signer=signer,
        signed_at=moment(text_of(info, "SignatureDateTime")),
        covers=tuple(covers),
        digests_match=match,
        anchor=_place(info, pages),
        note="；".join(remarks),
    )


def _check(
    package: Package, part: str, references: etree._Element | None
) -> tuple[list[str], list[str], list[str], int]:
    """Parts covered, those whose digest matches, those whose digest does not, and how many could not be checked."""
    covers: list[str] = []
    good: list[str] = []
    bad: list[str] = []
    unknown = 0
    method = (attribute(references, "CheckMethod") or "MD5") if references is not None else ""  # the standard's default
    algorithm = _DIGESTS.get(method.strip().lower().replace("-", ""), _DIGESTS.get(method.strip()))
    for reference in children(references, "Reference"):
        place = attribute(reference, "FileRef") or ""
        found = package.find(place, part)
        covers.append(found or place)
        try:
            stated = base64.b64decode("".join((text_of(reference, "CheckValue") or "").split()), validate=True)
        except (binascii.Error, ValueError):
            stated = b""
        if found is None:
            bad.append(place)
        elif algorithm is None or not stated:
            unknown += 1
        else:
            data = package.read(found)
            actual = sm3(data) if algorithm == "sm3" else hashlib.new(algorithm, data, usedforsecurity=False).digest()
            (good if actual == stated else bad).append(found)
    return covers, good, bad, unknown


def _ses(data: bytes) -> tuple[str | None, str | None, bytes | None]:
    """Name of the seal, name of the signer, and the digest of Signature.xml in a signed value; None where unknown.

    SES_Signature ::= SEQUENCE { toSign, cert, ... } (GB/T 38540) or { toSign { ..., cert, ... }, signature }
    (GM/T 0031); toSign ::= { version, eseal, timeInfo, dataHash, propertyInfo, ... }.
    """
    root = der.parse(data)
    to_sign = root.at(0) if root is not None else None
    if root is None or to_sign is None or len(to_sign.parts) < 4:
        return None, None, None
    name = to_sign.at(1, 0, 2, 1)
    certificate = root.at(1) if der.is_octets(root.at(1)) else to_sign.at(5)
    signer = der.subject_of(certificate.content) if der.is_octets(certificate) and certificate is not None else None
    digest = der.bits_of(to_sign.at(3))
    return (name.text if name is not None else None), signer, digest if digest and len(digest) >= 20 else None


def moment(text: str | None) -> str | None:
    """A signature's time as ISO text, as far as it is given; None when it is no time."""
    found = _TIME.search(text or "")
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(g) if g else 0 for g in found.groups())
    try:
        when = dt.datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the zone is seldom stated
    except ValueError:
        return None
    if found.group(4) is None:
        return when.date().isoformat()
    return when.isoformat() + ("Z" if (text or "").strip().endswith("Z") else "")


def _place(info: etree._Element | None, pages: dict[str, tuple[int, str]]) -> Anchor | None:
    """Where the seal's picture stands, from the first StampAnnot."""
    for stamp in children(info, "StampAnnot"):
        page = pages.get(attribute(stamp, "PageRef") or "")
        box = numbers(attribute(stamp, "Boundary"))
        if page is not None and len(box) == 4:
            x, y, w, h = (round(v * POINTS, 2) for v in box)
            return Anchor(page=page[0], bbox=(x, y, round(x + w, 2), round(y + h, 2)))
    return None
