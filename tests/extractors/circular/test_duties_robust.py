"""Hostile and random text: spans stay exact, nothing raises, time stays in proportion to length."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.circular.duties import find_assignments, link_deadlines
from extractors.circular.unit_spans import find_units
from extractors.facts import Deadline, Metadata
from extractors.rules.segment import outline
from extractors.rules.view import of_text

WORDS = (
    "市财政局|县教体|住建|各县(市、区)|各县（市、区）人民政府|有关部门|（|）|(|)|、|，|。|；|：|牵头|负责|配合|要|由|报送|会同|等部门|等9个部门"
    "|组长：|副组长：|责任单位：|王某|局长|为成员单位|任组长|以下简称|清欠专班|《|》|5月底前|一、|（一）|1.|办公室|领导小组|中心|省|市|县|区|的"
    "|人行|支行|有限公司|\u200b|Ａ|①|…|😀|國資委|設在|在|下设|\n|\n\n| |\t|\u3000"
)
PIECES = WORDS.split("|")
TEXTS = st.one_of(st.lists(st.sampled_from(PIECES), max_size=60).map("".join), st.text(max_size=200))


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_spans_are_exact_whatever_the_text(text: str) -> None:
    view = of_text(text)
    segments = outline(view)
    found = find_assignments(view, segments, Metadata())
    for a in found:
        assert text[a.start : a.end] == a.text
        assert a.text.strip()
    places = [(a.start, a.end, a.role) for a in found]
    assert len(places) == len(set(places))
    if text:
        deadline = Deadline(text=text[:1], start=0, end=1, rule="test", kind="due")
        (linked,) = link_deadlines(view, segments, [deadline], found, Metadata()) if view.text else (deadline,)
        assert (linked.text, linked.start, linked.end) == (text[:1], 0, 1)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_units_are_disjoint_and_in_order(text: str) -> None:
    seen = of_text(text).text
    last = 0
    for u in find_units(seen, ("清欠专班",)):
        assert last <= u.start < u.name_end <= u.end <= len(seen)
        last = u.end


def test_long_runs_without_a_full_stop_are_read() -> None:
    for piece in (
        "市财政局、",
        "各县(市、区)",
        "（市财政局",
        "《",
        "等部门",
        "由",
        "、住建",
        "组长：",
        "各有关",
        "清理拖欠工作领导小组",
    ):
        text = piece * 3000
        view = of_text(text)
        for a in find_assignments(view, outline(view), Metadata()):
            assert text[a.start : a.end] == a.text
