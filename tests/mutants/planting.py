"""A mutant's code in place of its function's own, in this process: no file changes, and every holder of it sees it."""

from __future__ import annotations

import ast
import importlib
import sys
from functools import cached_property
from inspect import unwrap
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mutants.generating import Fault


def plant(fault: Fault) -> None:
    """Give the function of a mutant the mutant's code, and its defaults if those changed."""
    function = _function(fault.module, fault.mutant.function)
    compiled = compile(fault.source, function.__code__.co_filename, "exec", dont_inherit=True)
    code = next(code for code in _codes(compiled) if _place(code) == _place(function.__code__))
    if len(code.co_freevars) != len(function.__code__.co_freevars):  # its `super()` is gone
        code = code.replace(co_freevars=function.__code__.co_freevars)
    function.__code__ = code
    _forget()
    _plant_defaults(function, fault.source)


def _forget() -> None:
    """Empty the caches of functions: what they kept was right."""
    for name, module in list(sys.modules.items()):
        if name.startswith("till."):
            for kept in vars(module).values():
                if callable(clear := getattr(kept, "cache_clear", None)):
                    clear()


def _function(module: str, name: str) -> FunctionType:
    found: Any = sys.modules.get(module) or importlib.import_module(module)
    for part in name.split("."):
        found = vars(found)[part]
    if isinstance(found, property):
        found = found.fget
    elif isinstance(found, cached_property):
        found = found.func
    found = unwrap(getattr(found, "__func__", found))
    assert isinstance(found, FunctionType), name
    return found


def _codes(code: CodeType) -> Iterator[CodeType]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield inner
            yield from _codes(inner)


def _place(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def _plant_defaults(function: FunctionType, source: str) -> None:
    """Set the defaults of parameters that are written as another constant than the function has."""
    name, line = function.__name__, function.__code__.co_firstlineno
    node = next(
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name == name
        and min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]) == line
    )
    if function.__defaults__:
        pairs = zip(node.args.defaults, function.__defaults__, strict=True)
        function.__defaults__ = tuple(_default(written, value) for written, value in pairs)
    for arg, written in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
        if written is not None and function.__kwdefaults__:
            function.__kwdefaults__[arg.arg] = _default(written, function.__kwdefaults__[arg.arg])


def _default(written: ast.expr, value: object) -> object:
    return written.value if isinstance(written, ast.Constant) else value
