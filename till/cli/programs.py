"""Programs other than tills, such as a chat or a web shop: add, list and revoke."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from till.administration.acts.tills import AddProgram, RevokeProgram
from till.administration.lists.programs import PROGRAMS
from till.cli.administration import administration
from till.cli.environment import Surroundings, superuser_address
from till.cli.lists import add_list
from till.cli.options import AsJson  # noqa: TC001 - typer reads the annotations
from till.cli.output import note, print_json, print_table, say
from till.cli.running import make_app
from till.domain.errors import TillError
from till.domain.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

app = make_app(N_("Programs other than tills: a chat, a web shop."))

Name = Annotated[str, typer.Argument(metavar="NAME", help=N_("Its name: small letters, digits and _."))]


class ForeignRoleError(TillError):
    """A role that is no program's, where a superuser would change it."""

    code = "foreign_role"
    default = N_("The database names another role than a program's.")


class NoRolesError(TillError):
    """An owner without the right to create roles."""

    code = "no_roles"
    default = N_("The owner of this database may not create or change roles on its server.")


@app.command(
    epilog=N_(
        "Example: till admin programs add chat. The password is shown once, on standard output; run the "
        "command again for a new one."
    )
)
def add(
    name: Name,
    *,
    webhook: Annotated[
        bool, typer.Option("--webhook", help=N_("For `till gateway`: it reports payments and has no orders."))
    ] = False,
    superuser: Annotated[
        str | None,
        typer.Option(
            "--superuser", metavar="URL", help=N_("PostgreSQL 15: the database, as a superuser of its server.")
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add a program: a database role with its own password, limited to its own orders."""
    import secrets

    from db import roles
    from db.engine import connect_superuser
    from db.preparing import MAINTENANCE

    password, here = secrets.token_urlsafe(32), Surroundings.find()
    with ExitStack() as stack:
        admin = stack.enter_context(administration(here))
        maker = admin.connection
        if superuser is not None:
            if roles.may_safely_make_roles(maker):
                raise typer.BadParameter(_("this server's owner makes the role itself: leave out --superuser."))
            address = superuser_address(superuser, here.config.database.tls)
            maker = stack.enter_context(connect_superuser(address.on(MAINTENANCE)))
        admin.author()
        with _changing_roles(admin.connection), maker.transaction():
            role = AddProgram(name, webhook).do(admin)
            if superuser is not None and not roles.is_program(
                role
            ):  # the database's owner may have changed who says it
                raise ForeignRoleError(_("The database names {role} as the program's role.").format(role=role))
            roles.enable_program(maker, role, password, roles.GATEWAY if webhook else roles.PROGRAM)
        roles.end_sessions(admin.connection, role)  # connections opened with the old password end
        place = admin.owner
    access = {"program": name, "role": role, "password": password, "host": place.host, "port": place.port,
            "dbname": place.dbname}  # fmt: skip
    if as_json:
        print_json(access)
        return
    print_table([_("What"), _("Value")], ([key, str(value)] for key, value in access.items()))
    note(
        _("The password is shown only once. `till admin programs revoke {name}` shuts the program out.").format(
            name=name
        )
    )


add_list(app, PROGRAMS)


@app.command(epilog=N_("Example: till admin programs revoke chat, when somebody may have read its password."))
def revoke(name: Name, *, as_json: AsJson = False) -> None:
    """Shut a program out from its next statement. Its orders stay; `till admin programs add` lets it in again."""
    from db import roles

    with administration(Surroundings.find()) as admin:
        admin.author()
        with _changing_roles(admin.connection):
            role = RevokeProgram(name).do(admin)
            roles.disable_program(admin.connection, role)
        roles.end_sessions(admin.connection, role)
    if as_json:
        print_json({"program": name, "role": role, "revoked": True})
        return
    say(_("The program {name} is revoked.").format(name=name))


@contextmanager
def _changing_roles(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Run the block in a transaction that creates or changes roles of the server."""
    import psycopg

    from db.roles import may_safely_make_roles

    try:
        with connection.transaction():
            yield
    except psycopg.errors.InsufficientPrivilege as problem:
        if not may_safely_make_roles(connection):
            sentence = _(
                "On PostgreSQL 15 only a superuser makes the role of a program: add --superuser "
                "postgresql://postgres@{host}/{dbname}."
            )
            raise NoRolesError(sentence.format(host=connection.info.host, dbname=connection.info.dbname)) from problem
        sentence = _(
            "{user} may not make roles on that server. Ask its administrator to run there: ALTER ROLE {user} "
            "CREATEROLE; GRANT till_program, till_gateway TO {user} WITH ADMIN OPTION;"
        )
        raise NoRolesError(sentence.format(user=connection.info.user)) from problem
