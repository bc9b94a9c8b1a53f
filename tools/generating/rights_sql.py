"""The rights to call a function and to read a view, in SQL: `90_grants/rights.sql` and `05_types/managers.sql`.

The line above a function or a view names whoever may use it: `-- for: admin, manager, report`. A word is a role without
its `till_`; `manager` is whoever calls it from a till's machine, by `till.manage_v1`. What has no line is the owner's.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_ROLES: Final = ("app", "admin", "report", "program", "gateway")
_LINE: Final = re.compile(r"^((?:-- .*\n)*?)-- for: (.*)\n(.*)", re.MULTILINE)
_MADE: Final = re.compile(
    r"create or replace (?:view ([\w.]+)|function ([\w.]+)\(([^()]*(?:\([^()]*\)[^()]*)*)\))", re.IGNORECASE
)
#: The kind of a right to call a function.
FUNCTION: Final = "execute on function"
_DEFAULT: Final = re.compile(r"\s+default\s+[^,]*", re.IGNORECASE)
_NOTE: Final = """\
-- Generated from the lines `-- for:` in db/sql by tools/generate.py (`make generate`). Do not edit it by hand; lint
-- fails if it differs.
"""


class Right(NamedTuple):
    """The right that the line above a function or a view gives.

    Attributes:
        kind: the words of a grant before the name.
        name: its name, with its schema.
        stated: the name as in a grant: of a function with its arguments.
        words: the names of the line.
        comment: the sentences above the line.
    """

    kind: str
    name: str
    stated: str
    words: tuple[str, ...]
    comment: str = ""

    @property
    def roles(self) -> list[str]:
        """The roles of the database that have it."""
        return [f"till_{role}" for role in _ROLES if role in self.words]


def _rights(text: str) -> Iterable[Right]:
    for line in _LINE.finditer(text):
        words, comment = tuple(line[2].split(", ")), line[1].replace("-- ", "")
        made = _MADE.match(text, line.start(3))
        if made is None:
            raise ValueError(f"`-- for: {line[2]}` stands above no function or view, but above: {line[3]}")
        view, function, arguments = made.groups()
        if unknown := set(words) - {*_ROLES, "manager"}:
            raise ValueError(f"{view or function} is for nobody's role: {', '.join(sorted(unknown))}")
        if view:
            right = Right("select on", view, view, words, comment)
        elif "auth_context" in arguments:
            raise ValueError(f"{function} believes its auth_context: a till calls what requests.sql makes of it")
        else:
            stated = f"{function}({' '.join(_DEFAULT.sub('', arguments).split())})"
            right = Right(FUNCTION, function, stated, words, comment)
        if "manager" in words and (view or not right.name.startswith("till.")):
            raise ValueError(f"{right.name} is not for a manager: till.manage_v1 calls functions of the schema till")
        yield right


def rights_of(scripts: Iterable[str]) -> list[Right]:
    """Return the rights that the lines of all scripts give."""
    return list(chain.from_iterable(map(_rights, scripts)))


def rights_sql(scripts: Iterable[str]) -> tuple[str, str]:
    """Return the rights of the roles, and the names of the functions that a manager may call."""
    rights = rights_of(scripts)
    names = ",\n        ".join(f"'{right.name.partition('.')[2]}'" for right in rights if "manager" in right.words)
    managers = f"""
-- The functions that a manager may call: to find and settle what a crash or a lost machine left, to replace a machine
-- or a journal, to read reports, statistics and the audit, and to manage people, settings and the menu.
create or replace function till.for_managers() returns text[]
language sql immutable as $$
    select array[
        {names}]
$$;
"""
    groups: dict[tuple[str, str], list[str]] = {}
    for right in rights:
        if right.roles:
            groups.setdefault((right.kind, ", ".join(right.roles)), []).append(right.stated)
    grants = ""
    for (kind, roles), group in sorted(groups.items()):
        stated = ",\n    ".join(group)
        grants += f"\ngrant {kind}\n    {stated}\nto {roles};\n"
    return _NOTE + grants, _NOTE + managers
