"""The trouble of a printer in words: what is wrong, and what a person does about it."""

from __future__ import annotations

from typing import Final

from till.domain.i18n import _
from till.ports.printer import Trouble

#: The fault, after the name of the printer, and the remedy.
_WORDS: Final = {
    Trouble.SILENT: (_("does not answer"), _("Is it switched on?")),
    Trouble.NO_PAPER: (_("no paper"), _("Put in a new roll.")),
    Trouble.OPEN: (_("open"), _("Close its cover.")),
    Trouble.BUSY: (_("busy"), _("Somebody else prints on it.")),
    Trouble.GONE: (_("not reached"), _("Is it on, and its cable in?")),
    Trouble.FORBIDDEN: (_("may not be used"), _("`till doctor` names the group it needs.")),
    Trouble.ERROR: (_("reports an error"), _("Switch it off and on.")),
}


def trouble_words(trouble: Trouble) -> tuple[str, str]:
    """Return the trouble in a few words, and a sentence on what to do."""
    return _WORDS[trouble]
