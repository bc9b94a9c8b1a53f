"""Parsing of the pay screen's entry line: keys of notes and ways to pay, an amount, or words.

A letter counts as a key while all that is typed are keys: Q and W are two notes, C is the card. The first letter that
is not a key turns all of it into words: "ca", "we'll". No letter of a word is lost, and no letter alone takes money.
P and a figure are a tip; # begins the number of a slip.
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
#: The key that begins a tip.
TIP_KEY: Final = "p"
#: The key that opens the split while nothing is typed, or a number of even parts.
SPLIT_KEY: Final = "s"
PARTS: Final = frozenset("23456789")
#: The character before the number of a slip.
SLIP: Final = "#"


class TypedPayment(Struct, frozen=True):
    """The parsed entry line: an amount or notes with a way to pay, a tip, or words.

    Attributes:
        tender: the way to pay.
        notes: the values of the notes handed over.
        amount: the amount as typed; it may not be a valid one yet.
        slip: the number of its slip.
        code: the code of a voucher, typed after its key.
        is_tip: True if the amount is a tip to agree on, which takes nothing yet.
        words: the whole text, if it is none of these.
    """

    tender: str = CASH
    notes: tuple[Minor, ...] = ()
    amount: str = ""
    slip: str = ""
    code: str = ""
    is_tip: bool = False
    words: str = ""

    @property
    def is_other(self) -> bool:
        """True if a way other than cash is marked."""
        return self.tender != CASH

    @property
    def is_marked(self) -> bool:
        """True if notes, another way to pay or a tip are marked, whose letters are not shown."""
        return bool(self.notes) or (self.is_other and not self.code) or self.is_tip


def read(text: str, notes: Sequence[Minor], keys: Mapping[str, str]) -> TypedPayment:
    """Parse the entry line; `notes` are the values of the note keys from the left, `keys` the ways to pay by letter.

    Of a note and another way to pay, the later counts: a note means cash, and C drops the notes. An amount belongs to
    the card whether C comes before or after it.
    """
    if text[:1].lower() == TIP_KEY and (len(text) == 1 or is_figure(text[1:])):
        words = any(char.isalpha() for char in text[1:])
        return TypedPayment(words=text) if words else TypedPayment(amount=text[1:].strip(), is_tip=True)
    values = dict(zip(NOTE_KEYS, notes, strict=False))
    marks = "".join(takewhile(lambda char: char in keys or char in values, text.lower()))
    rest = text[len(marks) :]
    marked = keys.get(marks[-1:])
    if not rest:
        last = len(marks.rstrip("".join(values)))
        return TypedPayment(marked) if marked else TypedPayment(notes=tuple(values[key] for key in marks[last:]))
    body, hashed, slip = rest.partition(SLIP)
    letters = "".join(keys)
    figures = body.rstrip(letters + letters.upper())
    tender_after = keys.get(body[len(figures) :][-1:].lower())
    if any(char.isalpha() for char in figures):
        return TypedPayment(words=text)
    if not marks and (tender_after or not hashed):
        return TypedPayment(tender_after or CASH, amount=figures.strip(), slip=slip.strip())
    if marked and not tender_after and (is_figure(body) or (hashed and not body)):
        return TypedPayment(marked, amount=body.strip(), slip=slip.strip())
    return TypedPayment(words=text)


def is_figure(text: str) -> bool:
    """Return True if a text begins like an amount."""
    return text.lstrip()[:1] in set("0123456789.,")
