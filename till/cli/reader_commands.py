"""The commands of reports with readers of their own, each made of its reader."""

from __future__ import annotations

from inspect import Parameter, signature
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, get_args, get_type_hints

import typer

from till.cli.administration import management
from till.cli.asked_days import Day, First, Last, asked_span
from till.cli.environment import Surroundings
from till.cli.fields import option, options, parameter_of, typed_as
from till.cli.options import AsJson, CsvFile, HtmlFile, XlsxFile
from till.cli.output import check_one_stream, note, read_file
from till.cli.report_output import write_report
from till.domain.i18n import _
from till.domain.staff.person import Role
from till.ports.shell import FieldError

if TYPE_CHECKING:
    from till.reports.reader import ReportReader

#: The options of a command for the arguments of a reader about days, and those of every command.
_DAYS: Final = {"day": options(day=Day), "span": options(day=Day, first=First, last=Last)}
_FORMS: Final = [option("as_json", AsJson, default=False), *options(csv=CsvFile, xlsx=XlsxFile, html=HtmlFile)]


def add_reader(app: typer.Typer, one: ReportReader) -> None:
    """Add the command of a report with a reader of its own: the arguments of the reader, and the forms of a report."""
    hints = get_type_hints(one.read, include_extras=True)
    _at, *fields = signature(one.read).parameters.values()
    asked = {field.name: field for field in fields}
    files = {name for name in asked if bytes in get_args(hints[name])}
    typed = [
        *chain(*(_DAYS.get(name) or [parameter_of(field, *get_args(hints[name]))] for name, field in asked.items())),
        *_FORMS,
    ]

    def show(
        *, as_json: bool, csv: str | None, xlsx: str | None, html: str | None, day: str | None = None,
        first: str | None = None, last: str | None = None, **values: Any,
    ) -> None:  # fmt: skip
        check_one_stream(csv, xlsx, html, as_json=as_json)
        with management(Surroundings.find(), one.needs) as admin:
            if admin.is_embedded and one.needs is Role.ADMIN:  # elsewhere the person has logged in
                admin.author()
            for name in _DAYS.keys() & asked.keys():
                if day or first or last or asked[name].default is Parameter.empty:
                    span = asked_span(admin, admin.venue(), day, first, last)
                    values[name] = span if name == "span" else span.first
            for name in files & values.keys():
                values[name] = read_file(values[name])
            try:
                found = one.read(admin, **values)
            except FieldError as problem:
                raise typer.BadParameter(problem.sentence, param_hint=problem.flag or None) from problem
        write_report(found.found, as_json=as_json, csv=csv, xlsx=xlsx, html=html, body=found.body, fields=found.fields)
        for sentence in found.notes:
            note(sentence)

    example = _("Example: till report {line}").format(line=f"{one.report.name} {one.example}")
    app.command(one.report.name, help=one.report.about, epilog=example)(typed_as(show, typed))
