"""Full-text search: what stands in a text is found and nothing else; the index follows the warehouse."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.warehouse.makers import built, file_id, info, put
from warehouse.parts import write_part
from warehouse.publish import warehouse_path
from warehouse.search.index import SearchError, find, index_path, is_current, refresh
from warehouse.search.snippets import marked, snippet
from warehouse.search.words import fold, match_of, terms_of, words_of
from warehouse.staging import stage

TEXTS = {
    "a.txt": "关于清理拖欠中小企业账款的通知\n各县区政府：截至２０３１年２月底，尚欠HT-2031号合同款。",
    "b.txt": "河堤工程清\n欠进展情况，报送台账",
    "c.txt": "无关内容",
}


def published(home: Path, texts: dict[str, str] = TEXTS, **changes: dict[str, str]) -> Path:
    """A home whose published warehouse holds these texts."""
    parts = [put(home, n, None, format="txt", text=t, **changes.get(n, {})) for n, t in texts.items()]
    candidate = built(home, parts)
    candidate.path.replace(warehouse_path(home))
    return home


def names(home: Path, query: str) -> list[str]:
    known = {file_id(n): n for n in TEXTS}
    return sorted(known[i] for i in find(home, query))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = published(tmp_path_factory.mktemp("search"))
    refresh(made)
    return made


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("拖欠", ["a.txt"]),
        ("清欠", ["b.txt"]),  # broken over two lines
        ("欠", ["a.txt", "b.txt"]),
        ("台账", ["b.txt"]),
        ("账款 台账", []),
        ("清欠 报送台账", ["b.txt"]),
        ("2031年", ["a.txt"]),  # printed in full width
        ("ht-2031", ["a.txt"]),
        ("清理欠", []),  # both words there, not together
        ("通知各县", ["a.txt"]),
        ("送台", ["b.txt"]),
        ('"中小企业 账款"', ["a.txt"]),
        ("b.txt", ["b.txt"]),  # by the name of the file
    ],
)
def test_what_is_found(home: Path, query: str, expected: list[str]) -> None:
    assert names(home, query) == expected


@pytest.mark.parametrize("query", ["", "   ", "，。", '""', "*", "()", "\x00"])
def test_a_question_without_words_is_a_sentence(home: Path, query: str) -> None:
    with pytest.raises(SearchError, match="请输入"):
        find(home, query)


@pytest.mark.parametrize(
    "query", ['" OR "', "NOT 清", "heading : 清欠", "清欠) OR (账款", "NEAR(清 欠)", "'; DROP TABLE words", "{a b}"]
)
def test_operators_are_only_words(home: Path, query: str) -> None:
    assert isinstance(find(home, query), list)
    assert refresh(home).total == 3


han = st.text(st.sampled_from("清欠账款县政府中小企业〇㐂"), min_size=1, max_size=30)


@given(han, st.data())
def test_every_stretch_of_a_text_is_asked_for_by_words_it_has(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    phrase = match_of(text[start:end])
    wanted = re.fullmatch(r'"(.*)"(\*?)', phrase)
    assert wanted is not None
    words, asked = words_of(text).split(), wanted[1].split()
    rest = asked[-1] if wanted[2] else None
    whole = asked[:-1] if rest is not None else asked

    def fits(at: int) -> bool:
        if words[at : at + len(whole)] != whole:
            return False
        return rest is None or words[at + len(whole)].startswith(rest)

    assert fits(start)


@given(st.text(max_size=80), st.text(min_size=1, max_size=6))
def test_marking_keeps_the_text(text: str, query: str) -> None:
    assert "".join(p.text for p in marked(text, query)) == text
    assert len(fold(text)) == len(text)


def test_hits_are_marked_where_they_stand() -> None:
    pieces = marked("清\n欠２０３１年与清欠", "清欠 2031")
    assert [p.text for p in pieces if p.is_hit] == ["清\n欠", "２０３１", "清欠"]
    short = snippet("前" * 300 + "清欠" + "后" * 300, "清欠")
    assert [p.text for p in short if p.is_hit] == ["清欠"]
    assert sum(len(p.text) for p in short) < 200


def test_terms_are_limited() -> None:
    assert len(terms_of(" ".join("清欠" for _ in range(90)))) == 12


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    home = published(tmp_path)
    assert refresh(home).added == 3
    again = refresh(home)
    assert (again.added, again.removed, again.total) == (0, 0, 3)
    described = info("c.txt", format="txt", text="如今写到清欠", extractor_version="test-2")
    read_again = write_part(home, described.file_id, "test-2", stage(None, described))
    others = [put(home, n, None, format="txt", text=t) for n, t in (*list(TEXTS.items())[:2], ("d.txt", "新到清欠"))]
    built(home, [*others, read_again]).path.replace(warehouse_path(home))
    changed = refresh(home)
    assert (changed.added, changed.removed, changed.total) == (2, 1, 4)
    assert set(find(home, "清欠")) == {file_id(n) for n in ("b.txt", "c.txt", "d.txt")}
    assert find(home, "无关") == []
    published(home, {"b.txt": TEXTS["b.txt"]})
    assert refresh(home).removed == 3
    assert find(home, "拖欠") == []


def test_it_says_which_publication_it_is_of(tmp_path: Path) -> None:
    import duckdb

    home = published(tmp_path)
    refresh(home)
    with duckdb.connect(str(warehouse_path(home)), read_only=True) as connection:
        row = connection.execute("SELECT value FROM core.publication WHERE key = 'inputs_digest'").fetchone()
    assert row is not None
    assert is_current(home, row[0])
    assert not is_current(home, "0" * 64)


@pytest.mark.parametrize("change", ["secrecy = '内部'", "error_code = 'classified'"])
def test_a_marked_document_is_never_indexed(tmp_path: Path, change: str) -> None:
    import duckdb

    home = published(tmp_path)
    refresh(home)
    with duckdb.connect(str(warehouse_path(home))) as connection:
        connection.execute(f"UPDATE core.documents SET {change} WHERE name = 'b.txt'")
    assert refresh(home).removed == 1
    assert find(home, "清欠") == []
    assert find(home, "河堤工程") == []
    assert "河堤" not in words_in(home)


def words_in(home: Path) -> str:
    import sqlite3
    import zlib

    with sqlite3.connect(index_path(home)) as index:
        return " ".join(zlib.decompress(r[0]).decode() for r in index.execute("SELECT body FROM documents"))


def test_no_index_and_a_damaged_one_are_sentences_and_mended(tmp_path: Path) -> None:
    home = published(tmp_path)
    with pytest.raises(SearchError, match="还没有全文索引"):
        find(home, "清欠")
    refresh(home)
    index_path(home).write_bytes(b"no database" * 500)
    with pytest.raises(SearchError, match="可能已损坏"):
        find(home, "清欠")
    assert refresh(home).added == 3
    assert len(find(home, "清欠")) == 1
