"""Company names: what makes two spellings one, and what makes two names near."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from extractors.resolve.companies import near, normalise, parse


def test_width_and_spaces_do_not_count() -> None:
    assert normalise("福建 某某（集团）有限公司") == normalise("福建某某(集团)有限公司")
    assert parse("ａｂｃ科技有限公司").key == "ABC科技有限公司"


def test_parts_of_a_name() -> None:
    name = parse("福建省泉州市宏图建设工程有限责任公司")
    assert (name.place, name.core, name.form) == ("福建省泉州市", "宏图建设工程", "有限责任公司")
    assert parse("宏图建设（福建）有限公司").place == "福建"


def test_near_names_and_their_reasons() -> None:
    others = [
        "泉州宏图建设有限责任公司",
        "宏图建设有限公司",
        "泉州宏图建没有限公司",
        "泉州宏图建设有限公司",
        "厦门鹭江贸易有限公司",
    ]
    assert near("泉州宏图建设有限公司", others) == (
        ("泉州宏图建设有限责任公司", "form"),
        ("宏图建设有限公司", "place"),
        ("泉州宏图建没有限公司", "character"),
    )


@given(st.text(max_size=30))
def test_normalising_twice_changes_nothing(name: str) -> None:
    once = normalise(name)
    assert normalise(once) == once
    parse(name)
