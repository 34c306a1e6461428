"""The audit: expectation suites and reconciliation; what is wrong, with which row, how bad, why.

Great Expectations is imported in exactly one module, `suite_runner`. Does not belong here: a second copy of the
schema, Dagster types, SQL engines' handles kept open.
"""
