"""The second engine: a PostgreSQL server loaded from the published file, with the same tables, views and questions.

Holds its schema, loading, reconciling and the analysts' access to it. Does not belong here: building a warehouse, or
anything that decides what a row says; the server only repeats the file.
"""
