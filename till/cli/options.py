"""Options of many commands: the forms of the output."""

from __future__ import annotations

from typing import Annotated

import typer

from till.domain.i18n import N_

AsJson = Annotated[bool, typer.Option("--json", help=N_("One JSON object."))]
CsvFile = Annotated[
    str | None, typer.Option("--csv", metavar="FILE", help=N_("A CSV file for spreadsheets; - is standard output."))
]
