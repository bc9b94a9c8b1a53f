from __future__ import annotations

import importlib
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from db.schema import Program
from tests.plugins.commands import built_command, is_of_gone_leaf
from tests.sentences import long_sentences
from till.cli import main
from till.cli.help import anchor_of
from till.cli.main import COMMANDS, nouns
from till.domain.settings import VenueSettings
from tools.class_names import main as check_class_names
from tools.docstrings import main as check_docstrings
from tools.docstrings import (
    refused,
    refused_comments,
    refused_in_sql,
    refused_tests,
    refused_variables,
    refused_variables_in_sql,
)
from tools.generate import applier_faults
from tools.generating.protocol_pages import reads_page, settings_page
from tools.generating.rights_sql import rights_sql
from tools.lines import python_lines, sql_lines
from tools.where import main as where
from tools.where import pages

ROOT = Path(__file__).parents[1]
ROOMS = [*pages()]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/*.md"), *ROOMS])
UNITS = sorted(ROOT.glob("docs/systemd/*.service"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_file_that_a_page_names_is_there(page: Path) -> None:
    named = set(re.findall(r"`([\w./-]+\.(?:py|sql|tcss))`", page.read_text(encoding="utf-8")))
    missing = {name for name in named if not any(f"/{path}".endswith(f"/{name}") for path in _there())}
    assert missing == set()


def _anchors(page: Path) -> set[str]:
    return {anchor_of(title) for title in re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_leads_to_a_file_and_a_heading_that_are_there(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", page.read_text(encoding="utf-8"))
    targets = [((page.parent / path) if path else page, anchor) for path, anchor in links]
    assert [(str(path), anchor) for path, anchor in targets if not path.exists()] == []
    assert [(str(path), anchor) for path, anchor in targets if anchor and anchor not in _anchors(path)] == []


@pytest.mark.parametrize(
    "page",
    [
        *(ROOT / name for name in ("README.md", "docs/install.md", "docs/selling.md", "docs/protocol.md")),
        *ROOT.glob("docs/runbook/*.md"),
    ],
    ids=lambda page: page.name,
)
def test_a_sentence_has_at_most_35_words(page: Path) -> None:
    assert list(long_sentences(page.read_text(encoding="utf-8"))) == []


def test_the_contract_is_read_in_an_hour() -> None:
    words = re.findall(r"\S*\w\S*", (ROOT / "docs/protocol.md").read_text(encoding="utf-8"))
    assert len(words) <= 8000, "say a rule once, and what one function does in the comment above it"


@pytest.mark.parametrize("page", ROOMS, ids=lambda page: str(page.parent.relative_to(ROOT)))
def test_the_page_of_a_room_has_at_most_twenty_lines(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= 20


@pytest.mark.parametrize(
    ("word", "place"), [("facet", "till/domain"), ("sheet", "till/tui"), ("waits for a person", "till/administration")]
)
def test_the_place_of_a_change_is_found_by_a_word(word: str, place: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert where([word]) == 0
    assert capsys.readouterr().out.startswith(f"{place}: ")


def test_a_word_of_no_room_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert where(["zeppelin"]) == 1
    assert "docs/tour.md" in capsys.readouterr().err


def test_long_sentences_are_found_and_a_list_of_names_is_a_word() -> None:
    many = " ".join(["word"] * 35)
    names = ", ".join(f"`name_{number}`" for number in range(50))
    assert list(long_sentences(f"{many}. {many}!\n\n| a |\n| --- |\n| {names} are of {'word ' * 30} |")) == []
    assert [number for number, _sentence in long_sentences(f"- {many} (more).\n\n      {many} more\n")] == [36]


@cache
def _there() -> set[str]:
    rooms = ("till", "db", "migrations", "docs", "tools", "tests", "bench")
    return {str(path.relative_to(ROOT)) for room in rooms for path in ROOT.glob(f"{room}/**/*")}


