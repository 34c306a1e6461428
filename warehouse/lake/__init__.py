"""The lakehouse: the published night as Parquet on shared storage, under a DuckLake catalog in PostgreSQL.

Loaded from the published file by one committer in one transaction over all tables; read by any number of machines.
Does not belong here: building or auditing a warehouse, what PostgreSQL alone serves (`warehouse.postgres`).
"""
