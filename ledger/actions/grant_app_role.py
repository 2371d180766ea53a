"""Give the role of the running processes what it needs, and of the ledger no more than to add."""

from __future__ import annotations

from django.conf import settings
from django.db import connection, transaction
from django.db.utils import IntegrityError, ProgrammingError
from psycopg.errors import DuplicateObject, InsufficientPrivilege
from psycopg.sql import SQL, Composable, Identifier

# What a writer of events says itself; the rest is the database's word (see record_many).
_WRITTEN = ("at", "actor", "verb", "subject", "reason", "data", "hash")


def app_role() -> str:
    """The role's name: settings.DATABASE_ROLE_NAME, or kommunepost_app."""
    return str(getattr(settings, "DATABASE_ROLE_NAME", "kommunepost_app"))


def grant_app_role() -> str | None:
    """Create the role if it is missing, grant it its rights and grant it to the current user.

    Run by the owner of the tables after each migrate; running it again changes nothing. Returns
    None, or the sentence for the operator when this user may not create or grant roles: then
    the tables are as they were, or the rights are in place and only the membership is missing.
    """
    role = app_role()
    if not _create(role):
        return (
            f"The database user may not create roles. As an administrator run:"
            f' CREATE ROLE "{role}" NOLOGIN; then run this command again.'
        )
    with transaction.atomic():
        _grant(role)
    if not _join(role):
        return (
            f"The database user may not become {role}. As an administrator run:"
            f' GRANT "{role}" TO "{_scalar("SELECT current_user")}";'
        )
    return None


def _create(role: str) -> bool:
    if _scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", role):
        return True
    try:
        with transaction.atomic():
            _execute("CREATE ROLE {role} NOLOGIN", role)
    except (ProgrammingError, IntegrityError) as error:
        if isinstance(error.__cause__, InsufficientPrivilege):
            return False
        # Roles belong to the whole cluster: another database's migration was quicker.
        if not isinstance(error.__cause__, DuplicateObject) and not isinstance(
            error, IntegrityError
        ):
            raise
    return True


def _grant(role: str) -> None:
    schema = str(_scalar("SELECT current_schema"))
    for statement in (
        "GRANT USAGE ON SCHEMA {schema} TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
        # One transaction: at no time may the role change the ledger.
        "REVOKE ALL ON ledger_event, ledger_seal, ledger_leaf FROM {role}",
        "GRANT SELECT ON ledger_event, ledger_seal, ledger_leaf TO {role}",
        "GRANT INSERT ON ledger_seal, ledger_leaf TO {role}",
        "GRANT INSERT ({written}) ON ledger_event TO {role}",
    ):
        _execute(statement, role, schema)


def _join(role: str) -> bool:
    # From PostgreSQL 16 on whoever creates a role is its member at once, but may not SET it.
    newer = _scalar("SELECT current_setting('server_version_num')::int >= 160000")
    needed = "SET" if newer else "MEMBER"
    if _scalar("SELECT pg_has_role(current_user, %s, %s)", role, needed):
        return True
    try:
        with transaction.atomic():
            _execute("GRANT {role} TO CURRENT_USER", role)
    except ProgrammingError as error:
        if isinstance(error.__cause__, InsufficientPrivilege):
            return False
        raise
    return True


def _execute(statement: str, role: str, schema: str = "") -> None:
    names: dict[str, Composable] = {
        "role": Identifier(role),
        "schema": Identifier(schema),
        "written": SQL(", ").join(map(Identifier, _WRITTEN)),
    }
    with connection.cursor() as cursor:
        cursor.execute(SQL(statement).format(**names))


def _scalar(query: str, *values: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchone()[0]
