"""What can keep a till from its database. The docstring of each is the sentence that its reader sees.

A docstring may name facts in braces; whoever raises gives them by name.
"""

from db.words import _


class DatabaseError(Exception):
    """The database cannot be used just now. Selling goes on; `till doctor` says what is wrong."""

    def __init__(self, **facts: object) -> None:
        super().__init__(facts)
        self.facts = facts

    @property
    def sentence(self) -> str:
        """What a person reads, translated, with the facts in their places."""
        return _(" ".join((type(self).__doc__ or "").split())).format(**self.facts)

    def __str__(self) -> str:
        return self.sentence
