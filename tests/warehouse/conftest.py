"""The second engine's server, started once for all tests that ask for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.warehouse import lake_makers, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_server.Server]:
    """A running PostgreSQL server; tests that need it are skipped aloud where there is none."""
    with postgres_server.server() as running:
        if running is None:
            pytest.skip(postgres_server.MISSING)
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def state_engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the state store of the test's home lies: in the home, then on a server."""
    if request.param == "postgresql":
        monkeypatch.setenv("QINGQIAN_STATE", request.getfixturevalue("postgres").new_database())
    return str(request.param)


@pytest.fixture(scope="session")
def lake_server(postgres: postgres_server.Server) -> postgres_server.Server:
    """The server for catalogs of lakehouses; tests are skipped aloud where the extensions are missing."""
    lake_makers.need_extensions()
    return postgres


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """An S3 server that this process is set to."""
    with lake_makers.s3_server() as address:
        yield address
