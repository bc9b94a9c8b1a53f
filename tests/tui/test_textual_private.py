"""The private names of Textual that the till uses: a version of Textual without one of them fails here."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import textwrap
from functools import cache
from typing import TYPE_CHECKING

import textual

import till.tui

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The versions of Textual in which the source around these names was read.
VERSIONS = {"8.2.8"}
#: The names, by the class of the till that uses them.
USED = {
    "ThemedApp": {"_batch_count", "_display"},
    "TillApp": {"_batch_count", "_display"},
    "AppBase": {"_close_messages_no_wait", "_exception", "_exit", "_fatal_error", "_handle_exception"},
    "SideApp": {"_exit"},
    "DirectApp": {"_batch_count", "_context", "_display", "_get_message", "_handle_exception"},
    "DirectScreen": {
        "_callbacks",
        "_compositor",
        "_dirty_widgets",
        "_layout_required",
        "_repaint_required",
    },
    "LeanStrip": {"_cell_count", "_cell_length", "_link_ids", "_render_cache", "_segments"},
    "RowCompositor": {"_dirty_regions", "_get_renders"},
    "TillParser": {"_sequence_to_key_events", "_timeout_time"},
    "TillDriver": {
        "_app",
        "_debug",
        "_disable_line_wrap",
        "_enable_mouse_support",
        "_file",
        "_get_terminal_size",
        "_key_thread",
        "_loop",
        "_patch_iflag",
        "_patch_lflag",
        "_sigcont_application",
        "_sigtstp_application",
    },
}


def own_classes() -> Iterator[type]:
    """Return the classes of `till.tui`."""
    for module in pkgutil.walk_packages(till.tui.__path__, "till.tui."):
        for made in vars(importlib.import_module(module.name)).values():
            if isinstance(made, type) and made.__module__ == module.name:
                yield made


@cache
def names_in(kind: type, *, stored: bool) -> set[str]:
    """Return the private names in the source of a class: those that it defines, and those that it stores or uses."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    found = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (not stored or isinstance(node.ctx, ast.Store)):
            found.add(node.attr)
    return {name for name in found if name.startswith("_") and not name.startswith("__")}


def textual_names(kind: type) -> set[str]:
    """Return the private names of Textual in the source of a class of the till."""
    bases = [base for base in kind.__mro__ if base.__module__.startswith("textual")]
    theirs = {name for base in bases for name in names_in(base, stored=True)}
    return names_in(kind, stored=False) & theirs


def test_private_names_of_textual_are_listed() -> None:
    found = {kind.__name__: names for kind in own_classes() if (names := textual_names(kind))}
    assert found == USED


def test_private_names_were_read_in_the_source_of_this_version() -> None:
    assert textual.__version__ in VERSIONS, "read its source by ADR 0074, run all of tests/tui, and add it"
