"""The queue over HTTP: decisions count once, conflicts lose nothing, regions and roles hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.console.deciding import findings, form_of, kept, logged, of_rule, send
from tests.console.serving import Server, serve, sign_in
from warehouse.access import connect
from warehouse.publish import warehouse_path
from warehouse.queue_index import QueueIndex
from warehouse.review_pages import Queue

HttpOf = Callable[[str], httpx.Client]


@pytest.fixture(scope="module")
def deciding(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server over a home of this module's own, to decide in; each test takes findings of other rules."""
    import shutil

    target = tmp_path_factory.mktemp("deciding") / "home"
    shutil.copytree(home, target, ignore=shutil.ignore_patterns("dagster", "console"))
    with serve(target) as running:
        yield running


def test_the_queue_is_grouped_counted_and_filtered(home: Path, http_of: HttpOf) -> None:
    every = findings(home)
    page = http_of("analyst").get("/review").text
    assert f"{len(every)} 项待办" in page
    assert page.count("data-row") == len({(f["severity"], f["rule"], f["field"], _anchor(f)) for f in every})
    warn = http_of("analyst").get("/review?severity=warn&rule=bad_uscc").text
    assert "共 2 项" in warn and warn.count("data-row") == 1
    assert "data-row" not in http_of("analyst").get("/review?rule=no_such_rule").text
    assert http_of("analyst").get("/review?severity=%27%20OR%201=1--&page=9999999&text=%25%27").status_code == 200


def _anchor(finding: dict[str, object]) -> object:
    subject = str(finding["subject"] or "")
    return subject if subject.startswith("debt:") else finding["document_id"]


def test_a_finding_shows_why_the_values_the_spot_and_the_other_months(home: Path, http_of: HttpOf) -> None:
    rose = of_rule(home, "remaining_rose")
    page = http_of("steward").get(f"/review/finding/{rose['finding_id']}").text
    assert "单元格 T9" in page and "<mark>175,000.00</mark>" in page
    assert "2026-06-30" in page and "160,000.00" in page  # the month before
    assert 'name="value_correct"' in page and 'inputmode="decimal"' in page and 'value="175000.00"' in page
    bad = of_rule(home, "debt_relabelled")
    page = http_of("steward").get(f"/review/finding/{bad['finding_id']}").text
    assert '<option value="partial">部分有分歧</option>' in page  # choices are those of the schema, in words
    early = of_rule(home, "due_before_issue")
    page = http_of("analyst").get(f"/review/finding/{early['finding_id']}").text
    assert f"<mark>{early['raw_value']}</mark>" in page
    assert 'name="value_correct"' not in page and "只有办理人员可以处理" in page


def test_one_decision_goes_on_to_the_next_and_a_replay_changes_nothing(deciding: Server) -> None:
    finding = of_rule(deciding.home, "debt_vanished")
    with closing(sign_in(deciding, "steward")) as browser:
        page = browser.get(f"/review/finding/{finding['finding_id']}").text
        form = form_of(page, "/decide")
        before, log = len(kept(deciding.home)), logged(deciding.home, "decide")
        answers = [send(browser, form, action="accept", reason="已与报送单位核对") for _ in range(3)]
        assert {a.status_code for a in answers} == {303}
        assert all("/review/finding/" in a.headers["location"] for a in answers)
        assert len({a.headers["location"] for a in answers}) == 1
        assert answers[0].headers["location"].split("?")[0] != f"/review/finding/{finding['finding_id']}"
        decided = kept(deciding.home)[before:]
        assert [(d.steward, d.action, d.reason) for d in decided] == [("steward", "accept", "已与报送单位核对")]
        assert logged(deciding.home, "decide") == log + 1
        after = browser.get(answers[0].headers["location"]).text
        assert f"第 {decided[0].decision_number} 号" in after
        assert finding["finding_id"] not in browser.get("/review").text
        assert finding["finding_id"] in browser.get("/review?status=accepted").text
        undo = form_of(after, f"/review/undo/{decided[0].decision_number}")
        assert [send(browser, undo).status_code for _ in range(2)] == [303, 303]
        assert [d.action for d in kept(deciding.home)[before:]] == ["accept", "undo"]
        assert finding["finding_id"] in browser.get("/review").text


def test_a_conflict_shows_both_decisions_and_a_way_on(deciding: Server) -> None:
    finding = of_rule(deciding.home, "invalid_date")
    where = f"/review/finding/{finding['finding_id']}"
    with closing(sign_in(deciding, "steward")) as one, closing(sign_in(deciding, "local")) as other:
        forms = [form_of(b.get(where).text, "/decide") for b in (one, other)]
        before = len(kept(deciding.home))
        assert send(one, forms[0], action="reject", reason="六月计划日另有函").status_code == 303
        late = send(other, forms[1], action="accept", reason="照填报口径")
        assert late.status_code == 409
        for word in ("六月计划日另有函", "照填报口径", "steward", "local", "不成立", "接受"):
            assert word in late.text
        assert len(kept(deciding.home)) == before + 1
        mine = form_of(late.text, "/decide")
        assert send(other, mine).status_code == 303
        assert [(d.steward, d.action) for d in kept(deciding.home)[before:]] == [
            ("steward", "reject"),
            ("local", "accept"),
        ]
        assert "六月计划日另有函" in one.get(where).text  # the history keeps both


