"""Writes what follows from the classes of the events: the checks of a push in SQL, and the table of `docs/protocol.md`.

Run it as `make generate`. With `--check` it writes nothing and fails when something differs, or when an event of an
order has no step in its fold; `make lint` does so.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Final, cast

import msgspec
from msgspec import inspect

from till.domain.events import envelope, fields
from till.domain.events.registry import EventData, OrderEvent, name_of, private_fields
from till.domain.streams import REGISTRY

ROOT: Final = Path(__file__).parents[1]
SQL: Final = ROOT / "db/sql/05_types/types.sql"
PROTOCOL: Final = ROOT / "docs/protocol.md"
_BEGIN: Final = "<!-- events -->"
_END: Final = "<!-- /events -->"
#: The fold's table, from a class to the function that makes its step.
_STEPS: Final = ("till.domain.order.evolve", "STEPS")
_WIDTH: Final = 116

Write = Callable[[str, str], str]


def _pattern_of(kind: Any) -> str:
    return str(kind.__metadata__[0].pattern)


#: What holds exactly where a pattern does, and costs less than it: a tenth of the time, for what every record has.
#: `tests/sql/test_shapes.py` holds the two alike. `{x}` is the text; what is no uuid raises.
_FASTER: Final = {
    _pattern_of(fields.Uuid): "'\"' || ({x})::uuid || '\"'",
    _pattern_of(fields.EventId): (
        "case when ({x})::uuid < 'e6770000-0000-0000-0000-000000000000' and ({x}) like '______________7____%'"
        " and substr({x}, 20, 1) in ('8', '9', 'a', 'b') then '\"' || ({x})::uuid || '\"' end"
    ),
    _pattern_of(fields.Time): (
        "case when length({x}) = 27 and {x} >= '1970' collate \"C\""
        " then '\"' || warm.time_text(({x})::timestamptz) || '\"' end"
    ),
}


@dataclass(frozen=True, slots=True)
class Value:
    """A value in SQL.

    Attributes:
        json: the expression that gives it as jsonb.
        text: the expression that gives it as text, without quotes.
    """

    json: str
    text: str

    def field(self, name: str) -> Value:
        """A field of it."""
        return Value(f"{self.json}->'{name}'", f"{self.json}->>'{name}'")


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


class Writer:
    """Makes expressions that write a value as its one canonical text, and null (or raise) where it does not fit.

    What comes out is the text of the value alone: so a field that nobody knows, a fraction, a default that is spelt
    out or a number in another form shows in that the text is another than the one that came.
    """

    def __init__(self) -> None:
        #: The functions that write lists, by their names: what has no list costs none of it.
        self.lists: dict[str, str] = {}

    def write(self, kind: inspect.Type, value: Value, default: object = msgspec.NODEFAULT) -> str:
        """The expression for a value of a kind; one that is its default does not fit."""
        if isinstance(kind, inspect.Metadata):
            return self.write(kind.type, value, default)
        return cast("str", getattr(self, "_" + type(kind).__name__.lower())(kind, value, default))

    def _strtype(self, kind: inspect.StrType, value: Value, default: object) -> str:
        if kind.pattern is not None:
            return _patterned(kind.pattern, value)
        checks = []
        if kind.max_length is not None:
            checks.append(f"length({value.text}) <= {kind.max_length}")
        if default == "":
            checks.append(f"{value.text} <> ''")
        written = f"to_json({value.text})::text"
        return f"case when {' and '.join(checks)} then {written} end" if checks else written

    def _inttype(self, kind: inspect.IntType, value: Value, _default: object) -> str:
        return (
            f"case when ({value.json})::bigint between {kind.ge} and {kind.le} then (({value.json})::bigint)::text end"
        )

    def _booltype(self, _kind: inspect.BoolType, value: Value, default: object) -> str:
        if default is False:
            return f"case when ({value.json})::boolean then 'true' end"
        return f"(({value.json})::boolean)::text"

    def _literaltype(self, kind: inspect.LiteralType, value: Value, _default: object) -> str:
        words = ", ".join(quoted(str(word)) for word in kind.values)
        return f"case when {value.text} in ({words}) then '\"' || ({value.text}) || '\"' end"

    def _uniontype(self, kind: inspect.UnionType, value: Value, default: object) -> str:
        (one,) = (each for each in kind.types if not isinstance(each, inspect.NoneType))
        written = self.write(one, value)
        return written if default is None else f"case when {value.json} = 'null' then 'null' else {written} end"

    def _vartupletype(self, kind: inspect.VarTupleType, value: Value, default: object) -> str:
        if kind.max_length is None:
            raise ValueError("a list needs a bound")
        name = f"warm.written_list_of_{_noun(kind.item_type)}"
        written = self.write(kind.item_type, Value("v", "v #>> '{}'"))
        self._keep(name, _LIST.format(name=name, written=written))
        least = max(kind.min_length or 0, 1 if default == () else 0)
        return f"{name}({value.json}, {least}, {kind.max_length})"

    def _dicttype(self, kind: inspect.DictType, value: Value, default: object) -> str:
        most = "null" if kind.max_length is None else kind.max_length
        name = f"warm.written_{_noun(kind.value_type)}_by_{_noun(kind.key_type)}"
        key = self.write(kind.key_type, Value("to_jsonb(e.k)", "e.k"))
        written = self.write(kind.value_type, Value("e.v", "e.v #>> '{}'"))
        self._keep(name, _DICT.format(name=name, key=key, written=written))
        return f"{name}({value.json}, {1 if default == {} else 0}, {most})"

    def _keep(self, name: str, function: str) -> None:
        if self.lists.setdefault(name, function) != function:
            raise ValueError(f"{name} would write two kinds of values: name them apart in _noun")

    def _structtype(self, kind: inspect.StructType, value: Value, _default: object) -> str:
        return self.struct(kind.fields, value, omit_defaults=True)

    @staticmethod
    def _anytype(_kind: inspect.AnyType, value: Value, _default: object) -> str:
        return f"warm.canonical({value.json})"

    def struct(
        self,
        known: tuple[inspect.Field, ...],
        value: Value,
        *,
        omit_defaults: bool,
        given: dict[str, str] | None = None,
    ) -> str:
        """The expression for the fields of a struct, in the order of their names.

        Args:
            known: its fields.
            value: where they stand.
            omit_defaults: whether a field that has its default is left out.
            given: fields that are written elsewhere, with the expressions that give their text.
        """
        parts = []
        for field in sorted(known, key=lambda one: one.encode_name):
            inner = value.field(field.encode_name)
            default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
            written = (given or {}).get(field.encode_name) or self.write(
                field.type, inner, default if omit_defaults else msgspec.NODEFAULT
            )
            part = f"',\"{field.encode_name}\":' || ({written})"
            if not field.required and omit_defaults:
                part = f"case when {value.json} ? '{field.encode_name}' then {part} else '' end"
            parts.append(part)
        return f"'{{' || substr({_joined(parts)}, 2) || '}}'"


def _joined(parts: list[str]) -> str:
    """All parts in one text; by halves, for each `||` copies what it joins."""
    if len(parts) == 1:
        return f"\n                {parts[0]}"
    half = len(parts) // 2
    return f"({_joined(parts[:half])}) || ({_joined(parts[half:])})"


#: A list: null when an element does not fit, or when there are too few or too many. A loop, for most lists are short,
#: and a query costs more than five elements do.
_LIST: Final = """\
create or replace function {name}(p_list jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
declare
    size constant integer := jsonb_array_length(p_list);
    whole text[];
    part text := '';
    v jsonb;
begin
    if size not between p_least and p_most then
        return null;
    end if;
    for i in 0..size - 1 loop
        v := p_list->i;
        part := part || ',' || {written};
        if part is null then
            return null;
        elsif i % 64 = 63 then  -- a text that grows is copied each time
            whole := whole || part;
            part := '';
        end if;
    end loop;
    return '[' || substr(case when whole is null then part else array_to_string(whole, '') || part end, 2) || ']';
end $$;
"""
#: A table from names to values, in the order of the names; without a bound where `p_most` is null.
_DICT: Final = """\
create or replace function {name}(p_dict jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
begin
    return (
        select case when count(*) = count(x.w) and count(*) >= p_least and (p_most is null or count(*) <= p_most)
            then '{{' || coalesce(string_agg(x.w, ',' order by x.k collate "C"), '') || '}}' end
        from (
            select e.k, {key} || ':' || {written} as w
            from jsonb_each(p_dict) as e (k, v) offset 0
        ) as x
    );
end $$;
"""


def _noun(kind: inspect.Type) -> str:
    """What a function is called by that writes many of a kind."""
    if isinstance(kind, inspect.Metadata):
        return _noun(kind.type)
    if isinstance(kind, inspect.StructType):
        return name_of(kind.cls)
    if isinstance(kind, inspect.StrType):
        return Words.known[kind.pattern].replace(" ", "_").replace("-", "").lower() if kind.pattern else "text"
    if isinstance(kind, inspect.IntType):
        return "piece" if kind.ge != 1 else "count"
    return "anything"


def _patterned(pattern: str, value: Value) -> str:
    faster = _FASTER.get(pattern)
    if faster:
        return faster.replace("{x}", value.text)
    alike = pattern.replace(r"\Z", "$")
    if set('"\\') & set(alike.replace(r"\.", "")):
        raise ValueError(f"{pattern} may take what JSON escapes")
    # a count at the end costs a state for each character: so much for the length
    counted = re.fullmatch(r"\^((?:\[[^]]+\])?)(\[[^]]+\])\{(?:(\d+),)?(\d+)\}\$", alike)
    check = f"({value.text}) ~ {quoted(alike)}"
    if counted:
        first, rest, least, most = counted.groups()
        extra = 1 if first else 0
        bound = f"between {int(least) + extra} and {int(most) + extra}" if least else f"= {int(most) + extra}"
        check = f"length({value.text}) {bound} and ({value.text}) ~ {quoted(f'^{first}{rest}*$')}"
    return f"case when {check} then '\"' || ({value.text}) || '\"' end"


def _fields_of(kind: type[msgspec.Struct]) -> tuple[inspect.Field, ...]:
    return cast("inspect.StructType", inspect.type_info(kind)).fields


def _written_fields(kind: type[EventData]) -> tuple[inspect.Field, ...]:
    """The fields of an event that its data may have: private text stands beside it, where it can be erased."""
    private = private_fields(kind)
    return tuple(field for field in _fields_of(kind) if field.name not in private)


def _array(names: list[str]) -> str:
    return "array[" + ", ".join(quoted(name) for name in names) + "]::text[]"


#: The flags that SQL asks after, with what each is said to mean there.
_FLAGS: Final = (
    ("takes", "take", "take hold of an order"),
    ("moves", "move", "say where an order stands"),
    ("any_hold", "any_hold", "count on an order without a hold"),
    ("by_server", "by_server", "the database alone writes"),
)


def _flag_functions() -> str:
    names = {"takes": "kinds_that_take", "moves": "kinds_that_move", "any_hold": "kinds_any_hold"}
    return "\n".join(
        f"-- The types that {meaning}.\n"
        f"create or replace function warm.{names.get(flag, 'kinds_by_server')}() returns text[]\n"
        f"language sql immutable parallel safe as $$\n"
        f"    select {_wrapped(_array([name_of(kind) for kind in REGISTRY if getattr(kind, flag)]))}\n$$;\n"
        for flag, _short, meaning in _FLAGS
    )


def _bounds() -> str:
    """How much free text may stand beside a record."""
    bounds = {"longest_free": fields.LONGEST_FREE, "longest_salt": fields.LONGEST, "most_texts": fields.MOST_TEXTS}
    functions = "\n".join(
        f"create or replace function warm.{name}() returns integer\n"
        f"language sql immutable parallel safe as $$ select {bound} $$;\n"
        for name, bound in bounds.items()
    )
    return f"-- Of the free texts beside a record the longest, the longest salt of one, and the most.\n{functions}"


def _wrapped(array: str) -> str:
    lines, line = [], ""
    for word in array.split(" "):
        if len(line) + len(word) > _WIDTH - 8:
            lines.append(line.rstrip())
            line = ""
        line += word + " "
    return "\n        ".join([*lines, line.rstrip()])


def _table() -> str:
    rows = ",\n".join(
        f"    ({quoted(name_of(kind))}, {kind.v}, {quoted(str(kind.stream))},\n"
        f"        {_wrapped(_array(sorted(field.encode_name for field in _written_fields(kind))))})"
        for kind in REGISTRY
    )
    return _TABLE.format(rows=rows)


_TABLE: Final = """\
-- Every type with its version, its stream and the fields that its data may have.
create table if not exists warm.event_types (
    type text primary key,
    v integer not null,
    stream_kind text not null,
    keys text[] not null
);
delete from warm.event_types;
insert into warm.event_types (type, v, stream_kind, keys) values
{rows};
"""


def _writers() -> str:
    writer = Writer()
    branches = [
        f"        when {quoted(f'{name_of(kind)} {kind.v} {kind.stream}')} then\n            return {struct};"
        for kind in REGISTRY
        if (struct := writer.struct(_written_fields(kind), Value("d", "d"), omit_defaults=True))
    ]
    whole = writer.struct(
        _fields_of(envelope._Body),  # noqa: SLF001 - the one place where the envelope's shape stands
        Value("e", "e"),
        omit_defaults=False,
        given={"data": "p_data"},
    )
    return _WRITERS.format(lists="\n".join(writer.lists.values()), branches="\n".join(branches), whole=whole)


_WRITERS: Final = """\
-- What follows writes a value as its one canonical text, when it fits; else it gives null, or raises class 22. A list:

{lists}
-- The data of a record. What its type does not know is not written: the text is then another than the one that came.
create or replace function warm.written_data(p_type text, p_v text, p_stream text, d jsonb) returns text
language plpgsql stable as $$
begin
    if jsonb_typeof(d) <> 'object' then
        return null;
    end if;
    case p_type || ' ' || p_v || ' ' || p_stream
{branches}
        else
            return null;
    end case;
end $$;

-- An envelope around its data.
create or replace function warm.written_envelope(e jsonb, p_data text) returns text
language plpgsql stable as $$
begin
    return {whole};
end $$;
"""


_HEAD: Final = """\
-- What SQL knows of the types of events. Made from the classes in till/domain by docs/generate.py (`make generate`);
-- nobody edits it by hand, and lint fails when it differs.

"""


def types_sql() -> str:
    """The file of SQL."""
    return f"{_HEAD}{_flag_functions()}\n{_bounds()}\n{_table()}\n{_writers()}"


class Words:
    """What the page says of a field: its kind, its unit, its bounds."""

    known: ClassVar[dict[str, str]] = {
        _pattern_of(fields.Uuid): "uuid",
        _pattern_of(fields.EventId): "id of an event",
        _pattern_of(fields.Hash): "SHA-256",
        _pattern_of(fields.CurrencyCode): "currency",
        _pattern_of(fields.Amount): "amount",
        _pattern_of(fields.Price): "price",
        _pattern_of(fields.PriceChange): "price, signed",
        _pattern_of(fields.Percent): "percent",
        _pattern_of(fields.Share): "percent to 100",
        _pattern_of(fields.Day): "day",
    }

    def say(self, kind: inspect.Type) -> str:
        """A kind in words."""
        if isinstance(kind, inspect.Metadata):
            return self.say(kind.type)
        return cast("str", getattr(self, "_" + type(kind).__name__.lower())(kind))

    def _strtype(self, kind: inspect.StrType) -> str:
        return self.known[kind.pattern] if kind.pattern else f"text to {kind.max_length}" if kind.max_length else "text"

    @staticmethod
    def _inttype(kind: inspect.IntType) -> str:
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
        """Fields, one after the other; those that may be left out with a question mark, private text in italics."""
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


def events_table() -> str:
    """The table of the page."""
    flags = {"at_once": "at once", "harmless": "harmless"} | {flag: flag.replace("_", " ") for flag, _, _ in _FLAGS}
    rows = ["| type | stream | `data` | flags | what it says |", "| --- | --- | --- | --- | --- |"]
    for kind in REGISTRY:
        said = ", ".join(word for flag, word in flags.items() if getattr(kind, flag))
        data = Words().listed(_fields_of(kind), private_fields(kind))
        name = name_of(kind) + (f" v{kind.v}" if kind.v > 1 else "")
        rows.append(f"| `{name}` | {kind.stream} | {data} | {said} | {_first_sentence(kind)} |")
    return "\n".join(rows)


def protocol_page(page: str) -> str:
    """The page with the table of today.

    Raises:
        ValueError: the page has no place for it.
    """
    before, begin, rest = page.partition(_BEGIN)
    _old, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError(f"{PROTOCOL.name} has no {_BEGIN} … {_END}")
    return f"{before}{begin}\n{events_table()}\n{end}{after}"


def without_step() -> list[str]:
    """The events of an order that its fold knows nothing of."""
    module, name = _STEPS
    steps = getattr(import_module(module), name)
    return [kind.__name__ for kind in REGISTRY if issubclass(kind, OrderEvent) and kind not in steps]


def main(arguments: list[str]) -> int:
    """Write the files; with `--check`, say what differs."""
    made = {SQL: types_sql(), PROTOCOL: protocol_page(PROTOCOL.read_text(encoding="utf-8"))}
    differing = [path for path, text in made.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" not in arguments:
        for path in differing:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made[path], encoding="utf-8")
        return 0
    faults = [f"{path.relative_to(ROOT)} is not what the classes say: make generate" for path in differing]
    faults += [f"{kind} has no step in {'.'.join(_STEPS)}" for kind in without_step()]
    for fault in faults:
        sys.stderr.write(fault + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
