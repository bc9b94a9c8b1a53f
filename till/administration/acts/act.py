"""The base of all acts of administration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from msgspec import Struct

from till.domain.staff.person import Role

if TYPE_CHECKING:
    from typing import Self

    from till.administration.calls import AtServer
    from till.ports.desk import Enrolment, Prepared


class Act(Struct, frozen=True):
    """An act of administration. Its fields are its arguments."""

    @property
    def needs(self) -> Role:
        """The required role; an admin may do everything that a manager may."""
        return Role.MANAGER

    def do(self, at: AtServer) -> str | Enrolment:
        """Carry out the act, and return its result: a sentence, or an enrolment to show once.

        Raises:
            TillError: the act was refused; nothing changed.
        """
        raise NotImplementedError


class TypedAct(Act, frozen=True):
    """An act typed at the desk, which shows its subject for confirmation first.

    Attributes:
        words: the patterns of the typed command. Their named groups are fields of the act.
    """

    words: ClassVar[tuple[str, ...]]

    def checked(self) -> Self:
        """Return the act with normalized fields.

        Raises:
            TillError: a field is invalid.
        """
        return self

    def look_up(self, at: AtServer, selects: Any) -> Prepared:
        """Look up the subject of the act, without changing anything.

        Args:
            at: the server.
            selects: the connection for the selects of `till.reports`.

        Raises:
            TillError: the subject does not exist, or the act is not possible.
        """
        raise NotImplementedError
