"""The types of events in SQL: `db/sql/05_types/types.sql`.

A class becomes a composite type, whose columns are its fields by name. Read into it and printed again, data gives the
one text that it may have: so an unknown field, a fraction, a written default or another number format shows as a
different text. A jsonpath refuses what a column does not: PostgreSQL prepares an SQL expression again in each
transaction, and a jsonpath never.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import msgspec
from msgspec import inspect

from till.domain.events import envelope, fields
from till.domain.events.registry import EventData, name_of
from till.domain.order.events import ItemAdded, OrderOpened, OrderPlaced
from till.domain.payment.events import PaymentApproved, PaymentStarted
from till.domain.streams import REGISTRY
from tools.generating.kinds import FLAGS, PATTERNED, default_of, fields_of, pattern_of, written_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_WIDTH: Final = 116
#: The events of every order, the most frequent first, because a CASE tests one type after the other.
_OFTEN: Final = tuple(map(name_of, (ItemAdded, OrderOpened, PaymentStarted, PaymentApproved, OrderPlaced)))
_UUID: Final = pattern_of(fields.Uuid)
_EVENT_ID: Final = pattern_of(fields.EventId)
_TIME: Final = pattern_of(fields.Time)
_END_OF_TEXT: Final = r"\Z"
#: Conditions on a text in place of its pattern, if the type of its column checks the rest in a tenth of the time.
#: `tests/sql/test_shapes.py` keeps both equivalent.
_FASTER: Final[dict[str, Sequence[str]]] = {
    _UUID: (),
    _EVENT_ID: ('{at} < "e677"', '{at} like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]"'),
}
_JSON_TYPES: Final[dict[type[inspect.Type], str]] = {
    inspect.StrType: "string",
    inspect.IntType: "number",
    inspect.StructType: "object",
}


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _plain(kind: inspect.Type) -> inspect.Type:
    """Return a kind without its metadata and without null."""
    if isinstance(kind, inspect.Metadata):
        return _plain(kind.type)
    if isinstance(kind, inspect.UnionType):
        (one,) = (each for each in kind.types if not isinstance(each, inspect.NoneType))
        return _plain(one)
    return kind


class Columns:
    """A maker of the types, each once."""

    def __init__(self) -> None:
        #: The statement of each type, by name, after those it depends on.
        self.made: dict[str, str] = {}

    def composite(self, name: str, known: Iterable[inspect.Field]) -> str:
        """Return the composite type with these fields."""
        columns = ",\n".join(
            f'    "{field.encode_name}" {self.column(field.type, default_of(field))}' for field in in_order(known)
        )
        return self._make(f"shape.{name}", f"create type shape.{name} as (\n{columns}\n);")

    def column(self, kind: inspect.Type, default: object = msgspec.NODEFAULT) -> str:
        """Return the column type for a kind without its default value."""
        kind = _plain(kind)
        if isinstance(kind, inspect.StrType):
            if kind.pattern is not None:
                return "uuid" if kind.pattern in _FASTER else "text"
            return "text" if kind.max_length is None else f"varchar({kind.max_length})"
        if isinstance(kind, inspect.StructType):
            if list(_respelt(kind.fields)):
                raise ValueError(f"{kind.cls.__name__} has a table whose names may be printed in another order")
            return self.composite(name_of(cast("type[EventData]", kind.cls)), kind.fields)
        if isinstance(kind, inspect.VarTupleType):
            return f"{self.column(kind.item_type)}[]"
        if isinstance(kind, inspect.DictType):
            return self._sorted_table(kind, default) if _is_sorted(kind) else "jsonb"
        return {inspect.IntType: "bigint", inspect.BoolType: "boolean", inspect.LiteralType: "text"}[type(kind)]

    def _make(self, name: str, statement: str) -> str:
        if self.made.setdefault(name, statement) != statement:
            raise ValueError(f"{name} would be two things: name them apart")
        return name

    def _sorted_table(self, kind: inspect.DictType, default: object) -> str:
        name = f"shape.{_called(kind)}"
        same = f"{self.written_table(kind, 'value', default)} = json_strip_nulls(value::json)::text"
        return self._make(name, f"create domain {name} as jsonb check (value is null or coalesce({same}, false));")

    def written_table(self, kind: inspect.DictType, value: str, default: object) -> str:
        """Return an expression that writes a table by the order of its names; null for an invalid one."""
        least, most = 1 if default == {} else 0, "null" if kind.max_length is None else kind.max_length
        return f"{self._table_writer(kind)}({value}, {least}, {most})"

    def _table_writer(self, kind: inspect.DictType) -> str:
        name = f"warm.written_{_called(kind)}"
        parts = ((kind.key_type, "to_jsonb(e.k)"), (kind.value_type, "e.v"))
        written = " || ':' || ".join(self._printed(of, value) for of, value in parts)
        holds = [_asked(value, _all(asked)) for of, value in parts if (asked := _holds(of, "@"))]
        if holds:
            written = f"case when {' and '.join(holds)}\n                then {written} end"
        return self._make(name, _TABLE_WRITER.format(name=name, written=written))

    def _printed(self, kind: inspect.Type, value: str) -> str:
        if isinstance(_plain(kind), inspect.AnyType):
            return f"warm.canonical({value})"
        return f"to_json(({value} #>> '{{}}')::{self.column(kind)})::text"


_TABLE_WRITER: Final = """\
create or replace function {name}(p_dict jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
begin
    return (
        select case when count(*) = count(x.w) and count(*) >= p_least and (p_most is null or count(*) <= p_most)
            then '{{' || coalesce(string_agg(x.w, ',' order by x.k collate "C"), '') || '}}' end
        from (
            select e.k, {written} as w
            from jsonb_each(p_dict) as e (k, v) offset 0
        ) as x
    );
end $$;"""


#: The value of a flag other than its default.
_OTHER: Final = {False: "true", True: "false"}


def _holds(kind: inspect.Type, at: str, default: object = msgspec.NODEFAULT) -> list[str]:
    """Return the jsonpath conditions on a value other than its default, beyond its column's."""
    kind = _plain(kind)
    rules = {
        inspect.StrType: _of_text,
        inspect.IntType: lambda kind, at, _: [f"{at} >= {kind.ge}", f"{at} <= {kind.le}"],
        inspect.BoolType: lambda _, at, default: [f"{at} == {_OTHER[default]}"] if isinstance(default, bool) else [],
        inspect.LiteralType: lambda kind, at, default: [
            _any(f"{at} == {_in_path(str(word))}" for word in kind.values if word != default)
        ],
        inspect.StructType: lambda kind, at, _: [f"exists({at} ? ({_all(_of_fields(kind.fields))}))"],
        inspect.VarTupleType: _of_list,
    }
    return rules[type(kind)](kind, at, default) if type(kind) in rules else []


def _of_text(kind: inspect.StrType, at: str, default: object) -> list[str]:
    if kind.pattern is None:
        return [f'{at} != ""'] if default == "" else []
    if kind.pattern in _FASTER:
        return [one.format(at=at) for one in _FASTER[kind.pattern]]
    return [f"{at} like_regex {_in_path(kind.pattern.replace(_END_OF_TEXT, '$'))}"]


def _of_list(kind: inspect.VarTupleType, at: str, default: object) -> list[str]:
    if kind.max_length is None:
        raise ValueError("a list needs a bound")
    inner = _plain(kind.item_type)
    of_each = _of_fields(inner.fields) if isinstance(inner, inspect.StructType) else _holds(inner, "@")
    least = max(kind.min_length or 0, 1 if default == () else 0)
    return [
        *([f"{at}.size() >= {least}"] if least else []),
        f"{at}.size() <= {kind.max_length}",
        # a nested list, or a null, would be read and printed too
        f'!({at}[*].type() != "{_JSON_TYPES[type(inner)]}")',
        *([f"!exists({at}[*] ? (!exists(@ ? ({_all(of_each)}))))"] if of_each else []),
    ]


def _of_fields(known: Iterable[inspect.Field]) -> list[str]:
    return [holds for field in in_order(known) if (holds := _of_field(field))]


def _of_field(field: inspect.Field) -> str:
    at = f'@."{field.encode_name}"'
    holds = _holds(field.type, at, default_of(field))
    if not field.required:
        return _any([f"!exists({at})", _all(holds)]) if holds else ""
    if isinstance(field.type, inspect.UnionType):
        return _any([f"{at} == null", _all(holds)]) if holds else ""
    return _all(holds) or (f"exists({at})" if isinstance(_plain(field.type), inspect.DictType) else f"{at} != null")


def _all(holds: Iterable[str]) -> str:
    return " && ".join(holds)


def _any(holds: Iterable[str]) -> str:
    return f"({' || '.join(holds)})"


def _in_path(text: str) -> str:
    """Return a text in jsonpath."""
    return '"' + text.replace("\\", "\\\\") + '"'


def _asked(value: str, holds: str) -> str:
    """Return a condition of jsonpath in SQL."""
    return f"{value} @? {_quoted(f'$ ? ({holds})')}"


def _called(kind: inspect.Type) -> str:
    """Return the name of a kind in the name of a table's writer."""
    kind = _plain(kind)
    if isinstance(kind, inspect.DictType):
        return f"{_called(kind.value_type)}_by_{_called(kind.key_type)}"
    if isinstance(kind, inspect.StrType):
        return PATTERNED[kind.pattern].name if kind.pattern else "text"
    return {inspect.IntType: "whole", inspect.AnyType: "anything"}[type(kind)]


def _is_sorted(kind: inspect.DictType) -> bool:
    """True if PostgreSQL prints the names of a table in order: it puts the shorter before the longer."""
    key = _plain(kind.key_type)
    return isinstance(key, inspect.StrType) and key.pattern in (_UUID, _EVENT_ID)


def _respelt(known: Iterable[inspect.Field]) -> Iterator[inspect.Field]:
    """Return the tables whose names PostgreSQL may print in another order."""
    return (
        field for field in known if isinstance(kind := _plain(field.type), inspect.DictType) and not _is_sorted(kind)
    )


def in_order(known: Iterable[inspect.Field]) -> list[inspect.Field]:
    """Return fields sorted by name."""
    return sorted(known, key=lambda field: field.encode_name)


def array(names: Iterable[str]) -> str:
    """Return an array of texts, in lines."""
    return wrapped("array[" + ", ".join(_quoted(name) for name in names) + "]::text[]")


def wrapped(text: str) -> str:
    """Return a text in lines of the file's width."""
    lines, line = [], ""
    for word in text.split(" "):
        if len(line) + len(word) > _WIDTH - 8:
            lines.append(line.rstrip())
            line = ""
        line += word + " "
    return "\n        ".join([*lines, line.rstrip()])


def _flag_functions() -> Iterator[str]:
    names = {
        "takes": "kinds_that_take",
        "moves": "kinds_that_move",
        "any_hold": "kinds_any_hold",
        "fact": "kinds_of_fact",
        "on_lines": "kinds_on_lines",
        "on_own_lines": "kinds_on_own_lines",
        "about_money": "kinds_of_money",
        "by_counter": "kinds_by_counter",
        "beside": "kinds_beside",
        "by_server": "kinds_by_server",
        "of_acts": "kinds_of_acts",
        "log_only": "kinds_log_only",
        "in_heads": "kinds_in_heads",
    }
    for flag, name in names.items():
        kinds = array(name_of(kind) for kind in REGISTRY if getattr(kind, flag))
        yield (
            f"-- The types that {FLAGS[flag]}.\n"
            f"create or replace function warm.{name}() returns text[]\n"
            f"language sql immutable parallel safe as $$\n    select {kinds}\n$$;\n"
        )


def _bounds() -> str:
    """Return the functions with the bounds of free text beside a record."""
    bounds = {"longest_free": fields.LONGEST_FREE, "most_texts": fields.MOST_TEXTS}
    functions = "\n".join(
        f"create or replace function warm.{name}() returns integer\n"
        f"language sql immutable parallel safe as $$ select {bound} $$;\n"
        for name, bound in bounds.items()
    )
    return f"-- The longest free text beside a record, and the most texts.\n{functions}"


def _table() -> str:
    rows = ",\n".join(
        f"    ({_quoted(name_of(kind))}, {kind.v}, {_quoted(str(kind.stream))},\n"
        f"        {array(field.encode_name for field in in_order(written_fields(kind)))})"
        for kind in REGISTRY
    )
    return _TABLE.format(rows=rows)


_TABLE: Final = """\
-- All types, with their version, their stream and the fields that their data may have.
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


def _branch(columns: Columns, kind: type[EventData]) -> str:
    known = written_fields(kind)
    printed = f"json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.{name_of(kind)}, d)))::text"
    for field in _respelt(field for field in known if field.name != "digests"):
        printed = _respelling(columns, printed, field)
    name = _quoted(f"{name_of(kind)} {kind.v} {kind.stream}")
    holds = "\n                && ".join(_of_fields(known))
    if not holds:
        return f"        when {name} then\n            written := {printed};"
    return (
        f"        when {name} then\n            written := case when d @? {_quoted(f'$ ? ({holds})')} then\n"
        f"                {printed} end;"
    )


def _respelling(columns: Columns, printed: str, field: inspect.Field) -> str:
    table = f"d->'{field.encode_name}'"
    written = columns.written_table(cast("inspect.DictType", _plain(field.type)), table, default_of(field))
    return f"warm.respelt({printed}, '{field.encode_name}', {table}, {written})"


def _writers() -> str:
    columns = Columns()
    for kind in REGISTRY:
        columns.composite(name_of(kind), written_fields(kind))
    whole = fields_of(envelope._Body)  # noqa: SLF001 - the one place where the envelope's shape stands
    around = [field for field in whole if field.name != "data"]
    columns.composite("envelope", around)
    by_use = sorted(REGISTRY, key=lambda kind: (*_OFTEN, name_of(kind)).index(name_of(kind)))
    branches = [_branch(columns, kind) for kind in by_use]
    (field,) = (field for field in fields_of(EventData) if field.name == "digests")
    digests = _respelling(columns, "written", field)
    return _WRITERS.format(
        types="\n\n".join(columns.made.values()),
        branches="\n".join(branches),
        digests=digests,
        printed=wrapped(", ".join(map(_printed, in_order(whole)))),
        envelope=_without_absent("row_to_json(w)::text", whole),
        holds=_asked("e", "\n                && ".join(_of_fields(around))),
    )


def applier(kind: type[EventData]) -> str:
    """Return the name of the function that applies a type beside its order: that of the class that declares it so."""
    declares = next(cls for cls in kind.__mro__ if "applied_beside" in vars(cls))
    return f"on_{name_of(declares)}"


def _appliers() -> str:
    applied = sorted((kind for kind in REGISTRY if kind.applied_beside), key=lambda kind: name_of(kind) not in _OFTEN)
    types: dict[str, list[str]] = {}
    for kind in applied:
        types.setdefault(applier(kind), []).append(name_of(kind))
    return _APPLIERS.format(
        kinds=array(name for names in types.values() for name in names),
        branches="\n".join(
            f"        when {', '.join(map(_quoted, names))} then return warm.{function}(p_auth, e);"
            for function, names in types.items()
        ),
    )


_APPLIERS: Final = """\
-- The types that the database applies beside the orders.
create or replace function warm.kinds_applied_beside() returns text[]
language sql immutable parallel safe as $$
    select {kinds}
$$;

-- Applies an event beside its order, by the function of its type. True if anything waits for a manager, or no longer
-- does.
create or replace function warm.apply_by_type(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
begin
    case e.event_type
{branches}
        else return false;
    end case;
end $$;
"""


def _without_absent(printed: str, known: Iterable[inspect.Field]) -> str:
    """Return the text of an envelope without absent optional fields.

    No text in its data has a field name in quotes.
    """
    for field in known:
        if not field.required:
            printed = f"replace({printed}, '\"{field.encode_name}\":null,', '')"
    return printed


def _printed(field: inspect.Field) -> str:
    """Return a column of the envelope: the data is text, and an invalid day shows when a time is read as one."""
    if field.name == "data":
        return "p_data::json as data"
    column = f'x."{field.encode_name}"'
    kind = _plain(field.type)
    timed = isinstance(kind, inspect.StrType) and kind.pattern == _TIME
    return f'warm.time_text({column}::timestamptz) as "{field.encode_name}"' if timed else column


_WRITERS: Final = """\
-- The types of records and of their parts, with their fields sorted by name.
drop schema if exists shape cascade;
create schema shape;

{types}

-- A text with an object's keys in sorted order: PostgreSQL prints shorter keys before longer ones.
create or replace function warm.respelt(p_written text, p_name text, p_table jsonb, p_as text) returns text
language plpgsql immutable as $$
declare
    name constant text := '"' || p_name || '":';
begin
    return replace(p_written, name || json_strip_nulls(p_table::json)::text, name || p_as);
end $$;

-- Writers of the canonical text of a valid value. For an invalid value they return null or another text, or raise an
-- error of class 22, 23 or 54. This one writes the data of a record, without fields that its type does not have.
create or replace function warm.written_data(p_type text, p_v text, p_stream text, d jsonb) returns text
language plpgsql stable as $$
declare
    written text;
begin
    case concat(p_type, ' ', p_v, ' ', p_stream)
{branches}
        else
            return null;
    end case;
    if d ? 'digests' then
        written := {digests};
    end if;
    return written;
end $$;

-- Writes an envelope around its data.
create or replace function warm.written_envelope(e jsonb, p_data text) returns text
language plpgsql stable as $$
begin
    return (
        select {envelope} from (
            select {printed}
            from jsonb_populate_record(null::shape.envelope, e) as x
        ) as w
        where p_data is not null and {holds}
    );
end $$;
"""


_HEAD: Final = """\
-- The types of events in SQL. Generated from the classes in till/domain by tools/generate.py (`make generate`).
-- Do not edit it by hand; lint fails if it differs.

"""


def types_sql() -> str:
    """Return the file."""
    return _HEAD + "\n".join([*_flag_functions(), _bounds(), _table(), _appliers(), _writers()])