@pytest.mark.parametrize(
    "page", [ROOT / "docs/tour.md", ROOT / "docs/words.md", *ROOMS], ids=lambda page: str(page.relative_to(ROOT))
)
def test_a_class_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"`([A-Z][a-z]\w*)[`.(]", text))
    code = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("till/**/*.py"))
    assert named - set(re.findall(r"^(?:class )?(\w+)(?= = |[(:])", code, re.MULTILINE)) == set()


def _commands(page: Path) -> list[list[str]]:
    """The commands of the till that a page names, each as its words."""
    text = " ".join(page.read_text(encoding="utf-8").split())
    named = [*re.findall(r"`till ([a-z][^`]*)`", text), *re.findall(r"\$\(till ([a-z ]+)\)", text)]
    return [shlex.split(one.replace("\\|", "|")) for one in named]


def _options(command: Any) -> set[str]:
    return {option for param in command.params for option in param.opts}


@pytest.mark.parametrize("page", [page for page in PAGES if _commands(page)], ids=lambda page: page.name)
def test_a_command_that_a_page_names_is_there_with_its_options(page: Path) -> None:
    for words in _commands(page):
        _check_command(words)


def _check_command(words: list[str]) -> None:
    """Fail if the till does not have this command, or the command not these options."""
    if not words:
        return
    first, *rest = words if words[0] not in nouns() else ["admin", *words]
    assert first in main.COMMANDS_OF_ALL, words
    if is_of_gone_leaf(words):
        return
    command: Any = built_command(importlib.import_module(COMMANDS[first][0]).app)
    options = _options(command)
    while rest and hasattr(command, "commands") and len(command.commands):
        name, *rest = rest
        if name == "…":
            break
        for one in name.split("|"):
            assert one in command.commands, words
        command = command.commands[name.split("|")[0]]
    options |= _options(command)
    assert {word for word in rest if word.startswith("--")} <= options, words


def test_the_decisions_are_listed_by_their_numbers_and_titles() -> None:
    listed = (ROOT / "docs/adr/README.md").read_text(encoding="utf-8").splitlines()
    pages = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))
    titles = {page: page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ") for page in pages}
    assert listed[-len(pages) :] == [f"- {page.name[:4]} [{title}]({page.name})" for page, title in titles.items()]


def test_the_diffs_of_the_worked_change_fit_the_files_of_today() -> None:
    page = (ROOT / "docs/change.md").read_text(encoding="utf-8")
    diffs = re.findall(r"^\+\+\+ b/(\S+)\n@@.*\n((?:[ +-].*\n|\n)+)", page, re.MULTILINE)
    assert len(diffs) == 3
    for name, hunk in diffs:
        before = "".join(line[1:] for line in hunk.splitlines(keepends=True) if not line.startswith("+"))
        assert before in (ROOT / name).read_text(encoding="utf-8"), f"{name} is not as docs/change.md has it"


def _pictures(page: Path) -> list[Path]:
    return [page.parent / name for name in re.findall(r"!\[[^]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8"))]


def test_the_first_page_is_short_with_a_moving_picture_and_the_page_of_screens_has_all() -> None:
    here = ROOT / "docs/screens"
    assert _pictures(ROOT / "README.md") == [here / "sell.svg", here / "two-tills.svg"]
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= 600
    assert sorted(_pictures(here / "README.md")) == sorted([*here.glob("*.svg"), *here.glob("*.png")])


