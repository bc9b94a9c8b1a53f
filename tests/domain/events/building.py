"""Events that no decoder looked at, and data at random: built by walking the classes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from till.domain.events.registry import EventData, private_fields
from till.domain.structs import RequestBody

if TYPE_CHECKING:
    from collections.abc import Callable

_LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
_TEXTS = st.text(_LETTERS)
_type_info = cache(inspect.type_info)


def built(kind: type[EventData], data: dict[str, Any]) -> EventData:
    """An event as a faulty program might make it: nothing is checked but that its fields have the names of its type."""
    return cast("EventData", _value(_type_info(kind), data))


def _value(kind: inspect.Type, value: Any) -> Any:
    if isinstance(kind, inspect.Metadata):
        return _value(kind.type, value)
    if isinstance(kind, inspect.UnionType):
        return value if value is None else _value(kind.types[0], value)
    if isinstance(kind, inspect.StructType) and isinstance(value, dict):
        types = {field.encode_name: (field.name, field.type) for field in kind.fields}
        if not value.keys() <= types.keys():
            raise TypeError(value.keys() - types.keys())
        return kind.cls(**{types[name][0]: _value(types[name][1], inner) for name, inner in value.items()})
    if isinstance(kind, inspect.VarTupleType) and isinstance(value, list):
        return tuple(_value(kind.item_type, inner) for inner in value)
    return value


@cache
def data_at_random(kind: type[msgspec.Struct]) -> st.SearchStrategy[dict[str, Any]]:
    """Data that fits a class, with and without what may be left out; private text is beside it."""
    fields = cast("inspect.StructType", _type_info(kind)).fields
    if issubclass(kind, EventData):
        fields = tuple(field for field in fields if field.name not in private_fields(kind))
    return _struct(kind, fields)


def _struct(cls: type, fields: tuple[inspect.Field, ...]) -> st.SearchStrategy[dict[str, Any]]:
    sets: tuple[tuple[str, ...], ...] = cls.one_of if issubclass(cls, RequestBody) else ()
    named = {name for one in sets for name in one}

    @cache
    def with_these(there: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
        needed = [field for field in fields if field.required or field.name in there]
        optional = [field for field in fields if field not in needed and field.name not in named]
        return st.fixed_dictionaries(
            {field.encode_name: _any(field.type) for field in needed},
            optional={field.encode_name: _other(field) for field in optional},
        )

    return st.sampled_from(sets or ((),)).flatmap(with_these)


def _other(field: inspect.Field) -> st.SearchStrategy[Any]:
    """Build values of a field other than its default, which is left out of an event."""
    default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
    kind = field.type
    if isinstance(kind, inspect.Metadata):
        kind = kind.type
    if default is None:
        (kind,) = (one for one in cast("inspect.UnionType", kind).types if not isinstance(one, inspect.NoneType))
    values = _any(kind)
    return values.filter(lambda value: value not in (default, [], {}))


def _any(kind: inspect.Type) -> st.SearchStrategy[Any]:
    return _MAKERS[type(kind)](kind)


def _text(kind: inspect.StrType) -> st.SearchStrategy[str]:
    if kind.pattern:
        letters = st.characters(max_codepoint=127)
        fitting = st.from_regex(kind.pattern.replace(r"\Z", "$"), fullmatch=True, alphabet=letters)
        return fitting.filter(lambda text: len(text) <= (kind.max_length or len(text)))
    return st.text(_LETTERS, min_size=kind.min_length or 0).map(lambda text: text[: kind.max_length])


def _list(kind: inspect.VarTupleType) -> st.SearchStrategy[list[Any]]:
    least = kind.min_length or 0
    return st.lists(_any(kind.item_type), min_size=least, max_size=min(kind.max_length or 3, max(3, least)))


def _anything(_kind: inspect.AnyType) -> st.SearchStrategy[Any]:
    leaves = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _TEXTS
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXTS, inner, max_size=2), max_leaves=4
    )


_MAKERS: Final[dict[type[inspect.Type], Callable[[Any], st.SearchStrategy[Any]]]] = {
    inspect.Metadata: lambda kind: _any(kind.type),
    inspect.StrType: _text,
    inspect.IntType: lambda kind: st.integers(kind.ge, kind.le),
    inspect.BoolType: lambda _kind: st.booleans(),
    inspect.NoneType: lambda _kind: st.none(),
    inspect.LiteralType: lambda kind: st.sampled_from(kind.values),
    inspect.UnionType: lambda kind: st.one_of([_any(one) for one in kind.types]),
    inspect.VarTupleType: _list,
    inspect.DictType: lambda kind: st.dictionaries(_any(kind.key_type), _any(kind.value_type), max_size=3),
    inspect.StructType: lambda kind: _struct(kind.cls, kind.fields),
    inspect.AnyType: _anything,
}


#: Values that a faulty or hostile till might write.
_STRANGE = st.sampled_from(
    [None, True, False, 0, 1, -1, 2**31, 2**63, 10**9 + 1, 1.5, "", "x", "1", "-1", "NaN", "1e5", "80,00", [], {},
     [None], ["x"], {"x": 1}, "01960A30-5a80-7000-8000-00000000000a", "01960a30-5a80-7000-8000-00000000000a", "x" * 251,
     "\n", "5\n", "٣"]
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, values: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    """One change somewhere in a record: a value that is another, or gone, or too much."""
    record = draw(values)
    places: list[tuple[Any, Any]] = []
    _walk(record, places)
    where, key = draw(st.sampled_from(places))
    what = draw(st.sampled_from(["other", "gone", "more"]))
    if what == "other":
        where[key] = draw(_STRANGE)
    elif what == "gone":
        del where[key]
    elif isinstance(where, dict):
        where[draw(st.sampled_from(["x", "user", "line_id", "v", "", "digests"]))] = draw(_STRANGE)
    else:
        where.append(draw(_STRANGE))
    return record


def _walk(value: Any, places: list[tuple[Any, Any]]) -> None:
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    for key in keys:
        places.append((value, key))
        _walk(value[key], places)
