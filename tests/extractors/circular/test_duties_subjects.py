"""Addressees in papers on any subject."""

from __future__ import annotations

import pytest

from extractors import circular
from extractors.document import Document
from extractors.facts import Context


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("各区人民政府，市政府有关委、办、局：", ["各区人民政府", "市政府有关委、办、局"]),
        ("市政府有关部门、各直属单位：", ["市政府有关部门", "各直属单位"]),
        ("有关市属企业、区财政局：", ["有关市属企业", "区财政局"]),
    ],
)
def test_addressees_of_single_letters_stay_together(line: str, expected: list[str]) -> None:
    text = f"关于做好夏粮收购工作的通知\n{line}\n现就有关事项通知如下。\n"
    facts = circular.extract(Document(sha256="0", name="x", format="txt", text=text), Context())
    assert [r.value for r in facts.metadata.recipients] == expected
