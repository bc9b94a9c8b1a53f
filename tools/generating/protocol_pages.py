"""The pages beside `docs/protocol.md`: the events, the settings, the reads, and the functions by role."""

from __future__ import annotations

import re
from inspect import getdoc
from typing import TYPE_CHECKING, Final, cast

import msgspec
from msgspec import inspect

from till.cli.help import anchor_of
from till.domain.events.fields import LARGEST
from till.domain.events.registry import name_of, private_fields
from till.domain.settings import VenueSettings
from till.domain.streams import REGISTRY
from tools.generating.kinds import FLAGS, PATTERNED, default_of, fields_of
from tools.generating.requests_sql import ANSWER
from tools.generating.rights_sql import FUNCTION, rights_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from till.domain.events.registry import EventData

_EVENTS: Final = """\
# The events

`make generate` writes this page from the classes of the events. [The protocol](protocol.md) says how they travel.

Amounts and prices are decimal strings, quantities whole numbers. A field with a question mark is left out when it has
its default. Private text (in italics) is sent beside the body, and `data.digests` has the digest of each.

| flag | events that have it |
| --- | --- |
"""
_SETTINGS: Final = """\
# The settings of a venue

`make generate` writes this page from `till/domain/settings.py`. Tills get the settings as
[reference data](protocol.md#reference-data); one that is left out has its default. `till admin settings` shows and
sets them.

"""
_READS: Final = """\
# The reads of a till

`make generate` writes this page from the comments above the functions in `db/sql`. [The protocol](protocol.md#reads)
says how they are called. A `row` is that of `till.user_sessions_v1`.

| function | takes | gives |
| --- | --- | --- |
"""
_FUNCTIONS: Final = """\
# The functions by role

`make generate` writes this page from the lines `-- for:` in `db/sql`, and the comments above them. It names each
function that anyone except the database owner may call. [The protocol](protocol.md#function-by-credential) says what
further proof each needs.

| function | roles | does |
| --- | --- | --- |
"""
_FORM: Final = "| {what} | is | form | default |\n| --- | --- | --- | --- |"
#: The flags of a class that only tills use.
_OF_TILLS: Final = {
    "at_once": "are pushed without waiting for more",
    "harmless": "do not keep a till that does not know them from taking money",
}
#: An entry of `Attributes:` in a docstring, and the comment above the answer to a request.
_ENTRY: Final = re.compile(r"^    (\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)
_COMMENT: Final = re.compile(rf"^((?:-- .*\n)*){ANSWER.pattern}", re.MULTILINE)
_SECTION: Final = re.compile(r"“([A-Z][^”]+)”")


class Words:
    """The description of a field on the page: its kind, its unit, its bounds."""

    def say(self, kind: inspect.Type) -> str:
        """Return a kind in words."""
        if isinstance(kind, inspect.Metadata):
            return self.say(kind.type)
        return cast("str", getattr(self, "_" + type(kind).__name__.lower())(kind))

    @staticmethod
    def _strtype(kind: inspect.StrType) -> str:
        if kind.pattern:
            return PATTERNED[kind.pattern].words
        return f"text to {kind.max_length}" if kind.max_length else "text"

    @staticmethod
    def _inttype(kind: inspect.IntType) -> str:
        if kind.le is not None and kind.le < LARGEST:
            return f"whole, from {kind.ge} to {kind.le}"
        return {0: "whole, from 0", 1: "whole, from 1"}.get(cast("int", kind.ge), "whole, signed")

    @staticmethod
    def _booltype(_kind: inspect.BoolType) -> str:
        return "true or false"

    @staticmethod
    def _anytype(_kind: inspect.AnyType) -> str:
        return "anything"

    @staticmethod
    def _literaltype(kind: inspect.LiteralType) -> str:
        return " or ".join(f'"{word}"' for word in kind.values)

    def _uniontype(self, kind: inspect.UnionType) -> str:
        return " or ".join(self.say(one) for one in kind.types if not isinstance(one, inspect.NoneType))

    def _vartupletype(self, kind: inspect.VarTupleType) -> str:
        least = f"{kind.min_length} to " if kind.min_length else "to "
        return f"[{self.say(kind.item_type)}] {least}{kind.max_length:,}"

    def _dicttype(self, kind: inspect.DictType) -> str:
        return f"{{{self.say(kind.key_type)}: {self.say(kind.value_type)}}}"

    def _structtype(self, kind: inspect.StructType) -> str:
        return "{" + self.listed(kind.fields) + "}"

    def listed(self, known: tuple[inspect.Field, ...], private: tuple[str, ...] = ()) -> str:
        """Return fields as a list; optional ones with a question mark, private text in italics."""
        parts = []
        for field in known:
            name = field.encode_name
            if name == "digests":
                continue
            if name in private:
                parts.append(f"*{name}*")
                continue
            parts.append(f"`{name}`{'' if field.required else '?'} {self.say(field.type)}")
        return ", ".join(parts)


def _first_sentence(kind: type[EventData]) -> str:
    text = " ".join((kind.__doc__ or "").split())
    return re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0]


