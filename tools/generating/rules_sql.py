"""The bounds of administration's bodies in SQL: `05_types/rules.sql`, from the classes that Python reads with.

A class becomes a row for each of its fields, with a jsonpath that holds exactly for valid values: the type, the bounds,
and no unknown fields. `till.fault_of` (`60_admin/faults.sql`) evaluates them. Beside them are the tables of values that
both sides share.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast

from msgspec import inspect

from till.domain.catalogue.hours import DaypartBody
from till.domain.catalogue.menu_edit import ItemBody
from till.domain.catalogue.promotions import PromotionBody
from till.domain.events.fields import LONGEST
from till.domain.money.amount import EXPONENTS
from till.domain.payment.names import KEPT_BY_SERVER, TENDER
from till.domain.settings import KeptSettings
from till.domain.staff.person import LOCKED_FOR, TRIES
from till.domain.structs import RequestBody
from tools.generating.kinds import default_of, fields_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import msgspec

#: The shapes, by their names in SQL.
SHAPES: Final[dict[str, type[msgspec.Struct]]] = {
    "settings": KeptSettings,
    "promotion": PromotionBody,
    "daypart": DaypartBody,
    "item": ItemBody,
}
#: Unbounded repetition in a pattern.
_UNBOUNDED: Final = re.compile(r"[*+]")
_END_OF_TEXT: Final = r"\Z"


def rule_of(kind: inspect.Type, at: str = "$", default: object = None) -> str:
    """Return a predicate of jsonpath (lax) that is true for exactly the valid values of a kind.

    Args:
        kind: the kind.
        at: the path to the value. Lax paths look into arrays, so the type is always checked first.
        default: the value that must not be written; None for none.
    """
    if isinstance(kind, inspect.Metadata):
        return rule_of(kind.type, at, default)
    rules: dict[type[inspect.Type], Callable[..., list[str]]] = {
        inspect.StrType: _of_text,
        inspect.IntType: _of_number,
        inspect.BoolType: _of_flag,
        inspect.LiteralType: _of_word,
        inspect.NoneType: lambda _kind, at, _default: [f'{at}.type() == "null"'],
        inspect.UnionType: _of_union,
        inspect.VarTupleType: _of_list,
        inspect.StructType: _of_struct,
        inspect.DictType: _of_table,
    }
    return " && ".join(rules[type(kind)](kind, at, default))


def _of_text(kind: inspect.StrType, at: str, _default: object) -> list[str]:
    rules = [f'{at}.type() == "string"']
    if kind.pattern is not None:
        rules.append(f"{at} like_regex {_text(kind.pattern.replace(_END_OF_TEXT, '$'))}")
    if kind.max_length is None or kind.max_length > LONGEST:
        raise ValueError("till.fault_of refuses a longer text")
    if kind.min_length:
        rules.append(f'{at} != ""')
    if kind.max_length < LONGEST and (kind.pattern is None or _UNBOUNDED.search(kind.pattern)):
        rules.append(f'{at} like_regex "^.{{0,{kind.max_length}}}$" flag "s"')
    return rules


def _of_number(kind: inspect.IntType, at: str, _default: object) -> list[str]:
    if kind.ge is None or kind.le is None:
        raise ValueError("a number needs bounds")
    return [f'{at}.type() == "number"', f"{at} >= {kind.ge}", f"{at} <= {kind.le}", f"{at}.floor() == {at}"]


def _of_flag(_kind: inspect.BoolType, at: str, default: object) -> list[str]:
    asked = {True: "false", False: "true"}.get(cast("bool", default))
    return [f'{at}.type() == "boolean"', *([f"{at} == {asked}"] if asked else [])]


def _of_word(kind: inspect.LiteralType, at: str, _default: object) -> list[str]:
    return [f'{at}.type() == "string"', _any(f"{at} == {_text(str(word))}" for word in kind.values)]


def _of_union(kind: inspect.UnionType, at: str, default: object) -> list[str]:
    return [_any(rule_of(one, at, default) for one in kind.types)]


def _of_list(kind: inspect.VarTupleType, at: str, _default: object) -> list[str]:
    if kind.max_length is None:
        raise ValueError("a list needs a bound")
    return [
        f'{at}.type() == "array"',
        f"{at}.size() >= {kind.min_length or 0}",
        f"{at}.size() <= {kind.max_length}",
        f'!({at}[*].type() == "array")',  # otherwise the next predicate would look into it
        f"!exists({at}[*] ? (!exists(@ ? ({rule_of(kind.item_type, '@')}))))",
    ]


def _of_struct(kind: inspect.StructType, at: str, _default: object) -> list[str]:
    names = " && ".join(f"@.key != {_text(field.encode_name)}" for field in kind.fields)
    rules = [f'{at}.type() == "object"', f"!exists({at}.keyvalue() ? ({names}))"]
    for field in kind.fields:
        own = f"{at}.{_text(field.encode_name)}"
        rule = rule_of(field.type, own, default_of(field) if is_sparse(kind.cls) else None)
        rules.append(rule if field.required else _any([f"!exists({own})", rule]))
    return [*rules, *_alternatives(kind.cls, at)]


def _alternatives(cls: type, at: str) -> list[str]:
    """Return the predicate that exactly one of its sets of fields is present."""
    sets = cls.one_of if issubclass(cls, RequestBody) else ()
    named = sorted({name for one in sets for name in one})
    each = (" && ".join(f"{'' if name in one else '!'}exists({at}.{_text(name)})" for name in named) for one in sets)
    return [_any(each)] if sets else []


def _of_table(kind: inspect.DictType, at: str, _default: object) -> list[str]:
    key = kind.key_type.type if isinstance(kind.key_type, inspect.Metadata) else kind.key_type
    if cast("inspect.StrType", key).max_length == LONGEST:
        raise ValueError("till.fault_of does not look at the length of a name")
    own = f"{rule_of(kind.key_type, '@.key')} && {rule_of(kind.value_type, '@.value')}"
    return [f'{at}.type() == "object"', f"!exists({at}.keyvalue() ? (!exists(@ ? ({own}))))"]


def is_sparse(cls: type) -> bool:
    """True if a default is never written for a class."""
    return issubclass(cls, RequestBody) and cls.sparse


def _any(rules: Iterable[str]) -> str:
    return f"({' || '.join(f'({rule})' if ' && ' in rule else rule for rule in rules)})"


def _text(text: str) -> str:
    """Return a text in jsonpath."""
    return '"' + text.replace("\\", "\\\\") + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _rows(shape: str, kind: type[msgspec.Struct]) -> Iterator[str]:
    """Yield a row for each field, and one for the whole if only some fields go together."""
    for field in fields_of(kind):
        name, needed, rule = field.encode_name, str(field.required).lower(), rule_of(field.type)
        yield f"        ({_quoted(shape)}, {_quoted(name)}, {needed}, {_quoted(rule)}, null)"
    for rule in _alternatives(kind, "$"):
        refusal = _quoted(cast("type[RequestBody]", kind).one_of_refusal)
        yield f"        ({_quoted(shape)}, null, false, {_quoted(rule)}, {refusal})"


_HEAD: Final = """\
-- The bounds and values that tills and the database share. Generated from the classes in till/domain by
-- tools/generate.py (`make generate`). Do not edit it by hand; lint fails if it differs.

