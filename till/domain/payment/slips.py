"""Terminal slips in the form that may be stored: limited in length, without escapes and full card numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.events.fields import LONGEST_FREE
from till.domain.i18n import _
from till.domain.patterns import late
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.domain.payment.events import SlipKept

#: The mark for a line end, as the free text of a record is a single line.
END: Final = "⏎"
#: The most slips stored for one payment: the guest's copy and the till's copy.
MOST: Final = 2
#: The most texts of a slip. Each may be as long as any free text of a record.
_TEXTS: Final = 3
#: Digits in groups, which may hold a card number.
_DIGITS: Final = late(r"\d+(?:[ -]\d+)*")
_GROUP: Final = late(r"\d+")
#: The lengths of card numbers, the usual ones first.
_OF_CARD: Final = (16, 15, 19, 18, 17, 14, 13, 12)
_SHOWN: Final = 4
#: Space for the line end and the ellipsis of a truncated text.
_MARGIN: Final = 3
_TOO_LARGE: Final = 9


def texts_of(lines: Sequence[str]) -> tuple[str, str, str]:
    """Return the lines as the three texts of a record, split between lines. A truncated slip ends in `…`."""
    texts = _texts_of(lines)
    if len(texts) > _TEXTS:
        texts[_TEXTS - 1] += f"{END}…"
    first, second, third = (*texts, "", "")[:_TEXTS]
    return first, second, third


def mask_cards(line: str) -> str:
    """Mask card numbers in a line, except their last four digits. Terminals usually mask them already."""
    return _DIGITS.sub(lambda found: _mask(found[0]), line)


def is_kept_whole(lines: Sequence[str]) -> bool:
    """True if all lines fit into a record."""
    return len(_texts_of(lines)) <= _TEXTS


def _texts_of(lines: Sequence[str]) -> list[str]:
    texts = [""]
    for line in lines:
        plain = mask_cards(clean(line.replace(END, " "))).rstrip()[: LONGEST_FREE // 2]
        if len(texts[-1]) + len(plain) + _MARGIN > LONGEST_FREE:
            texts.append("")
        texts[-1] += f"{END}{plain}" if texts[-1] else plain or " "
    return texts


def lines_of(texts: Sequence[str]) -> list[str]:
    """Return the lines of a stored slip, cleaned for display: the text of a record is not trusted."""
    return [clean(line) for text in texts if text for line in text.split(END)]


class KeptSlip(Struct, frozen=True):
    """A slip of a payment or its refund, for display. An erased slip has no lines."""

    payment_id: str
    refund_id: str | None
    for_guest: bool
    to_be_signed: bool
    lines: tuple[str, ...]


def kept_slip(data: SlipKept) -> KeptSlip:
    """Return the slip that a record contains."""
    lines = tuple(lines_of([data.text, data.text_2, data.text_3]))
    return KeptSlip(data.payment_id, data.refund_id, data.for_guest, data.to_be_signed, lines)


def slip_title(slip: KeptSlip) -> str:
    """Return the title of a slip, such as `Slip for the till, to be signed`."""
    title = _("Slip for the guest") if slip.for_guest else _("Slip for the till")
    return _("{slip}, to be signed").format(slip=title) if slip.to_be_signed else title


def _mask(run: str) -> str:
    """Mask groups of digits that together form a card number."""
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
    """True if the digits pass the Luhn check of card numbers. Transaction numbers of that length usually fail it."""
    doubled = [int(one) * (2 if place % 2 else 1) for place, one in enumerate(reversed(digits))]
    return not sum(one - _TOO_LARGE if one > _TOO_LARGE else one for one in doubled) % 10
