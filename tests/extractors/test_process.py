"""An extraction crosses a process boundary as JSON and comes back as it was, money to the fen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.facts import CellValue, Context, Facts, LedgerRow, LedgerTable
from extractors.process import Extraction, decode, encode, extract

NUMBERS = st.decimals(min_value=-(10**15), max_value=10**15, places=2, allow_nan=False)
VALUES = st.one_of(NUMBERS, st.text(max_size=20), st.booleans(), st.none(), st.tuples(NUMBERS, NUMBERS))


@given(VALUES)
def test_every_ledger_value_survives(value: object) -> None:
    cell = CellValue(value=value, raw="x", cell="A1", rule="r")  # type: ignore[arg-type]
    facts = Facts(kind="ledger", ledger=(LedgerTable(index=1, rows=(LedgerRow(row=1, values={"f": cell}),)),))
    back = decode(encode(Extraction(name="x", sha256="0", facts=facts)))
    assert back.facts == facts
    assert back.facts is not None and back.facts.ledger is not None
    found = back.facts.ledger[0].rows[0].values["f"].value
    assert type(found) is type(value)


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02\xff" * 50])
def test_a_file_that_cannot_be_read_is_a_typed_failure(data: bytes) -> None:
    found = extract(data, "x.pdf", Context())
    assert found.status == "failed"
    assert found.failure is not None and found.failure.code and found.failure.message.endswith("。")
    assert decode(encode(found)) == found
