"""`till admin`: the group of administration commands, a file for each noun."""

from __future__ import annotations

from till.cli import (
    accounts,
    audit,
    bookings,
    cleaning,
    conflicts,
    customers,
    menu,
    notices,
    programs,
    promotions,
    quarantine,
    sessions,
    settings,
    stats,
    tenders,
    tills,
    users,
    vouchers,
    watch,
)
from till.cli.authority import act_as_owner
from till.cli.running import make_app
from till.domain.i18n import _

app = make_app(
    _(
        "Order sessions, customers, bookings, staff, tills, the menu and the settings. For a manager: it "
        "asks for staff number and password, or reads them from TILL_STAFF and the file in "
        "TILL_PASSWORD_FILE. The embedded database asks only before a change, once an hour in each terminal."
    )
)
app.callback()(act_as_owner)
app.command("list-sessions")(sessions.list_sessions)
app.command("show-session")(sessions.show_session)
app.command("close-session")(sessions.close_session)
app.command("cleanup", epilog=_("Example: till admin cleanup --dry-run"))(cleaning.clean_up)
app.command("conflicts", epilog=_("Example: till admin conflicts --json"))(conflicts.list_conflicts)
app.command("notices", epilog=_("Example: till admin notices --json"))(notices.list_notices)
app.command("settle-till", epilog=_('Example: till admin settle-till 3 --how "made up: the till was stolen"'))(
    conflicts.settle_all
)
app.command("resolve", epilog=_('Example: till admin resolve ID --how "refunded in cash"'))(conflicts.resolve)
app.command("stats", epilog=_("Example: till admin stats --json"))(stats.show_stats)
app.command("watch", epilog=_("Example: till admin watch, in a terminal of its own"))(watch.watch)
app.command("erase", epilog=_("Example: till admin erase ORDER; till admin list-sessions shows the id"))(
    customers.erase_texts
)
app.add_typer(customers.app, name="customers")
app.add_typer(vouchers.app, name="vouchers")
app.add_typer(accounts.app, name="accounts")
app.add_typer(bookings.app, name="bookings")
app.add_typer(bookings.tables_app, name="tables")
app.add_typer(users.app, name="users")
app.add_typer(tills.app, name="tills")
app.add_typer(tenders.app, name="tenders")
app.add_typer(programs.app, name="programs")
app.add_typer(menu.app, name="menu")
app.add_typer(settings.app, name="settings")
app.add_typer(promotions.app, name="promotions")
app.add_typer(audit.app, name="audit")
app.add_typer(quarantine.app, name="quarantine")
