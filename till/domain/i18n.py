"""The gateway for all sentences that people read: each can be translated here."""

from gettext import translation
from typing import Final

# Searched once: without a catalogue `gettext.gettext` searches the disk again for every sentence, and a screen paints
# thirty sentences at every key.
_CATALOGUE: Final = translation("messages", fallback=True)
_ = _CATALOGUE.gettext
ngettext = _CATALOGUE.ngettext

__all__ = ["_", "ngettext"]
