"""One sentence of quick entry without a screen, on a separate till: carried out, answered and sent."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import time
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.errors import JournalError, LoginError, StoreError, TillError
from till.domain.i18n import _
from till.domain.order.state import Status
from till.journal import JournalHeldError
from till.ports import LightState
from till.ports.store import HeldElsewhereError
from till.register.printing.interrupted import left_kick_words
from till.register.printing.words import left_waiting
from till.wiring.headless import open_synced

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from contextlib import AbstractAsyncContextManager
    from typing import Any

    from till.config import Config, Folders, HeldVenue
    from till.domain.order.state import Order
    from till.domain.staff.person import Person
    from till.ports import RemoteSession
    from till.register.printing.runner import Runner
    from till.register.register import Register
    from till.sync.service import SyncService
    from till.wiring.till import TillDatabase

#: Seconds to wait for an earlier sentence on the same till.
_TURN_S: Final = 10.0
_LOOK_S: Final = 0.02
#: Seconds to wait for the database before the sentence is carried out without it, and for all of its answers together.
_ASK_S: Final = 2.0
_SERVER_S: Final = 4.0
#: Seconds in which a paper may begin to print; what cannot waits for the next sentence.
_PRINT_S: Final = 2.0


class SentenceAnswer(Struct, frozen=True):
    """The answer to a sentence.

    Attributes:
        answer: the text of the answer.
        is_done: False if the sentence was refused or needs a confirmation: nothing changed.
        order: the order afterwards; None if there is none.
        away: why the database does not have all events yet; empty if it has.
        paper: a sentence on papers or the drawer for the person; empty for none.
    """

    answer: str
    is_done: bool
    order: Order | None
    away: str = ""
    paper: str = ""


async def say_once(
    config: Config,
    folders: Folders,
    venue: HeldVenue,
    typed: str,
    *,
    till: int,
    user: int,
    pin: str | None,
    prepare: Callable[[Callable[[str], None]], TillDatabase],
    reference: Callable[[], Mapping[str, Mapping[str, Any]]] | None = None,
    answered: Callable[[str, bool], None] = lambda _answer, _is_done: None,
    names_till: bool = True,
) -> SentenceAnswer:
    """Carry out one sentence on the order of a person. Open or resume the order as a login does.

    Args:
        config: the configuration.
        folders: the data folder.
        venue: the venue of the data folder.
        typed: the sentence.
        till: the number of a till that no other process has open.
        user: the staff number of the person.
        pin: the person's PIN; None if it is not required.
        prepare: prepares the database. It is slow, and runs in a thread.
        reference: returns menu, staff and settings for a journal that never reached a database.
        answered: called with the answer, and False if it is a refusal, before its events are sent.
        names_till: False for the till that no person stands at: its shift closes by itself at the next business day.
    """
    opens = partial(open_synced, config, folders, venue, till=till, prepare=prepare, reference=reference, is_brief=True)
    async with _in_turn(opens) as (register, sync):
        now = asyncio.get_running_loop().time
        began = now()
        paper: list[str] = []
        printing: Runner | None = None
        try:
            proven = asyncio.create_task(_prove(register, user, pin))
            with contextlib.suppress(TimeoutError):  # offline: the sentence is carried out without the database
                async with asyncio.timeout_at(began + _ASK_S):
                    await _wait_for_news(register, sync)
            known, person = await proven, register.access.find(user)
            if known is None or known.pin_hash != person.pin_hash:  # the database knows of a new person or PIN
                known = await _prove(register, user, pin)
            if known is None:
                raise register.access.refuse(person)
            register.access.stand_in(person)
            from till.register.conversation import Conversation  # noqa: PLC0415 - loaded while the database answered

            if register.venue.settings.printers or register.venue.settings.stations:  # screens have tickets, too
                paper.append(left_kick_words(register.ledger, register.venue))
                from till.wiring.printing import begin_printing  # noqa: PLC0415 - most tills have no printer

                printing = begin_printing(register, paper.append, fonts=config.paper.fonts)
            if not names_till:
                register.drawer.close_past()
            session = await _find_order(register, sync, user, began + _ASK_S)
            conversation = Conversation(register, user, session, names_till=names_till)
            try:
                store = None if sync.light.state is LightState.OFFLINE else sync
                answer, is_done = await conversation.ask(store, typed), True
            except JournalError:
                raise
            except TillError as problem:
                answer, is_done = problem.sentence, False
            answered(answer, is_done)
        finally:
            if printing is not None:
                await printing.end(_PRINT_S)
                paper.append(left_waiting(register.printing))
            left = 0 if sync.light.state is LightState.OFFLINE else began + _SERVER_S - now()
            is_saved = await sync.flush(max(0, left))
        return SentenceAnswer(
            answer, is_done, conversation.order, "" if is_saved else _away(sync), " ".join(filter(None, paper))
        )


async def _prove(register: Register, user: int, pin: str | None) -> Person | None:
    """Return the person of a number if the PIN is theirs, or is not required; None if not, or nobody has the number."""
    with contextlib.suppress(LoginError):
        person = register.access.find(user)
        if pin is None or await asyncio.to_thread(register.access.verify, person, pin):
            return person
    return None


async def _wait_for_news(register: Register, sync: SyncService) -> None:
    """Wait for events of other tills, and load the entry line's vocabulary meanwhile."""
    await sync.greeted()
    importlib.import_module("till.register.conversation")
    register.lookup  # noqa: B018 - builds the cached index
    await sync.heard()


def _away(sync: SyncService) -> str:
    """Return why the database does not have all events."""
    if sync.trouble is not None:
        return sync.trouble.sentence
    return _("Offline: it is saved here, and sent with the next sentence.")


@asynccontextmanager
async def _in_turn(
    open_now: Callable[[], AbstractAsyncContextManager[tuple[Register, SyncService]]],
) -> AsyncIterator[tuple[Register, SyncService]]:
    """Open the till once no other sentence runs on it."""
    until = time.monotonic() + _TURN_S
    async with contextlib.AsyncExitStack() as stack:
        while True:
            try:
                yield await stack.enter_async_context(open_now())
            except JournalHeldError:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(_LOOK_S)
            else:
                return


async def _find_order(register: Register, sync: SyncService, user: int, until: float) -> str | None:
    """Return a person's order to continue, activated here; None for a new one. The database is asked `until` then."""
    recovery, grants = register.recovery, register.grants
    for order in recovery.of_user(user):  # including an order in which only the menu was shown
        if order.status is Status.ACTIVE and not (grants.must_ask(order.id) or grants.may_lack(order.id)):
            return order.id
    rows: list[RemoteSession] | None = None
    with contextlib.suppress(StoreError, TimeoutError):
        async with asyncio.timeout_at(until):
            rows = [row for row in await recovery.listed(sync, user) if row.status != Status.DISCARDED]
    arrival = recovery.arrival(user, rows)
    if arrival.open is None:
        if arrival.elsewhere is None:
            return None
        sentence = _("Your order is open on {till}. Log out there, then run it again.")
        raise HeldElsewhereError(sentence.format(till=register.venue.till_name(arrival.elsewhere.till)))
    await grants.obtain(sync, arrival.open, user)
    return recovery.resume(arrival.open).id
