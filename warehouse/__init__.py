"""The warehouse: every column once, every table as a list of fields, everything else derived.

Holds DDL, Arrow schemas, the data dictionary, staging, publishing, views and the state store.
Does not belong here: business rules, orchestration, parsing.
"""
