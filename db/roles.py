"""The four roles that share the work in the database (design §9)."""

from __future__ import annotations

from typing import Final

#: Owns the database and all in it: migrations and `till db url`.
OWNER: Final = "till_owner"
#: The tills: functions only.
APP: Final = "till_app"
#: Each role, with what it may do in the cluster. What it may do in the database, the grants say.
ROLES: Final = {
    OWNER: "LOGIN CREATEDB CREATEROLE",
    APP: "LOGIN",
    "till_admin": "NOLOGIN",
    "till_report": "NOLOGIN",
}


def literal(text: str) -> str:
    """Text as an SQL literal, for the statements that take no parameters."""
    quoted = text.replace("'", "''")
    return f" E'{quoted.replace(chr(92), chr(92) * 2)}'" if "\\" in text else f"'{quoted}'"


def identifier(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
