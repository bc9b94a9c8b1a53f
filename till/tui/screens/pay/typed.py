"""What is typed on the pay screen, as it is read before Enter: keys of notes and ways to pay, an amount, or words.

A letter is a key as long as all that is typed are keys: Q and W are two notes, C is the card. The first that is none
makes words of all of it: "ca", "we'll". So a word loses no letter, and no letter takes money.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.order.paying import CASH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.domain.money.measures import Minor

#: The tender of a card terminal that stands beside the till and is keyed by hand.
CARD: Final = "CARD"
#: Its key.
CARD_KEY: Final = "c"
#: The keys of the notes, from the left.
NOTE_KEYS: Final = "qwerty"


class Typed(Struct, frozen=True):
    """What is typed: an amount, notes or nothing, and by what it is paid; or words.

    Attributes:
        tender: how the money is given.
        notes: the notes that were handed over.
        amount: an amount as it is typed; it may be none yet.
        words: all of it, where it is neither.
    """

    tender: str = CASH
    notes: tuple[Minor, ...] = ()
    amount: str = ""
    words: str = ""

    @property
    def by_card(self) -> bool:
        """Whether the card is marked."""
        return self.tender == CARD

    @property
    def is_marked(self) -> bool:
        """Whether notes or the card are marked."""
        return bool(self.notes) or self.by_card


def read(text: str, notes: Sequence[Minor]) -> Typed:
    """Read what is typed; `notes` are worth what their keys give, from the left.

    Of notes and card the later counts: a note is cash, and the card takes the notes off. An amount goes to the card
    whether C was pressed before it or behind it.
    """
    worth = dict(zip(NOTE_KEYS, notes, strict=False))
    marks = "".join(takewhile(lambda char: char == CARD_KEY or char in worth, text.lower()))
    rest = text[len(marks) :]
    if not rest:
        last = marks.rpartition(CARD_KEY)[2]
        return Typed(CARD) if marks and not last else Typed(notes=tuple(worth[key] for key in last))
    figures = rest.rstrip(CARD_KEY + CARD_KEY.upper())
    if any(char.isalpha() for char in figures):
        return Typed(words=text)
    if not marks:
        return Typed(CASH if figures == rest else CARD, amount=figures.strip())
    if marks.endswith(CARD_KEY) and figures == rest and is_figure(rest):
        return Typed(CARD, amount=rest)
    return Typed(words=text)


def is_figure(text: str) -> bool:
    """Whether an amount begins so."""
    return text[:1] in set("0123456789.,")
