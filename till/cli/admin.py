"""`till admin`: gathers the nouns that are administered, each in a file of its own."""

from __future__ import annotations

from till.cli import cleaning, conflicts, menu, sessions, tills, users
from till.cli.running import make_app
from till.domain.words import _

app = make_app(_("Order sessions, staff, tills and the menu. For a manager: staff number and PIN are asked."))
app.command("list-sessions")(sessions.list_sessions)
app.command("show-session")(sessions.show_session)
app.command("close-session")(sessions.close_session)
app.command("cleanup")(cleaning.clean_up)
app.command("conflicts")(conflicts.list_conflicts)
app.command("resolve")(conflicts.resolve)
app.add_typer(users.app, name="users")
app.add_typer(tills.app, name="tills")
app.add_typer(menu.app, name="menu")
