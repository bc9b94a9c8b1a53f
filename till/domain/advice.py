"""Texts for a person that say what is the matter, and what to do about it."""

from __future__ import annotations

from typing import Self


class Advice(str):
    """A text of two parts. A place with little room shows the first.

    Attributes:
        lead: the matter, in a sentence.
        remedy: the next step, or more on the matter; empty if there is nothing more.
    """

    __slots__ = ("lead", "remedy")

    lead: str
    remedy: str

    def __new__(cls, lead: str = "", remedy: str = "") -> Self:
        """Join the parts."""
        text = super().__new__(cls, f"{lead} {remedy}".strip())
        text.lead, text.remedy = lead, remedy
        return text

    @property
    def parts(self) -> tuple[str, str]:
        """The lead and the remedy."""
        return self.lead, self.remedy

    @classmethod
    def of(cls, *texts: str) -> Self:
        """Join texts, of which some may be empty. The first one leads; all that follows is the remedy."""
        first, *more = [one for one in texts if one] or [""]
        lead, remedy = (first.lead, first.remedy) if isinstance(first, Advice) else (first, "")
        return cls(lead, " ".join(filter(None, (remedy, *more))))


def plain_text(value: object) -> str:
    """Return an advice as a plain text: the hook of encoders, as msgspec takes no other `str`.

    Raises:
        NotImplementedError: it is no advice.
    """
    if isinstance(value, Advice):
        return str(value)
    raise NotImplementedError(type(value).__name__)
