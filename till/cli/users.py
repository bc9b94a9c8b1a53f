"""Staff: add, list, disable and enable, rename, set role, PIN or password, unlock.

PINs and passwords come from the terminal, a file or standard input alone.
"""

from __future__ import annotations

from typing import Annotated

import typer

from till.administration.acts.people import (
    AddPerson,
    Disable,
    Enable,
    RenamePerson,
    SetPassword,
    SetPin,
    SetRole,
    Unlock,
)
from till.cli.administration import carry_out, management
from till.cli.authority import read_new_password, read_new_pin
from till.cli.output import note, print_json, print_table, say
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.domain.i18n import _, ngettext
from till.domain.order.state import Status
from till.domain.staff.person import Role
from till.domain.structs import replace

app = make_app(_("Staff: add people, change roles, PINs and passwords."))

Number = Annotated[int, typer.Argument(metavar="NUMBER", min=1, max=999_999, help=_("A staff number."))]
Name = Annotated[str, typer.Option("--name", metavar="NAME", help=_("Their name."))]
PinFile = Annotated[
    str | None,
    typer.Option("--pin-file", metavar="FILE", help=_("A file with the PIN in its first line; - is standard input.")),
]
PasswordFile = Annotated[
    str | None,
    typer.Option(
        "--password-file",
        metavar="FILE",
        help=_("A file with the password in its first line, readable only by you; - is standard input."),
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help=_("One JSON object."))]


@app.command(epilog=_('Example: till admin users add 3 --name "Asha" --role cashier'))
def add(
    number: Number,
    *,
    name: Name,
    role: Annotated[Role, typer.Option(help=_("Their role."))] = Role.CASHIER,
    pin_file: PinFile = None,
) -> None:
    """Add a person. Numbers are never reused."""
    act = AddPerson(number, name, role).checked()
    with management(Surroundings.find(), act.needs) as admin:
        say(replace(act, pin=read_new_pin(pin_file)).do(admin))
    _say_how_to_manage(number, role)


@app.command("list", epilog=_("Example: till admin users list --json"))
def list_users(*, as_json: AsJson = False) -> None:
    """List everybody, by number."""
    from till.reports.staff import status_words

    with management(Surroundings.find()) as admin:
        staff = admin.ask("people_v1")
    if as_json:
        print_json({"users": staff})
        return
    heading = [_("Number"), _("Name"), _("Role"), _("Status")]
    print_table(heading, ([str(p["number"]), p["name"], p["role"], status_words(p)] for p in staff), right=(0,))


@app.command(epilog=_("Example: till admin users disable 3"))
def disable(number: Number) -> None:
    """Stop a person from logging in. Past sales keep their name."""
    act = Disable(number)
    with management(Surroundings.find(), act.needs) as admin:
        sentence = act.do(admin)
        open_orders = len(admin.ask("session_list_v1", [Status.ACTIVE, Status.PENDING_LOGOUT], number)["sessions"])
    say(sentence)
    if open_orders:
        sentence = ngettext(
            "{n} order of theirs is open: `till recover --user {number} --give-to N` gives it to somebody else.",
            "{n} orders of theirs are open: `till recover --user {number}` lists them, --give-to N gives one "
            "to somebody else.",
            open_orders,
        )
        note(sentence.format(n=open_orders, number=number))


@app.command(epilog=_("Example: till admin users enable 3"))
def enable(number: Number) -> None:
    """Let a disabled person log in again."""
    carry_out(Enable(number))


@app.command(epilog=_('Example: till admin users rename 3 --name "Asha K."'))
def rename(number: Number, *, name: Name) -> None:
    """Rename a person. Earlier receipts and reports show the number, so they do not change."""
    carry_out(RenamePerson(number, name).checked())


@app.command("set-role", epilog=_("Example: till admin users set-role 3 manager"))
def set_role(number: Number, role: Annotated[Role, typer.Argument(help=_("Their new role."))]) -> None:
    """Change a person's role. The last admin stays an admin."""
    act = SetRole(number, role)
    with management(Surroundings.find(), act.needs) as admin:
        sentence = act.do(admin)
        has_password = any(p["number"] == number and p["has_password"] for p in admin.ask("people_v1"))
    say(sentence)
    if not has_password:
        _say_how_to_manage(number, role)


@app.command("set-pin", epilog=_("Example: till admin users set-pin 3 --pin-file pin.txt"))
def set_pin(number: Number, *, pin_file: PinFile = None) -> None:
    """Set a person's PIN, and unlock the number."""
    act = SetPin(number)
    with management(Surroundings.find(), act.needs) as admin:
        act.check_rank(admin)  # before a PIN is asked for
        say(replace(act, pin=read_new_pin(pin_file)).do(admin))


@app.command("set-password", epilog=_("Example: till admin users set-password 9"))
def set_password(number: Number, *, password_file: PasswordFile = None) -> None:
    """Set a person's password for acts at the server: administration, settling, unlocking."""
    act = SetPassword(number)
    with management(Surroundings.find(), act.needs) as admin:
        act.check_rank(admin)  # before a password is asked for
        say(replace(act, password=read_new_password(password_file)).do(admin))


@app.command(epilog=_("Example: till admin users unlock 3; with --as-owner for a database owner who is locked too"))
def unlock(number: Number) -> None:
    """Unlock a number after wrong PINs or passwords. A manager's number needs an admin. It logs nobody in."""
    carry_out(Unlock(number))


def _say_how_to_manage(number: int, role: Role) -> None:
    if role is not Role.CASHIER:
        sentence = _("At the server they need a password: `till admin users set-password {number}`.")
        note(sentence.format(number=number))
