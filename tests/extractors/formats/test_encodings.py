"""Decoding: every encoding comes back as the text it was; doubtful bytes are told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.document import ReadError
from extractors.formats.encodings import decode, is_text
from extractors.read import read
from tests.extractors.formats.makers import PARAGRAPHS, TITLE

SIMPLIFIED = "\n".join((TITLE, *PARAGRAPHS))
TRADITIONAL = "關於進一步做好清理拖欠中小企業賬款工作的通知\n截至二〇二三年六月底，縣內拖欠賬款總額為一千萬元。\n"

ordinary = st.text(
    st.one_of(
        st.sampled_from(
            "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子"
        ),
        st.sampled_from("，。；：、（）《》0123456789万元亿abcXYZ \n"),
    ),
    min_size=12,
)


@given(ordinary.filter(lambda t: sum(ord(c) > 0x7F for c in t) > 8))
def test_chinese_text_survives_utf8_and_gb18030(text: str) -> None:
    for encoding in ("utf-8", "gb18030"):
        found = decode(text.encode(encoding), "a.txt")
        assert (found.text, found.encoding) == (text, encoding)
        assert not found.notices


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\ufeff\ufffd"), min_size=1))
def test_utf8_text_comes_back_unchanged_whatever_it_holds(text: str) -> None:
    assert decode(b"\xef\xbb\xbf" + text.encode(), "a.txt").text == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_circular_in_each_encoding(encoding: str) -> None:
    document = read(SIMPLIFIED.replace("\n", "\r\n").encode(encoding), "通知.txt")
    assert document.text == SIMPLIFIED
    assert document.notices == ()


def test_big5_is_told_from_gb18030_by_how_ordinary_the_characters_are() -> None:
    found = decode(TRADITIONAL.encode("big5", "ignore"), "a.txt")
    assert found.encoding == "big5"
    assert found.text == TRADITIONAL.encode("big5", "ignore").decode("big5")


def test_a_page_labelled_gb2312_may_hold_gb18030() -> None:
    text = "喆镕㛃𠮷公司欠款十二万元，截至六月底。"
    assert decode(text.encode("gb18030"), "a.html", label="gb2312").text == text


def test_a_cut_last_character_keeps_the_rest_and_is_told() -> None:
    found = decode(SIMPLIFIED.encode()[:-1], "通知.txt")
    assert found.encoding == "utf-8"
    assert found.text.startswith(SIMPLIFIED[:-2])
    assert [n.code for n in found.notices] == ["undecodable_characters"]
    assert found.notices[0].partial


def test_mixed_encodings_are_partial_never_clean() -> None:
    mixed = (SIMPLIFIED * 5).encode() + "另附一行。".encode("gb18030") + (SIMPLIFIED * 5).encode()
    document = read(mixed, "混.txt")
    assert document.is_partial
    assert "剩余434.56万元" in document.text


def test_a_replacement_character_in_the_file_itself_is_told() -> None:
    assert [n.code for n in decode("金额为\ufffd万元，其余各项正常无误。".encode(), "a.txt").notices] == [
        "undecodable_characters"
    ]


def test_line_ends_become_lf_and_nothing_else_changes() -> None:
    text = "一\r\n二\r三\n\n\t四　 \x0c五\u2028六"
    document = read(text.encode(), "a.txt")
    assert document.text == "一\n二\n三\n\n\t四　 \x0c五\u2028六"
    assert [b.anchor.paragraph for b in document.blocks] == [1, 2, 3, 5]


def test_bytes_that_are_text_in_no_encoding_are_refused() -> None:
    with pytest.raises(ReadError, match="无法识别"):
        read(bytes(range(128, 256)) * 20, "a.txt")


@given(st.binary(min_size=64, max_size=400).filter(lambda b: b"\x00" in b[:60] and b.count(b"\x00") < 30))
def test_binary_with_nuls_is_no_text(data: bytes) -> None:
    scattered = {data[0::2].count(0) > 0, data[1::2].count(0) > 0}
    if scattered == {True}:
        assert not is_text(data)
