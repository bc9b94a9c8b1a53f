"""`till help`: the runbook by words. It reads pages of the wheel, so that it needs no network and no database."""

from __future__ import annotations

import difflib
import math
import re
import sys
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Final

import typer

from till.cli.options import AsJson  # noqa: TC001 - typer reads the annotations
from till.cli.output import print_json, say
from till.cli.running import make_app
from till.cli.shared_files import shared_file
from till.domain.errors import TillError
from till.domain.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from markdown_it.token import Token
    from rich.console import Console
    from rich.text import Text

app = make_app()

#: The pages, and the titles of their lists.
PAGES: Final = {
    "counter": N_("At the counter"),
    "cook": N_("In the kitchen"),
    "manager": N_("For the manager"),
    "server": N_("On the server"),
}
_HEADING: Final = re.compile(r"^## (.+)$", re.MULTILINE)
#: A row of the index: what the till says, and the link to its section.
_INDEXED: Final = re.compile(r"^\| “(.+)” \| \[[^]]+\]\((?:(\w+)\.md)?#([\w-]+)\) \|$", re.MULTILINE)
#: The words of a person who looks for the section, beneath its title.
_OF_A_PERSON: Final = re.compile(r"^<!-- words: (.+) -->\n+", re.MULTILINE)
_LEADING: Final = re.compile(r"^\| (`.+?) \|", re.MULTILINE)
_WORD: Final = re.compile(r"[^\W_]+")
#: The weight of a word in a title, in a sentence of the till that the index leads from, and elsewhere in the section.
_IN_TITLE, _IN_SENTENCE, _IN_TEXT = 4, 3, 1
#: The factor for a section with all of the words side by side in its title or a sentence, and elsewhere.
_AS_TITLE, _AS_TEXT = 4, 2
#: The part of the asked words, by their weight, that a section must have.
_LEAST: Final = 0.5
#: The part of the best score from which on another section is named.
_NEAR_BEST: Final = 0.4
#: The likeness of a mistyped word, and its least length.
_LIKENESS, _TYPED_LENGTH = 0.8, 4
#: The most sections that are found.
_MOST: Final = 3
#: The most columns of text, and the columns by which code is indented.
_WIDEST, _INDENT = 100, 4
#: The parts of a page that a blank line stands before.
_BLOCKS: Final = {"paragraph_open", "ordered_list_open", "bullet_list_open", "table_open"}
#: The columns of a table whose second one needs no heading.
_PAIR: Final = 2


class NoSectionError(TillError):
    """Words that no section of the runbook has."""

    code = "no_section"
    default = N_(
        "No section has these words. Try others of the sentence on the screen; `till help` lists the sections."
    )


class NoPagesError(TillError):
    """An installation without the pages of the runbook."""

    code = "no_pages"
    default = N_("The pages of the runbook are gone from this installation. Install the till again.")


@dataclass(frozen=True, slots=True)
class HelpSection:
    """A section of the runbook.

    Attributes:
        page: the name of its page.
        anchor: its anchor there.
        title: its title.
        sentences: the sentences of the till that the index leads from.
        words: the words of a person who looks for it, which are not shown.
        text: its text, in Markdown.
    """

    page: str
    anchor: str
    title: str
    sentences: tuple[str, ...]
    words: tuple[str, ...]
    text: str


def title_words(incomplete: str) -> list[str]:
    """Return the words of titles that complete what was typed."""
    words = {word for one in read_sections() for word in _WORD.findall(one.title.lower())}
    return sorted(word for word in words if len(word) >= _TYPED_LENGTH and word.startswith(incomplete.lower()))


