"""The names of the eight kinds of conflict about money, and advice to settle them."""

from __future__ import annotations

from typing import Final

from till.domain.i18n import N_, _

#: The display name of each kind.
_MEANINGS: Final = {
    "sold_twice": N_("sold twice"),
    "money_without_order": N_("money without an order"),
    "charged_otherwise": N_("charged differently than asked"),
    "outcome_contradicted": N_("conflicting answers"),
    "refunded_beyond": N_("refunded more than was sold"),
    "number_twice": N_("number used twice"),
    "no_answer": N_("no answer"),
    "record_skipped": N_("paid without a record"),
}

#: Advice for the kinds that need an explanation.
_SETTLED_BY: Final = {
    "sold_twice": N_("Paid once? F10 refunds one receipt, if neither is refunded."),
    "number_twice": N_("Both count. Note till, time and amount beside the number."),
    "no_answer": N_("Its till was revoked. Settle it by the terminal's list."),
    "outcome_contradicted": N_("Ask who took and gave it. A wrong tender or tip: F10."),
}


def kind_in_words(kind: str) -> str:
    """Return the display name of a kind of conflict. A kind that is unknown here keeps its own name."""
    return _(_MEANINGS[kind]) if kind in _MEANINGS else kind.replace("_", " ")


def how_to_settle(kind: str) -> str:
    """Return advice to settle a kind of conflict; empty if none is needed."""
    return _(_SETTLED_BY[kind]) if kind in _SETTLED_BY else ""
