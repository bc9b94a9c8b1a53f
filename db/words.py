"""The mark of all sentences of `db` that people read: whoever shows one translates it."""

from __future__ import annotations


def _(sentence: str) -> str:
    """Mark a sentence for the catalogues."""
    return sentence


__all__ = ["_"]
