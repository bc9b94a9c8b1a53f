"""Implementation of `till say`: the person and the till that speak, and the answer on standard output."""

from __future__ import annotations

import asyncio
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from till.cli.environment import Surroundings
from till.cli.refusals import EXIT_DONE, EXIT_REFUSED, refuse
from till.cli.secret_files import read_secret_file
from till.domain.errors import LoginError
from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from till.cli.connections import LeasedDatabase
    from till.domain.order.state import Order
    from till.wiring.saying import SentenceAnswer

_PIN_FILE: Final = "TILL_PIN_FILE"
#: The number of a till plus the number of the till that `till say` opens beside it: no two pairs overlap.
_PAIR_SUM: Final = 1000
#: The staff number in the demo venue if TILL_STAFF is not set.
_DEMO_STAFF: Final = "1"


def say_words(words: str, *, as_json: bool = False, till: int | None = None) -> int:
    """Say a sentence on the order of `TILL_STAFF`, and return the exit code.

    Args:
        words: the sentence.
        as_json: True to print the answer and the order as one object.
        till: the number of an enrolled till of this machine that is not open; by default, a till of its own.
    """
    from till.wiring.saying import say_once

    here = Surroundings.find()
    reference: Callable[[], Mapping[str, Mapping[str, Any]]] | None = None
    is_demo = here.config_file is None
    if is_demo:
        from till.cli.demo_venue import demo_reference, hold_demo

        reference = partial(demo_reference, hold_demo(here))
    number = till or _PAIR_SUM - here.config.till.id
    if not is_demo:
        from till.cli.connections import secret_of

        secret_of(here, number)  # refuse before there is a journal, which nothing would ever send
    pending = say_once(
        here.config,
        here.folders,
        here.venue,
        words,
        till=number,
        user=_read_number(_DEMO_STAFF if is_demo else ""),
        pin=_read_pin(is_needed=not is_demo),
        prepare=lambda tell: _prepare_database(here, number, tell, is_demo=is_demo),
        reference=reference,
        names_till=till is not None,
        **({} if as_json else {"answered": _print_answer}),
    )
    return asyncio.run(_print_reply(pending, as_json=as_json))


async def _print_reply(pending: Coroutine[None, None, SentenceAnswer], *, as_json: bool) -> int:
    """Print the answer and return the exit code.

    It prints here, and does not return the answer: `asyncio.run` formats its result twice, and an order is large.
    """
    from till.cli.output import note, print_json

    reply = await pending
    if as_json:
        print_json(_as_json(reply))
        if not reply.is_done:
            refuse(reply.answer)
    for sentence in filter(None, (reply.paper, reply.away)):
        note(sentence)
    return EXIT_DONE if reply.is_done else EXIT_REFUSED


def _print_answer(answer: str, is_done: bool) -> None:
    """Print an answer at once: what it says is on disk, even if the database takes long to have it."""
    from till.cli.output import say

    if not is_done:
        refuse(answer)
        return
    for line in answer.splitlines():
        say(line)
    sys.stdout.flush()


def _prepare_database(here: Surroundings, till: int, tell: Callable[[str], None], *, is_demo: bool) -> LeasedDatabase:
    if is_demo and here.folders.read_secret(till) is None:
        from till.cli.venues import prepare_demo

        return prepare_demo(here, till, tell)
    from till.cli.connections import prepare_database

    return prepare_database(here, till, tell)


def _read_number(default: str) -> int:
    text = (os.environ.get("TILL_STAFF") or default).strip()
    if not (text.isascii() and text.isdigit()):
        raise LoginError(_("Set TILL_STAFF to your staff number, and TILL_PIN_FILE to a file with your PIN."))
    return int(text)


def _read_pin(*, is_needed: bool) -> str | None:
    """Return the PIN from its file; None if none is needed."""
    if file := os.environ.get(_PIN_FILE):
        return read_secret_file(Path(file)).strip()
    if not is_needed:
        return None
    if not sys.stdin.isatty():
        raise LoginError(_("Your PIN is needed: name a file that holds it in TILL_PIN_FILE."))
    from getpass import getpass

    return getpass(_("PIN: "))


def _as_json(reply: SentenceAnswer) -> dict[str, Any]:
    order = _order_body(reply.order) if reply.order is not None else None
    return {"answer": reply.answer, "done": reply.is_done, "saved": not reply.away, "order": order}


def _order_body(order: Order) -> dict[str, Any]:
    """Return an order in the shape of the sessions list."""
    from till.domain.order.snapshot import items_for_lists, snapshot

    shown = snapshot(order, 0)
    items = items_for_lists(shown)
    names = ("user", "status", "total", "currency", "order_type", "created_at", "updated_at")
    tab = order.tab.name if order.tab is not None else None
    return {"id": order.id, **{name: shown[name] for name in names}, "tab": tab, "lines": len(items), "items": items}
