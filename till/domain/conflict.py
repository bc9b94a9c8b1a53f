"""The names of the eight kinds of conflict about money, and advice to settle them."""

from __future__ import annotations

from typing import Final

from till.domain.i18n import _

#: The display name of each kind.
_MEANINGS: Final = {
    "sold_twice": _("sold twice"),
    "money_without_order": _("money without an order"),
    "charged_otherwise": _("charged differently than asked"),
    "outcome_contradicted": _("conflicting answers"),
    "refunded_beyond": _("refunded more than was sold"),
    "number_twice": _("number used twice"),
    "no_answer": _("no answer"),
    "record_skipped": _("paid without a record"),
}

#: Advice for the kinds that need an explanation.
_SETTLED_BY: Final = {
    "sold_twice": _("Paid once? F10 refunds one receipt, if neither is refunded."),
    "number_twice": _("Both count. Note till, time and amount beside the number."),
    "no_answer": _("Its till was revoked. Settle it by the terminal's list."),
    "outcome_contradicted": _("Ask who took and gave it. A wrong tender or tip: F10."),
}


def kind_in_words(kind: str) -> str:
    """Return the display name of a kind of conflict. A kind that is unknown here keeps its own name."""
    return _MEANINGS.get(kind, kind.replace("_", " "))


def how_to_settle(kind: str) -> str:
    """Return advice to settle a kind of conflict; empty if none is needed."""
    return _SETTLED_BY.get(kind, "")
