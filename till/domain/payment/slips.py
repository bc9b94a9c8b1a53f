"""Slips of a terminal as they may be kept: bounded, without escapes, and without full card numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.events.fields import LONGEST_FREE
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.domain.payment.events import SlipKept

#: The line end within a text, since any text beside a record is one row.
END: Final = "⏎"
#: The most slips kept of one payment: the guest's and the till's own.
MOST: Final = 2
#: The most texts of a slip, each as long as a text beside a record may be.
_TEXTS: Final = 3
#: Digits in groups, which may hold a card number.
_DIGITS: Final = re.compile(r"\d+(?:[ -]\d+)*")
_GROUP: Final = re.compile(r"\d+")
#: The lengths of card numbers, the usual ones first.
_OF_CARD: Final = (16, 15, 19, 18, 17, 14, 13, 12)
_SHOWN: Final = 4
#: Room for the line end, and for the sign that something was left out.
_MARGIN: Final = 3
_TOO_LARGE: Final = 9


def texts_of(lines: Sequence[str]) -> tuple[str, str, str]:
    """Return the lines as the texts of a record, split between lines. Text that is too long ends in `…`."""
    texts = _texts_of(lines)
    if len(texts) > _TEXTS:
        texts[_TEXTS - 1] += f"{END}…"
    first, second, third = (*texts, "", "")[:_TEXTS]
    return first, second, third


def masked(line: str) -> str:
    """Return a line with only the last digits of card numbers; a terminal usually masks them itself."""
    return _DIGITS.sub(lambda found: _mask(found[0]), line)


def is_kept_whole(lines: Sequence[str]) -> bool:
    """True if a record has room for all of these lines."""
    return len(_texts_of(lines)) <= _TEXTS


def _texts_of(lines: Sequence[str]) -> list[str]:
    texts = [""]
    for line in lines:
        plain = masked(clean(line.replace(END, " "))).rstrip()[: LONGEST_FREE // 2]
        if len(texts[-1]) + len(plain) + _MARGIN > LONGEST_FREE:
            texts.append("")
        texts[-1] += f"{END}{plain}" if texts[-1] else plain or " "
    return texts


def lines_of(texts: Sequence[str]) -> list[str]:
    """Return the lines of a kept slip, cleaned for display.

    The writer of the record may have written anything.
    """
    return [clean(line) for text in texts if text for line in text.split(END)]


class KeptSlip(Struct, frozen=True):
    """A slip for display. It is about a payment, or a refund of it; an erased one has no lines."""

    payment_id: str
    refund_id: str | None
    for_guest: bool
    to_be_signed: bool
    lines: tuple[str, ...]


def kept_slip(data: SlipKept) -> KeptSlip:
    """Return the slip that a record keeps."""
    lines = tuple(lines_of([data.text, data.text_2, data.text_3]))
    return KeptSlip(data.payment_id, data.refund_id, data.for_guest, data.to_be_signed, lines)


def _mask(run: str) -> str:
    """Mask groups of digits that together are a card number."""
    groups = list(_GROUP.finditer(run))
    for length in _OF_CARD:
        for first, begins in enumerate(groups):
            digits = ""
            for ends in groups[first:]:
                digits += ends[0]
                if len(digits) == length and _is_card(digits):
                    before, after = run[: begins.start()], run[ends.end() :]
                    return f"{_mask(before)}•••• {digits[-_SHOWN:]}{_mask(after)}"
    return run


def _is_card(digits: str) -> bool:
    """True if the check digit is that of a card (Luhn). Transaction numbers of equal length stay."""
    doubled = [int(one) * (2 if place % 2 else 1) for place, one in enumerate(reversed(digits))]
    return not sum(one - _TOO_LARGE if one > _TOO_LARGE else one for one in doubled) % 10
