"""`till admin stats`: figures of the venue and its database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from till.cli.administration import management
from till.cli.environment import Surroundings
from till.cli.options import AsJson  # noqa: TC001 - typer reads the annotations
from till.cli.output import note, print_json, print_table, say
from till.domain.events.envelope import read_time
from till.domain.i18n import N_, _

if TYPE_CHECKING:
    from till.domain.venue import Venue
    from till.reports.remembering import Tally
    from till.reports.stats import Latency, Stats, TillLag


def show_stats(
    *,
    as_json: AsJson = False,
    metrics: Annotated[
        str,
        typer.Option("--metrics", metavar="FILE", help=N_("Write the metrics of the database for Prometheus instead.")),
    ] = "",
) -> None:
    """Show open orders, how fast they are paid, tills that lag, and how often the database answers from memory."""
    from till.reports.stats import read_stats

    if metrics:
        from till.cli.database_metrics import write_database_metrics

        write_database_metrics(Surroundings.find(), Path(metrics).expanduser())
        return
    with management(Surroundings.find()) as admin:
        stats = read_stats(admin.ask)
        venue = admin.venue()
    if as_json:
        print_json(stats.to_data())
        return
    _print_orders(stats)
    say("")
    _print_tills(stats, venue)
    say("")
    _print_database(stats)
    if stats.conflicts:
        note(_("Conflicts about money wait: `till admin conflicts`."))
    if stats.quarantine:
        note(_("Records wait for a manager: `till admin quarantine`."))


def _print_orders(stats: Stats) -> None:
    now, day = stats.sessions, stats.orders
    waiting = [
        (_("Open"), str(now.active)),
        (_("Suspended"), str(now.pending_logout)),
        (_("Saved"), str(now.assigned_to_tab)),
        (_("Saved orders"), str(now.tabs)),
        (_("Touched in 5 minutes"), "" if now.active_5_minutes is None else str(now.active_5_minutes)),
        (_("Tills with somebody logged in"), str(now.logged_in)),
        (_("Conflicts"), str(stats.conflicts)),
        (_("Quarantine"), str(stats.quarantine)),
    ]
    print_table([_("Now"), ""], waiting, right=(1,))
    say("")
    rate = "" if day.conversion_rate is None else _("{rate} %").format(rate=day.conversion_rate)
    figures = [
        (_("Asked for the menu"), str(day.viewed_menu)),
        (_("Keyed something"), str(day.added_items)),
        (_("Were paid"), str(day.placed_orders)),
        (_("Of those keyed, paid"), rate),
        (_("From the menu to paid, on average"), _seconds(day.time_to_order_s)),
        (_("From opening to the database"), _latency(stats.creation)),
        (_("From closing to the database"), _latency(stats.closure)),
    ]
    print_table([_("Orders of {hours} hours").format(hours=day.hours), ""], figures, right=(1,))


def _print_tills(stats: Stats, venue: Venue) -> None:
    print_table(
        [_("Till"), _("Name"), _("Seen"), _("Last new record"), _("Status")],
        (
            [str(till.till), till.name, _time(till.seen_at, venue), _time(till.newest_at, venue), _status(till)]
            for till in stats.tills
        ),
        right=(0,),
    )


def _status(till: TillLag) -> str:
    if till.revoked:
        return _("revoked")
    return _("away") if till.away else ""


def _time(moment: str | None, venue: Venue) -> str:
    return f"{venue.local(read_time(moment)):%Y-%m-%d %H:%M:%S}" if moment else _("never")


def _print_database(stats: Stats) -> None:
    hits, statements = stats.cache_hits, stats.statements
    shares = [(_("Database"), hits.database), (_("Tables"), hits.tables), (_("Indexes"), hits.indexes)]
    print_table(
        [_("Found in memory"), ""],
        [[name, "" if share is None else _("{rate} %").format(rate=share)] for name, share in shares],
        right=(1,),
    )
    if stats.remembered:
        say("")
        print_table(
            [_("Answered from memory"), _("One order"), _("A person's"), _("All")],
            (
                [_("The desk"), *(_share(tally) for tally in (one.session, one.of_user, one.all_open))]
                for one in stats.remembered
            ),
            right=(1, 2, 3),
        )
    say("")
    print_table(
        [_("Hot table"), _("Rows"), _("Bytes")],
        ([one.table, str(one.rows), str(one.bytes)] for one in stats.hot_tables),
        right=(1, 2),
    )
    if statements.push_calls:
        say("")
        sentence = _("{n} pushes took {mean} ms each, the longest {most} ms.")
        say(sentence.format(n=statements.push_calls, mean=statements.push_mean_ms, most=statements.push_max_ms))
    if statements.slowest:
        say("")
        print_table(
            [_("Times"), _("Each, ms"), _("Longest"), _("Statement")],
            ([str(one.calls), str(one.mean_ms), str(one.max_ms), one.query[:100]] for one in statements.slowest),
            right=(0, 1, 2),
        )
    if statements.why:
        note(statements.why)


def _share(tally: Tally) -> str:
    if tally.share is None:
        return ""
    return _("{rate} % of {n}").format(rate=tally.share, n=tally.asked)


def _latency(latency: Latency) -> str:
    if latency.median_s is None:
        return ""
    sentence = _("{median}, 95 % within {p95}")
    return sentence.format(median=_seconds(latency.median_s), p95=_seconds(latency.p95_s))


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else _("{n} s").format(n=seconds)