def _command(unit: Path) -> list[str]:
    return re.findall(r"^ExecSt(?:art|op)=/usr/local/bin/(.+)$", unit.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_systemd_unit_runs_commands_of_the_till(unit: Path) -> None:
    for line in _command(unit):
        _, *words = line.split()
        _check_command(words)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd-analyze")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    units = [*UNITS, *ROOT.glob("docs/systemd/*.timer")]
    for unit in units:
        text = unit.read_text(encoding="utf-8").replace("/usr/local/bin/till", sys.executable)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    command = ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit.name) for unit in units)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd-analyze")
@pytest.mark.parametrize("path", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_has_few_rights(path: Path) -> None:
    unit = str(path)
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=50", "--no-pager", unit]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["console", "serve"])
def test_a_unit_whose_tills_print_reaches_device_files(name: str) -> None:
    text = (ROOT / f"docs/systemd/till-{name}.service").read_text(encoding="utf-8")
    assert "PrivateDevices" not in text, "it would hide /dev/usb/lp0"
    assert "DeviceAllow=char-usb rw" in text


def test_lines_of_code_are_counted_without_what_only_explains() -> None:
    code = (
        '"""Say it."""\n\nimport os\n\n# why\ndef f() -> str:\n    """Give it."""\n    # more\n    return """\nx"""\n'
    )
    assert python_lines(code) == 3
    assert sql_lines("-- why\n\nselect 1\n  -- and\n  , 2;\n") == 2


def test_docstrings_are_refused_by_their_first_words_and_classes_by_their_names() -> None:
    code = (
        '"""What it does."""\n\nclass A:\n    """Whose it is."""\n\n    def f(self) -> None:\n'
        '        """\n        Whether it is."""\n\n    async def g(self) -> None:\n        """Return what it is."""\n\n'
        '    def h(self) -> None:\n        """Return a sale: what it is."""\n\n'
        'class B(GoneError):\n    """That is gone."""\n\n    def f(self) -> None:\n        """So it is."""\n\n'
        'class Matter:\n    """A conflict."""\n'
    )
    faults = [(line, fault.partition(";")[0]) for line, fault in sorted(refused(code))]
    expected = [(1, "What"), (7, "Whether"), (11, "Return what"), (17, "That"), (20, "So")]
    assert faults == [
        *((line, f'a docstring begins with "{words}"') for line, words in expected),
        (22, "a class is called Matter"),
    ]


def test_docstrings_are_refused_by_their_words() -> None:
    words = ("told", "Said", "so many", "so much", "so long", "anew")
    code = "".join(f'def f():\n    """Wait until it is {word} here."""\n' for word in words)
    assert [line for line, _fault in sorted(refused(code))] == [2, 4, 6, 8, 10, 12]
    assert list(refused('def f():\n    """Wait until the soldier has sent a message."""\n')) == []


def test_functions_are_refused_by_their_names() -> None:
    python = "def put_aside() -> None: ...\n\nclass A:\n    async def _park(self): ...\n    def parked(self): ...\n"
    assert [(line, fault.partition(";")[0]) for line, fault in sorted(refused(python))] == [
        (1, "a function is called put_aside"),
        (4, "a function is called _park"),
    ]
    sql = "\ncreate or replace function warm.put_aside(\ncreate or replace function warm.quarantine_event(\n"
    assert [line for line, _fault in refused_in_sql(sql)] == [2]


def test_functions_are_refused_if_told_or_said_names_a_result() -> None:
    names = ("said", "_said_of", "light_said", "modifiers_said", "told", "_told_of")
    code = "".join(f"def {name}(): ...\n" for name in (*names, "is_told", "payment_told", "test_it_is_said", "aside"))
    assert [line for line, _fault in sorted(refused(code))] == [1, 2, 3, 4, 5, 6]


def test_variables_are_refused_if_told_or_said_names_what_they_hold(tmp_path: Path) -> None:
    names = ("told", "said", "_told", "unsaid", "said_before", "price_said", "_TOLD", "is_told", "soldier", "unsaidly")
    code = "".join(f"{name} = 1\n" for name in names)
    assert [line for line, _fault in refused_variables(code)] == [1, 2, 3, 4, 5, 6, 7, 8]
    held = (
        'class A:\n    said: str\n\n    def f(self, told):\n        self._told = {"said": told}\n        use(a.said)\n'
    )
    assert sorted(line for line, _fault in refused_variables(held)) == [2, 4, 5]
    sql = (
        "create or replace function till.order_told(p_said text, p_told_at text)\n"
        "    told uuid;  -- a record that was said\n"
        "select t.told_at, 'said' from hot.session_told as t;\ngrant till.payment_told_v1(text)\n"
    )
    assert [line for line, _fault in refused_variables_in_sql(sql)] == [1, 1, 2]
    (tmp_path / "a.py").write_text("heard = 1\n")
    assert check_docstrings([str(tmp_path)]) == 0
    (tmp_path / "a.py").write_text("told = 1\n")
    assert check_docstrings([str(tmp_path)]) == 1


def test_reasons_of_a_noqa_are_refused_if_they_name_another_comment() -> None:
    code = "import a  # noqa: PLC0415 - only here\nimport b  # noqa: PLC0415, S404 - the same\nx = 1  # the same\n"
    assert [line for line, _fault in refused_comments(code)] == [2]


def test_names_of_tests_are_refused_by_their_first_words(tmp_path: Path) -> None:
    words = ("what", "whatever", "who", "whose", "whether", "how", "that", "so", "it", "its", "of", "where", "nobody")
    code = "".join(f"def test_{word}_is_paid():\n" for word in words) + "class A:\n    async def test_so(self):\n"
    found = [(line, fault.partition(";")[0]) for line, fault in refused_tests(code)]
    assert found == [
        (line, f'the name of a test begins with "{word}"')
        for line, word in [*enumerate(words, 1), (len(words) + 2, "so")]
    ]
    assert list(refused_tests("def test_items_are_paid():\ndef test_sold_twice():\ndef how_it_is():\n")) == []
    long = f"def test_{'a' * 85}():\n    async def test_{'b' * 86}():\n"
    assert [line for line, _fault in refused_tests(long)] == [2]
    (tmp_path / "test_a.py").write_text("def test_what_is_paid() -> None: ...\n")
    assert check_docstrings([str(tmp_path)]) == 1


def test_comments_on_names_and_entries_of_docstrings_are_refused_by_their_first_words() -> None:
    code = (
        "#: How long it lasts.\n_LASTS = 1\n#: Seconds that it lasts.\n#: What else.\n_S = 1\n\n"
        'def f(a: int) -> int:\n    """Return a.\n\n    Args:\n        a: what it is,\n            so far.\n\n'
        "    Returns:\n        The same as `a`.\n\n    Raises:\n        GoneError: so it is.\n    "
        '"""\n\nclass A:\n    """An a.\n\n    Attributes:\n        at: where it is.\n    """\n'
    )
    faults = [(line, fault.partition(";")[0]) for line, fault in sorted(refused(code))]
    entries = [(8, "The same"), (8, "so"), (8, "what"), (22, "where")]
    assert faults == [
        (1, 'a comment begins with "How"'),
        *((line, f'an entry of a docstring begins with "{words}"') for line, words in entries),
    ]


def test_comments_are_refused_by_their_first_words() -> None:
    code = "x = 1  {0} what it is\n{0} The sum,\n{0} what else.\nx;  {1} who asks\n    {1} How it ends\n{0} whatever\n"
    assert [line for line, _fault in refused_comments(code.format("#", "--"))] == [1, 4, 5]


def test_a_refused_docstring_is_named_by_its_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a" / "b.py"
    path.parent.mkdir()
    path.write_text('"""How it is done."""\n')
    assert check_docstrings([str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith(f'{path}:1: a docstring begins with "How"; begin with ')
    path.write_text('"""The work."""\n')
    assert check_docstrings([str(tmp_path)]) == 0
    assert capsys.readouterr().err == ""


def test_comments_of_sql_are_refused_by_their_first_words(tmp_path: Path) -> None:
    code = (
        "-- What this file holds.\n\n-- The till of an order, as\n-- What it says.\n"
        "create or replace function f() returns integer\n -- What it counts.\n$$;\n\n"
        "-- The same, of a refund.\n-- It is null for none.\ncreate or replace function g() returns integer\n"
        "-- Somebody who asks.\ncreate or replace view h as\n-- Whether it is.\ncreate or replace view i as\n"
    )
    faults = [(line, fault.partition(";")[0]) for line, fault in refused_in_sql(code)]
    assert faults == [(9, 'a comment begins with "The same"'), (14, 'a comment begins with "Whether"')]
    path = tmp_path / "a" / "b.sql"
    path.parent.mkdir()
    path.write_text(code)
    assert check_docstrings([str(tmp_path)]) == 1
    path.write_text("-- The till of an order.\ncreate or replace function f() returns integer\n")
    assert check_docstrings([str(tmp_path)]) == 0


def test_a_type_without_its_function_and_a_function_without_its_type_are_refused() -> None:
    scripts = [text for _name, text in Program().scripts]
    assert applier_faults(scripts) == []
    assert applier_faults(text.replace("warm.on_feedback_given(", "warm.on_feedback(") for text in scripts) == [
        "db/sql has no warm.on_feedback_given(p_auth, e), which returns a boolean",
        "warm.on_feedback applies no type that is applied_beside",
    ]


def test_a_setting_has_a_row_with_its_doc_and_default_and_one_without_a_doc_is_refused() -> None:
    class Settings(VenueSettings, frozen=True):
        """Some settings."""

        new: bool = False

    doc = "the minutes after which a ticket on a kitchen screen is late; 0 for never."
    row = f"\n| `kitchen_minutes` | {doc} | a whole number of minutes from 0 to 1440 | `15` |\n"
    assert row in settings_page()
    assert "\n| `printers` | the receipt printers. | [see below](#printers) | `[]` |\n" in settings_page()
    with pytest.raises(ValueError, match=r"Settings has no doc of .*new"):
        settings_page(Settings)


def test_a_read_has_a_row_from_the_comment_above_it_and_one_that_gives_nothing_is_refused() -> None:
    made = "create or replace function till.x_v1(p_auth warm.auth_context, p_request jsonb) returns json\n"
    comment = '-- The x of a till:\n-- see “Reads”.\n-- Takes `y`.\n-- Gives {"ok",\n-- "z"}.\n'
    row = '| `till.x_v1` | `y` | `{"ok", "z"}`: The x of a till: see [Reads](protocol.md#reads). |\n'
    assert reads_page([comment + made]).endswith(row)
    with pytest.raises(ValueError, match=r"above till\.x_v1 does not say what it gives"):
        reads_page([f"-- The x of a till.\n{made}"])


@pytest.mark.parametrize(
    ("below", "words", "fault"),
    [
        (
            "function till.x_v1(p_auth warm.auth_context, p jsonb) returns json",
            "app",
            "till.x_v1 believes its auth_context",
        ),
        ("function till.x_v1(p_store uuid) returns json", "admin, boss", "till.x_v1 is for nobody's role: boss"),
        ("function cold.x(p_store uuid) returns json", "manager", "cold.x is not for a manager"),
        ("view till.x as select 1", "manager", "till.x is not for a manager"),
        ("type till.x as (y text)", "admin", "`-- for: admin` stands above no function or view"),
    ],
)
def test_a_right_that_nobody_may_have_is_refused(below: str, words: str, fault: str) -> None:
    with pytest.raises(ValueError, match=re.escape(fault)):
        rights_sql([f"-- for: {words}\ncreate or replace {below}"])


def test_a_right_is_granted_to_whom_the_line_names() -> None:
    made = "create or replace "
    rights, managers = rights_sql(
        [
            f"-- for: admin, manager, report\n{made}function till.x_v1(\n a numeric(9, 2), b text default 'y') returns",
            f"{made}function till.owners(p text) returns\n-- for: admin, report\n{made.upper()}VIEW cold.y AS",
            f"-- for: manager\n{made}function till.z(p_store uuid) returns",
        ]
    )
    assert "grant execute on function\n    till.x_v1(a numeric(9, 2), b text)\nto till_admin, till_report;\n" in rights
    assert rights.endswith("grant select on\n    cold.y\nto till_admin, till_report;\n")
    assert "till.z" not in rights
    assert "owners" not in rights
    assert "'x_v1',\n        'z']" in managers


def test_a_public_class_name_of_two_classes_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text("class Refund:\n    pass\n", encoding="utf-8")
    two.write_text("class _Refund:\n    pass\n\n\nclass GatewayRefund:\n    pass\n", encoding="utf-8")
    assert check_class_names([str(tmp_path)]) == 0
    two.write_text("if True:\n\n    class Refund:\n        pass\n", encoding="utf-8")
    assert check_class_names([str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"Refund is the name of 2 classes: {one}:1, {two}:3\n"
