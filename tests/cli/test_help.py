"""`till help`: the runbook by words, played in a table, and held to the code that it quotes."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.domain.paper.samples import CORNER
from till.cli.completion import complete
from till.cli.help import PAGES, _words, anchor_of, find, read_sections
from till.cli.main import COMMANDS, COMMANDS_OF_ALL, nouns
from till.ports import Light, LightState
from till.ports.saving import Quality
from till.tui.drawing.glyphs import symbol
from till.tui.shell.light import light_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.conftest import Shell

ROOT: Final = Path(__file__).parents[2]
COUNTER: Final = (ROOT / "docs/runbook/counter.md").read_text(encoding="utf-8")
NOTHING: Final = "No section has these words. Try others of the sentence on the screen; `till help` lists the sections."
SECTIONS: Final = read_sections()
#: A row of the index: a sentence of the till, and the link to its section.
INDEXED: Final = re.findall(r"^\| “(.+)” \| \[(.+)\]\((?:(\w+)\.md)?#(.+)\) \|$", COUNTER, re.MULTILINE)
#: The rooms of the sentences: those of programs, of SQL and of vocabularies.
ROOMS: Final = ("till", "db")
#: Searches of tired people, and the title that answers each.
OF_A_NIGHT: Final = {
    "printer out of paper": "A printer has no paper, or is open",
    "printer does not print": "A printer says nothing",
    "server does not answer": "This needs the server",
    "database down": "The database itself",
    "disk full": "This till cannot write to its disk",
    "certificate expired": "Invoice records are not sent",
    "clock wrong": "This till's clock is wrong",
    "till stolen": "A till was stolen",
    "phone lost": "A till on a phone",
    "serve machine lost": "A new machine takes the place of one that is gone",
    "sender silent": "Invoice records are not sent",
    "power cut": "A till was switched off or killed",
    "card charged twice": "It is not known yet if a payment was charged",
    "drawer short": "A drawer is short, or over",
    "forgot pin": "Forgotten PINs and passwords",
    "kitchen screen black": "The kitchen's screen is black, or stands still",
    "kitchen screen dead": "The kitchen's screen is black, or stands still",
    "restore backup": "Back to a backup",
    "upgrade failed": "Upgrade",
    "how do I go back to the old version": "Upgrade",
    "needs attention": "A record needs attention",
    "light is red": "What the light shows",
    "cannot log in": "A number is locked",
    "screen frozen": "A till was switched off or killed",
    "undefined symbol plpgsql": "Upgrade",
    "connection to the database was lost": "A database for more than one machine",
    "sd card died": "A new machine takes the place of one that is gone",
    "replace till": "A new machine takes the place of one that is gone",
    "new till": "A second till on this machine",
    "internet down": "This needs the server",
    "wifi down": "What the light shows",
}
#: Others. The words of sections were written with them known: they show what a change loses, not how good it is.
OTHERS: Final = {
    "screen stays black": "A till was switched off or killed",
    "scanner not working": "",
    "till is slow": "Is anything slow, or late?",
    "wrong tax on receipt": "A setting of the venue is wrong",
    "refund yesterdays receipt": "",
    "cannot see the table": "Another till holds the order",
    "card machine offline": "A card terminal or UPI codes at a till",
    "drawer does not open": "The drawer did not open",
    "power went out during payment": "It is not known yet if a payment was charged",
    "server rebooted": "A database for more than one machine",
    "no space left on device": "This till cannot write to its disk",
    "password authentication failed": "The database's password",
    "forgot to close yesterday": "A till died with an open shift",
    "orders do not reach the kitchen": "A kitchen printer is away",
    "tills show different amounts": "The Zs do not add up to the day",
    "staff member left": "",
    "old server is back": "Back to a backup",
    "guest says paid twice": "It is not known yet if a payment was charged",
    "backup did not run": "Backups",
    "no route to host": "A database for more than one machine",
}
MARKS: Final = frozenset({"_", "N_", "ngettext", "pgettext"})
GAP: Final = re.compile(r"\{[^{}]*\}|%[sL]|%(?=[ ,.:;)])")


@pytest.fixture(autouse=True)
def known_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the words of each text apart once: hundreds of commands look for some in all sections."""
    monkeypatch.setattr("till.cli.help._words", words_of)


words_of: Final = cache(_words)


