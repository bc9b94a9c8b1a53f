"""The translation of all sentences of `db` that people read."""

from gettext import translation

_ = translation("messages", fallback=True).gettext

__all__ = ["_"]
