"""A package hidden during an import is back afterwards, as it was."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from validators.unseen import unseen


def test_a_hidden_package_cannot_be_imported_and_comes_back_as_the_same_object() -> None:
    import colorsys as before

    with unseen("colorsys"), pytest.raises(ModuleNotFoundError, match="hidden"):
        importlib.import_module("colorsys")
    assert sys.modules["colorsys"] is before


def test_great_expectations_brings_no_spark_into_a_night() -> None:
    code = "import sys, validators.suite_runner; print(sum(m.partition('.')[0] == 'pyspark' for m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
    assert "Spark" not in done.stderr