@app.command(
    "help", epilog=N_("Examples: till help no paper. till help It is not known yet if it was charged. till help --json")
)
def show_help(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WORDS",
            help=N_("Words of the trouble, or the sentence on the screen; without any, the sections are listed."),
            autocompletion=title_words,
        ),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Find the section of the runbook that fits some words, and print it."""
    sections = read_sections()
    found = find(sections, " ".join(words)) if words else sections
    if not found:
        raise NoSectionError
    if as_json:
        print_json({"sections": [asdict(one) for one in found]})
    elif words:
        _print_section(found[0])
        _print_others(found[1:])
    else:
        _print_list(sections)


def read_sections() -> list[HelpSection]:
    """Read all sections, in the order of the pages."""
    folder, found = shared_file("docs/runbook"), []
    sentences: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    if folder is None:
        raise NoPagesError
    for page in PAGES:
        text = folder.joinpath(f"{page}.md").read_text(encoding="utf-8")
        for sentence, other, anchor in _INDEXED.findall(text):
            sentences[other or page, anchor].append(sentence)
        parts = _HEADING.split(text)[1:]
        found += [(page, title, body.strip()) for title, body in zip(parts[::2], parts[1::2], strict=True)]
    return [
        HelpSection(
            page,
            anchor,
            title,
            sentences=tuple(sentences[page, anchor]),
            words=tuple(words for line in _OF_A_PERSON.findall(body) for words in line.split(", ")),
            text=_OF_A_PERSON.sub("", body),
        )
        for page, title, body in found
        if (anchor := anchor_of(title)) and not _INDEXED.search(body)
    ]


def anchor_of(title: str) -> str:
    """Return the anchor of a heading, as web pages of Markdown have it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def find(sections: Sequence[HelpSection], typed: str) -> list[HelpSection]:
    """Return the sections that fit what was typed, best first, three at most.

    A word weighs more the fewer sections have it, and nothing if half of them do. One that none has counts as the word
    most like it that is in a title or a sentence or begins it: a slip of the finger. Numbers count alone: in a
    sentence they are those of a receipt.
    """
    places = [_places(one) for one in sections]
    having = Counter(word for place in places for word in place)
    named = {word for place in places for word, weight in place.items() if weight >= _IN_SENTENCE}
    words = _words(typed)
    phrase = _phrase(words)
    asked = {_nearest(word, having, named) for word in words if not any(map(str.isdecimal, word))} or {*words}
    weights = {word: max(0, math.log(len(sections) / 2 / having.get(word, 1))) for word in asked}
    total = sum(weights.values())
    scores: dict[HelpSection, tuple[float, int]] = {}
    for one, place in zip(sections, places, strict=True):
        has = sum(weight for word, weight in weights.items() if word in place)
        if has and has >= total * _LEAST:
            score = sum(weight * place.get(word, 0) for word, weight in weights.items()) * has / total
            if any(phrase in _phrase(_words(text)) for text in (one.title, *_sentences(one))):
                score *= _AS_TITLE
            elif phrase in _phrase(_words(one.text)):
                score *= _AS_TEXT
            scores[one] = score, sum(place.get(word, 0) for word in words)  # of two alike, the common words count
    best = max((score for score, _common in scores.values()), default=0)
    near = (one for one in scores if scores[one][0] >= best * _NEAR_BEST)
    return sorted(near, key=lambda one: scores[one], reverse=True)[:_MOST]


def _sentences(section: HelpSection) -> list[str]:
    """Return the texts that lead to a section: sentences, words of a person, lights and commands of its tables."""
    return [*section.sentences, *section.words, *_LEADING.findall(section.text)]


def _places(section: HelpSection) -> dict[str, int]:
    """Return the words of a section with their weights."""
    parts = ((_IN_TEXT, [section.text]), (_IN_SENTENCE, _sentences(section)), (_IN_TITLE, [section.title]))
    return {word: weight for weight, texts in parts for text in texts for word in _words(text)}


def _words(text: str) -> list[str]:
    """Return the words of a text to compare by, without the s of a plural."""
    words = _WORD.findall(text.lower().replace("'s", "").replace("’s", ""))
    return [word[:-1] if len(word) >= _TYPED_LENGTH and word[-1] == "s" and word[-2] != "s" else word for word in words]


