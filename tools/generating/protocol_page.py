"""The table of events in `docs/protocol.md`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast

from msgspec import inspect

from till.domain.events.fields import LARGEST
from till.domain.events.registry import name_of, private_fields
from till.domain.streams import REGISTRY
from tools.generating.kinds import FLAGS, PATTERNED, fields_of

if TYPE_CHECKING:
    from till.domain.events.registry import EventData

_BEGIN: Final = "<!-- events -->"
_END: Final = "<!-- /events -->"


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


def _table() -> str:
    flags = {"at_once": "at once", "harmless": "harmless"} | {flag: flag.replace("_", " ") for flag in FLAGS}
    rows = ["| type | stream | `data` | flags | what it says |", "| --- | --- | --- | --- | --- |"]
    for kind in REGISTRY:
        words = ", ".join(word for flag, word in flags.items() if getattr(kind, flag))
        data = Words().listed(fields_of(kind), private_fields(kind))
        name = name_of(kind) + (f" v{kind.v}" if kind.v > 1 else "")
        rows.append(f"| `{name}` | {kind.stream} | {data} | {words} | {_first_sentence(kind)} |")
    return "\n".join(rows)


def protocol_page(page: str) -> str:
    """Return the page with the table of today.

    Raises:
        ValueError: the page has no place for it.
    """
    before, begin, rest = page.partition(_BEGIN)
    _old, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError(f"the page has no {_BEGIN} … {_END}")
    return f"{before}{begin}\n{_table()}\n{end}{after}"
