"""Unit names in context, against a table; ids; lists that share their first word; names the paper defines."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from extractors.document import Document
from extractors.facts import Assignment, Context, Facts, Field, LedgerTable, Metadata
from extractors.resolve import resolve, units_of
from extractors.resolve.regions import registry
from extractors.resolve.units import UnitResolver

SPECS = yaml.safe_load((Path(__file__).parents[2] / "specs" / "units.yml").read_text("utf-8"))
CASES = [(group["region"], words, name) for group in SPECS for words, name in group["cases"]]


@pytest.mark.parametrize(("region", "words", "name"), CASES)
def test_full_names(region: str | None, words: str, name: str | None) -> None:
    resolver = UnitResolver(registry().get(region) if region else None)
    found = resolver.resolve(words)
    assert (found.name if found is not None else None) == name


def test_ids_are_stable_and_tell_namesakes_apart() -> None:
    beijing = UnitResolver(registry().get("110105")).resolve("区财政局")
    changchun = UnitResolver(registry().get("220104")).resolve("区财政局")
    assert beijing is not None
    assert changchun is not None
    assert beijing.unit_id != changchun.unit_id
    again = UnitResolver(registry().get("110000")).resolve("朝阳区财政局")
    assert again is not None
    assert again.unit_id == beijing.unit_id


def field(value: str) -> Field:
    return Field(text="", start=0, end=0, rule="test", value=value)


def resolved(text: str, words: list[str], issuer: str) -> dict[str, str | None]:
    at, found = 0, []
    for w in words:
        at = text.index(w, at)
        found.append(Assignment(text=w, start=at, end=at + len(w), rule="test", role="responsible"))
        at += len(w)
    facts = Facts(kind="circular", metadata=Metadata(issuer=field(issuer)), assignments=tuple(found))
    document = Document(sha256="", name="x.txt", format="txt", text=text)
    out = resolve(document, facts, Context())
    assert out.metadata.region_code is not None
    records = {u.unit_id: u for u in units_of(out)}
    for a in out.assignments:
        assert (a.unit_id is None) == (a.unit_name is None)
        if a.unit_id is not None:
            assert records[a.unit_id].unit_name == a.unit_name
    return {a.text: a.unit_name for a in out.assignments}


def test_a_list_shares_the_level_of_its_first_member() -> None:
    text = "请省财政厅、审计厅，市国资委、财政局，以及教育局抓好落实。"
    names = resolved(text, ["省财政厅", "审计厅", "市国资委", "财政局", "教育局"], "泉州市人民政府办公室")
    assert names == {
        "省财政厅": "福建省财政厅",
        "审计厅": "福建省审计厅",
        "市国资委": "泉州市人民政府国有资产监督管理委员会",
        "财政局": "泉州市财政局",
        "教育局": "泉州市教育局",
    }


def test_names_that_the_paper_defines() -> None:
    text = (
        "成立徐闻县清理拖欠企业账款工作领导小组办公室（以下简称县清欠办）。县清欠办牵头，县商贸和信息化局配合。"
        "县商信局负责台账，工信部门负责督促。"
    )
    words = ["县清欠办", "县清欠办", "县商贸和信息化局", "县商信局", "工信部门"]
    names = resolved(text, words, "徐闻县人民政府")
    assert names["县清欠办"] == "徐闻县清理拖欠企业账款工作领导小组办公室"
    assert names["县商贸和信息化局"] == "徐闻县商贸和信息化局"
    assert names["工信部门"] == "徐闻县商贸和信息化局"


def test_a_shared_name_is_flagged_with_what_it_can_mean() -> None:
    (found,) = resolve(
        Document(sha256="", name="x.txt", format="txt", text="朝阳区财政局要报送台账。"),
        Facts(
            kind="circular",
            metadata=Metadata(),
            assignments=(Assignment(text="朝阳区财政局", start=0, end=6, rule="test", role="responsible"),),
        ),
        Context(),
    ).assignments
    assert found.unit_id is None
    assert found.flags[0] == "unit_ambiguous"
    assert {"candidate:北京市朝阳区财政局", "candidate:吉林省长春市朝阳区财政局"} <= set(found.flags)


def test_places_parties_and_departments_have_full_names() -> None:
    names = resolved("你市要核查。唐县要分析原因。结果报我局。", ["你市", "唐县", "我局"], "保定市财政局")
    assert names == {"你市": None, "唐县": "唐县人民政府", "我局": "保定市财政局"}
    text = "你市教育局要核查。"
    found = Assignment(text="你市教育局", start=0, end=5, rule="test", role="responsible")
    metadata = Metadata(issuer=field("南平市工业和信息化局"), recipients=(field("建瓯市人民政府"),))
    facts = Facts(kind="circular", metadata=metadata, assignments=(found,))
    out = resolve(Document(sha256="", name="x.txt", format="txt", text=text), facts, Context())
    assert out.assignments[0].unit_name == "建瓯市教育局"
    names = resolved("集团财务部牵头，法律合规部配合。", ["集团财务部", "法律合规部"], "唐山市某某集团有限公司")
    assert names["集团财务部"] == "唐山市某某集团有限公司财务部"
    assert names["法律合规部"] == "唐山市某某集团有限公司法律合规部"


def test_a_nickname_stands_for_the_issuer() -> None:
    names = resolved("市清欠办牵头。", ["市清欠办"], "吕梁市清理拖欠中小企业账款工作组办公室")
    assert names == {"市清欠办": None}  # the long name must stand in the text itself
    text = "吕梁市清理拖欠中小企业账款工作组办公室文件。市清欠办牵头。"
    names = resolved(text, ["市清欠办"], "吕梁市清理拖欠中小企业账款工作组办公室")
    assert names == {"市清欠办": "吕梁市清理拖欠中小企业账款工作组办公室"}


def test_ledgers_get_the_region_of_their_reporting_unit() -> None:
    tables = (
        LedgerTable(index=1, reporting_unit="叶县工信局", title=None),
        LedgerTable(index=2, title="平顶山市欠款汇总表"),
        LedgerTable(index=3, region_code="410423"),
        LedgerTable(index=4),
    )
    facts = Facts(kind="ledger", metadata=Metadata(), ledger=tables)
    document = Document(sha256="", name="x.xlsx", format="xlsx", text="")
    out = resolve(document, facts, Context(region_code="410400"))
    assert out.ledger is not None
    assert [t.region_code for t in out.ledger] == ["410422", "410400", "410423", "410400"]


@given(st.text(alphabet="市县区省各（）()、局委办厅部门财政工信人民法院政府叶县泉州行支人 有限公司", max_size=24))
def test_any_words_give_a_name_or_none(words: str) -> None:
    found = UnitResolver(registry().get("410422")).resolve(words)
    assert found is None or found.name
