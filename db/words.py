"""The gateway for all sentences of the database rooms that people read, so that they can be translated."""

from gettext import translation

_ = translation("messages", fallback=True).gettext

__all__ = ["_"]
