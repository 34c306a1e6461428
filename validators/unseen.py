"""Importing a library as if an optional companion of it were not installed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class _Refusal(MetaPathFinder):
    def __init__(self, package: str) -> None:
        self.package = package

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] == self.package:
            raise ModuleNotFoundError(f"{self.package} is hidden while another library is imported", name=fullname)
        return None


@contextmanager
def unseen(package: str) -> Iterator[None]:
    """Hide an installed top-level package from what the block imports; what was imported of it before is put back."""
    refusal = _Refusal(package)
    kept = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == package}
    for name in kept:
        del sys.modules[name]
    sys.meta_path.insert(0, refusal)
    try:
        yield
    finally:
        sys.meta_path.remove(refusal)
        sys.modules.update(kept)
