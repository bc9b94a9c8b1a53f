"""The declaration of a word of the counter: its function, its title, its terms and its needs."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar

from msgspec import Struct

from till.domain.order.deciding import row_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from till.domain.order.line import Row
    from till.domain.order.state import Order
    from till.domain.staff.rights import Approval
    from till.ports import Store
    from till.register.counter import OrderChanged
    from till.register.register import Register

P = ParamSpec("P")
O_contra = TypeVar("O_contra", contravariant=True)
Answer_co = TypeVar("Answer_co", bound="OrderChanged | str", covariant=True)


class Needs(Enum):
    """The order that a word needs."""

    NOTHING = "nothing"
    UNLOCKED = "no order, or one that no other till holds"
    ORDER = "an order that no other till holds"
    LINE = "a line of such an order: the marked one, or the newest without a screen"


class MarkedRow(Struct, frozen=True):
    """An order and the row of its line that a word is about."""

    order: Order
    row: Row


class Word(Struct, Generic[O_contra, P, Answer_co], frozen=True):
    """A word of the counter. Its name is that of its function, and of its phrase or command in the vocabularies.

    Attributes:
        act: carries it out for an order or a `MarkedRow` and a user, and returns the changed order or the answer.
            What was typed in a slot of the phrase is the argument of that name.
        title: its title in the list of commands; empty if it is not listed.
        also: more terms that find it in the list of commands.
        needs: the order that it needs.
        begins: for a word that takes what is typed behind it: its beginning, which the list of commands puts on the
            entry line, and what to type.
        asks: the title of the question to a manager, if the user may lack the right: `act` then takes an `approval`
            too, and passes it to its command.
        looks_up: asks the server what the word needs, or returns None without asking: `act` then takes what was
            `found`.
    """

    act: Callable[Concatenate[Register, O_contra, int, P], Answer_co]
    title: str
    also: tuple[str, ...]
    needs: Needs
    asks: str
    begins: tuple[str, str] | None
    looks_up: Callable[[Register, Store | None, Mapping[str, str]], Awaitable[object]] | None = None

    def __call__(self, register: Register, order: O_contra, user: int, *typed: P.args, **slots: P.kwargs) -> Answer_co:
        """Carry out the word.

        Raises:
            TillError: it is refused; nothing changed.
        """
        return self.act(register, order, user, *typed, **slots)

    def say(
        self,
        register: Register,
        order: Order | None,
        line_id: str,
        user: int,
        slots: Mapping[str, str],
        approval: Approval | None = None,
        found: object = None,
    ) -> OrderChanged | str:
        """Carry out the word for an order and a line of it, with what was typed in its slots.

        Raises:
            TillError: see `__call__`.
        """
        about: Any = order
        if self.needs is Needs.LINE and order is not None:
            about = MarkedRow(order, row_of(order, line_id))
        asked: dict[str, Any] = {"approval": approval} if self.asks else {}
        if self.looks_up is not None:
            asked["found"] = found
        act: Callable[..., OrderChanged | str] = self.act  # the names of slots are those of its arguments
        return act(register, about, user, **asked, **slots)

    @property
    def name(self) -> str:
        """The name in the vocabularies."""
        return self.act.__name__


def word(
    title: str = "",
    *also: str,
    needs: Needs = Needs.UNLOCKED,
    asks: str = "",
    begins: tuple[str, str] | None = None,
    looks_up: Callable[[Register, Store | None, Mapping[str, str]], Awaitable[object]] | None = None,
) -> Callable[[Callable[Concatenate[Register, O_contra, int, P], Answer_co]], Word[O_contra, P, Answer_co]]:
    """Declare a word by its function."""
    return lambda act: Word(act, title, also, needs, asks, begins, looks_up)
