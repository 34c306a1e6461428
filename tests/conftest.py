"""The order of the suite: files with the longest tests first, so that no worker is left alone with one at the end.

Generated examples have no time limit of their own: a busy machine is no fault of the code.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")

LONGEST_FIRST = ("spark", "pipelines", "console", "faults", "warehouse", "validators")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: many tests wait, for processes they kill and browsers they drive."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        folder = item.nodeid.split("/")[1] if item.nodeid.count("/") > 1 else ""
        return LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST)

    items.sort(key=rank)
