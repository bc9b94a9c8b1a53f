"""The sentences of the project, and what the catalogues make of them.

Run it as `make messages`: it merges the sentences of the counter and of paper into the catalogue of each language; one
that was changed is fuzzy until somebody has read it. The tables that a till loads follow (`tools/catalogues.py`). `make
lint` compares each catalogue, and `make release` refuses one with a hole.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from babel.messages import Catalog
from babel.messages.pofile import write_po

from till.domain.i18n import LANGUAGES
from tools.catalogues import FOLDER, TRANSLATED, catalogue, entries, texts_of, write_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Message

ROOT: Final = Path(__file__).parents[1]
_NO_CONTEXT: Final = ast.Constant(None)
#: The functions that take sentences, with the place of a context and of them among their arguments behind none.
_ARGUMENTS: Final = {"_": slice(0, 2), "N_": slice(0, 2), "ngettext": slice(0, 3), "pgettext": slice(1, 3)}
#: The desk, the administration and the shell, which stay English; all other rooms are the counter or paper.
SHELL: Final = (
    "db/backups/",
    "db/embedded/postmaster.py",
    "db/embedded/server.py",
    "db/log_settings.py",
    "db/migrate.py",
    "db/schema.py",
    "db/turns.py",
    "db/unrecorded.py",
    "till/administration/",
    "till/cli/",
    "till/config/",
    "till/fiscal/in_gstr1/",
    "till/readers/command.py",
    "till/readers/payouts.py",
    "till/reports/",
    "till/serve/certificates.py",
    "till/serve/server.py",
    "till/training/",
    "till/tui/desk_app.py",
    "till/tui/init_app.py",
    "till/tui/screens/admin/",
    "till/tui/screens/desk/",
    "till/tui/screens/init/",
    "till/tui/screens/report/",
    "till/tui/screens/train.py",
    "till/wiring/desk",
    "till/wiring/founding.py",
)
#: Headers that differ at each writing, or name nobody.
_STAMPS: Final = re.compile(
    r'^"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team|Project-Id-Version)[^\n]*\n',
    re.MULTILINE,
)
_HEAD: Final = """# {name}: the counter and paper of till.
# A draft, until a native reader has gone over it: tell us what reads wrong.
"""


@cache
def marked() -> Catalog:
    """Return all sentences, each with the files that have it. Babel's own reader sees no call within an f-string."""
    found = Catalog(project="till", charset="utf-8")
    for path in sorted([*ROOT.glob("db/**/*.py"), *ROOT.glob("till/**/*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _ARGUMENTS:
                written = [_NO_CONTEXT, *node.args][_ARGUMENTS[node.func.id]]
                if not all(isinstance(each, ast.Constant) for each in written):
                    continue  # a sentence that N_ marks elsewhere
                context, *texts = map(ast.literal_eval, written)
                place = path.relative_to(ROOT).as_posix()
                found.add(tuple(texts) if len(texts) > 1 else texts[0], locations=[(place, 0)], context=context)
    return found


def counter() -> list[Message]:
    """Return the sentences of the counter and of paper."""
    return [each for each in marked() if each.id and not all(name.startswith(SHELL) for name, _ in each.locations)]


def merged(language: str) -> str:
    """Return the catalogue of a language with the sentences of today. One that was changed becomes fuzzy."""
    head = _HEAD.format(name=LANGUAGES[language])
    today = Catalog(locale=language, project="till", charset="utf-8", header_comment=head)
    for each in counter():
        today.add(each.id, locations=each.locations, context=each.context)
    whole = catalogue(language) if (FOLDER / f"{language}.po").exists() else Catalog(locale=language)
    whole.update(today, update_header_comment=True)
    whole.fuzzy = False
    whole.obsolete.clear()
    return _written(whole)


def _written(messages: Catalog) -> str:
    file = io.BytesIO()
    write_po(file, messages, width=0, sort_output=True, include_lineno=False)
    return _STAMPS.sub("", file.getvalue().decode())


def faults(language: str, *, whole: bool) -> Iterator[str]:
    """Return a sentence for each fault of a catalogue.

    Args:
        language: the code of its language.
        whole: true refuses a sentence without a translation, and a fuzzy one.
    """
    found = entries(language)
    if {(str(each.context or ""), texts_of(each.id)) for each in counter()} != {
        (each.context, each.sentences) for each in found
    }:
        yield f"{language}.po has not the sentences of today: make messages"
    for each in found:
        yield from (f"{language}.po: {fault}" for fault in each.faults())
        if whole and not each.is_whole:
            yield f"{language}.po: “{each.sentences[0]}” has {'a fuzzy' if each.is_fuzzy else 'no'} translation"


def at_import() -> Iterator[str]:
    """Return the places of sentences that are translated when a module is imported, before a language is known."""
    for path in sorted(ROOT.glob("till/**/*.py")):
        for line in _at_import(ast.parse(path.read_text(encoding="utf-8"))):
            yield f"{path.relative_to(ROOT)}:{line}: mark it by N_, and translate it where it is shown"


def _at_import(node: ast.AST) -> Iterator[int]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "ngettext", "pgettext"}:
        yield node.lineno
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        within: list[ast.AST] = [*node.decorator_list, node.args]
    else:
        within = [] if isinstance(node, ast.Lambda) else list(ast.iter_child_nodes(node))
    for each in within:
        yield from _at_import(each)


def main(arguments: list[str]) -> int:
    """Write the catalogues and their tables; with `--check`, print their faults, and with `--whole` their holes too."""
    if not arguments:
        for language in TRANSLATED:
            (FOLDER / f"{language}.po").write_text(merged(language), encoding="utf-8")
        write_tables()
        return 0
    found = list(at_import())
    for language in TRANSLATED:
        found += faults(language, whole="--whole" in arguments)
    sys.stderr.writelines(f"{fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
