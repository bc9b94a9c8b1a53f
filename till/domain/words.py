"""The one door through which a sentence reaches a person: every one of them can be translated here."""

from gettext import gettext as _
from gettext import ngettext

__all__ = ["_", "ngettext"]
