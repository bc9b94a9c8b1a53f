"""Options and arguments of many commands: the forms of the output, and the name of a way to pay."""

from __future__ import annotations

from typing import Annotated

import typer

from till.domain.i18n import N_

AsJson = Annotated[bool, typer.Option("--json", help=N_("One JSON object."))]
CsvFile = Annotated[
    str | None, typer.Option("--csv", metavar="FILE", help=N_("A CSV file for spreadsheets; - is standard output."))
]
XlsxFile = Annotated[
    str | None, typer.Option("--xlsx", metavar="FILE", help=N_("An Excel workbook with a sheet for each part."))
]
HtmlFile = Annotated[
    str | None, typer.Option("--html", metavar="FILE", help=N_("A page with charts, to read offline or print."))
]
TenderName = Annotated[str, typer.Argument(metavar="NAME", help=N_("Its name in the config, such as CARD."))]
