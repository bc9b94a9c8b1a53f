"""What is typed on the pay screen, as it is read before Enter: keys of notes and ways to pay, an amount, or words.

A letter is a key as long as all that is typed are keys: Q and W are two notes, C is the card. The first that is none
makes words of all of it: "ca", "we'll". So a word loses no letter, and no letter takes money. P and a figure are a tip,
and what stands behind # is the number of a slip.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.order.paying import CASH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from till.domain.money.measures import Minor

#: The keys of the notes, from the left.
NOTE_KEYS: Final = "qwerty"
#: What a tip begins with.
TIP_KEY: Final = "p"
#: What lets guests pay apart, where nothing is typed.
SPLIT_KEY: Final = "s"
#: What the number of a slip begins with.
SLIP: Final = "#"


class Typed(Struct, frozen=True):
    """What is typed: an amount, notes or nothing, and by what it is paid; a tip; or words.

    Attributes:
        tender: how the money is given.
        notes: the notes that were handed over.
        amount: an amount as it is typed; it may be none yet.
        slip: the number of its slip.
        is_tip: the amount is a tip that is agreed on, and takes nothing yet.
        words: all of it, where it is neither.
    """

    tender: str = CASH
    notes: tuple[Minor, ...] = ()
    amount: str = ""
    slip: str = ""
    is_tip: bool = False
    words: str = ""

    @property
    def is_other(self) -> bool:
        """Whether another way than cash is marked."""
        return self.tender != CASH

    @property
    def is_marked(self) -> bool:
        """Whether notes or another way to pay are marked, so that no text of it is shown."""
        return bool(self.notes) or self.is_other or self.is_tip


def read(text: str, notes: Sequence[Minor], keys: Mapping[str, str]) -> Typed:
    """Read what is typed; `notes` are worth what their keys give, from the left, and `keys` are those of tenders.

    Of notes and another way the later counts: a note is cash, and the card takes the notes off. An amount goes to the
    card whether C was pressed before it or behind it.
    """
    if text[:1].lower() == TIP_KEY and (len(text) == 1 or is_figure(text[1:])):
        words = any(char.isalpha() for char in text[1:])
        return Typed(words=text) if words else Typed(amount=text[1:].strip(), is_tip=True)
    worth = dict(zip(NOTE_KEYS, notes, strict=False))
    marks = "".join(takewhile(lambda char: char in keys or char in worth, text.lower()))
    rest = text[len(marks) :]
    marked = keys.get(marks[-1:])
    if not rest:
        last = len(marks.rstrip("".join(worth)))
        return Typed(marked) if marked else Typed(notes=tuple(worth[key] for key in marks[last:]))
    body, hashed, slip = rest.partition(SLIP)
    letters = "".join(keys)
    figures = body.rstrip(letters + letters.upper())
    behind = keys.get(body[len(figures) :][-1:].lower())
    if any(char.isalpha() for char in figures):
        return Typed(words=text)
    if not marks and (behind or not hashed):
        return Typed(behind or CASH, amount=figures.strip(), slip=slip.strip())
    if marked and not behind and (is_figure(body) or (hashed and not body)):
        return Typed(marked, amount=body.strip(), slip=slip.strip())
    return Typed(words=text)


def is_figure(text: str) -> bool:
    """Whether an amount begins so."""
    return text[:1] in set("0123456789.,")
