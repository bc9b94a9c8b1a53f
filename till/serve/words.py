"""The words of the phones' page, which the browser fills in."""

from __future__ import annotations

from typing import Final

from till.domain.i18n import N_, _, speaking

_WORDS: Final = (
    N_("Type here"),
    N_("Keys"),
    N_("This till is open in another window."),
    N_("Use it here"),
    N_("No connection: no key is taken."),
    N_("This page came, but its socket is refused. Does this phone trust the venue's certificate? Install /ca.crt."),
    N_("This till was closed."),
    N_("Try again"),
    N_("Start again"),
    N_("Not sent: {keys}"),
)


def words_of_page(language: str) -> dict[str, str]:
    """Return the words of the page in a language, by their English."""
    with speaking(language):
        return {words: _(words) for words in _WORDS}
