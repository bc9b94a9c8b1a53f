"""Calls of the functions that administration works by, and what they refuse in their own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import TillError

if TYPE_CHECKING:
    import psycopg

#: The class of the SQLSTATEs by which our functions refuse, each with a sentence for the person.
_OURS: Final = "TL"


class AdministrationError(TillError):
    """The database refused that."""

    code = "administration"


def call(connection: psycopg.Connection[Any], function: str, *values: Any) -> Any:
    """Call a function of schema `till`; a dictionary goes as JSONB.

    Raises:
        AdministrationError: it refused; the sentence is the function's own.
    """
    import psycopg
    from psycopg import sql
    from psycopg.types.json import Jsonb

    places = sql.SQL(", ").join(sql.Placeholder() * len(values))
    query = sql.SQL("SELECT {}({})").format(sql.Identifier("till", function), places)
    try:
        row = connection.execute(
            query, [Jsonb(value) if isinstance(value, dict) else value for value in values]
        ).fetchone()
    except psycopg.Error as problem:
        if (problem.sqlstate or "").startswith(_OURS) and problem.diag.message_primary:
            raise AdministrationError(problem.diag.message_primary) from problem
        raise
    return row[0] if row else None
