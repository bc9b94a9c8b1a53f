"""The one door through which a sentence of the database rooms reaches a person, so that it can be translated."""

from gettext import translation

_ = translation("messages", fallback=True).gettext

__all__ = ["_"]
