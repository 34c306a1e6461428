"""Whom a deadline binds, what must be done, and who gets the report."""

from __future__ import annotations

import pytest

from extractors.circular.duties import find_assignments, link_deadlines
from extractors.facts import Deadline, DeadlineKind, Field, Metadata
from extractors.rules.segment import outline
from extractors.rules.view import of_text


def linked(text: str, time: str, kind: DeadlineKind = "due", recipients: tuple[str, ...] = ()) -> Deadline:
    metadata = Metadata(
        recipients=tuple(Field(text=r, start=0, end=0, rule="test", value=r) for r in recipients),
    )
    view = of_text(text)
    segments = outline(view)
    at = text.index(time)
    deadline = Deadline(text=time, start=at, end=at + len(time), rule="test", kind=kind)
    found = find_assignments(view, segments, metadata)
    return link_deadlines(view, segments, [deadline], found, metadata)[0]


@pytest.mark.parametrize(
    ("text", "time", "responsible", "recipient"),
    [
        ("各县（市、区）于6月13日前将台账报送市清欠办。", "6月13日前", ("各县（市、区）",), "市清欠办"),
        ("县财政局要统筹资金。6月底前完成拨付。", "6月底前", ("县财政局",), None),
        (
            "（一）排查。9月底前完成摸底。（市工信局牵头，市财政局、市国资委配合）",
            "9月底前",
            ("市工信局",),
            None,
        ),
        (
            "县财政局制定企业计划；县住建局制定工程计划。以上部门于6月15日前报县清欠办。",
            "6月15日前",
            ("县财政局", "县住建局"),
            "县清欠办",
        ),
        ("5月底前，由市审计局完成核查；6月底前，由市财政局完成拨付。", "6月底前", ("市财政局",), None),
        ("请各单位于周五前反馈市工信局，同时抄送市财政局。", "周五前", ("各单位",), "市工信局"),
        ("市审计局牵头，市财政局、市司法局配合，于10月中旬开展审计。", "10月中旬", ("市审计局",), None),
        ("市财政局、市司法局积极配合，10月中旬完成审计。", "10月中旬", ("市财政局", "市司法局"), None),
        ("重大事项于3日内报市政府批准。", "3日内", (), None),
        ("请未清零单位于6月15日前报送清偿计划。", "6月15日前", ("未清零单位",), None),
        ("对无分歧欠款，由债务单位于9月底前一次性付清。", "9月底前", ("债务单位",), None),
    ],
)
def test_who_and_to_whom(text: str, time: str, responsible: tuple[str, ...], recipient: str | None) -> None:
    found = linked(text, time)
    assert found.responsible == responsible
    assert found.recipient == recipient


def test_who_acts_in_a_phase() -> None:
    text = "第二阶段：集中清偿（6月11日至9月30日）。市财政局统筹资金，市国资委督促企业。"
    assert linked(text, "6月11日至9月30日", kind="period", recipients=("各县市区人民政府",)).responsible == (
        "市财政局",
    )


def test_addressees_answer_where_no_subject_stands() -> None:
    text = "第一阶段：梳理排查。5月底前完成排查工作。"
    found = linked(text, "5月底前", recipients=("各县市区人民政府", "段某某代表"))
    assert found.responsible == ("各县市区人民政府",)
    assert found.action == "完成排查工作"


def test_history_binds_nobody() -> None:
    found = linked("市财政局负责拨付，截至6月17日完成九成。", "6月17日", kind="as_of")
    assert found.responsible == ()
    assert found.recipient is None


def test_what_is_known_already_stays() -> None:
    view = of_text("市财政局于5月底前完成拨付。")
    segments = outline(view)
    deadline = Deadline(text="5月底前", start=5, end=9, rule="test", kind="due", action="拨付", responsible=("甲",))
    found = link_deadlines(view, segments, [deadline], (), Metadata())
    assert (found[0].action, found[0].responsible) == ("拨付", ("甲",))
