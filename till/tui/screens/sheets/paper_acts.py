"""The acts on papers that ask which one is meant, or that make one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.ports.printer import WITHOUT_CASH
from till.register.printing.names import is_of
from till.register.printing.tickets import batches_of
from till.register.words.papers import print_gift
from till.tui.screens.sheets.papers import PaperSheet

if TYPE_CHECKING:
    from till.ports.printer import DocumentRef, Job
    from till.register.printing.names import TicketBatch
    from till.tui.screens.sheets.selling import Selling


def print_gift_receipt(scene: Selling) -> None:
    """Print a gift receipt of the last sale."""
    scene.say_paper(print_gift(scene.controller.register, scene.order))


def print_last(scene: Selling, paper: DocumentRef | None) -> None:
    """Print the paper of what was done last; a Z without its cash for who may not read it.

    While other papers wait, ask which.
    """
    register = scene.controller.register
    if paper is not None and paper.paper == "z" and register.drawer.hides_cash(paper.of):
        paper = paper._replace(part=WITHOUT_CASH)
    batches = batches_of(register.printing)
    together = {job.number for batch in batches for job in batch.tickets}
    waiting = [one for one in register.printing.waiting() if not is_of(one, paper) and one.number not in together]
    waiting += register.printing.tickets_in_doubt()
    if paper is not None and not waiting and not batches:
        scene.say_paper(register.printing.print(paper))
        return
    papers: list[DocumentRef | Job | TicketBatch] = [*([paper] if paper is not None else []), *batches, *waiting]
    scene.controller.open(PaperSheet(scene.controller, scene.screen, papers, scene.say_paper))
