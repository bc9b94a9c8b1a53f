"""Texts for a person that say what is the matter, and what to do about it."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, Self

from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")


class Advice(str):
    """A text of two parts. A place with little room shows the first.

    Attributes:
        lead: the matter, in a sentence.
        remedy: the next step, or more on the matter; empty if there is nothing more.
    """

    __slots__ = ("_make", "lead", "remedy")

    lead: str
    remedy: str
    _make: Callable[[], str] | None

    def __new__(cls, lead: str = "", remedy: str = "") -> Self:
        """Join the parts."""
        text = super().__new__(cls, f"{lead} {remedy}".strip())
        text.lead, text.remedy, text._make = lead, remedy, None
        return text

    @property
    def parts(self) -> tuple[str, str]:
        """The lead and the remedy."""
        return self.lead, self.remedy

    @classmethod
    def of(cls, *texts: str) -> Self:
        """Join texts, of which some may be empty. The first one leads; all that follows is the remedy."""
        first, *more = [one for one in texts if one] or [""]
        if isinstance(first, cls) and not more:
            return first
        lead, remedy = (first.lead, first.remedy) if isinstance(first, Advice) else (first, "")
        return cls(lead, " ".join(filter(None, (remedy, *more))))

    def again(self) -> Advice:
        """Return a lasting text in the language of who reads it now; any other as it is."""
        return Advice.of(self._make()) if self._make is not None else self


def lasting(make: Callable[P, str]) -> Callable[P, Advice]:
    """Let the text that a function makes be shown beyond a login: `Advice.again` makes it in the language of then."""

    @wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> Advice:
        text = Advice(*Advice.of(make(*args, **kwargs)).parts)
        text._make = lambda: make(*args, **kwargs)
        return text

    return made


@lasting
def advice_of(lead: str, remedy: str = "", /, **facts: object) -> Advice:
    """Return a lasting text of marked sentences, filled with facts."""
    return Advice(*(_(sentence).format(**facts) for sentence in (lead, remedy)))


def plain_text(value: object) -> str:
    """Return an advice as a plain text: the hook of encoders, as msgspec takes no other `str`.

    Raises:
        NotImplementedError: it is no advice.
    """
    if isinstance(value, Advice):
        return str(value)
    raise NotImplementedError(type(value).__name__)