def events_page() -> str:
    """Return the page of the events."""
    flags = {flag: flag.replace("_", " ") for flag in [*_OF_TILLS, *FLAGS]}
    rows = [f"| {flags[flag]} | {words} |" for flag, words in {**_OF_TILLS, **FLAGS}.items()]
    rows += ["", "| type | stream | `data` | flags | what it says |", "| --- | --- | --- | --- | --- |"]
    for kind in REGISTRY:
        words = ", ".join(word for flag, word in flags.items() if getattr(kind, flag))
        data = Words().listed(fields_of(kind), private_fields(kind))
        name = name_of(kind) + (f" v{kind.v}" if kind.v > 1 else "")
        rows.append(f"| `{name}` | {kind.stream} | {data} | {words} | {_first_sentence(kind)} |")
    return _EVENTS + "\n".join([*rows, ""])


class _FormWords(Words):
    """The form of a setting: the words of the declaration for people, if it has some."""

    def say(self, kind: inspect.Type) -> str:
        if isinstance(kind, inspect.Metadata) and "description" in (kind.extra_json_schema or {}):
            return str(cast("dict[str, object]", kind.extra_json_schema)["description"])
        return super().say(kind)

    @staticmethod
    def _strtype(kind: inspect.StrType) -> str:
        return PATTERNED[kind.pattern].words if kind.pattern in PATTERNED else f"text to {kind.max_length}"


def settings_page(settings: type[msgspec.Struct] = VenueSettings) -> str:
    """Return the page of the settings, with a table for each that is a table itself.

    Raises:
        ValueError: a setting has no doc.
    """
    docs = _docs(settings)
    if missing := [field.name for field in fields_of(settings) if field.name not in docs]:
        raise ValueError(f"{settings.__name__} has no doc of {', '.join(missing)}")
    rows = [_FORM.format(what="setting"), *_rows(settings)]
    for name, kind in _tables(settings):
        words = " ".join((kind.__doc__ or "").partition("Attributes:")[0].split())
        rows += ["", f"## `{name}`", "", words, "", _FORM.format(what="field"), *_rows(kind)]
    return _SETTINGS + "\n".join([*rows, ""])


def _docs(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Return the docs of the attributes of a class."""
    return {name: " ".join(words.split()) for name, words in _ENTRY.findall(getdoc(kind) or "")}


def _rows(kind: type[msgspec.Struct]) -> Iterator[str]:
    docs = _docs(kind)
    for field in fields_of(kind):
        usual = "" if field.required else f"`{msgspec.json.encode(default_of(field)).decode()}`"
        words, name = docs.get(field.name, "").replace("None", "null"), field.encode_name
        form = f"[see below](#{name})" if any(_structs(field.type)) else _FormWords().say(field.type)
        yield f"| `{name}` | {words} | {form} | {usual} |"


def _tables(kind: type[msgspec.Struct]) -> Iterator[tuple[str, type[msgspec.Struct]]]:
    """Yield each class of a value of a class, with its name on the page."""
    for field in fields_of(kind):
        for one in _structs(field.type):
            yield field.encode_name, one
            yield from _tables(one)


def _structs(kind: inspect.Type) -> Iterator[type[msgspec.Struct]]:
    match kind:
        case inspect.Metadata():
            yield from _structs(kind.type)
        case inspect.StructType():
            yield kind.cls
        case inspect.VarTupleType():
            yield from _structs(kind.item_type)
        case inspect.UnionType():
            for one in kind.types:
                yield from _structs(one)
        case _:
            pass


def reads_page(scripts: Iterable[str]) -> str:
    """Return the page of the reads: a comment says what the function does, takes (`Takes …`) and gives (`Gives {…}`).

    Raises:
        ValueError: the comment above a function does not say what it gives.
    """
    return _READS + "".join(_row_of(*found) for text in scripts for found in _COMMENT.findall(text))


def _row_of(comment: str, name: str) -> str:
    words, *parts = re.split(r"\n(?=Takes |Gives )", comment.replace("-- ", "").strip())
    found = {part.partition(" ")[0]: " ".join(part.split()[1:]).removesuffix(".") for part in parts}
    if "Gives" not in found:
        raise ValueError(f"the comment above {name} does not say what it gives")
    return f"| `{name}` | {found.get('Takes', '')} | `{found['Gives']}`: {_sentences(words)} |\n"


def _sentences(comment: str) -> str:
    """Return the sentences of a comment, in which “Reads” is a link to that section of the protocol."""
    words = re.sub(r"\bp_(?=\w)", "", " ".join(comment.split()))
    return _SECTION.sub(lambda it: f"[{it[1]}](protocol.md#{anchor_of(it[1])})", words)


def functions_page(scripts: Iterable[str]) -> str:
    """Return the page of the functions, with the comment above each and the roles that may call it."""
    rows = []
    for right in sorted(rights_of(scripts)):
        if right.kind == FUNCTION and right.roles:
            taken = ", ".join(re.findall(r"[(,] ?(?:p_)?(\w+) ", right.stated))
            does = _sentences(right.comment).replace("|", "\\|") or "[a read](protocol-reads.md)"
            roles = ", ".join(f"`{role}`" for role in right.roles)
            rows.append(f"| `{right.name}({taken})` | {roles} | {does} |\n")
    return _FUNCTIONS + "".join(rows)
