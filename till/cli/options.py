"""Options of many commands: the forms of the output."""

from __future__ import annotations

from typing import Annotated

import typer

from till.domain.i18n import _

AsJson = Annotated[bool, typer.Option("--json", help=_("One JSON object."))]
CsvFile = Annotated[
    str | None, typer.Option("--csv", metavar="FILE", help=_("A CSV file for spreadsheets; - is standard output."))
]
