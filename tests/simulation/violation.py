"""The violation of an invariant."""

from __future__ import annotations


class ViolationError(AssertionError):
    """Something is true that must never be."""

    def __init__(self, rule: str, what: str) -> None:
        super().__init__(f"{rule}: {what}")
        self.rule = rule


def hold(rule: str, *, holds: bool, what: object = "") -> None:
    """Raise `ViolationError` unless it holds; `what` says what does not."""
    if not holds:
        raise ViolationError(rule, str(what))
