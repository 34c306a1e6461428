"""A source's own words: read as what its YAML says they stand for, the raw kept; a wrong lookup is refused aloud."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import msgspec
import pytest

from extractors.facts import Context
from extractors.ledger import extract
from extractors.ledger.lookups import choices, fields_with_lookups, is_understood
from extractors.process import decode, encode
from extractors.process import extract as extract_file
from extractors.rowstore import RowStore
from pipelines.reading import work_version
from pipelines.source_examples import run_examples
from pipelines.source_lookups import context_of
from pipelines.sources import SourceError, load_sources, read_source
from tests.extractors.ledger.test_bulk import both

LEDGER = """填报单位：县水务,,,,,
序号,欠款单位,债权单位,款项类型,是否有分歧,欠款金额（元）
1,县水务,甲公司,A1,T,1200.50
2,青石县教育局,乙公司,货物,F,300
3, 县水务 ,丙公司,A1,无分歧,12
"""
NOTICE = (
    "青石县人民政府办公室\n关于清理拖欠账款的通知\n各单位：\n由县水务局牵头，县财政局配合，6月底前清偿100万元。\n"
    "青石县人民政府办公室\n2026年3月2日\n"
)
LOOKUPS = """
lookups:
  units: {县水务: 青石县水务局}
  payment_kind: {A1: 工程款}
  disputed: {T: 有分歧, F: 无分歧}
"""
SOURCE = (
    "name: s\nkind: folder\npath: in\nregion_code: '140100'\n"
    + LOOKUPS
    + """
examples:
  - file: a.csv
    expect:
      rows: 3
      values:
        debtor_name: [青石县水务局, 青石县教育局, 青石县水务局]
        payment_kind: [工程, 货物, 工程]
        disputed: [yes, no, no]
"""
).replace("[yes, no, no]", '["yes", "no", "no"]')


def source(folder: Path, text: str) -> Path:
    (folder / "a.csv").write_text(LEDGER, encoding="utf-8")
    path = folder / "s.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_example_with_its_own_words(tmp_path: Path) -> None:
    (outcome,) = run_examples(read_source(source(tmp_path, SOURCE)), tmp_path)
    assert outcome.wrong == ()
    (outcome,) = run_examples(read_source(source(tmp_path, SOURCE.replace(LOOKUPS, "\n"))), tmp_path)
    assert [w.split(" ")[0] for w in outcome.wrong] == ["values.debtor_name", "values.payment_kind", "values.disputed"]


def test_what_stood_there_is_kept_and_where_the_value_comes_from(tmp_path: Path) -> None:
    context = context_of(read_source(source(tmp_path, SOURCE)))
    found = extract_file(LEDGER.encode(), "a.csv", context)
    assert found.facts is not None and found.facts.ledger is not None
    (table,) = found.facts.ledger
    first, second, third = table.rows
    name = first.values["debtor_name"]
    assert (name.value, name.raw, name.rule, name.origin) == ("青石县水务局", "县水务", "lookup", "lookup")
    assert third.values["debtor_name"].origin == "lookup"
    assert second.values["debtor_name"].origin == "rule"
    assert first.values["payment_kind"].raw == "A1" and first.values["payment_kind"].value == "工程"
    assert not any(f.kind == "unknown_value" for r in table.rows for f in r.flags)
    assert table.reporting_unit == "青石县水务局"
    (told,) = [f for f in table.flags if f.kind == "unit_from_lookup"]
    assert "县水务" in told.message
    assert decode(encode(found)) == found


def test_units_in_a_notice() -> None:
    context = Context(source="s", lookups={"units": {"县水务局": "青石县河湖水利局"}})
    found = extract_file(NOTICE.encode(), "a.txt", context)
    assert found.facts is not None
    lead = next(a for a in found.facts.assignments if a.role == "lead")
    assert (lead.text, lead.unit_name, lead.origin) == ("县水务局", "青石县河湖水利局", "lookup")
    assert lead.unit_id is not None
    other = next(a for a in found.facts.assignments if a.role == "support")
    assert other.origin == "rule"


def test_columns_at_once_give_the_same() -> None:
    head = ["序号", "欠款单位", "债权单位", "款项类型", "是否有分歧", "备注", "欠款金额（元）"]
    rows = [
        [
         str(n), ("县水务", "教育局", "K7", "Ｋ７")[n % 4], f"第{n}公司", ("A1", "货物")[n % 2],
         ("T", "F", "无分歧")[n % 3], ("代码1", "1", "")[n % 3], f"{n}.50",
        ]
        for n in range(1, 60)
    ]  # fmt: skip
    text = io.StringIO()
    csv.writer(text).writerows([head, *rows])
    lookups = {
        "units": {"县水务": "青石县水务局", "k7": "青石县林业局"}, "remarks": {"1": "已办结"},
        "payment_kind": {"A1": "工程"}, "disputed": {"t": "有分歧", "F": "无分歧"},
    }  # fmt: skip
    context = Context(source="s", lookups=lookups)
    single, bulk = (extract(d, context) for d in both(text.getvalue().encode(), "a.csv"))
    assert single is not None and bulk is not None
    assert isinstance(bulk[0].rows, RowStore)
    assert list(bulk[0].rows) == list(single[0].rows)
    assert {r.values["debtor_name"].value for r in bulk[0].rows} == {"青石县水务局", "教育局", "青石县林业局"}
    assert {v.value for r in bulk[0].rows if (v := r.values.get("remarks"))} == {"代码1", "已办结"}


def test_other_lookups_are_another_version() -> None:
    bare, one = Context(source="s"), Context(source="s", lookups={"units": {"a": "b"}})
    assert work_version(bare) != work_version(one)
    assert work_version(one) == work_version(msgspec.structs.replace(one, source="t"))


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("lookups: {arrears_amount_yuan: {a: 1元}}", "第 4 行.*arrears_amount_yuan 不能有对照值"),
        ("lookups: {debtor_nam: {a: b}}", "是不是想写 debtor_name"),
        ("lookups:\n  disputed: {Y: 甲}", "第 5 行（lookups.disputed.Y）.*有分歧、无分歧、部分有分歧"),
        ("lookups:\n  disputed:\n    a: 有分歧\n    Ａ: 无分歧", "第 7 行.*同一个写法"),
        ("lookups:\n  status: {1: 已清偿}", "第 5 行.*加引号"),
        ("lookups:\n  units: {a: ''}", "读不懂"),
        ("lookups:\n  units: {'': a}", "空的"),
        ("header_map: {欠数: arrears_amount}", "第 4 行.*是不是想写 arrears_amount_yuan"),
    ],
)
def test_a_wrong_lookup_is_refused_with_its_line(tmp_path: Path, keys: str, said: str) -> None:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "a.yml").write_text(f"name: a\nkind: folder\npath: x\n{keys}\n", encoding="utf-8")
    with pytest.raises(SourceError, match=said):
        load_sources(tmp_path)


def test_every_choice_that_an_editor_offers_is_understood() -> None:
    offered = [(field, choice) for field in fields_with_lookups() for choice in choices(field)]
    assert len(offered) > 20
    assert [(f, c) for f, c in offered if not is_understood(f, c)] == []
