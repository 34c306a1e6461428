"""SFTP and S3 servers pulled for real: twice, with only the new fetched the second time, over lines that break."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.source_schema import Source, SourceError
from tests.fetching.pulls import START, Pulls, changes, source
from tests.fetching.servers import Line, sftp

BIG = os.urandom(3_000_000)


@pytest.fixture
def pulls(tmp_path: Path) -> Pulls:
    return Pulls(tmp_path / "home")


# SFTP ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def share(tmp_path: Path) -> Path:
    root = tmp_path / "share"
    (root / "下发").mkdir(parents=True)
    for name, data in {
        "下发/台账.csv": b"a,b\n1,2\n",
        "通知.txt": "请报送。".encode(),
        "大.bin": BIG,
        "x.part": b"-",
    }.items():
        put(root, name, data)
    return root


def put(root: Path, name: str, data: bytes, hours_ago: float = 48) -> None:
    (root / name).write_bytes(data)
    when = START.timestamp() - hours_ago * 3600
    os.utime(root / name, (when, when))


@pytest.fixture
def password(tmp_path: Path) -> Path:
    path = tmp_path / "sftp.secret"
    path.touch(mode=0o600)
    path.write_text("s3cret-口令\n")
    return path


def office(port: int, key: str, password: Path, **more: Any) -> Source:
    keys: dict[str, Any] = {
        "name": "office", "kind": "sftp", "host": "127.0.0.1", "port": port, "username": "qingqian", "host_key": key,
        "password": {"file": str(password)}, "path": "/", "limits": {"attempts": 3, "timeout_seconds": 5.0},
    }  # fmt: skip
    return source(**{**keys, **more})


def test_sftp_twice_with_a_broken_line_between(share: Path, password: Path, pulls: Pulls) -> None:
    with sftp(share) as (port, key):
        line = Line(port)
        line.breaks = [1_200_000]
        files = pulls(office(line.port, key, password))
        assert changes(files) == {"new": 3, "ignored": 1}
        (big,) = (f for f in files if f.path == "大.bin")
        assert pulls.bytes_of(big) == BIG
        assert line.connections == 2
        assert len(pulls.slept) == 1

        put(share, "新.txt", "又一份。".encode())
        put(share, "通知.txt", "请尽快报送。".encode(), hours_ago=20)
        put(share, "正在写.txt", b"half", hours_ago=-24)
        line.breaks = [2_000]  # while logging in
        files = pulls(office(line.port, key, password))
        assert changes(files) == {"new": 1, "changed": 1, "unchanged": 2, "ignored": 2}
        assert {f.path for f in files if f.change in ("new", "changed")} == {"新.txt", "通知.txt"}
        line.close()


def test_sftp_server_with_another_key_or_login_is_refused(share: Path, password: Path, pulls: Pulls) -> None:
    with sftp(share) as (port, key):
        assert pulls(office(port, key[:-20] + "A" * 16 + key[-4:], password)) == []
        assert pulls.health("office").error_code == "wrong_host_key"
        password.write_text("wrong")
        assert pulls(office(port, key, password)) == []
        assert pulls.health("office").error_code == "login_refused"
        assert pulls.slept == []
    assert "wrong" not in str(pulls.troubles())


def test_sftp_server_that_is_gone(share: Path, password: Path, pulls: Pulls) -> None:
    with sftp(share) as (port, key):
        pass
    assert pulls(office(port, key, password)) == []
    assert pulls.health("office").error_code == "broken_off"
    assert len(pulls.slept) == 2


# Secrets -------------------------------------------------------------------------------------------------------


def test_a_secret_that_others_can_read_is_refused_before_anything_is_asked(
    share: Path, password: Path, pulls: Pulls
) -> None:
    with sftp(share) as (port, key):
        line = Line(port)
        password.chmod(0o640)
        assert pulls(office(line.port, key, password)) == []
        password.unlink()
        assert pulls(office(line.port, key, password)) == []
        assert line.connections == 0
        line.close()
    assert pulls.health("office").error_code == "configuration"


def test_secrets_say_what_is_wrong_and_never_their_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.fetching.secrets import reveal
    from pipelines.source_schema import Secret

    path = tmp_path / "口令"
    with pytest.raises(SourceError, match="不存在"):
        reveal(Secret(file=str(path)), "s", "口令")
    path.write_text("hunter2")
    path.chmod(0o644)
    with pytest.raises(SourceError, match="chmod 600") as told:
        reveal(Secret(file=str(path)), "s", "口令")
    assert "hunter2" not in str(told.value)
    path.chmod(0o600)
    assert reveal(Secret(file=str(path)), "s", "口令") == "hunter2"
    path.write_text("\n")
    with pytest.raises(SourceError, match="空的"):
        reveal(Secret(file=str(path)), "s", "口令")
    with pytest.raises(SourceError, match="QQ_NONE"):
        reveal(Secret(env="QQ_NONE"), "s", "口令")
    monkeypatch.setenv("QQ_SOME", "x")
    assert reveal(Secret(env="QQ_SOME"), "s", "口令") == "x"
    for both in (Secret(), Secret(env="A", file="b")):
        with pytest.raises(SourceError, match="之一"):
            reveal(both, "s", "口令")


# S3 ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bucket() -> Iterator[tuple[Any, int]]:
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    client = boto3.client(
        "s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1", aws_access_key_id="k",
        aws_secret_access_key="s",
    )  # fmt: skip
    client.create_bucket(Bucket="reports")
    yield client, port
    server.stop()


def store(port: int, monkeypatch: pytest.MonkeyPatch, **more: Any) -> Source:
    monkeypatch.setenv("QQ_KEY", "k")
    monkeypatch.setenv("QQ_SECRET", "s")
    keys: dict[str, Any] = {
        "name": "store", "kind": "s3", "bucket": "reports", "prefix": "2026/", "region": "us-east-1",
        "endpoint_url": f"http://127.0.0.1:{port}", "access_key": {"env": "QQ_KEY"}, "secret_key": {"env": "QQ_SECRET"},
        "limits": {"attempts": 3, "timeout_seconds": 5.0},
    }  # fmt: skip
    return source(**{**keys, **more})


def test_s3_twice_with_a_broken_line_between(
    bucket: tuple[Any, int], pulls: Pulls, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, port = bucket
    for key, data in {
        "2026/台账.csv": b"a,b\n",
        "2026/六月/大.bin": BIG,
        "2025/旧.txt": b"old",
        "2026/空/": b"",
    }.items():
        client.put_object(Bucket="reports", Key=key, Body=data)
    line = Line(port)
    line.breaks = [10**9, 10**9, 700_000]  # the listing, the look at the file, its first range
    files = pulls(store(line.port, monkeypatch))
    assert changes(files) == {"new": 2}
    (big,) = (f for f in files if f.path.endswith(".bin"))
    assert pulls.bytes_of(big) == BIG
    assert pulls.slept

    client.put_object(Bucket="reports", Key="2026/新.txt", Body=b"new")
    client.put_object(Bucket="reports", Key="2026/台账.csv", Body=b"a,b\n1,2\n")
    line.breaks = []
    files = pulls(store(line.port, monkeypatch))
    assert changes(files) == {"new": 1, "changed": 1, "unchanged": 1}
    assert {f.path for f in files if f.change == "unchanged"} == {"2026/六月/大.bin"}
    line.close()


def test_s3_bucket_that_is_not_there(bucket: tuple[Any, int], pulls: Pulls, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pulls(store(bucket[1], monkeypatch, bucket="nothing")) == []
    assert pulls.health("store").error_code == "not_found"
