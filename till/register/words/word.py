"""The declaration of a word of the counter: its function, its title, its terms and its needs."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Concatenate, Generic, ParamSpec, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

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


class Word(Struct, Generic[O_contra, P, Answer_co], frozen=True):
    """A word of the counter. Its name is that of its function, and of its phrase or command in the vocabularies.

    Attributes:
        act: carries it out for an order and a user, and returns the changed order or the answer. What was typed
            in a slot of the phrase is the argument of that name.
        title: its title in the list of commands; empty if it is not listed.
        also: more terms that find it in the list of commands.
        needs: the order that it needs.
    """

    act: Callable[Concatenate[Register, O_contra, int, P], Answer_co]
    title: str
    also: tuple[str, ...]
    needs: Needs

    def __call__(self, register: Register, order: O_contra, user: int, *typed: P.args, **slots: P.kwargs) -> Answer_co:
        """Carry out the word.

        Raises:
            TillError: it is refused; nothing changed.
        """
        return self.act(register, order, user, *typed, **slots)

    @property
    def name(self) -> str:
        """The name in the vocabularies."""
        return self.act.__name__


def word(
    title: str = "", *also: str, needs: Needs = Needs.UNLOCKED
) -> Callable[[Callable[Concatenate[Register, O_contra, int, P], Answer_co]], Word[O_contra, P, Answer_co]]:
    """Declare a word by its function."""
    return lambda act: Word(act, title, also, needs)
