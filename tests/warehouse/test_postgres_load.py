"""The server holds what the file holds, night after night; whatever goes wrong, the old night or the new one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.warehouse.makers import NOW, built, circular, put, two_months, view_contents
from tests.warehouse.postgres_server import Server
from tests.warehouse.scripted_year import year_warehouse
from tests.warehouse.server_makers import comparable, engine_of, served, server_contents
from warehouse import access as file_access
from warehouse import publications, relations, server_loads
from warehouse.arrow import arrow_table
from warehouse.ddl import column_comment
from warehouse.postgres import access as server_access
from warehouse.postgres import load
from warehouse.postgres.dialect import postgres_type, translated
from warehouse.postgres.publish import reconcile_server
from warehouse.publish import publish, warehouse_path
from warehouse.state import open_state
from warehouse.tables import TABLES
from warehouse.views import VIEW_NAMES, load_views

RELATIONS = frozenset((*VIEW_NAMES, *TABLES))


@pytest.fixture(scope="module")
def database(postgres: Server) -> str:
    return postgres.new_database()


@pytest.fixture
def url(database: str) -> str:
    """A database with nothing of ours in it."""
    with psycopg.connect(database) as connection:
        names = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^(main$|core$|qq_)'").fetchall()
        for (name,) in names:
            connection.execute(f'DROP SCHEMA "{name}" CASCADE')
    return database


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("year")
    with open_state(home) as state:
        publish(year_warehouse(home), home, state, now=NOW)
    return home


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two months published, which tests load into servers and do not publish to."""
    home = tmp_path_factory.mktemp("months")
    with open_state(home) as state:
        publish(built(home, two_months(home)), home, state, now=NOW)
    return home


def test_every_view_has_the_same_rows_on_both_engines(year: Path, url: str) -> None:
    done = served(year, url)
    assert (done.status, done.rows) == ("loaded", done.written)
    assert done.written > 200
    assert comparable(server_contents(url)) == comparable(view_contents(warehouse_path(year)))


GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "analysts.md").read_text("utf-8")
QUESTIONS = [
    sql for text in re.findall(r"```sql\n(.*?)```", GUIDE, re.DOTALL) for sql in text.split(";") if sql.strip()
]


def test_the_guide_s_questions_are_answered_alike_by_both_engines(year: Path, url: str) -> None:
    served(year, url)
    with server_access.connect(engine_of(url)) as server, file_access.connect(warehouse_path(year)) as file:
        for sql in QUESTIONS:
            there = server.execute(server_access.checked(sql, server, RELATIONS).encode()).fetchall()
            here = file.execute(sql).fetchall()
            assert comparable({"": list(there)}) == comparable({"": here}), sql


def test_texts_of_every_kind_arrive_as_they_are(tmp_path: Path, url: str) -> None:
    hostile = [
        "",
        "NULL",
        "\\.",
        "\\N",
        'a"b',
        "逗,号",
        "行\n尾\r\n",
        "\t ",
        "'; DROP TABLE x; --",
        "😀",
        "\u2028",
        "%s",
    ]
    rows = [
        {"unit_id": f"u{n}", "name": text, "kind": text, "aliases": '["\\u0000", "\\ud83d\\ude00"]'}
        for n, text in enumerate(hostile)
    ]
    with open_state(tmp_path) as state:
        parts = [put(tmp_path, "a.txt", circular(), format="txt", text="\\.\n\\.\n一")]
        candidate = built(tmp_path, parts, units=arrow_table("units", rows))
        publish(candidate, tmp_path, state, now=NOW)
    assert served(tmp_path, url).status == "loaded"
    assert comparable(server_contents(url)) == comparable(view_contents(warehouse_path(tmp_path)))


def test_a_character_the_server_cannot_keep_becomes_the_replacement_character(tmp_path: Path, url: str) -> None:
    with open_state(tmp_path) as state:
        units = arrow_table("units", [{"unit_id": "u", "name": "甲\0乙"}])
        publish(built(tmp_path, two_months(tmp_path), units=units), tmp_path, state, now=NOW)
    assert served(tmp_path, url).status == "loaded"
    assert ("甲\ufffd乙",) in [(row[1],) for row in server_contents(url)["units"]]


