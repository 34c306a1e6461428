"""Five real papers, where they lie beside the repository: what the audit must say of them, and must not.

They are no part of the repository; without them this is skipped, and says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.pipelines.decided_inbox import night, queue

SEEDS = next(
    (p / "shared" / "seeds" for p in Path(__file__).resolve().parents if (p / "shared" / "seeds").is_dir()), None
)

pytestmark = pytest.mark.skipif(SEEDS is None, reason="the five real papers (../shared/seeds) are not on this machine")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    assert SEEDS is not None
    home = tmp_path_factory.mktemp("seeds") / "home"
    night(home, SEEDS, "2026-08-01")
    return queue(home)


def of_paper(found: list[dict[str, Any]], number: str) -> list[dict[str, Any]]:
    return [f for f in found if (f["path"] or "").startswith(number)]


def test_nothing_blocks_or_is_held_back(found: list[dict[str, Any]]) -> None:
    assert [f["message_zh"] for f in found if f["severity"] in ("block", "quarantine")] == []


def test_figures_that_balance_and_a_rate_on_another_base_raise_no_alarm(found: list[dict[str, Any]]) -> None:
    assert [f["message_zh"] for f in of_paper(found, "000_") if f["severity"] == "warn"] == []


def test_limits_before_the_papers_own_date_are_found(found: list[dict[str, Any]]) -> None:
    past = [f for f in of_paper(found, "003_") if f["rule"] == "due_before_issue"]
    assert sorted(f["value"] for f in past) == ["2022-06-13", "2022-06-15"]


def test_a_limit_of_last_year_and_a_city_told_to_sum_up_cities_are_noted(found: list[dict[str, Any]]) -> None:
    mine = of_paper(found, "002_")
    assert [f["value"] for f in mine if f["rule"] == "due_before_issue"] == ["2021-12-31"]
    assert [f["value"] for f in mine if f["rule"] == "own_level_as_subordinate"] == ["各市"]
    assert {f["severity"] for f in mine} == {"note"}


def test_no_other_paper_is_taken_to_speak_of_its_own_level(found: list[dict[str, Any]]) -> None:
    spoken = [f for f in found if f["rule"] == "own_level_as_subordinate"]
    assert len(spoken) == len([f for f in of_paper(found, "002_") if f["rule"] == "own_level_as_subordinate"])
