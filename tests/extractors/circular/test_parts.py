"""Documents inside documents: where they begin and end, what they are called, which date they bear."""

from __future__ import annotations

from extractors import circular
from extractors.document import Document
from extractors.facts import Context, Part

HEAD = "石河县人民政府办公室\n关于印发石河县清欠工作方案的通知\n\n各乡镇人民政府：\n\n现印发给你们，请认真执行。\n\n"
SIGNED = "石河县人民政府办公室\n2024年6月3日\n\n"
PLAN = "石河县清欠工作方案\n\n为做好清欠工作，制定本方案。\n\n一、工作目标\n\n年底前全部清零。\n"


def _parts(text: str) -> tuple[Part, ...]:
    return circular.extract(Document(sha256="0", name="x", format="txt", text=text), Context()).parts


def _shown(text: str) -> list[tuple[str | None, str, str | None]]:
    found = _parts(text)
    assert [p.number for p in found] == list(range(1, len(found) + 1))
    for p in found:
        assert p.title is None or text[p.title.start : p.title.end] == p.title.text
        assert 0 <= p.start < p.end <= len(text)
    return [(p.title.value if p.title else None, p.kind, p.issued_date) for p in found]


def test_a_plan_below_the_notice_that_issues_it() -> None:
    text = HEAD + SIGNED + PLAN
    assert _shown(text) == [("石河县清欠工作方案", "方案", "2024-06-03")]
    (part,) = _parts(text)
    assert text[part.start : part.end] == PLAN.rstrip("\n")
    assert part.flags == ("shared_date",)


def test_a_plan_that_stands_before_the_date() -> None:
    assert _shown(HEAD + PLAN + "\n石河县人民政府办公室\n2024年6月3日\n") == [
        ("石河县清欠工作方案", "方案", "2024-06-03")
    ]


def test_a_title_broken_over_two_lines() -> None:
    text = HEAD + SIGNED + PLAN.replace("石河县清欠工作方案", "石河县清欠\n工作方案")
    assert _shown(text) == [("石河县清欠工作方案", "方案", "2024-06-03")]


def test_annexes_behind_the_signature_each_with_its_title() -> None:
    text = (
        HEAD
        + "附件：1.成员名单\n　　　2.台账样式\n\n"
        + SIGNED
        + "附件1\n\n领导小组成员名单\n\n组长：县工信局\n\n成员：县财政局\n\n"
        "附件2\n\n拖欠账款台账\n\n序号 单位 金额 备注 责任人\n\n抄送：县委办公室。\n"
    )
    assert [(t, k) for t, k, _ in _shown(text)] == [("领导小组成员名单", "附件"), ("拖欠账款台账", "附件")]
    assert not text[_parts(text)[1].start : _parts(text)[1].end].endswith("县委办公室。")


def test_a_forwarded_paper_keeps_its_own_date() -> None:
    text = (
        "石河县清欠办关于转发市清欠办通知的通知\n\n各乡镇人民政府：\n\n现转发给你们，请贯彻执行。\n\n石河县清欠办\n2024年6月3日\n\n"
        "东江市清欠办关于做好年中清欠工作的通知\n\n各县区：\n\n请抓好落实，按时报送进展情况。\n\n东江市清欠办\n2024年5月28日\n"
    )
    assert _shown(text) == [("东江市清欠办关于做好年中清欠工作的通知", "通知", "2024-05-28")]


def test_a_paper_alone_has_no_parts() -> None:
    assert _parts(HEAD + SIGNED) == ()
    assert _parts(HEAD + "附件：清欠工作台账\n\n" + SIGNED) == ()  # named, not carried
    assert _parts(HEAD + SIGNED + "附件：清欠工作台账\n") == ()
    assert _parts("欠款已全部清偿。") == ()
    assert _parts("") == ()
