"""Faults in printing that are planted on purpose: histories that do not find them prove nothing."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from unittest import mock

from tests.planting import with_fault
from tests.printing import play, wires
from till.devices import printer
from till.register import register
from till.register.printing import jobs, queue, runner

if TYPE_CHECKING:
    from collections.abc import Iterator


class Plant(NamedTuple):
    """A fault: a passage of a module, and other words for it."""

    module: ModuleType
    passage: str
    instead: str


#: The names that use a planted module: of a class in it, or the module itself.
_USERS: Final[dict[ModuleType, tuple[tuple[Any, str], ...]]] = {
    jobs: ((register, "PrintJobs"),),
    queue: ((queue.PrintQueue, "take_up"), (queue.PrintQueue, "put_down")),
    runner: ((play, "Runner"),),
    printer: ((play, "EscPosPrinter"), (wires, "printer")),
}
PLANTS: Final[dict[str, Plant]] = {
    "not_written_down_before_the_first_byte": Plant(
        queue, '        self.ledger.journal.keep_jobs([replace(known, state=JobState.UNKNOWN, awaits="")])\n', ""
    ),
    "written_down_after_the_document": Plant(
        printer,
        "            begins()\n            connection.send_document(escpos.document(lines, self._profile, job_id))\n",
        "            connection.send_document(escpos.document(lines, self._profile, job_id))\n"
        "            await asyncio.sleep(0)\n            begins()\n",
    ),
    "unknown_is_sent_again": Plant(
        queue,
        "        self._remember(job)\n        if state is not JobState.UNKNOWN:",
        "        self._remember(replace(job, state=JobState.QUEUED) if state is JobState.UNKNOWN else job)\n"
        "        if state is not JobState.UNKNOWN:",
    ),
    "again_without_its_mark": Plant(jobs, "copy=job.copy, again=True", "copy=job.copy, again=False"),
    "copy_without_its_number": Plant(jobs, "for one in known) + 1", "for one in known)"),
    "sent_is_printed": Plant(
        printer, "return connection.printed.done() and connection.printed.result()", "return True"
    ),
    "unknown_without_a_word": Plant(
        runner,
        'self._tell(unknown_words(self._jobs.ledger, job) if outcome is JobState.UNKNOWN else "")',
        'self._tell("")',
    ),
    "drawer_stays_shut_without_a_word": Plant(runner, "        if not is_open:\n", "        if False:\n"),
    "kick_noted_before_it_is_known": Plant(
        runner,
        "        profile = self._jobs.kicks.printer\n",
        "        self._jobs.kicks.kicked(seq)\n        profile = self._jobs.kicks.printer\n",
    ),
    "kick_left_out": Plant(jobs, "self._queue.runner.kick(command.kick)", "pass"),
    "kick_without_an_answer": Plant(
        printer,
        "        if not await connection.ask(1):\n            return False\n        connection.write(escpos.KICK)\n"
        "        return bool(await connection.ask(1))\n",
        "        return True\n",
    ),
}


@contextmanager
def planted(name: str) -> Iterator[None]:
    """Plant a fault.

    Raises:
        AssertionError: the passage is not in its module, or more than once.
    """
    plant = PLANTS[name]
    changed = with_fault(plant.module, plant.passage, plant.instead)
    with ExitStack() as stack:
        for user, used in _USERS[plant.module]:
            planted_in = getattr(changed, user.__name__, changed)
            found = changed if isinstance(getattr(user, used), ModuleType) else getattr(planted_in, used)
            stack.enter_context(mock.patch.object(user, used, found))
        yield
