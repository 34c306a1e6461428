"""Who may read the server: two roles without login, to be granted to people's own roles.

`qingqian_reader` reads the views of schema main, `qingqian_analyst` the base tables of core too. They are made when the
user of the URL may make roles; else an administrator makes them and grants them to that user (docs/engines.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from warehouse.ddl import quoted
from warehouse.postgres.schema import ANALYST, READER, SEARCH_PATH, grant_statements

if TYPE_CHECKING:
    import psycopg


def make_roles(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Make the roles where they are missing and may be made, and let them read; put the schemas on the search path."""
    import psycopg

    for role in (READER, ANALYST):
        try:
            with connection.transaction():  # roles belong to the whole server: another database's loader may be first
                if not role_exists(connection, role):
                    connection.execute(f"CREATE ROLE {role} NOLOGIN".encode())
        except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            pass
        except psycopg.errors.InsufficientPrivilege:
            continue
        for statement in grant_statements(role):
            connection.execute(statement.encode())
    try:
        with connection.transaction():  # making a role does not everywhere include becoming it
            connection.execute(f"GRANT {ANALYST} TO CURRENT_USER".encode())
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedObject):
        pass  # queries then run as the user of the URL, behind the guard and read-only all the same
    row = connection.execute(
        "SELECT current_database(), pg_catalog.pg_get_userbyid(datdba) = current_user "
        "OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) "
        "FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    if row is not None and row[1]:
        path = f'{SEARCH_PATH}, "$user", public'
        connection.execute(f"ALTER DATABASE {quoted(str(row[0]))} SET search_path = {path}".encode())


def role_exists(connection: psycopg.Connection[tuple[Any, ...]], role: str) -> bool:
    """Whether the server knows a role."""
    return connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is not None


def become(connection: psycopg.Connection[tuple[Any, ...]], role: str) -> bool:
    """SET ROLE where the role exists and the user of this connection, which commits by itself, may."""
    import psycopg

    if not role_exists(connection, role):
        return False
    try:
        connection.execute(f"SET ROLE {role}".encode())
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True