def first_line(typed: str, shell: Shell) -> str:
    return shell.ok("help", *typed.split()).partition("\n")[0]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("no paper", "A printer has no paper, or is open"),
        ("paper is empty", "A printer has no paper, or is open"),
        ("printre says nothing", "A printer says nothing"),
        ("Z 1-Z000017 says 99.00; its records add up to 98.50.", "A Z differs from its records, or is not checked"),
        ("Refund 7-R000321 of €4.20 has no answer: F10.", "A refund has no answer after a restart"),
        ("12 records are missing.", "Records are missing"),
        ("Till 4 has sold with another journal", "A till has sold with another journal"),
        ("forgot pin", "Forgotten PINs and passwords"),
        ("saved here", "What the light shows"),
        ("stolen till", "A till was stolen"),
        ("guest forgotten", "A guest asks to be forgotten"),
        ("nightly backup", "Backups"),
        ("restore a backup", "Back to a backup"),
        ("pgbouncer", "PgBouncer in front"),
        ("server-is-full", "The server is full"),
        ("SERVER FULL", "The server is full"),
        ("prometheus", "Metrics"),
        ("happy hour", "A happy hour"),
        ("drawer short", "A drawer is short, or over"),
    ],
)
def test_words_find_their_section(typed: str, title: str, shell: Shell) -> None:
    assert first_line(typed, shell).startswith(f"{title} (")


def test_each_title_anchor_and_sentence_of_the_index_finds_its_own_section() -> None:
    wanted = [(typed, one.title) for one in SECTIONS for typed in (one.title, one.anchor)]
    wanted += [(sentence, title) for sentence, title, _page, _anchor in INDEXED]
    assert [(typed, title) for typed, title in wanted if not find(SECTIONS, typed)[0].title.startswith(title)] == []


@pytest.mark.parametrize(("searches", "least"), [(OF_A_NIGHT, 29), (OTHERS, 14)])
def test_a_tired_person_finds_the_section_within_three(searches: dict[str, str], least: int) -> None:
    found = {typed: [one.title for one in find(SECTIONS, typed)] for typed in searches}
    missed = {typed: found[typed] for typed, title in searches.items() if title not in found[typed]}
    assert len(searches) - len(missed) >= least, missed
    assert max(map(len, found.values())) == 3


def test_words_of_a_person_find_a_section_and_are_not_shown(shell: Shell) -> None:
    assert [one.title for one in SECTIONS if "words:" in one.text] == []
    assert "words:" not in shell.ok("help", "wifi", "down")
    assert [words for one in SECTIONS for words in one.words if one not in find(SECTIONS, words)] == []


def test_the_best_is_printed_and_others_are_named(shell: Shell) -> None:
    printed = shell.ok("help", "printer")
    assert printed.startswith("A printer has no paper, or is open (At the counter)\n")
    assert "  till help a-printer-says-nothing\n" in printed
    listed = shell("help", "printer", "--json").json["sections"]
    assert [one["anchor"] for one in listed[1:]] == re.findall(r"^  till help (\S+)$", printed, re.MULTILINE)
    assert listed[0].keys() == {"page", "anchor", "title", "sentences", "words", "text"}


@pytest.mark.parametrize("typed", ["xyzzy", "payroll", "the", "9876", "\x1b[31m", "bake some bread"])
@pytest.mark.parametrize("more", [(), ("--json",)])
def test_words_that_no_section_has_are_refused_in_one_line(typed: str, more: tuple[str, ...], shell: Shell) -> None:
    assert shell.refused("help", *typed.split(), *more) == NOTHING


def test_without_words_the_sections_are_listed_and_how_to_ask(shell: Shell) -> None:
    listed = shell.ok("help")
    assert re.findall(r"^  (.+)$", listed, re.MULTILINE) == [one.title for one in SECTIONS]
    assert [title for title in PAGES.values() if f"{title}\n" not in listed] == []
    assert "`till help WORDS`" in listed
    assert "`till --help`" in listed
    assert max(map(len, listed.splitlines())) <= 80
    assert [one["title"] for one in shell("help", "--json").json["sections"]] == [one.title for one in SECTIONS]


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_section_is_plain_text_as_wide_as_the_terminal(columns: int, shell: Shell) -> None:
    shell.patch.setenv("COLUMNS", str(columns))
    for one in SECTIONS:
        title, *lines = shell.ok("help", *one.anchor.split("-")).splitlines()
        code = {line.strip() for line in re.findall(r"^ {4,}(\S.*)$", one.text, re.MULTILINE)}
        code |= {line.strip() for line in lines if line.startswith("  till help ") and columns < 80}
        words = [line for line in lines if line.strip() not in code and len(line.split()) > 1]
        assert title.startswith(one.title)
        assert not re.search(r"\x1b|\*\*|\]\(|^\s*\|", "\n".join(words), re.MULTILINE), one.title
        assert max(map(len, words)) <= min(columns, 100), one.title


def test_a_command_is_never_broken(shell: Shell) -> None:
    shell.patch.setenv("COLUMNS", "40")
    printed = shell.ok("help", "certificate and who may connect")
    (page,) = (one.text for one in SECTIONS if one.title == "The server's certificate, and who may connect")
    commands = re.findall(r"^ {7}(.+)$", page, re.MULTILINE)
    assert len(commands) > 15
    assert [command for command in commands if f"{command}\n" not in printed] == []


