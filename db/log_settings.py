"""The logging of a server: a till's secret is a parameter of each statement, and must not be in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db import roles
from db.words import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    import psycopg

#: The settings that decide if parameters are logged, each with its value for no logging.
QUIET = {
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "auto_explain.log_min_duration": "-1",
    "pgaudit.log_parameter": "off",
}
#: The settings that decide how much of a parameter is logged.
LENGTHS = ("log_parameter_max_length", "log_parameter_max_length_on_error")
#: The settings by which a successful statement is logged; `ddl` and `mod` are not used by tills.
_WRITES = ("log_statement", "log_min_duration_statement", "log_min_duration_sample", "log_transaction_sample_rate")

# A role's own setting in this database comes before its own anywhere, then the database's, and last the server's.
_SETTINGS = """
    SELECT role, name, coalesce(
        (SELECT split_part(one, '=', 2) FROM pg_db_role_setting AS s CROSS JOIN unnest(s.setconfig) AS one
         WHERE split_part(one, '=', 1) = name
             AND s.setrole IN (0, quote_ident(role)::regrole) AND s.setdatabase IN (0, d.oid)
         ORDER BY s.setrole <> 0 DESC, s.setdatabase <> 0 DESC LIMIT 1),
        current_setting(name, true), '')
    FROM unnest(%s::text[]) AS role CROSS JOIN unnest(%s::text[]) AS name CROSS JOIN pg_database AS d
    WHERE d.datname = current_database()
    ORDER BY role, name
"""


def describe_logging(connection: psycopg.Connection[Any]) -> tuple[str, str, str] | None:
    """Return a sentence if the server logs parameters of tills or the owner, the remedy, and its statements."""
    people = list(dict.fromkeys((roles.APP, connection.info.user)))
    found: dict[str, dict[str, str]] = {}
    for role, name, value in connection.execute(_SETTINGS, [people, list(QUIET)]).fetchall():
        found.setdefault(role, {})[name] = value
    loud = {name: value for settings in found.values() for name, value in _loud(settings).items()}
    if not loud:
        return None
    sentence = _("The server logs all that tills send, their secrets too ({settings}).")
    remedy = _("Ask its administrator to run: {words} Then give each till a new secret: `till admin tills renew`.")
    words = " ".join(
        f'ALTER ROLE "{role}" SET {name} = {QUIET[name]};' for role in people for name in loud if name not in _WRITES
    )
    settings = ", ".join(f"{name} = {value}" for name, value in loud.items())
    return sentence.format(settings=settings), remedy.format(words=words), words


def _loud(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of a role by which its parameters are logged."""
    loud = {name: value for name, value in settings.items() if value not in {"", QUIET[name]}}
    writes = {name: value for name, value in loud.items() if name in _WRITES and value not in {"ddl", "mod"}}
    length = {"log_parameter_max_length": loud.pop("log_parameter_max_length", "0")}
    by_itself = {name: value for name, value in loud.items() if name not in _WRITES}
    return by_itself | (length | writes if writes and length["log_parameter_max_length"] != "0" else {})
