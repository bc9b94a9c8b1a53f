"""Reasons why a till cannot use its database, each with the sentence that a person reads."""

from typing import ClassVar

from db.words import _


class DatabaseError(Exception):
    """The base class of the reasons why a database cannot be used."""

    #: The fault, and its remedy in `remedy`. Names in braces are filled with `facts`.
    default: ClassVar[str] = _("The database cannot be used just now.")
    remedy: str = _("`till db status` says what is wrong.")

    def __init__(self, **facts: object) -> None:
        super().__init__(facts)
        self.facts = facts

    @property
    def parts(self) -> tuple[str, str]:
        """The fault, and its remedy; empty if none is known."""
        return self.default.format(**self.facts), self.remedy.format(**self.facts)

    @property
    def sentence(self) -> str:
        """The sentence that a person reads, translated and filled with the facts."""
        return " ".join(self.parts).rstrip()

    def __str__(self) -> str:
        return self.sentence


class UnreachableError(DatabaseError):
    """A server that does not answer."""

    default = _("The database at {place} cannot be reached: {reason}.")
    remedy = _("Check that its server runs and the network is up, and check database.url.")
    #: The sentence for the screen of a till.
    brief: ClassVar[str] = default
    #: The sentence for an address that is a folder of this machine.
    brief_here: ClassVar[str] = _("The database on this machine cannot be reached: {reason}.")


class FullServerError(UnreachableError):
    """A server whose connections are all taken."""

    default = _("All connections that the database at {place} has for {user} are in use: {reason}.")
    remedy = _("Selling goes on. End programs that hold some, or see “connections” at `till doctor`.")
    brief = brief_here = _("All connections of the database are in use: {reason}.")


class RefusedLoginError(DatabaseError):
    """A login that the server refused."""

    default = _("The database at {place} does not let {user} in: {reason}.")
    remedy = _("Correct the user or the password in database.url, or in the file beside it.")

    def by(self, where: str) -> "RefusedLoginError":
        """Return this error for a user and a password that are not from the configuration."""
        found = RefusedLoginError(**{**self.facts, "where": where})
        found.remedy = _("Correct the user or the password in {where}.")
        return found


class BarredRoleError(DatabaseError):
    """A role that may not log in or may not connect to the database."""

    default = _("The database {dbname} at {place} refuses the role {user}: {reason}.")
    remedy = _("Have the administrator of that server run: {remedy}")
    #: The sentence for the screen of a till.
    brief: ClassVar[str] = _("The database refuses the role {user}.")


class NoTlsError(DatabaseError):
    """A server without trustworthy TLS."""

    default = _("The database at {place} offers no TLS that can be trusted: {reason}.")
    remedy = _(
        "Turn `ssl` on in that server, or correct its certificate or the file that proves it (`till help TLS`). "
        "database.tls sets the TLS that is required."
    )


class WeakTlsError(DatabaseError):
    """A URL that asks for less TLS than the configuration."""

    default = _("The URL of {place} has sslmode={asked}, less than database.tls requires for another machine.")
    remedy = _('Remove sslmode from the URL, or set database.tls = "{fits}": `till help TLS` says what that risks.')


class NoDatabaseError(DatabaseError):
    """A database that does not exist on its server."""

    default = _("There is no database {dbname} at {place}.")
    remedy = _("`till db prepare` on that server makes it; or correct database.url.")


class NotThereError(NoDatabaseError):
    """A database that is not on its server, perhaps because its owner renamed it."""

    default = _("There is no database {dbname} at {place}: it may have another name now.")
    remedy = _("The owner has: {names}. Name the one that is the venue's.")


class OldServerError(DatabaseError):
    """A server that is older than the till supports."""

    default = _("The server at {place} is PostgreSQL {found}, and the till needs {needed} or newer.")
    remedy = _("Upgrade that server.")


class EncodingError(DatabaseError):
    """A database in another encoding than UTF8."""

    default = _("The database {dbname} is encoded in {found}, and a till needs UTF8, for every script.")
    remedy = _("Create it again on that server: createdb --encoding=UTF8 --template=template0 {dbname}")


class NoRightsError(DatabaseError):
    """A user without a required right."""

    default = _("{user} lacks a right in the database {dbname}: {reason}.")
    remedy = _("Have the administrator of that server run: {remedy}")


class NotSuperuserError(DatabaseError):
    """A user who is no superuser, where one is needed."""

    default = _("{user} is no superuser of the server at {place}.")
    remedy = _("Name one in the URL: postgresql://postgres@…")


class HeldUpError(DatabaseError):
    """A lock that another session holds."""

    default = _("{holder} has held up the database for more than {seconds} s.")
    remedy = _(
        "Nothing was changed. Try again; if it persists, have the administrator of that server run: SELECT "
        "pg_terminate_backend({pid});"
    )


class HalfRenewedError(HeldUpError):
    """A lock that keeps the renewal of the owner's password halfway."""

    default = _("{holder} has held up the new password for more than {seconds} s.")
    remedy = _(
        "Until this command has run to its end the owner cannot connect, and tills are offline. Have the administrator "
        "of that server run: SELECT pg_terminate_backend({pid}); then run it again."
    )


class ReadOnlyServerError(DatabaseError):
    """A server that only answers reads, such as a standby, for something that writes."""

    default = _("This server is read-only (a standby): it takes no change, and no staff password.")
    remedy = _("Name the main server in database.url and database.owner_url.")


class OlderDatabaseError(DatabaseError):
    """A database from before the first release."""

    default = _("The database is older than this till, from before the first release.")
    remedy = _("Keep it, and start a new one: another TILL_DATA_DIR or database.url.")


class NewerDatabaseError(DatabaseError):
    """A database that a newer till upgraded."""

    default = _("The database belongs to a newer till.")
    remedy = _("Upgrade this till.")


class LostTablesError(DatabaseError):
    """A database without some of the till's tables: somebody renamed or dropped them."""

    default = _("The database lacks tables of the till: {names}.")
    remedy = _(
        "No program can make their rows again: `till db restore FILE --replace` brings back a backup from before, and "
        "tills send what it lacks."
    )


class UpgradeError(DatabaseError):
    """An upgrade that failed and was rolled back."""

    default = _("The database was not upgraded, and nothing in it was changed: {reason}.")
    remedy = ""
