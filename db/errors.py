"""Reasons why a till cannot use its database. The docstring of each is the sentence that its reader sees.

A docstring may name facts in braces, which are given when it is raised.
"""

from db.words import _


class DatabaseError(Exception):
    """The database cannot be used just now. Selling goes on; `till db status` says what is wrong."""

    def __init__(self, **facts: object) -> None:
        super().__init__(facts)
        self.facts = facts

    @property
    def sentence(self) -> str:
        """The sentence that a person reads, translated, with the facts in their places."""
        return _(" ".join((type(self).__doc__ or "").split())).format(**self.facts)

    def __str__(self) -> str:
        return self.sentence


class UnreachableError(DatabaseError):
    """The database at {place} cannot be reached: {reason}.

    Selling goes on. Look whether its server runs and the network stands, and at database.url.
    """


class RefusedLoginError(DatabaseError):
    """The database at {place} does not let {user} in: {reason}.

    Correct the user or the password in database.url.
    """


class NoTlsError(DatabaseError):
    """The database at {place} offers no TLS that can be trusted: {reason}.

    Turn `ssl` on in that server, or correct its certificate or the file that proves it (docs/runbook.md, TLS).
    database.tls says what is asked for.
    """


class WeakTlsError(DatabaseError):
    """The URL of {place} says sslmode={asked}, which is less than database.tls asks of another machine.

    Take sslmode out of the URL. Where nobody else reaches the wire, say so: database.tls = "off".
    """


class NoDatabaseError(DatabaseError):
    """There is no database {dbname} at {place}.

    Make it on that server with `createdb {dbname}`, or correct database.url.
    """


class OldServerError(DatabaseError):
    """The server at {place} is PostgreSQL {found}, and the till needs {needed} or newer. Upgrade that server."""


class EncodingError(DatabaseError):
    """The database {dbname} is kept in {found}, and a till writes every script: it needs UTF8.

    Make it anew on that server: createdb --encoding=UTF8 --template=template0 {dbname}
    """


class NoRightsError(DatabaseError):
    """{user} lacks a right in the database {dbname}: {reason}.

    Let whoever runs that server say there: {remedy}
    """


class HeldUpError(DatabaseError):
    """{holder} holds up the database for more than {seconds} s. Nothing was changed.

    Try again; if it stays so, let whoever runs that server say there: SELECT pg_terminate_backend({pid});
    """


class OlderDatabaseError(DatabaseError):
    """The database is older than this till, from before the first release.

    Keep it, and start a new one: another TILL_DATA_DIR or database.url.
    """


class NewerDatabaseError(DatabaseError):
    """The database is at revision {found}, and this till knows {known}. Upgrade the till."""


class UpgradeError(DatabaseError):
    """The database was not upgraded, and nothing in it was changed: {reason}."""
