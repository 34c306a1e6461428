"""`qingqian query`: one read-only statement on the published warehouse."""

from __future__ import annotations

from pathlib import Path

from pipelines.home import resolve_home
from warehouse import access, export


def run(*, sql: str, output: str, target: Path | None, home: Path | None) -> None:
    """Run the statement and print or write its result."""
    result = access.run_query(resolve_home(home), sql)
    export.write(result, output, target)
