"""Orchestration: Dagster definitions, one file per Dagster concept, fetching, isolation, the command line.

Does not belong here: parsing, SQL, rules. Bodies are a few lines that call the other rooms.
"""
