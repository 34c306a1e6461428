"""The check digit of GB 32100-2015, on codes computed by hand and by property."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.resolve import uscc

RIGHT = ["91110000802100433B", "9144030071526726XG", "914403001922038216"]


def with_check(body: str) -> str:
    return body + uscc.check_character(body)


@pytest.mark.parametrize("code", RIGHT)
def test_published_codes_are_right(code: str) -> None:
    assert uscc.check(code) == "ok"
    assert uscc.check_digit_ok(code)
    assert uscc.organisation_check_ok(code)
    assert uscc.kind_of(code) == "企业"
    assert uscc.candidates(code) == ()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("91110000802100433C", "bad_check"),
        ("9111000080210043", "bad_length"),
        ("", "bad_length"),
        ("9111OOOO802100433B", "bad_alphabet"),
        ("91110000802100433中", "bad_alphabet"),
        (" ９１１１００００ 80210043-3b ", "ok"),
    ],
)
def test_verdicts(code: str, expected: str) -> None:
    assert uscc.verdict(code) == expected


def test_a_look_alike_is_repaired() -> None:
    assert RIGHT[0] in uscc.candidates("911100008O2100433B")
    assert RIGHT[0] in uscc.candidates("911100008021004338")
    assert RIGHT[0] in uscc.candidates("9111OOOO8O21OO433B")
    assert RIGHT[2] in uscc.candidates("914403001922038261")


def test_kinds_by_prefix() -> None:
    assert uscc.kind_of("11440825000000000X") == "机关"
    assert uscc.kind_of("9244") == "个体工商户"
    assert uscc.kind_of("ZZ") is None


@given(st.text(uscc.ALPHABET, min_size=17, max_size=17), st.integers(0, 16), st.sampled_from(uscc.ALPHABET))
def test_every_single_change_is_noticed(body: str, place: int, other: str) -> None:
    code = with_check(body)
    assert uscc.check_digit_ok(code)
    changed = code[:place] + other + code[place + 1 :]
    assert uscc.check_digit_ok(changed) == (changed == code)


@given(st.text(max_size=24))
def test_nothing_breaks_and_candidates_are_right(code: str) -> None:
    uscc.verdict(code)
    uscc.organisation_check_ok(code)
    assert all(uscc.check_digit_ok(c) for c in uscc.candidates(code))
