"""The lakehouse holds what the file holds, night after night; whatever goes wrong, the old night or the new one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import msgspec
import psycopg
import pytest

from tests.warehouse.lake_makers import SETTINGS, lake_contents, loaded, new_bucket, new_lake, same
from tests.warehouse.makers import NOW, built, put, two_months
from tests.warehouse.postgres_server import Server
from tests.warehouse.scripted_year import year_warehouse
from warehouse import publications, server_loads
from warehouse.engine import Engine, EngineError, engine_set
from warehouse.lake import load as loading
from warehouse.lake.attach import LakeConflictError, LakeError, attach, place_of
from warehouse.lake.doctor import describe_lake
from warehouse.lake.housekeeping import kept_nights, tidy
from warehouse.lake.nights import nights
from warehouse.lake.publish import reconcile_lake, verify
from warehouse.lake.schema import UNKEPT_TYPES
from warehouse.lake.storage import keys_set, secret_statement
from warehouse.publish import publish, warehouse_path
from warehouse.relations import loaded_tables
from warehouse.state import open_state
from warehouse.views import VIEW_NAMES

LATER = NOW + dt.timedelta(days=1)


def published(home: Path, some: int = 3, now: dt.datetime = NOW) -> None:
    """Publish the first documents of two months."""
    with open_state(home) as state:
        publish(built(home, two_months(home)[:some]), home, state, now=now)


def changed(engine: Engine, sql: str) -> None:
    """What somebody else does to a lakehouse."""
    with attach(engine, place_of(engine), read_only=False) as lake:
        lake.execute(sql)


@pytest.fixture
def engine(lake_server: Server, tmp_path: Path) -> Engine:
    return new_lake(lake_server, tmp_path / "shared")


def test_on_an_s3_store_every_view_has_the_file_s_rows(lake_server: Server, s3: str, tmp_path: Path) -> None:
    with open_state(tmp_path) as state:
        publish(year_warehouse(tmp_path), tmp_path, state, now=NOW)
    engine = new_lake(lake_server, new_bucket())
    assert describe_lake(engine)[1]
    done = loaded(tmp_path, engine)
    assert (done.status, done.written) == ("loaded", done.rows)
    assert same(engine, tmp_path, VIEW_NAMES)
    assert loaded(tmp_path, engine).status == "unchanged"
    said, is_well = describe_lake(engine)
    assert is_well
    assert "装有 2031-03-02 这一夜" in said


def test_nights_follow_each_other_and_only_what_changed_is_written(tmp_path: Path, engine: Engine) -> None:
    parts = [*two_months(tmp_path), *(put(tmp_path, f"more{n}.txt", None) for n in range(9))]
    for some, now in ((parts, NOW), ([*parts, put(tmp_path, "new.txt", None)], LATER)):
        with open_state(tmp_path) as state:
            publish(built(tmp_path, some), tmp_path, state, now=now)
        done = loaded(tmp_path, engine, now)
    assert (done.status, done.written < done.rows // 2) == ("loaded", True)
    assert same(engine, tmp_path)
    with open_state(tmp_path) as state:
        assert verify(state, engine) == []
    with attach(engine, place_of(engine), read_only=True) as lake:
        kept = nights(lake)
        assert [n.night for n in kept] == [dt.date(2031, 3, 3), dt.date(2031, 3, 2)]
        older = lake.execute(f"SELECT count(*) FROM core.documents AT (VERSION => {kept[1].snapshot})").fetchone()
        assert older == (len(parts),)
        named = lake.execute("SELECT author, commit_message FROM lake.snapshots() ORDER BY snapshot_id DESC LIMIT 1")
        assert named.fetchone() == ("qingqian", "night 2031-03-03")


def test_housekeeping_keeps_the_last_nights_and_changes_no_row(tmp_path: Path, engine: Engine) -> None:
    for n in range(3):
        published(tmp_path, n % 2 * 2 + 1, NOW + dt.timedelta(days=n))
        assert loaded(tmp_path, engine).status == "loaded"
    contents = lake_contents(engine)
    files = sorted((tmp_path / "shared").rglob("*.parquet"))
    done = tidy(engine, keep=2, grace="0 seconds")
    assert done.kept == 2
    assert done.expired > 0
    assert done.deleted > 0
    left = sorted((tmp_path / "shared").rglob("*.parquet"))
    assert len(left) < len(files)
    assert lake_contents(engine) == contents
    with attach(engine, place_of(engine), read_only=True) as lake:
        kept = nights(lake)
        assert len(kept) == 2
        lake.execute(f"SELECT * FROM core.ledger_rows AT (VERSION => {kept[1].snapshot})").fetchall()
    assert loaded(tmp_path, engine).status == "unchanged"
    with open_state(tmp_path) as state:
        assert verify(state, engine) == []


def test_files_that_no_snapshot_knows_are_cleared_away_in_time(tmp_path: Path, engine: Engine) -> None:
    published(tmp_path)
    loaded(tmp_path, engine)
    lost = tmp_path / "shared" / "lake" / "core" / "documents" / "ducklake-of-a-killed-one.parquet"
    duckdb.sql("SELECT 1 AS a").write_parquet(str(lost))
    assert tidy(engine, keep=1).deleted == 0
    assert lost.exists()
    tidy(engine, keep=1, orphans="0 seconds")
    assert not lost.exists()
    assert same(engine, tmp_path)


def test_what_others_change_is_noticed_and_loaded_anew(tmp_path: Path, engine: Engine) -> None:
    published(tmp_path)
    loaded(tmp_path, engine)
    for sql in (
        "INSERT INTO core.documents SELECT * FROM core.documents",
        "CREATE OR REPLACE VIEW main.duties AS SELECT 1 AS a",
    ):
        changed(engine, sql)
        with open_state(tmp_path) as state, attach(engine, place_of(engine), read_only=True) as lake:
            found = reconcile_lake(lake, state, engine)
        assert not found.is_sound
        assert found.reason == "装入之后别人改过湖仓，或那一夜的快照不见了，需要整库重新装入。"
        done = loaded(tmp_path, engine)
        assert (done.status, done.written) == ("loaded", done.rows)
    assert same(engine, tmp_path, ["documents", "duties"])


def test_damaged_files_are_found_by_reading_them(tmp_path: Path, engine: Engine) -> None:
    published(tmp_path)
    loaded(tmp_path, engine)
    for path in (tmp_path / "shared" / "lake" / "core" / "ledger_rows").glob("*.parquet"):
        path.write_bytes(path.read_bytes()[:-100])
    with open_state(tmp_path) as state:
        (said,) = verify(state, engine)
    assert "ledger_rows 读不出来" in said


def test_rows_twice_are_refused_and_nothing_is_kept(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(tmp_path, 1)
    loaded(tmp_path, engine)
    before = lake_contents(engine)
    path = tmp_path / "twice.duckdb"
    path.write_bytes(warehouse_path(tmp_path).read_bytes())
    with duckdb.connect(str(path)) as file:
        file.execute("INSERT INTO core.ledger_rows SELECT * FROM core.ledger_rows LIMIT 1")
    with attach(engine, place_of(engine), read_only=False) as lake, pytest.raises(LakeError, match="不止一行"):
        loading.load(
            lake, path, "f" * 32, night="2031-03-02", facts={}, is_trusted=True, before_commit=lambda _: None
        )  # fmt: skip
    assert lake_contents(engine) == before


def test_a_conflict_is_typed_and_tried_again(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody writes between the start of the load and its commit, without asking for the lock."""
    published(tmp_path, 1)
    loaded(tmp_path, engine)
    published(tmp_path, 3)
    place = place_of(engine)
    spoil = "UPDATE lake.core.publication SET value = 'x' WHERE key = 'published_at'"
    with attach(engine, place, read_only=False) as lake, pytest.raises(LakeConflictError):
        loading.load(
            lake, warehouse_path(tmp_path), "f" * 32, night="2031-03-02", facts={}, is_trusted=True,
            before_commit=lambda _: changed(engine, spoil),
        )  # fmt: skip
    assert loaded(tmp_path, engine).status == "loaded"
    published(tmp_path, 2)
    tries = []
    prepare = server_loads.prepare

    def once(*args: object, **kwargs: object) -> None:
        prepare(*args, **kwargs)  # type: ignore[arg-type]
        tries.append(1)
        if len(tries) == 1:
            changed(engine, spoil)

    monkeypatch.setattr(server_loads, "prepare", once)
    monkeypatch.setattr("warehouse.lake.publish._PAUSE_SECONDS", 0.0)
    assert loaded(tmp_path, engine).status == "loaded"
    assert len(tries) == 2
    assert same(engine, tmp_path)


