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
    """An act of administration, with all that it needs as fields."""

    @property
    def needs(self) -> Role:
        """The role that may do it; an admin may do all that a manager may."""
        return Role.MANAGER

    def do(self, at: AtServer) -> str | Enrolment:
        """Do the act, and return what was done: a sentence, or an enrolment to show once.

        Raises:
            TillError: it was refused, and nothing was changed.
        """
        raise NotImplementedError


class TypedAct(Act, frozen=True):
    """An act that is typed at the desk, which shows what it is about before it is done.

    Attributes:
        words: the patterns of the desk's words for it. Their named groups are fields of the act.
    """

    words: ClassVar[tuple[str, ...]]

    def checked(self) -> Self:
        """Return the act with its fields as they are kept.

        Raises:
            TillError: a field is invalid.
        """
        return self

    def look_up(self, at: AtServer, selects: Any) -> Prepared:
        """Look up what the act is about, without changing anything.

        Args:
            at: the server.
            selects: the connection for the selects of `till.reports`.

        Raises:
            TillError: nothing has that name, or it cannot be done.
        """
        raise NotImplementedError
