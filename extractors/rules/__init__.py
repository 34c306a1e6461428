"""The rule engine, its tables of named rules, and the two ways to look at a text: `view` and `segment`.

A rule is a value in a table with examples and counter-examples; `all_rules` lists every one of them for the tests
and the documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extractors.rules.engine import Layer, Rule


def layers() -> tuple[Layer, ...]:
    """Every layer with its table of rules, in the order in which documents are read."""
    from extractors.circular import statistics
    from extractors.rules import money
    from extractors.rules.time import cadence, durations, expressions, points

    return (money.LAYER, points.LAYER, expressions.SUFFIX_LAYER, cadence.LAYER, durations.LAYER, statistics.LAYER)


def all_rules() -> tuple[Rule, ...]:
    """Every named rule of every layer."""
    return tuple(rule for layer in layers() for rule in layer.rules)
