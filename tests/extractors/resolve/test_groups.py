"""Groups spelled out by the table of regions or by the paper's own list, and never by invention."""

from __future__ import annotations

import pytest

from extractors.facts import Assignment, Context
from extractors.process import extract
from extractors.resolve.groups import FROM_PAPER, FROM_REGIONS


def _assignments(issuer: str, body: str) -> tuple[Assignment, ...]:
    text = f"{issuer}\n关于做好清欠工作的通知\n\n各有关单位：\n\n{body}\n\n{issuer}\n2024年5月20日\n"
    found = extract(text.encode(), "x.txt", Context())
    assert found.facts is not None
    return found.facts.assignments


@pytest.mark.parametrize(
    ("words", "first", "count"),
    [
        ("各县（市、区）", "鲤城区", 12),
        ("各县市区", "鲤城区", 12),
        ("各县(市、区)人民政府", "鲤城区人民政府", 12),
        ("各区县政府", "鲤城区人民政府", 12),
    ],
)
def test_counties_of_a_city(words: str, first: str, count: int) -> None:
    (found,) = [a for a in _assignments("泉州市人民政府办公室", f"{words}要于6月底前完成排查。") if a.expands_to]
    assert (found.expands_to[0], len(found.expands_to)) == (first, count)
    assert FROM_REGIONS in found.flags


def test_cities_of_a_province() -> None:
    (found,) = [a for a in _assignments("福建省人民政府办公厅", "各设区市要于6月底前完成排查。") if a.expands_to]
    assert found.expands_to[:2] == ("福州市", "厦门市")


def test_members_are_those_the_paper_lists() -> None:
    body = "成员单位：市工信局、市财政局、市审计局。\n\n各成员单位要按职责分工落实。\n\n有关部门要配合做好工作。"
    found = {a.text: a for a in _assignments("泉州市人民政府办公室", body)}
    assert found["各成员单位"].expands_to == ("泉州市工业和信息化局", "泉州市财政局", "泉州市审计局")
    assert FROM_PAPER in found["各成员单位"].flags


@pytest.mark.parametrize("words", ["各乡镇人民政府", "各有关部门", "市直各单位", "各成员单位", "相关部门"])
def test_nothing_is_invented(words: str) -> None:
    assert not any(a.expands_to for a in _assignments("泉州市人民政府办公室", f"{words}要于6月底前完成排查。"))


def test_counties_are_not_spelled_out_in_a_county() -> None:
    assert not any(a.expands_to for a in _assignments("惠安县人民政府办公室", "各县（市、区）要于6月底前完成排查。"))
