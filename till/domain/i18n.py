"""The one door through which a sentence reaches a person: every one of them can be translated here."""

from gettext import translation
from typing import Final

# Looked for once: `gettext.gettext` looks on the disk again at every sentence of which it finds no catalogue, and a
# screen is painted from thirty sentences at every key.
_CATALOGUE: Final = translation("messages", fallback=True)
_ = _CATALOGUE.gettext
ngettext = _CATALOGUE.ngettext

__all__ = ["_", "ngettext"]
