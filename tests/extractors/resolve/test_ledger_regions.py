"""County names in ledger rows become codes only where they name one place."""

from __future__ import annotations

import pytest

from extractors.resolve.ledger_regions import code_of
from extractors.resolve.regions import registry


@pytest.mark.parametrize(
    ("name", "own", "code"),
    [
        ("晋江市", "350500", "350582"),
        ("晋江", "350500", "350582"),
        ("安 溪 县", "350582", "350524"),  # beside the table's own county
        ("市本级", "350500", "350500"),
        ("350504", "350500", "350504"),
        ("开发区", "350500", None),
        ("鼓楼区", None, None),  # there are several
        ("鼓楼区", "350100", "350102"),
        ("合计", "350500", None),
    ],
)
def test_names_and_codes(name: str, own: str | None, code: str | None) -> None:
    assert code_of(name, registry().get(own) if own else None) == code
