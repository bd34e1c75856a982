"""Values inside of JSON columns as SQL, the same on SQLite and PostgreSQL.

Django's own key transforms compare JSON with JSON: on SQLite a word is then above every number, on PostgreSQL the cast of a
word to a number ends the query. These are null wherever the value is of another kind.
"""

import json
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, FloatField, Func, TextField
from django.db.models.sql.compiler import SQLCompiler

SQL = tuple[str, tuple[Any, ...]]


class _JsonValue(Func):
    """`key`: of an object (text) or place in a list (int)."""

    arity = 1
    sqlite = ""
    postgresql = ""

    def __init__(self, field: str | F, key: str | int, **extra: Any) -> None:
        super().__init__(F(field) if isinstance(field, str) else field, **extra)
        self.key = key

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra_context: Any) -> SQL:  # noqa: ARG002  its signature
        column, params = compiler.compile(self.source_expressions[0])
        # A key as JSON writes it: Django stores JSON with everything beyond ASCII escaped, and SQLite compares it so.
        path = f"$[{self.key}]" if isinstance(self.key, int) else f"$.{json.dumps(self.key)}"
        sql = self.sqlite.format(column=column)
        return sql, (*params, path) * sql.count("%s")

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra_context: Any) -> SQL:  # noqa: ARG002
        column, params = compiler.compile(self.source_expressions[0])
        key = "%s::integer" if isinstance(self.key, int) else "%s::text"
        sql = self.postgresql.format(column=column, key=key)
        return sql, (*params, self.key) * sql.count(key)


class JsonNumber(_JsonValue):
    """The value when it is a number, else null. "nan", "inf" and "-inf" are no numbers here."""

    output_field = FloatField()
    sqlite = (
        "(CASE WHEN JSON_TYPE({column}, %s) IN ('integer', 'real') THEN CAST(JSON_EXTRACT({column}, %s) AS REAL) END)"
    )
    postgresql = (
        "(CASE WHEN jsonb_typeof({column} -> {key}) = 'number' THEN ({column} ->> {key})::double precision END)"
    )


class JsonText(_JsonValue):
    """The value when it is text, true or false (as those words), else null."""

    output_field = TextField()
    sqlite = (
        "(CASE JSON_TYPE({column}, %s) WHEN 'text' THEN JSON_EXTRACT({column}, %s)"
        " WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' END)"
    )
    postgresql = "(CASE WHEN jsonb_typeof({column} -> {key}) IN ('string', 'boolean') THEN {column} ->> {key} END)"
