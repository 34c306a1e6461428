"""Unit mentions: what is one, where it begins and ends, and what only looks like one."""

from __future__ import annotations

import pytest

from extractors.circular.unit_spans import find_units
from extractors.rules.view import of_text


def names(text: str, *aliases: str) -> list[str]:
    view = of_text(text)
    return [view.text[u.start : u.end] for u in find_units(view.text, aliases)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("由市财政局负责", ["市财政局"]),
        ("河南省平顶山市叶县财政局负责", ["河南省平顶山市叶县财政局"]),
        ("市国资委、财政局要督促", ["市国资委", "财政局"]),
        ("县教体、住建、水利、卫健委等部门负责", ["县教体", "住建", "水利", "卫健委"]),
        ("市清欠办（市工信局）牵头", ["市清欠办(市工信局)"]),
        ("各县（市、区）人民政府，各乡镇（街道）负责", ["各县(市、区)人民政府", "各乡镇(街道)"]),
        ("县政府各部门和市直有关单位", ["县政府各部门", "市直有关单位"]),
        ("在市减轻企业负担领导小组办公室下设专班", ["市减轻企业负担领导小组办公室"]),
        ("人行叶县支行、平顶山银保监分局叶县监管局", ["人行叶县支行", "平顶山银保监分局叶县监管局"]),
        ("县法院、司法局、科工贸和信息化局", ["县法院", "司法局", "科工贸和信息化局"]),
        ("县工业信息化和科技局负责", ["县工业信息化和科技局"]),
        ("市市场监管局依法查处", ["市市场监管局"]),
        ("工业和信息化部、财政部联合印发", ["工业和信息化部", "财政部"]),
        ("盟清欠专班负责", ["盟清欠专班"]),
    ],
)
def test_mentions(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "城市管理局面不断改善",
        "形成良好格局，优化产业布局",
        "依法查办、督办、转办投诉",
        "财政、教育、卫生等领域支出增加",
        "住建领域欠款较多，交通便利",
        "《市财政局关于做好清欠工作的通知》",
        "上市公司信息披露",
        "我市、全县、本区",
        "市场主体倍增",
        "吕清欠办字〔2022〕1号",
        "以企业为中心",
        "",
    ],
)
def test_what_only_looks_like_a_unit(text: str) -> None:
    assert names(text) == []


def test_people_are_marked() -> None:
    (unit,) = find_units(of_text("市政府主要领导作出批示").text)
    assert unit.person
    (unit,) = find_units(of_text("市政府要加强领导").text)
    assert not unit.person


def test_short_names_of_the_paper_itself() -> None:
    assert names("联动组要每周调度", "联动组") == ["联动组"]


def test_a_name_cut_by_a_line_end_is_one() -> None:
    text = "为进一步做好清理拖欠账款工作，各成员单位要将进展报市清理拖欠账款工作领\n导小组办公室。"
    view = of_text(text)
    unit = find_units(view.text)[-1]
    assert view.raw(unit.start, unit.end) == "市清理拖欠账款工作领\n导小组办公室"
