"""Read and write rows with SQL that is made once, and prepared once by the server.

The ORM compiles each statement anew, at several times the cost of running it. That tells where
one message costs dozens of statements; elsewhere the ORM is the better choice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import psycopg
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, JSONField, Model
from psycopg.types.numeric import Int8Dumper

M = TypeVar("M", bound=Model)
Row = tuple[Any, ...]

# Of each connection to the database, the cursor that its statements share.
_cursors: WeakKeyDictionary[psycopg.Connection[Row], psycopg.Cursor[Row]] = WeakKeyDictionary()


def run(sql: str, values: Sequence[Any] = ()) -> list[Row]:
    """Run one statement in the caller's transaction and return its rows, if it has any.

    The server keeps its plan from the second time on. Values travel beside the SQL, so their types
    must show in it: write `%s::text[]` where a list goes. Raises the database's errors.
    """
    database = connections[DEFAULT_DB_ALIAS]
    database.validate_no_broken_transaction()
    if database.queries_logged:
        # Whoever counts or logs statements goes by the usual way.
        with database.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []
    with database.wrap_database_errors:
        done = _cursor(database).execute(sql, values)
        # `rownumber` is None where there are no rows to come, and costs nothing to ask for.
        return done.fetchall() if done.rownumber is not None else []


def _cursor(database: BaseDatabaseWrapper) -> psycopg.Cursor[Row]:
    database.close_if_health_check_failed()
    database.ensure_connection()
    raw = database.connection
    cursor = _cursors.get(raw)
    if cursor is None:
        cursor = _cursors[raw] = psycopg.Cursor(raw)
        # One width, or each statement would be prepared for each mixture of small and large.
        cursor.adapters.register_dumper(int, Int8Dumper)
    return cursor


def read(model: type[M], pk: int, *, lock: bool = False, without: tuple[str, ...] = ()) -> M:
    """The row with this id, locked until the transaction ends if asked for.

    Fields `without` which it is read are fetched if they are asked for after all.
    Raises the model's DoesNotExist.
    """
    end = " FOR UPDATE" if lock else ""
    found = find(model, f"{_pk(model)} = %s{end}", [pk], without=without)
    if not found:
        raise model.DoesNotExist(f"{model.__name__} {pk}")  # type: ignore[attr-defined]
    return found[0]


def find(
    model: type[M], where: str, values: Sequence[Any], *, without: tuple[str, ...] = ()
) -> list[M]:
    """The rows for which `where` holds, a condition in SQL and what may follow it there."""
    found = run(f"{_select_sql(model, without)} WHERE {where}", values)
    names = _read_names(model, without)
    return [
        model.from_db(DEFAULT_DB_ALIAS, names, _converted(model, without, row)) for row in found
    ]


def insert(rows: Sequence[Model]) -> None:
    """Write new rows of one model with one INSERT and give them their ids; none is no statement.

    Like bulk_create: no signals are sent. Values must be plain (no F, no database default).
    Raises the database's errors.
    """
    if not rows:
        return
    sql = _insert_sql(type(rows[0]), len(rows))
    ids = run(f"{sql} RETURNING {_pk(type(rows[0]))}", _inserted(rows))
    # PostgreSQL returns the rows of VALUES in their order, which bulk_create builds on too.
    for row, (pk,) in zip(rows, ids, strict=True):
        _is_written(row, pk)


def insert_with(row: Model, of_it: Sequence[Model], *, unless_there: bool = False) -> bool:
    """Write a new row, and new rows that point to it, with one statement; whether they were.

    They may be of any models that have one foreign key to that of `row`, in which they are given
    no id yet. Only `row` gets its id. `unless_there`: as `insert_unless_there`, and where another
    row has its unique values none is written. Raises the database's errors.
    """
    models = tuple(type(each) for each in of_it)
    values = _inserted([row])
    for each in of_it:
        values += _values(each, _beside_the_key(type(each), type(row)))
    written = run(_insert_with_sql(type(row), models, unless_there), values)
    if written:
        _is_written(row, written[0][0])
    return bool(written)


def insert_unless_there(row: Model) -> bool:
    """Write a new row unless another one has its unique values; whether it was written.

    Waits for a transaction that is about to write the other one, and raises nothing because of
    it, so that the caller's transaction lives on.
    """
    sql = _insert_sql(type(row), 1)
    written = run(f"{sql} ON CONFLICT DO NOTHING RETURNING {_pk(type(row))}", _inserted([row]))
    if written:
        _is_written(row, written[0][0])
    return bool(written)


def insert_missing(rows: Sequence[Model]) -> None:
    """Write with one INSERT those of the new rows whose unique values no other row has.

    As `insert_unless_there` of each, but nobody is told which were written: they get no ids.
    """
    if not rows:
        return
    sql = _insert_sql(type(rows[0]), len(rows))
    run(f"{sql} ON CONFLICT DO NOTHING", _inserted(rows))


def update(row: Model, fields: Sequence[str]) -> None:
    """Write the named fields of a row that is there, like save(update_fields=…), without signals.

    Raises DatabaseError when the row is not there, and the database's errors.
    """
    model = type(row)
    names = tuple(fields)
    if not run(_update_sql(model, names), [*_values(row, _named(model, names)), row.pk]):
        raise DatabaseError("there is no such row to update")


@lru_cache
def _read(model: type[Model], without: tuple[str, ...]) -> list[Field[Any, Any]]:
    return [field for field in model._meta.concrete_fields if field.name not in without]


@lru_cache
def _read_names(model: type[Model], without: tuple[str, ...]) -> list[str]:
    return [field.attname for field in _read(model, without)]


def _converted(model: type[Model], without: tuple[str, ...], row: Row) -> list[Any]:
    return [
        value if convert is None else convert(value, None, connection)
        for value, convert in zip(row, _converters(model, without), strict=True)
    ]


@lru_cache
def _converters(model: type[Model], without: tuple[str, ...]) -> list[Callable[..., Any] | None]:
    # Only a JSONField has one, among the kinds of field that there are here.
    return [getattr(field, "from_db_value", None) for field in _read(model, without)]


@lru_cache
def _select_sql(model: type[Model], without: tuple[str, ...]) -> str:
    columns = ", ".join(_quoted(field.column) for field in _read(model, without))
    table = _quoted(model._meta.db_table)
    return f"SELECT {columns} FROM {table}"  # noqa: S608 (names of models)


@lru_cache
def _written(model: type[Model]) -> list[Field[Any, Any]]:
    """The fields that an INSERT names: all but the id, which the database gives."""
    return [
        field
        for field in model._meta.concrete_fields
        if not field.primary_key and not field.generated
    ]


@lru_cache
def _named(model: type[Model], names: tuple[str, ...]) -> list[Field[Any, Any]]:
    fields = {field.name: field for field in model._meta.concrete_fields}
    return [fields[name] for name in names]


def _inserted(rows: Sequence[Model]) -> list[Any]:
    fields = _written(type(rows[0]))
    return [value for row in rows for value in _values(row, fields)]


def _values(row: Model, fields: Sequence[Field[Any, Any]]) -> list[Any]:
    # The driver takes every other kind of value that there is here as it is.
    return [
        field.get_db_prep_save(getattr(row, field.attname), connection)
        if isinstance(field, JSONField)
        else getattr(row, field.attname)
        for field in fields
    ]


@lru_cache
def _insert_sql(model: type[Model], count: int) -> str:
    fields = _written(model)
    columns = ", ".join(_quoted(field.column) for field in fields)
    places = ", ".join(["({})".format(", ".join(["%s"] * len(fields)))] * count)
    table = _quoted(model._meta.db_table)
    return f"INSERT INTO {table} ({columns}) VALUES {places}"  # noqa: S608 (names of models)


@lru_cache
def _insert_with_sql(
    model: type[Model], others: tuple[type[Model], ...], unless_there: bool
) -> str:
    rule = " ON CONFLICT DO NOTHING" if unless_there else ""
    parts = [f"step0 AS ({_insert_sql(model, 1)}{rule} RETURNING {_pk(model)} AS id)"]
    # Each takes the id from the one before, so that they are written in the order given.
    for number, other in enumerate(others, 1):
        key, fields = _key_to(other, model), _beside_the_key(other, model)
        columns = ", ".join(_quoted(field.column) for field in [key, *fields])
        places = ", ".join(["id", *["%s"] * len(fields)])
        table = _quoted(other._meta.db_table)
        insert = f"INSERT INTO {table} ({columns}) SELECT {places} FROM step{number - 1}"  # noqa: S608
        parts.append(f"step{number} AS ({insert} RETURNING {_quoted(key.column)} AS id)")
    return f"WITH {', '.join(parts)} SELECT id FROM step{len(others)}"  # noqa: S608 (as above)


@lru_cache
def _key_to(model: type[Model], other: type[Model]) -> Field[Any, Any]:
    (key,) = [field for field in _written(model) if field.related_model is other]
    return key


@lru_cache
def _beside_the_key(model: type[Model], other: type[Model]) -> list[Field[Any, Any]]:
    return [field for field in _written(model) if field is not _key_to(model, other)]


@lru_cache
def _update_sql(model: type[Model], names: tuple[str, ...]) -> str:
    columns = ", ".join(f"{_quoted(field.column)} = %s" for field in _named(model, names))
    table = _quoted(model._meta.db_table)
    pk = _pk(model)
    return f"UPDATE {table} SET {columns} WHERE {pk} = %s RETURNING {pk}"  # noqa: S608 (as above)


@lru_cache
def _pk(model: type[Model]) -> str:
    return _quoted(next(each.column for each in model._meta.concrete_fields if each.primary_key))


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(name or "")


def _is_written(row: Model, pk: object) -> None:
    row.pk = pk
    row._state.adding = False
    row._state.db = DEFAULT_DB_ALIAS
