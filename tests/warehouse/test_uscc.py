"""GB 32100-2015 check digits, on codes from elsewhere and on what can go wrong with them."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse import uscc

# Codes of real organisations, worked out by their registrars and not by this program.
REAL = ("91110000802100433B", "9144030071526726XG", "914403001922038216")
BODIES = st.text(alphabet=uscc.ALPHABET, min_size=17, max_size=17)


def failing(*codes: str | None) -> list[bool]:
    return list(uscc.failing(pa.array(codes, pa.string())).tolist())


def plainly_wrong(code: str) -> bool:
    """The standard's own words, one character at a time."""
    if len(code) != 18 or any(c not in "0123456789ABCDEFGHJKLMNPQRTUWXY" for c in code):
        return True
    total, weight = 0, 1
    for c in code[:17]:
        total += "0123456789ABCDEFGHJKLMNPQRTUWXY".index(c) * weight
        weight = weight * 3 % 31
    return (31 - total % 31) % 31 != "0123456789ABCDEFGHJKLMNPQRTUWXY".index(code[17])


def test_real_codes_pass() -> None:
    assert failing(*REAL) == [False] * 3
    assert [uscc.check_character(c[:17]) for c in REAL] == [c[17] for c in REAL]


@pytest.mark.parametrize("code", REAL)
def test_every_single_wrong_character_is_found(code: str) -> None:
    wrong = [code[:i] + c + code[i + 1 :] for i in range(18) for c in uscc.ALPHABET if c != code[i]]
    assert all(failing(*wrong))


@pytest.mark.parametrize(
    "code",
    [
        "",
        " ",
        "91110000802100433",
        "91110000802100433BB",
        "9.1110000802E+17",
        "91110000802100433b",
        "91110000802100433Ｂ",
        "９1110000802100433B",
        "91110000802100433B\n",
        " 91110000802100433B",
        "9111000080210O433B",
        "统一社会信用",
        "\x00" * 18,
    ],
)
def test_what_is_no_code_fails(code: str) -> None:
    assert failing(code, REAL[0]) == [True, False]


def test_unknown_codes_pass_and_slices_and_chunks_keep_their_places() -> None:
    whole = pa.array([None, REAL[0], "x", None, REAL[1], REAL[2][:-1] + "0"], pa.string())
    expected = [False, False, True, False, False, True]
    assert uscc.failing(whole).tolist() == expected
    for start in range(len(whole)):
        assert uscc.failing(whole.slice(start)).tolist() == expected[start:]
    assert uscc.failing(pa.chunked_array([whole.slice(0, 2), whole.slice(2)])).tolist() == expected
    assert uscc.failing(pa.array([], pa.string())).tolist() == []


@given(
    st.lists(
        st.one_of(
            st.none(),
            BODIES.map(lambda b: b + "0"),
            BODIES.map(lambda b: b + uscc.check_character(b)),
            st.text(max_size=20).filter(str.isprintable),
        )
    )
)
def test_the_column_agrees_with_the_standard_row_by_row(codes: list[str | None]) -> None:
    assert failing(*codes) == [c is not None and plainly_wrong(c) for c in codes]


def test_a_body_of_the_wrong_shape_has_no_check_character() -> None:
    with pytest.raises(ValueError, match="17"):
        uscc.check_character("9111000080210043")