def test_what_cannot_be_kept_is_said_and_nothing_typed_is_lost(deciding: Server) -> None:
    finding = of_rule(deciding.home, "bad_uscc")
    with closing(sign_in(deciding, "steward")) as browser:
        form = form_of(browser.get(f"/review/finding/{finding['finding_id']}").text, "/decide")
        before = len(kept(deciding.home))
        for fields in (
            {"action": "correct", "value_correct": "913418240000000000", "reason": "执照"},
            {"action": "accept", "reason": "  "},
            {"action": "defer", "value_defer": "2001-01-01", "reason": "等"},
            {"action": "explode", "reason": "x"},
            {},
        ):
            answer = send(browser, form, **fields)
            assert answer.status_code == 422 and 'role="alert"' in answer.text, fields
        assert 'value="913418240000000000"' in send(
            browser, form, action="correct", value_correct="913418240000000000", reason="执照"
        ).text  # fmt: skip
        assert send(browser, {**form, "key": ""}, action="accept", reason="无编号").status_code == 422
        assert send(browser, {**form, "csrf": "x"}, action="accept", reason="外来").status_code == 403
        assert browser.get(f"{form['@action']}").status_code == 405
        assert len(kept(deciding.home)) == before


def test_a_cause_is_decided_at_once_after_a_preview(deciding: Server) -> None:
    bad = of_rule(deciding.home, "total_mismatch")
    with closing(sign_in(deciding, "steward")) as browser:
        page = browser.get(f"/review?rule={bad['rule']}").text
        assert bad["finding_id"] in page
        cause = _cause_of(deciding.home, bad["finding_id"])
        form = form_of(browser.get(f"/review/cause/{cause}").text, "/preview")
        preview = send(browser, form, action="reject", reason="总表口径不同")
        assert preview.status_code == 200 and "总表口径不同" in preview.text and bad["finding_id"] in preview.text
        before = len(kept(deciding.home))
        confirm = form_of(preview.text, "/decide")
        other = form_of(browser.get(f"/review/finding/{bad['finding_id']}").text, "/decide")
        assert send(browser, other, action="accept", reason="先行处理").status_code == 303  # meanwhile, in another tab
        late = send(browser, confirm)
        assert late.status_code == 409 and len(kept(deciding.home)) == before + 1
        undo = browser.get(f"/review/finding/{bad['finding_id']}").text
        assert send(browser, form_of(undo, "/review/undo/")).status_code == 303
        again = send(
            browser,
            form_of(browser.get(f"/review/cause/{cause}").text, "/preview"),
            action="reject",
            reason="总表口径不同",
        )
        confirm = form_of(again.text, "/decide")
        assert [send(browser, confirm).status_code for _ in range(2)] == [303, 303]
        assert [d.action for d in kept(deciding.home)[before:]] == ["accept", "undo", "reject"]


def _cause_of(home: Path, finding_id: str) -> str:
    with connect(warehouse_path(home)) as con:
        found = Queue(con, QueueIndex(con)).finding(finding_id)
        assert found is not None
        return str(found["cause"])


def test_a_reader_of_some_regions_sees_and_decides_only_theirs(home: Path, deciding: Server) -> None:
    outside = [f for f in findings(home) if not str(f["region_code"]).startswith("3418")]
    inside = [f for f in findings(home) if str(f["region_code"]).startswith("3418")]
    assert outside and inside
    with closing(sign_in(deciding, "local")) as browser, closing(sign_in(deciding, "steward")) as whole:
        listed = browser.get("/review?status=any").text
        assert not [f for f in outside if f["finding_id"] in listed]
        before = len(kept(deciding.home))
        for f in outside:
            assert browser.get(f"/review/finding/{f['finding_id']}").status_code == 404
            form = form_of(whole.get(f"/review/finding/{f['finding_id']}").text, "/decide")
            mine = form_of(browser.get(f"/review/finding/{inside[0]['finding_id']}").text, "/decide")
            answer = send(browser, {**form, "csrf": mine["csrf"]}, action="accept", reason="越界")
            assert answer.status_code == 409
            if f["document_id"]:
                assert browser.get(f"/evidence/{f['document_id']}/page/1.png").status_code == 404
        assert len(kept(deciding.home)) == before


def test_pages_are_pictures_and_nothing_else(home: Path, http_of: HttpOf) -> None:
    for f in findings(home):
        if f["document_id"] is None:
            continue
        answer = http_of("analyst").get(f"/evidence/{f['document_id']}/page/1.png")
        if str(f["path"]).endswith(".pdf") and f["rule"] != "document_quarantined":
            assert answer.headers["content-type"] == "image/png" and answer.content.startswith(b"\x89PNG")
        else:
            assert answer.status_code == 404
    for path in ("/evidence/..%2f..%2fstate/page/1.png", "/evidence/" + "a" * 64 + "/page/1.png", "/evidence/x/y"):
        assert http_of("analyst").get(path).status_code == 404
