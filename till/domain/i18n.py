"""Translation of all sentences that people read."""

from gettext import translation
from typing import Final

# Searched once. Without a catalogue, `gettext.gettext` would search the disk for every sentence, and a screen paints
# thirty sentences at every key.
_CATALOGUE: Final = translation("messages", fallback=True)
_ = _CATALOGUE.gettext
ngettext = _CATALOGUE.ngettext

__all__ = ["_", "ngettext"]
