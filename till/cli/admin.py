"""`till admin`: the group of administration commands, with one module per noun."""

from __future__ import annotations

from till.administration.acts.orders import Discard
from till.administration.lists import all_lists
from till.cli import (
    accounts,
    audit,
    bookings,
    cleaning,
    conflicts,
    customers,
    labels,
    menu,
    notices,
    printers,
    programs,
    promotions,
    quarantine,
    sessions,
    settings,
    stats,
    stock,
    tenders,
    tills,
    vouchers,
    watch,
)
from till.cli.act_commands import add_acts, command_of
from till.cli.authority import act_as_owner
from till.cli.lists import add_list
from till.cli.running import make_app
from till.domain.i18n import N_

app = make_app(
    N_(
        "Manage orders, customers, bookings, staff, tills, the menu and the settings, as a manager. It asks for "
        "staff number and password, or reads them from TILL_STAFF and the file in TILL_PASSWORD_FILE. The embedded "
        "database asks only before a change, once an hour in each terminal. In the demo it asks nobody: an act is by "
        "its manager, number 9, or by the number in TILL_STAFF."
    )
)
app.callback()(act_as_owner)
for _name, _rest, _command in (
    ("list-sessions", " --status active --json", sessions.list_sessions),
    ("show-session", " ID", sessions.show_session),
    ("close-session", ' ID --reason "guest left"', command_of(Discard)),
):  # names that programs call, beside those of the grammar (docs/adaptations.md)
    app.command(_name, epilog=N_("Example: till admin {command}").format(command=_name + _rest))(_command)
app.command("cleanup", epilog=N_("Example: till admin cleanup --dry-run"))(cleaning.clean_up)
app.command("stats", epilog=N_("Example: till admin stats --json"))(stats.show_stats)
app.command("watch", epilog=N_("Example: till admin watch, in a terminal of its own"))(watch.watch)
app.add_typer(sessions.app, name="sessions")
app.add_typer(conflicts.app, name="conflicts")
app.add_typer(notices.app, name="notices")
app.add_typer(customers.app, name="customers")
app.add_typer(vouchers.app, name="vouchers")
app.add_typer(accounts.app, name="accounts")
app.add_typer(bookings.app, name="bookings")
app.add_typer(make_app(N_("The tables that can be booked.")), name="tables")
app.add_typer(make_app(N_("Staff: add people, change roles, PINs and passwords.")), name="users")
app.add_typer(tills.app, name="tills")
app.add_typer(tenders.app, name="tenders")
app.add_typer(printers.app, name="printers")
app.add_typer(labels.app, name="labels")
app.add_typer(stock.app, name="stock")
app.add_typer(programs.app, name="programs")
app.add_typer(menu.app, name="menu")
app.add_typer(settings.app, name="settings")
app.add_typer(promotions.app, name="promotions")
app.add_typer(audit.app, name="audit")
app.add_typer(quarantine.app, name="quarantine")
for _list in all_lists():  # those that no module above has a command of, first in the help of their noun
    _noun, _verb = _list.command
    _group = next((one.typer_instance for one in app.registered_groups if one.name == _noun), None)
    if _group is None:
        app.add_typer(_group := make_app(_list.title), name=_noun)
    if _verb not in {one.name for one in _group.registered_commands}:
        add_list(_group, _list)
        _group.registered_commands.insert(0, _group.registered_commands.pop())
add_acts(app)
