"""Orders that the kitchen does not know of, and the tills that do not send theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.administration.waiting import Wait, Waiting
from till.domain.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.administration.waiting import Look


def _find(look: Look) -> Iterator[Waiting]:
    if not look.venue.settings.stations:
        return
    waits, named = look.ask("kitchen_waits_v1"), look.venue.till_name
    if n := waits["orders"]:
        words = ngettext(
            "{n} order waits for a till to send it to the kitchen",
            "{n} orders wait for a till to send them to the kitchen",
            n,
        )
        remedy = _("Start a till: it sends them by itself.")
        yield Waiting(words.format(n=n), remedy, _("Start a till: it sends them."))
    for one in waits["silent"]:
        words = _("{till} sends nothing to the kitchen").format(till=named(one["till"]))
        yield Waiting(words, _("It has an older version: upgrade it."), till=one["till"])
    for one in waits["dropped"]:
        words = ngettext(
            "{till} did not send {n} order to the kitchen that another till had to send",
            "{till} did not send {n} orders to the kitchen that another till had to send",
            one["orders"],
        ).format(till=named(one["till"]), n=one["orders"])
        advice = _("Look at that till: is it the venue’s, and on its newest version?")
        yield Waiting(words, _("Is it the venue’s? Revoke it if not."), advice, one["till"])


KITCHEN: Final = Wait(_find, N_("kitchen"))