@pytest.mark.parametrize(("more", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_is_for_a_terminal_that_wants_it(more: dict[str, str], coloured: bool) -> None:
    code = "import sys; sys.stdout.isatty = lambda: True; from till.cli.main import main; main(['help', 'no', 'paper'])"
    environment = {**os.environ, "TERM": "xterm-256color", **more}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ("\x1b[36m`no receipt`" in done.stdout) is coloured


def test_a_shell_completes_words_of_titles(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name, value in (("COMP_WORDS", "till help print"), ("COMP_CWORD", "2"), ("_TILL_COMPLETE", "complete_bash")):
        monkeypatch.setenv(name, value)
    complete([], {name: module for name, (module, _about) in COMMANDS.items()}, nouns())
    assert capsys.readouterr().out.split() == ["printer"]


def test_a_sentence_that_names_help_has_words_of_one_title_in_their_order() -> None:
    titles = [f" {one.anchor.replace('-', ' ')} " for one in SECTIONS]
    texts = [
        *templates(),
        *(path.read_text(encoding="utf-8") for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]),
    ]
    named = {words for text in texts for words in re.findall(r"`till help ([a-z][\w ]+)`", text, re.IGNORECASE)}
    assert len(named) > 5
    assert [one for one in named - {"WORDS"} if sum(f" {one.lower()} " in title for title in titles) != 1] == []


def test_the_index_has_each_light_as_the_status_bar_writes_it() -> None:
    since = datetime(2026, 11, 20, 14, 1, tzinfo=CORNER.zone)
    lights = [
        *(Light(state, unsent=3, since=since) for state in LightState),
        *(Light(LightState.SAVED, quality=quality) for quality in Quality if quality is not Quality.GOOD),
        Light(LightState.SAVED, lacks=3),
    ]
    shown = [light_text(light, CORNER) for light in lights]
    first = re.findall(r"^\| (`.+?) \|", COUNTER, re.MULTILINE)
    written = [light for cell in first for light in re.findall(r"`(.+?)`", cell)]
    assert sorted(written) == sorted(f"{symbol(one.mark, plain=False)} {one.text}" for one in shown if one.mark)


def test_the_till_says_each_sentence_of_the_index_and_no_other() -> None:
    assert len(INDEXED) > 40
    gone = [f"`till {name}" for name in COMMANDS_OF_ALL if name not in COMMANDS]  # of a leaf, with its sentences
    about = {one.anchor for one in SECTIONS if any(name in one.text for name in gone)}
    assert [row[0] for row in INDEXED if row[3] not in about and not is_in_code(row[0])] == []
    others = ("The till is on fire.", "3 records are missed.", "This needs the sever.", "The sentence for a server.")
    assert [sentence for sentence in others if is_in_code(sentence)] == []


def test_each_row_of_the_index_leads_to_the_title_that_it_names() -> None:
    there = {(one.page, one.anchor): one.title for one in SECTIONS}
    assert [row for row in INDEXED if there.get((row[2] or "counter", row[3])) != row[1]] == []
    assert len({anchor_of(one.title) for one in SECTIONS}) == len(SECTIONS)


def is_in_code(sentence: str) -> bool:
    """Return True if a text of the code says this, or an error and its remedy together, with any figures and names."""
    return is_text_of_code(sentence) or all(map(is_text_of_code, re.split(r"(?<=[.?!])\s+", sentence)))


def is_text_of_code(sentence: str) -> bool:
    """Return True if a text of the code says this, alone or as some of its sentences, with any figures and names."""
    return any(
        re.fullmatch(pattern, sentence.rstrip(".")) for beginning, pattern in patterns() if beginning in sentence
    )


@cache
def patterns() -> tuple[tuple[str, str], ...]:
    """Return the patterns of all runs of sentences in the code, each with its longest fixed part."""
    found: set[tuple[str, str]] = set()
    for text in templates():
        sentences = re.split(r"(?<=[.?!:])\s+", text.strip())
        for first in range(len(sentences)):
            for last in range(first + 1, min(len(sentences), first + 3) + 1):
                parts = GAP.split(" ".join(sentences[first:last]).rstrip("."))
                if len(re.findall(r"[^\W\d_]{2,}", " ".join(parts))) > 1:
                    found.add((max(parts, key=len).strip(), r"\S.{0,60}?".join(map(re.escape, parts))))
    return tuple(found)


@cache
def templates() -> tuple[str, ...]:
    """Return all texts of the code, with gaps for what is filled in."""
    return tuple(text for room in ROOMS for path in (ROOT / room).rglob("*.*") for text in texts_of(path))


def texts_of(path: Path) -> Iterator[str]:
    if path.suffix == ".py":
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
                constants = (one.value for one in node.args if isinstance(one, ast.Constant))
                yield from (text for text in constants if isinstance(text, str))
    elif path.suffix == ".sql":
        for text in re.findall(r"--[^\n]*|'((?:[^']|'')*)'", path.read_text(encoding="utf-8")):
            yield text.replace("''", "'")
