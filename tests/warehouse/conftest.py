"""The second engine's server, started once for all tests that ask for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.warehouse import postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_server.Server]:
    """A running PostgreSQL server; tests that need it are skipped aloud where there is none."""
    with postgres_server.server() as running:
        if running is None:
            pytest.skip(postgres_server.MISSING)
        yield running