def test_only_what_changed_is_written(tmp_path: Path, url: str) -> None:
    """Eleven circulars, then one more, then two fewer."""
    parts = [put(tmp_path, f"{n}.txt", circular(), format="txt", text=f"文{n}") for n in range(12)]

    def night(some: int) -> None:
        with open_state(tmp_path) as state:
            publish(built(tmp_path, parts[:some]), tmp_path, state, now=NOW)

    night(11)
    first = served(tmp_path, url)
    assert served(tmp_path, url).status == "unchanged"
    night(12)
    second = served(tmp_path, url)
    assert second.rows - first.rows == second.written == first.written // 11
    assert comparable(server_contents(url)) == comparable(view_contents(warehouse_path(tmp_path)))
    night(10)
    third = served(tmp_path, url)
    assert (third.status, third.written) == ("loaded", 0)
    assert comparable(server_contents(url)) == comparable(view_contents(warehouse_path(tmp_path)))


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE core.ledger_rows SET remaining_amount_yuan = remaining_amount_yuan + 1 WHERE row_number = 4",
        "DELETE FROM core.documents WHERE name = 'a.xlsx'",
        "UPDATE core.publication SET value = 'x' WHERE key = 'load_id'",
        "UPDATE core.publication SET value = 'x' WHERE key = 'server_schema'",
        "DELETE FROM core.publication",
        "DROP SCHEMA main, core CASCADE",
        "DROP VIEW main.debt_clocks",
    ],
)
def test_what_others_did_to_the_server_is_noticed_and_healed(months: Path, url: str, damage: str) -> None:
    served(months, url)
    before = server_contents(url)
    with psycopg.connect(url) as connection:
        connection.execute(damage.encode())
    with open_state(months) as state, psycopg.connect(url) as connection:
        found = reconcile_server(connection, state, engine_of(url))
        assert not found.is_sound
        assert found.reason is not None
        assert "整库" in found.reason
    assert served(months, url).status == "loaded"
    assert server_contents(url) == before