def _phrase(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "


def _nearest(word: str, known: Iterable[str], named: Collection[str]) -> str:
    """Return the known word that was meant, or the word itself. A slip in a word that is not `named` is a guess."""
    if word in known or len(word) < _TYPED_LENGTH or not word.isalpha():
        return word
    candidates = [one for one in known if one[0] == word[0] and (one in named or word.startswith(one))]
    return next(iter(difflib.get_close_matches(word, candidates, 1, _LIKENESS)), word)


def _print_list(sections: Sequence[HelpSection]) -> None:
    """Print the titles of all sections, by page."""
    for page, heading in PAGES.items():
        say(heading)
        for one in sections:
            if one.page == page:
                say(f"  {one.title}")
        say("")
    say(_("`till help WORDS` prints the section that fits, as in `till help no paper`."))
    say(_("`till --help` lists the commands."))


def _print_others(others: Sequence[HelpSection]) -> None:
    """Name the other sections that fit."""
    if others:
        say("")
        say(ngettext("Another section fits too:", "Other sections fit too:", len(others)))
    for one in others:
        say(f"  till help {one.anchor}")


def _print_section(section: HelpSection) -> None:
    """Print a section for a terminal, and plainly without one."""
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.text import Text

    console = Console(file=sys.stdout, highlight=False)
    console.print(Text(section.title, style="bold"), Text(f"({PAGES[section.page]})", style="dim"), soft_wrap=True)
    _Printer(console).print(Markdown(section.text).parsed)


class _Printer:
    """A printer of Markdown: text in the width of the terminal, commands as they are copied, tables row by row."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._width = min(console.width, _WIDEST)
        self._markers: list[str] = []
        self._headings: list[Text] = []
        self._cells: list[Text] | None = None
        self._acts: dict[str, Callable[[Token], None]] = {
            "list_item_open": lambda token: self._markers.append(f"{token.info}{token.markup} "),
            "list_item_close": lambda _token: self._markers.__delitem__(-1),
            "tr_open": lambda _token: setattr(self, "_cells", []),
            "tr_close": lambda _token: self._end_row(),
            "table_close": lambda _token: self._headings.clear(),
            "inline": lambda token: self._take(_inline(token)),
            "code_block": lambda token: self._print_code(token.content),
        }

    def print(self, tokens: Sequence[Token]) -> None:
        """Print the parts of a page."""
        for token in tokens:
            if token.type in _BLOCKS and not self._markers:
                self._console.print()
            if act := self._acts.get(token.type):
                act(token)

    def _take(self, text: Text) -> None:
        """Print a text, or keep it as a cell of a table."""
        if self._cells is None:
            self._print_text(text)
        else:
            self._cells.append(text)

    def _end_row(self) -> None:
        """Print a row of a table: its first cell, and the others below; of several each with its heading."""
        cells, self._cells = self._cells or [], None
        if not self._headings:
            self._headings = cells
            return
        self._print_text(cells[0])
        for heading, cell in zip(self._headings[1:], cells[1:], strict=True):
            self._print_text(heading + ": " + cell if len(cells) > _PAIR else cell, _INDENT)

    def _print_text(self, text: Text, indent: int = 0) -> None:
        """Print a text behind the marker of its list, if it begins there."""
        lead = " " * indent + "".join(self._markers)
        for line in text.wrap(self._console, self._width - len(lead)):
            line.rstrip()
            self._print_line(line, lead)
            lead = " " * len(lead)
        self._markers = [" " * len(marker) for marker in self._markers]

    def _print_code(self, code: str) -> None:
        """Print commands as they are: the terminal may break a line, and a copy has it whole."""
        self._console.print()
        for line in code.splitlines():
            self._print_line(line, " " * (sum(map(len, self._markers)) + _INDENT))
        self._console.print()

    def _print_line(self, line: Text | str, lead: str) -> None:
        from rich.text import Text

        self._console.print(Text.assemble(lead, line), soft_wrap=True)


def _inline(token: Token) -> Text:
    """Return a text without the marks of Markdown; commands keep theirs, which show where they end."""
    from rich.text import Text

    text, is_bold = Text(), False
    for part in token.children or ():
        match part.type:
            case "strong_open" | "strong_close":
                is_bold = part.type == "strong_open"
            case "code_inline":
                text.append(f"`{part.content}`", style="cyan")
            case "softbreak":
                text.append(" ")
            case _:
                text.append(part.content, style="bold" if is_bold else "")
    return text
