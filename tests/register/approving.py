"""Acts that a manager approves in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.staff.rights import Approval
    from till.register.register import Register

T = TypeVar("T")


def approved(register: Register, act: Callable[[Approval | None], T], by: int = 9) -> T:
    """Do what needs an approval, with that of a manager."""
    asked = register.approvals.lacking(lambda: act(None))
    assert asked is not None
    return act(register.approvals.give(register.access.find(by), asked))
