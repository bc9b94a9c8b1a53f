"""`python -m tools.replay`: ring recorded trading through the register, and compare it with the database."""

from __future__ import annotations

import asyncio
from pathlib import Path  # noqa: TC003 - typer reads the annotation
from typing import TYPE_CHECKING, Annotated, Final

import typer

from till.cli.environment import Surroundings
from till.cli.options import AsJson  # noqa: TC001 - typer reads the annotations
from till.cli.output import note, print_json, print_table, say
from till.cli.progress import progress_bar
from till.cli.running import make_app
from till.domain.i18n import _, ngettext
from tools.replay.files import read_trading
from tools.replay.opening import open_books
from tools.replay.replay import ReplayOptions, run

if TYPE_CHECKING:
    from tools.replay.compare import ReplayReport
    from tools.replay.trading import Trading

app = make_app()

#: The most sentences about single sales to print.
_MOST_SHOWN: Final = 20


@app.command(epilog=_("Example: python -m tools.replay emf2024 --days 1,2 --ending today"))
def replay(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help=_("The folder with the menu, lines, payments and days."))
    ],
    *,
    days: Annotated[str, typer.Option(metavar="1,2", help=_("Trading days to ring; all by default."))] = "",
    speed: Annotated[
        str, typer.Option(metavar="max|N", help=_("As fast as possible, or N times the recorded speed."))
    ] = "max",
    ending: Annotated[
        str,
        typer.Option(metavar="today", help=_("Shift days not rung yet by whole days, so that the last is today.")),
    ] = "",
    count: Annotated[
        bool, typer.Option("--count", help=_("Count the drawer after each day, as in the files. All is taken out."))
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Ring up recorded trading on a separate till, and compare it with the database. Safe to repeat."""
    numbers, pace = _read_days(days), _read_speed(speed)
    if ending not in {"", "today"}:
        raise typer.BadParameter(_("--ending takes only: today"))

    report = _replay(read_trading(folder, numbers), pace, ending_today=bool(ending), count=count)
    _print_report(report, as_json=as_json)
    if not report.is_exact:
        raise typer.Exit(1)


def _read_days(text: str) -> set[int] | None:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if any(not (part.isascii() and part.isdigit()) for part in parts) or (text and not parts):
        raise typer.BadParameter(_("--days takes numbers with commas between them, such as 1,2"))
    return {int(part) for part in parts} or None


def _read_speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise typer.BadParameter(_("--speed takes max, or how many times faster than it was, such as 60"))
    return speed


def _replay(trading: Trading, speed: float | None, *, ending_today: bool, count: bool) -> ReplayReport:

    with open_books(Surroundings.find(), trading.name) as books, progress_bar(_("Ringing")) as progress:
        return asyncio.run(run(trading, books, ReplayOptions(speed, ending_today, count), progress=progress, say=note))


def _print_report(report: ReplayReport, *, as_json: bool) -> None:
    for sentence in report.troubles[:_MOST_SHOWN]:
        note(sentence)
    if (more := len(report.troubles) - _MOST_SHOWN) > 0:
        note(ngettext("{n} more sale like that.", "{n} more sales like that.", more).format(n=more))
    if as_json:
        print_json(report.to_json())
        return
    tenders = sorted({tender for day in report.days for tender in day.tenders})
    counted = sorted({tender for day in report.days for tender in day.over})
    over = [_("{tender} over").format(tender=tender) for tender in counted]
    rows = report.to_json()["days"]
    print_table(
        [_("Day"), _("Sales"), _("Lines"), *tenders, _("Unbalanced"), *over],
        (
            [
                *(str(row[name]) for name in ("day", "sales", "lines")),
                *(row["tenders"].get(tender, "") for tender in tenders),
                str(row["unbalanced"]),
                *(row.get("over", {}).get(tender, "") for tender in counted),
            ]
            for row in rows
        ),
        right=range(4 + len(tenders) + len(over)),
    )
    if report.lost:
        say(ngettext("{n} sale is lost.", "{n} sales are lost.", report.lost).format(n=report.lost))
    elif report.is_exact:
        say(_("All of it is in the database, to the penny."))
