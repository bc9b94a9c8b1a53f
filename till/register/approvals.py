"""What needs a right: whether who is logged in has it, and a manager's yes, written with what it allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import RightsError
from till.domain.events.envelope import Draft
from till.domain.staff.rights import ASKED_ALWAYS, Approval
from till.domain.till.events import ApprovalGiven, stream_of_till

if TYPE_CHECKING:
    from till.domain.staff.person import Person
    from till.domain.staff.rights import Asked
    from till.register.ledger.ledger import Command, Ledger
    from till.register.reference import Reference


class Approvals:
    """Asks for a right, and writes down who gave it.

    A command that needs one takes `approval: Approval | None`, calls `need` before it writes anything, and `record`
    behind what it wrote, in the same command.

    Args:
        ledger: the write path.
        reference: the staff, and what each role may do.
    """

    def __init__(self, ledger: Ledger, reference: Reference) -> None:
        self._ledger = ledger
        self._reference = reference
        self._given: Approval | None = None

    def allow(self, asked: Asked) -> bool:
        """Whether who is logged in may do that without asking. With nobody logged in it is a program: it may."""
        if asked.act in ASKED_ALWAYS:
            return False
        user = self._ledger.user
        if user is None:
            return True
        person = next((one for one in self._reference.staff if one.number == user), None)
        return person is not None and self._reference.venue.rights.allow(person.role, asked)

    def give(self, person: Person, asked: Asked) -> Approval:
        """Somebody says yes to one act, with a PIN that was looked at. What was given before and not used is void.

        Raises:
            RightsError: the person may not do that either.
        """
        if not (person.manages and self._reference.venue.rights.allow(person.role, asked)):
            raise RightsError
        self._given = Approval(asked, person)
        return self._given

    def need(self, asked: Asked, approval: Approval | None) -> None:
        """Refuse what who is logged in may not do, unless somebody said yes to just that.

        Raises:
            RightsError: it needs a manager.
        """
        if approval is None and not self.allow(asked):
            raise RightsError
        self.check(asked, approval)

    def check(self, asked: Asked, approval: Approval | None) -> None:
        """Refuse an approval that is none for this: of another act or amount, or used before.

        Raises:
            RightsError: it needs a manager.
        """
        if approval is not None and (approval is not self._given or approval.asked != asked):
            raise RightsError

    def record(self, command: Command, approval: Approval | None) -> None:
        """Write down who allowed what this command wrote until now; without an approval, or an act, nothing.

        Raises:
            RightsError: it served before.
        """
        if approval is None or not command.events:
            return
        if approval is not self._given:
            raise RightsError
        self._given = None
        allowed = [event for event in command.events if event.data.stream is command.events[-1].data.stream]
        terms = self._reference.venue.terms
        amount = approval.asked.amount
        given = ApprovalGiven(
            act=approval.asked.act,
            stream_kind=allowed[-1].data.stream,
            stream_id=allowed[-1].stream_id,
            events=tuple(event.id for event in allowed),
            approved_by=approval.by.number,
            amount=None if amount is None else terms.currency.text(amount),
            currency=None if amount is None else terms.currency.code,
        )
        command.write([Draft(given, stream_of_till(self._ledger.store_id, self._ledger.till))])