@pytest.mark.parametrize("trouble", ["refused", "locked"])
def test_a_load_that_fails_half_way_leaves_the_night_that_was_there(
    months: Path, year: Path, url: str, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server refuses a table after others were written; somebody holds a table locked."""
    served(months, url)
    before = server_contents(url)
    with psycopg.connect(url, autocommit=True) as other:
        if trouble == "refused":
            other.execute("ALTER TABLE core.debts_stored ADD CONSTRAINT full_disk CHECK (row_number < 0) NOT VALID")
            done = served(year, url)
            other.execute("ALTER TABLE core.debts_stored DROP CONSTRAINT full_disk")
        else:
            monkeypatch.setattr(load, "LOCK_TIMEOUT", "300ms")
            with other.transaction():
                other.execute("LOCK TABLE core.ledger_rows IN ACCESS EXCLUSIVE MODE")
                done = served(year, url)
    assert done.status == "failed"
    assert "服务器上仍是原来的数据" in done.message
    assert server_contents(url) == before
    assert served(year, url).status == "loaded"


def test_another_home_s_rows_are_not_taken_for_ours(months: Path, year: Path, url: str) -> None:
    for home in (months, year, months):
        done = served(home, url)
        assert (done.status, done.written) == ("loaded", done.rows)
    assert len(server_contents(url)["documents"]) == 3


def test_a_database_of_somebody_else_is_left_alone(months: Path, url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE SCHEMA main")
        connection.execute("CREATE TABLE main.debts (theirs int)")
    done = served(months, url)
    assert done.status == "failed"
    assert "单独建一个数据库" in done.message
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM main.debts").fetchone() == (0,)


def test_a_server_that_does_not_answer_is_said_in_a_sentence(months: Path, url: str) -> None:
    nowhere = f"postgresql://nobody:secret@/{'x' * 5}?host={months}/nowhere"
    done = served(months, nowhere)
    assert done.status == "failed"
    assert "连不上 PostgreSQL 服务器" in done.message
    assert "下一夜重试" in done.message
    assert "secret" not in done.message
    assert "\n" not in done.message
    assert served(months, url).status == "loaded"


def test_a_commit_that_was_not_confirmed_is_confirmed_or_dropped_as_the_server_tells(months: Path, url: str) -> None:
    name = engine_of(url).name
    served(months, url)
    with open_state(months) as state:
        state.db.execute("UPDATE server_loads SET status = 'prepared' WHERE server = ? AND status = 'current'", [name])
        with psycopg.connect(url) as connection:
            assert reconcile_server(connection, state, engine_of(url)).is_sound
        current = publications.current(state)
        assert current is not None
        server_loads.prepare(
            state, load_id="f" * 32, server=name, publication_id=current.publication_id, tables={}, written=0, now=NOW
        )
        with psycopg.connect(url) as connection:
            assert reconcile_server(connection, state, engine_of(url)).is_sound
        assert server_loads.prepared(state, name) is None


def test_a_new_version_s_schema_takes_the_old_one_s_place_though_a_reader_holds_it(tmp_path: Path, url: str) -> None:
    with open_state(tmp_path) as state:
        publish(built(tmp_path, two_months(tmp_path)), tmp_path, state, now=NOW)
    served(tmp_path, url)
    with psycopg.connect(url) as reader:
        before = reader.execute("SELECT count(*) FROM main.documents").fetchone()
        with psycopg.connect(url) as other:
            other.execute("UPDATE core.publication SET value = 'older' WHERE key = 'server_schema'")
        assert served(tmp_path, url).status == "loaded"
        assert reader.execute("SELECT count(*) FROM main.documents").fetchone() == before
    left = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'qq\\_old%'"
    with psycopg.connect(url) as connection:
        assert connection.execute(left).fetchone() == (2,)
    with open_state(tmp_path) as state:
        publish(built(tmp_path, two_months(tmp_path)[:1]), tmp_path, state, now=NOW)
    served(tmp_path, url)
    with psycopg.connect(url) as connection:
        assert connection.execute(left).fetchone() == (0,)


@pytest.fixture(scope="module")
def described(year: Path, postgres: Server) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    address = postgres.new_database()
    served(year, address)
    with psycopg.connect(address) as connection:
        yield connection


def test_labels_and_units_stand_on_every_column(described: psycopg.Connection[tuple[object, ...]]) -> None:
    missing = described.execute(
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 WHERE n.nspname = 'main' AND c.relkind = 'v' "
        "AND coalesce(col_description(c.oid, a.attnum), '') = ''"
    ).fetchall()
    assert missing == []
    field = TABLES["ledger_rows"].field("remaining_amount_yuan")
    said = described.execute(
        "SELECT col_description('core.ledger_rows'::regclass, attnum) FROM pg_attribute "
        "WHERE attrelid = 'core.ledger_rows'::regclass AND attname = 'remaining_amount_yuan'"
    ).fetchone()
    assert said == (column_comment(field),)
    views = described.execute(
        "SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'main'::regnamespace AND obj_description(c.oid) <> ''"
    ).fetchone()
    assert views == (len(load_views()),)


def test_views_have_the_same_columns_in_the_same_order(described: psycopg.Connection[tuple[object, ...]]) -> None:
    for name, columns in relations.described().views.items():
        found = described.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum",
            [f"main.{name}"],
        ).fetchall()
        assert tuple(str(r[0]) for r in found) == columns.names


def test_what_has_no_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="no PostgreSQL type"):
        postgres_type("STRUCT(a INTEGER)")
    assert (
        translated("t.a NOT IN (SELECT b FROM core.c)")
        == "NOT EXISTS (SELECT 1 FROM core.c listed WHERE listed.b = t.a)"
    )
