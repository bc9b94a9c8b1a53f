"""The base of all acts of administration."""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003 - the annotations of an act are read
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec import Struct
from msgspec.structs import asdict, astuple

from till.domain.staff.person import Role
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from till.administration.calls import AtServer
    from till.ports.desk import Prepared


class AdminAction(Struct, frozen=True):
    """An act of administration. Its fields are its arguments.

    The docstring of an act with a command is the help of the command.

    Attributes:
        shell: the command and an example of what follows, as typed after `till admin`; empty if a function of
            `till.cli` has the command, or there is none.
        words: the patterns of the sentence that is typed at the desk; empty for none. Their named groups are fields.
        helped: rows for the help of the desk, each with examples of the sentence and their meaning.
        call: the function of schema `till`.
        masked: the field for a new PIN or password, `pin` or `password`; empty for none. It is typed twice, and never
            in a command line.
        reads: fields with the functions that normalize them.
        done: the sentence on the result, with the names of fields, and `{answer}` for what the function returned.
        of_owner: True for the acts of the owner, see `OwnerAct`.
        confirms: True if a shell too shows the subject and asks for confirmation; only of a `TypedAct`.
    """

    shell: ClassVar[str] = ""
    words: ClassVar[tuple[str, ...]] = ()
    helped: ClassVar[tuple[tuple[str, str], ...]] = ()
    masked: ClassVar[str] = ""
    reads: ClassVar[tuple[tuple[str, Callable[[str], str]], ...]] = ()
    call: ClassVar[str] = ""
    done: ClassVar[str] = ""
    of_owner: ClassVar[bool] = False
    confirms: ClassVar[bool] = False

    @property
    def needs(self) -> Role:
        """The required role; an admin may do everything that a manager may."""
        return Role.MANAGER

    def checked(self) -> Self:
        """Return the act with normalized fields."""
        return replace(self, **{name: read(getattr(self, name)) for name, read in self.reads})

    def check(self, at: AtServer) -> None:
        """Check what depends on the person who acts, before a secret is asked for."""

    def keyed(self, secret: str) -> Self:
        """Return the act with a new PIN or password, if it has one."""
        return replace(self, **{self.masked: secret}) if self.masked else self

    def values(self, at: AtServer) -> tuple[Any, ...]:  # noqa: ARG002 - amounts need the venue
        """Return the arguments of the call: by default, all fields.

        Raises:
            TillError: a field is invalid.
        """
        return astuple(self)

    def do(self, at: AtServer) -> Any:
        """Carry out the act, and return its result: for the desk a sentence, or an enrolment to show once.

        Raises:
            TillError: the act was refused; nothing changed.
        """
        return self.sentence(at, at.act(self.call, *self.values(at)))

    def sentence(self, at: AtServer, answer: Any) -> Any:  # noqa: ARG002 - amounts need the venue
        """Return the sentence on the result; the answer of the function if the act has no sentence."""
        return self.done.format(answer=answer, **asdict(self)) if self.done else answer

    def hints(self, at: AtServer) -> Iterable[str]:  # noqa: ARG002 - most acts have none
        """Return sentences for a shell on what to do next, after the act."""
        return ()


class OwnerAct(AdminAction, frozen=True):
    """An act whose function only the owner of the database may call, and no manager at a till."""

    of_owner = True


class TypedAct(AdminAction, frozen=True):
    """An act typed at the desk, which shows its subject for confirmation first."""

    def look_up(self, at: AtServer) -> Prepared:
        """Look up the subject of the act, without changing anything."""
        raise NotImplementedError