def test_a_commit_that_was_not_confirmed_is_confirmed_or_dropped_as_the_lakehouse_tells(
    tmp_path: Path, engine: Engine
) -> None:
    published(tmp_path)
    loaded(tmp_path, engine)
    with open_state(tmp_path) as state, attach(engine, place_of(engine), read_only=True) as lake:
        state.db.execute("UPDATE server_loads SET status = 'prepared' WHERE server = ?", [engine.name])
        assert reconcile_lake(lake, state, engine).is_sound
        current = publications.current(state)
        assert current is not None
        server_loads.prepare(
            state, load_id="f" * 32, server=engine.name, publication_id=current.publication_id, tables={}, written=0,
            now=NOW,
        )  # fmt: skip
        assert reconcile_lake(lake, state, engine).is_sound
        assert server_loads.prepared(state, engine.name) is None


def test_another_version_s_schema_is_made_anew(tmp_path: Path, engine: Engine) -> None:
    published(tmp_path)
    loaded(tmp_path, engine)
    changed(engine, "UPDATE core.publication SET value = 'older' WHERE key = 'lake_schema'; DROP VIEW main.duties")
    done = loaded(tmp_path, engine)
    assert (done.status, done.written) == ("loaded", done.rows)
    assert same(engine, tmp_path)


