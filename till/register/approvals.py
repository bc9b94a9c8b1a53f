"""Rights: checks for the logged-in user, and approvals by a manager, recorded with what they allowed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from till.domain.errors import RightsError
from till.domain.events.envelope import Draft
from till.domain.money.measures import NOTHING, Minor
from till.domain.staff.person import Role
from till.domain.staff.rights import ASKED_ALWAYS, Approval, ApprovalNeededError
from till.domain.till.events import ApprovalGiven, stream_of_till
from till.register.ledger.ledger import TriedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from till.domain.staff.person import Person
    from till.domain.staff.rights import PermissionRequest
    from till.register.ledger.ledger import Command, Ledger
    from till.register.reference import Reference


class Approvals:
    """Checks of rights, and records of approvals.

    An act that may need a right takes `approval: Approval | None` and runs its `command` here, with the right. If it
    has to ask earlier, it calls `need` before it writes anything or asks a server, and `record` after what it wrote.

    Args:
        ledger: the write path.
        reference: the staff and the rights of each role.
    """

    def __init__(self, ledger: Ledger, reference: Reference) -> None:
        self._ledger = ledger
        self._reference = reference
        #: The approval that was not used yet; None if there is none.
        self.given: Approval | None = None

    def allow(self, asked: PermissionRequest) -> bool:
        """True if the logged-in user needs no approval. Without a user, a program acts, and it needs none."""
        if asked.act in ASKED_ALWAYS:
            return False
        user = self._ledger.user
        if user is None:
            return True
        person = next((one for one in self._reference.staff if one.number == user), None)
        return person is not None and self._reference.venue.rights.allow(person.role, asked)

    def allow_anybody(self, asked: PermissionRequest) -> bool:
        """True if the act needs no manager while nobody is logged in: cashiers may do it, or nobody can approve it."""
        rights = self._reference.venue.rights
        approvers = (one for one in self._reference.staff if one.manages and rights.allow(one.role, asked))
        return rights.allow(Role.CASHIER, asked) or next(approvers, None) is None

    def give(self, person: Person, asked: PermissionRequest) -> Approval:
        """Approve one act, for a person whose PIN was checked. An earlier unused approval becomes void."""
        if not (person.manages and self._reference.venue.rights.allow(person.role, asked)):
            raise RightsError
        self.given = Approval(asked, person)
        return self.given

    def need(self, asked: PermissionRequest | None, approval: Approval | None) -> None:
        """Refuse an act without the right or an approval; `asked` is None if it needs no right now."""
        if asked is not None:
            is_given = self.allow(asked) if approval is None else approval is self.given and approval.asked == asked
            if not is_given:
                raise ApprovalNeededError(asked)
        if self._ledger.is_trying:
            raise TriedError

    def lacking(self, act: Callable[[], object]) -> PermissionRequest | None:
        """Return the right for which an act would ask a manager; None if it would not.

        The act is tried: it runs until its right is checked, and writes nothing.
        """
        self._ledger.is_trying = True
        try:
            act()
        except ApprovalNeededError as problem:
            return problem.asked
        except TriedError:
            pass
        finally:
            self._ledger.is_trying = False
        return None

    @contextmanager
    def command(self, asked: PermissionRequest | None, approval: Approval | None) -> Iterator[Command]:
        """Run one command that may need a right, and record its approval with what it wrote.

        Raises:
            ApprovalNeededError: see `need`.
        """
        self.need(asked, approval)
        with self._ledger.command() as command:
            yield command
            self.record(command, approval)

    def record(self, command: Command, approval: Approval | None, rest: Minor = NOTHING) -> None:
        """Record the approval of the events that this command wrote. Without an approval or events, do nothing.

        The `rest` of the approved amount, which another command moves, is then `given`.
        """
        if approval is None or not command.events:
            return
        if approval is not self.given:
            raise RightsError
        self.given = Approval(approval.asked._replace(amount=rest), approval.by) if rest else None
        allowed = [event for event in command.events if event.data.stream == command.events[-1].data.stream]
        terms = self._reference.venue.terms
        amount = Minor(approval.asked.amount - rest) if approval.asked.amount is not None else None
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