"""
_RULES: Final = """\
-- The rule of each field of a shape, as a jsonpath. A row without a field is the rule of the shape itself.
create or replace function till.field_rules() returns table (
    shape text, field text, needed boolean, holds text, refusal text
)
language sql immutable parallel safe as $$
    values
{rows}
$$;
"""
_DECIMALS: Final = """\
-- The decimals that ISO 4217 gives a currency.
create or replace function cold.decimals_of(p_currency text) returns integer
language sql immutable as $$
    select case
{cases}
        else 2
    end
$$;
"""


_TENDERS: Final = """\
-- True if a text is a valid name of a tender in a configuration.
create or replace function warm.is_tender(p_tender text) returns boolean
language sql immutable parallel safe as $$
    select coalesce(p_tender ~ {pattern}, false)
$$;

-- True if the database settles payments by a tender.
create or replace function warm.is_server_tender(p_tender text) returns boolean
language sql immutable parallel safe as $$
    select coalesce(p_tender in ({listed}), false)
$$;

-- True if the database settles any payment of a list.
create or replace function warm.has_server_tender(p_payments jsonb) returns boolean
language sql immutable parallel safe as $$
    select coalesce(p_payments @? {path}, false)
$$;
"""
_LOCKS: Final = """\
-- The number of consecutive wrong PINs or passwords that locks a number, and the duration of the lock.
create or replace function till.tries() returns integer
language sql immutable parallel safe as $$ select {tries} $$;

create or replace function till.locked_for() returns interval
language sql immutable parallel safe as $$ select interval '{seconds} seconds' $$;
"""


def _tenders() -> str:
    either = " || ".join(f"@ == {_text(one)}" for one in KEPT_BY_SERVER)
    return _TENDERS.format(
        pattern=_quoted(TENDER.replace(_END_OF_TEXT, "$")),
        listed=", ".join(map(_quoted, KEPT_BY_SERVER)),
        path=_quoted(f"$[*].tender ? ({either})"),
    )


def _decimals() -> str:
    by_exponent: dict[int, list[str]] = {}
    for code, exponent in EXPONENTS.items():
        by_exponent.setdefault(exponent, []).append(_quoted(code))
    cases = (f"        when p_currency in ({', '.join(codes)}) then {one}" for one, codes in by_exponent.items())
    return _DECIMALS.format(cases="\n".join(cases))


def rules_sql() -> str:
    """Return the file."""
    rows = (row for shape, kind in SHAPES.items() for row in _rows(shape, kind))
    locks = _LOCKS.format(tries=TRIES, seconds=int(LOCKED_FOR.total_seconds()))
    return _HEAD + "\n".join([_RULES.format(rows=",\n".join(rows)), _decimals(), _tenders(), locks])