def test_a_catalog_that_does_not_answer_or_belongs_to_others_costs_the_lakehouse_only(
    tmp_path: Path, engine: Engine, lake_server: Server
) -> None:
    published(tmp_path)
    nowhere = engine_set(
        {"QINGQIAN_WAREHOUSE": "ducklake:postgres://u:secret@127.0.0.1:9/x", "QINGQIAN_LAKE_DATA": "/x"}
    )
    unsaid = engine_set({"QINGQIAN_WAREHOUSE": f"ducklake:{lake_server.new_database()}"})
    changed(engine, "CREATE SCHEMA core; CREATE TABLE core.mine (a INT)")
    for other, said in ((nowhere, "连不上"), (unsaid, "QINGQIAN_LAKE_DATA"), (engine, "不是本程序建的")):
        done = loaded(tmp_path, other)
        assert done.status == "failed"
        assert said in done.message
        assert "下一夜重试" in done.message
        assert "secret" not in done.message
    assert describe_lake(nowhere)[1] is False
    assert describe_lake(unsaid)[1] is False


def test_a_user_that_may_only_read_reads_and_is_told_why_it_cannot_load(tmp_path: Path, engine: Engine) -> None:
    """The grants of the guide."""
    published(tmp_path, 1)
    assert loaded(tmp_path, engine).status == "loaded"
    guide = (Path(__file__).resolve().parents[2] / "docs" / "lakehouse.md").read_text("utf-8")
    grants = [line for line in guide.splitlines() if "TO qingqian_lake_reader;" in line]
    assert len(grants) == 3
    with psycopg.connect(engine.url) as server:
        server.execute("DROP ROLE IF EXISTS qingqian_lake_reader; CREATE ROLE qingqian_lake_reader LOGIN")
        for line in grants:
            server.execute(line.replace("qingqian_loader", "postgres").encode())
    reader = msgspec.structs.replace(engine, url=engine.url.replace("postgres@", "qingqian_lake_reader@"))
    assert same(reader, tmp_path)
    published(tmp_path, 2)
    done = loaded(tmp_path, reader)
    assert done.status == "failed"
    assert "permission denied" in done.message
    assert lake_contents(engine, ["documents"]) == lake_contents(reader, ["documents"])


def test_no_column_is_of_a_type_that_parquet_cannot_keep() -> None:
    assert not {t for columns in loaded_tables().values() for t in columns.types} & UNKEPT_TYPES


def test_settings_are_read_strictly(tmp_path: Path) -> None:
    for wrong in ("ducklake:", "ducklake:mysql://x", "ducklake:sqlite:x"):
        with pytest.raises(EngineError, match="ducklake:postgres://"):
            engine_set({"QINGQIAN_WAREHOUSE": wrong})
    with pytest.raises(EngineError, match="QINGQIAN_LAKE_DATA"):
        engine_set({"QINGQIAN_WAREHOUSE": "ducklake:postgres://u@h/d", "QINGQIAN_LAKE_DATA": "relative"})
    engine = engine_set({"QINGQIAN_WAREHOUSE": "ducklake:postgres://u:p@h/d", "QINGQIAN_LAKE_DATA": "s3://b/x/"})
    assert (engine.name, engine.data) == ("ducklake:h:5432/d", "s3://b/x")
    assert kept_nights({}) == 7
    for wrong in ("0", "-1", "many", "１"):
        with pytest.raises(EngineError, match="QINGQIAN_LAKE_NIGHTS"):
            kept_nights({"QINGQIAN_LAKE_NIGHTS": wrong})


def test_keys_come_from_the_environment_or_from_a_file_of_its_owner_alone(tmp_path: Path) -> None:
    found = keys_set(SETTINGS)
    assert found is not None
    assert (found.key_id, "testing" in repr(found)) == ("testing", False)
    assert keys_set({}) is None
    with pytest.raises(EngineError, match="一起设置"):
        keys_set({"AWS_ACCESS_KEY_ID": "k"})
    file = tmp_path / "credentials"
    file.write_text("[default]\naws_access_key_id = k1\naws_secret_access_key = s'1\n")
    file.chmod(0o640)
    named = {"AWS_SHARED_CREDENTIALS_FILE": str(file), "AWS_ENDPOINT_URL": "http://store:9000"}
    with pytest.raises(EngineError, match="chmod 600"):
        keys_set(named)
    file.chmod(0o600)
    said = secret_statement("s3://bucket/folder", named)
    for part in ("KEY_ID 'k1'", "SECRET 's''1'", "SCOPE 's3://bucket'", "ENDPOINT 'store:9000'", "USE_SSL false"):
        assert part in said
    for wrong in ({**named, "AWS_PROFILE": "other"}, {"AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none")}):
        with pytest.raises(EngineError, match="密钥文件"):
            keys_set(wrong)
