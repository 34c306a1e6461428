"""Regions by name, code and context."""

from __future__ import annotations

import pytest

from extractors.resolve.issuer import issuer_region
from extractors.resolve.regions import registry, short_names


def code(region: object) -> str | None:
    return getattr(region, "code", None)


def test_every_region_is_found_by_its_own_code_and_name() -> None:
    table = registry()
    for region in table.all():
        assert table.get(region.code) == region
        line = list(table.line(region))
        assert line[-1].level == "province"
        assert table.full_name(region).endswith(region.name)
        if region.valid_to is None:
            assert region in table.named(region.name)


def test_children_and_paths() -> None:
    table = registry()
    quanzhou = table.named("泉州")[0]
    assert quanzhou.code == "350500"
    assert table.full_name(quanzhou) == "福建省泉州市"
    assert {c.code for c in table.children(quanzhou)} >= {"350502", "350527", "350582"}
    assert all(table.parent(c) == quanzhou for c in table.children(quanzhou))
    assert table.get("4104") == table.get("410400")


def test_shared_names_stay_candidates() -> None:
    table = registry()
    assert len(table.named("朝阳区")) == 2
    assert code(table.within_context(table.named("朝阳区"), "长春市人民政府")[0]) == "220104"
    assert len(table.within_context(table.named("朝阳区"), "没有线索")) == 2


def test_abolished_regions_are_found_and_marked() -> None:
    found = registry().named("莱芜市")
    assert [r.code for r in found] == ["371200"]
    assert found[0].valid_to == 2019
    assert found[0].successor == "370116"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("石家庄市", ("石家庄",)),
        ("叶县", ()),
        ("内蒙古自治区", ("内蒙古",)),
        ("恩施土家族苗族自治州", ("恩施", "恩施州")),
        ("双江拉祜族佤族布朗族傣族自治县", ("双江", "双江县")),
    ],
)
def test_short_names(name: str, short: tuple[str, ...]) -> None:
    assert short_names(name) == short


@pytest.mark.parametrize(
    ("issuer", "title", "text", "expected"),
    [
        ("叶县人民政府办公室", None, "", "410422"),
        ("河南省平顶山市叶县人民政府", None, "", "410422"),
        ("市清欠办", "关于印发吕梁市清理拖欠账款工作方案的通知", "", "141100"),
        ("朝阳区财政局", None, "根据北京市财政局部署", "110105"),
        ("朝阳区财政局", None, "没有线索", None),
        ("国务院办公厅", "关于某事的通知", "泉州市 泉州市 泉州市", None),
        (None, None, "泉州市做好工作，泉州市各部门配合。厦门市", "350500"),
        (None, None, "泉州市一次", None),
        (None, None, "", None),
        ("某某建设集团有限公司", "清欠通知", "", None),
        ("内蒙古自治区工业和信息化厅", None, "", "150000"),
        ("锡林郭勒盟行政公署办公室", None, "", "152500"),
    ],
)
def test_a_papers_region(issuer: str | None, title: str | None, text: str, expected: str | None) -> None:
    assert code(issuer_region(issuer, title, text)) == expected


def test_the_source_settles_a_shared_name() -> None:
    assert code(issuer_region("朝阳区财政局", None, "", "220100")) == "220104"
    assert code(issuer_region(None, None, "", "220100")) == "220100"


def test_levels_in_a_paper() -> None:
    table = registry()
    jinjiang, yexian = table.get("350582"), table.get("410422")
    assert jinjiang is not None
    assert yexian is not None
    assert code(table.level_in(jinjiang, "市")) == "350582"
    assert code(table.level_in(yexian, "市")) == "410400"
    assert code(table.level_in(yexian, "省")) == "410000"
    assert table.level_in(yexian, "区") is None
