"""Signatures of OFD files: who sealed, when, over which parts; digests by SM3; damaged ones cost only themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.document import Document
from extractors.formats import der
from extractors.formats.ofd_signs import moment
from extractors.formats.sm3 import sm3, sm3_plain
from tests.extractors.formats.ofd_writer import packed
from tests.extractors.formats.test_ofd import WHOLE, circular, opened


def test_a_seal_says_who_when_where_and_that_the_parts_are_those_signed() -> None:
    (seal,) = opened(circular().bytes(sealed=True, signer="青山县财政局")).seals
    assert (seal.text, seal.signer, seal.signed_at) == ("青山县财政局电子公章", "青山县财政局", "2026-07-02T09:30:00")
    assert seal.digests_match is True
    assert "Doc_0/Pages/Page_0/Content.xml" in seal.covers
    assert seal.anchor is not None
    assert seal.anchor.page == 1
    assert "未验证证书" in (seal.note or "")


def with_parts(change: Callable[[dict[str, bytes]], None]) -> Document:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(circular().bytes(sealed=True))) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    change(parts)
    return opened(packed(parts))


def test_a_page_changed_after_signing_is_found_out() -> None:
    def change(parts: dict[str, bytes]) -> None:
        name = "Doc_0/Pages/Page_0/Content.xml"
        parts[name] = parts[name].replace(b"1234.56", b"9234.56")

    found = with_parts(change)
    assert found.seals[0].digests_match is False
    assert "Doc_0/Pages/Page_0/Content.xml" in (found.seals[0].note or "")
    assert "signature_mismatch" in {n.code for n in found.notices}


def test_a_signature_file_that_was_rewritten_is_found_out() -> None:
    def change(parts: dict[str, bytes]) -> None:
        name = "Doc_0/Signs/Sign_0/Signature.xml"
        parts[name] = parts[name].replace(b"2026-07-02", b"2026-07-01")

    assert with_parts(change).seals[0].digests_match is False


def test_pages_that_a_signature_does_not_cover_are_named() -> None:
    def change(parts: dict[str, bytes]) -> None:
        name = "Doc_0/Signs/Sign_0/Signature.xml"
        parts[name] = parts[name].replace(b"/Doc_0/Pages/Page_0/Content.xml", b"/Doc_0/Document.xml")
        parts.pop("Doc_0/Signs/Sign_0/SignedValue.dat")

    seal = with_parts(change).seals[0]
    assert "签名未覆盖第1页的内容" in (seal.note or "")
    assert seal.signer is None


@pytest.mark.parametrize("damage", [b"", b"<not xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"])
def test_a_broken_signature_costs_the_signature_only(damage: bytes) -> None:
    def change(parts: dict[str, bytes]) -> None:
        parts["Doc_0/Signs/Sign_0/Signature.xml"] = damage

    found = with_parts(change)
    assert found.text.rstrip() == WHOLE
    assert found.seals[0].digests_match is None
    assert "已损坏" in (found.seals[0].note or "")


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("20260305112131Z", "2026-03-05T11:21:31Z"),
        ("2026-03-05 11:21:31", "2026-03-05T11:21:31"),
        ("2026-03-05T11:21:31", "2026-03-05T11:21:31"),
        ("2026年3月5日", "2026-03-05"),
        ("20260230", None),
        ("昨天", None),
        (None, None),
    ],
)
def test_signing_times(text: str | None, iso: str | None) -> None:
    assert moment(text) == iso


# --- the pieces
def test_sm3_gives_the_digests_of_the_standard() -> None:
    assert sm3_plain(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm3_plain(b"abcd" * 16).hex() == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_sm3_is_the_same_by_the_system_and_by_hand(data: bytes) -> None:
    assert sm3(data) == sm3_plain(data)
    if "sm3" not in hashlib.algorithms_available:
        pytest.skip("this system's library has no SM3")


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_bytes_that_are_no_der_give_nothing_or_a_tree(data: bytes) -> None:
    der.parse(data)
    der.subject_of(data)
