"""The sentences of the project, and what the catalogues make of them.

Run it as `make messages`: it merges the sentences of the counter and of paper into the catalogue of each language; one
that was changed is fuzzy until somebody has read it. `make generate` writes the tables that a till loads, and `make
lint` compares all of it. `make release` refuses a catalogue with a hole.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from functools import cache
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Final, NamedTuple

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po

from till.domain.i18n import CONTEXT, ENGLISH, LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Message

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "till/languages"
TRANSLATED: Final = tuple(language for language in LANGUAGES if language != ENGLISH)
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
#: Words in quotes are to be typed, and English words always work; commands of the shell are in backquotes.
_TYPED: Final = re.compile("“[^”]+”|`[^`]+`")
#: Words to type in English and, behind a bar, in the language of the catalogue: “as the order|como el pedido”.
_BOTH: Final = re.compile("“([^”|]+)[|]([^”]+)”")
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


class Entry(NamedTuple):
    """An entry of a catalogue: one sentence, or two with a number; its translations are empty if it is a hole."""

    context: str
    sentences: tuple[str, ...]
    translations: tuple[str, ...]
    is_fuzzy: bool

    @property
    def is_whole(self) -> bool:
        """True if somebody has translated all of it as it is today."""
        return all(self.translations) and not self.is_fuzzy

    def faults(self) -> Iterator[str]:
        """Return a sentence for each difference of placeholders or of words to type."""
        for text in self.translations if self.is_whole else ():
            if not any(_fields(text) == _fields(each) for each in self.sentences):
                yield f"“{text}” has other placeholders than “{self.sentences[0]}”"
            if not any(_typed(text) == _typed(each) for each in self.sentences):
                yield f"“{text}” quotes other words than “{self.sentences[0]}”"


def _texts(texts: object) -> tuple[str, ...]:
    return tuple(map(str, texts)) if isinstance(texts, tuple | list) else (str(texts or ""),)


def _catalogue(language: str) -> Catalog:
    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, domain="messages")


def entries(language: str) -> list[Entry]:
    """Return the entries of a language as they are on disk."""
    return [
        Entry(str(each.context or ""), _texts(each.id), _texts(each.string), each.fuzzy)
        for each in _catalogue(language)
        if each.id
    ]


def merged(language: str) -> str:
    """Return the catalogue of a language with the sentences of today. One that was changed becomes fuzzy."""
    head = _HEAD.format(name=LANGUAGES[language])
    today = Catalog(locale=language, project="till", charset="utf-8", header_comment=head)
    for each in counter():
        today.add(each.id, locations=each.locations, context=each.context)
    whole = _catalogue(language) if (FOLDER / f"{language}.po").exists() else Catalog(locale=language)
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
    if {(str(each.context or ""), _texts(each.id)) for each in counter()} != {
        (each.context, each.sentences) for each in found
    }:
        yield f"{language}.po has not the sentences of today: make messages"
    for each in found:
        yield from (f"{language}.po: {fault}" for fault in each.faults())
        if whole and not each.is_whole:
            yield f"{language}.po: “{each.sentences[0]}” has {'a fuzzy' if each.is_fuzzy else 'no'} translation"


def _fields(text: str) -> set[str]:
    """Return the placeholders of a text; what does not parse has itself as one, which no other text has."""
    try:
        return {f"{name}!{kind or ''}:{form}" for _, name, form, kind in Formatter().parse(text) if name is not None}
    except ValueError:
        return {text}


def _typed(text: str) -> list[str]:
    return sorted(_TYPED.findall(_quoting(text)))


def _quoting(text: str, *, own: bool = False) -> str:
    """Return a translation that quotes the words to type in English, or its own."""
    return _BOTH.sub(r"“\2”" if own else r"“\1”", text)


def quoted(language: str) -> list[tuple[str, str]]:
    """Return the words to type that a catalogue has in English and in its own language."""
    return sorted({pair for each in entries(language) for text in each.translations for pair in _BOTH.findall(text)})


def language_table(language: str) -> str:
    """Return the table of a language that a till loads. A sentence with a fault is not in it, so that it is English."""
    sentences, plurals, own, found = {}, {}, {}, entries(language)
    sound = [each for each in found if each.is_whole and not any(each.faults())]
    for each in sorted(sound):
        if len(each.sentences) > 1:
            plurals[each.sentences[0]] = "(" + ", ".join(map(_literal, map(_quoting, each.translations))) + ")"
        else:
            key = (each.context + CONTEXT if each.context else "") + each.sentences[0]
            sentences[key] = _literal(_quoting(each.translations[0]))
            if (text := _literal(_quoting(each.translations[0], own=True))) != sentences[key]:
                own[key] = text
    return (
        f'"""The sentences in {LANGUAGES[language]}. Written by `make generate`, from `{language}.po`."""\n\n'
        "from typing import Final\n\n# fmt: off\n\n"
        f"LACKS: Final = {len(found) - len(sound)}\n"
        f"PLURALS: Final[dict[str, tuple[str, str]]] = {{\n{_rows(plurals)}}}\n"
        "#: Those that quote words to type, in the words of this language.\n"
        f"QUOTED: Final[dict[str, str]] = {{\n{_rows(own)}}}\n"
        f"SENTENCES: Final[dict[str, str]] = {{\n{_rows(sentences)}}}\n"
    )


def _rows(written: dict[str, str]) -> str:
    return "".join(f"    {_literal(key)}: {text},\n" for key, text in written.items())


def _literal(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace(CONTEXT, "\\4") + '"'


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
    """Write the catalogues; with `--check`, print their faults, and with `--whole` their holes too."""
    if not arguments:
        for language in TRANSLATED:
            (FOLDER / f"{language}.po").write_text(merged(language), encoding="utf-8")
        return 0
    found = list(at_import())
    for language in TRANSLATED:
        found += faults(language, whole="--whole" in arguments)
    sys.stderr.writelines(f"{fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
