"""`till say`: one sentence of quick entry from a shell."""

from __future__ import annotations

from typing import Annotated

import typer

from till.cli.running import make_app
from till.domain.i18n import N_

app = make_app()


@app.command(
    context_settings={"ignore_unknown_options": True},
    epilog=N_(
        'Example: till say "2 idly"; till say "one more"; till say "cash 500". TILL_STAFF is your staff number, '
        "TILL_PIN_FILE a file with your PIN; the demo venue asks for neither. Beside till 1 it "
        "sells as till 999: enrol that once, `till admin tills add 999 --here`. Exit 1: refused, or a question; repeat "
        "the entry to confirm it."
    ),
)
def say(
    words: Annotated[list[str], typer.Argument(metavar="WORDS", help=N_("The entry, as typed at the till."))],
    *,
    as_json: Annotated[bool, typer.Option("--json", help=N_("One JSON object: the answer and the order."))] = False,
    till: Annotated[
        int | None, typer.Option(min=1, max=999, metavar="N", help=N_("Another till of this machine that is not open."))
    ] = None,
) -> None:
    """Type an entry on your order, as at the till, and print the answer."""
    from till.cli.saying import say_words

    raise typer.Exit(say_words(" ".join(words), as_json=as_json, till=till))
