"""The words of the phones' pages, which the server and the browser fill in."""

from __future__ import annotations

from typing import Final

from till.domain.i18n import N_, _, speaking

#: The answer to a link that opens nothing.
OLD_LINK: Final = N_("This link is over an hour old, or a newer one was made. Ask for another.")
_WAY_IN: Final = (
    N_("Till"),
    N_("No till is open to this browser"),
    N_("A manager makes a link for this phone, with the number of your till:"),
    N_("Open it here, or paste it:"),
    N_("Link"),
    N_("Open"),
    N_("An icon on the home screen of an iPhone has a way in of its own: install it first, then paste the link there."),
    N_("Does the browser warn of this page? Install the venue's certificate once:"),
)
_WORDS: Final = (
    N_("This is not a link to a till. Copy it whole."),
    N_("The server does not answer. Is this phone in the venue's network?"),
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
    """Return the words that the browser fills in, in a language, by their English."""
    return _in_words(_WORDS, language)


def words_of_way_in(language: str) -> dict[str, str]:
    """Return the words of the page for a browser without a way in, in a language, by their English."""
    return _in_words(_WAY_IN, language)


def _in_words(sentences: tuple[str, ...], language: str) -> dict[str, str]:
    with speaking(language):
        return {words: _(words) for words in sentences}
