"""Vocabularies: the words and phrases of the entry line in one language, as data. The code contains no such words."""

from __future__ import annotations

import re
from functools import cache
from itertools import product, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec
from msgspec import Struct

from till.domain.errors import ConfigError
from till.domain.i18n import _
from till.domain.patterns import late
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_T = TypeVar("_T")

_SHIPPED: Final = Path(__file__).parent / "vocabularies"
_TOKEN: Final = late(r"\s+|[()\[\]|]|\{\w+\}|<\w+>|[^\s()\[\]|{}<>]+")
#: The pattern before a word, and the separators between words.
_SPACE: Final = ",? "
_BETWEEN: Final = late(r"[,: ]+")
#: The pattern of each slot.
_SLOTS: Final = {
    "count": r"\S.*?",
    "name": r"\S.*?",
    "who": r"\S.*",
    "item": r"(?![x×*] )[^\d\s].*",
    "wish": r"[^\W\d_]\D*",
    "word": r"\S+",
    "amount": r"[-+.,0-9]\S*",
    "taken": r"[0-9]\S*",
    "figure": r"[0-9][0-9.,]*",
    "number": r"[0-9]{1,2}",
    "guests": r"[1-9]",
    "slip": r"\S+",
    "receipt": r"[0-9]+[a-z0-9]*-r?[0-9]+",
    "z": r"(?:[0-9]+[a-z0-9]*-z)?[0-9]{1,9}",
    "tender": r"\w+(?: \w+){0,3}?",
    "tab": r"\S.*?",
    "of": r"\S.*",
    "pieces": r"[0-9]{1,4} ?(?:[x×] ?)?",
    "thing": r"[^\s0-9].*?",
    "place": r"[0-9]{1,9}",
    "digits": r"[0-9]*",
    "minute": r"[0-9]{1,2}[:.h][0-9]{2}",
}
#: The most sentences that one pattern may expand to.
_MOST: Final = 5_000


class _Word(Struct, frozen=True):
    """A word or a slot; `is_apart` is false if no space precedes it."""

    text: str
    is_apart: bool


class _Either(Struct, frozen=True):
    """Alternative sequences; `is_optional` allows none of them."""

    ways: tuple[tuple[_Word | _Either, ...], ...]
    is_optional: bool


_Parts = tuple["_Word | _Either", ...]


class _Body(Struct, forbid_unknown_fields=True):
    """The content of a vocabulary file."""

    language: str
    numbers: dict[str, int] = {}
    groups: dict[str, int] = {}
    plurals: dict[str, str] = {}
    words: dict[str, list[str]] = {}
    parts: dict[str, str] = {}
    phrases: dict[str, list[str]] = {}
    commands: dict[str, list[str]] = {}
    begins: dict[str, list[str]] = {}
    screens: dict[str, dict[str, list[str]]] = {}


@cache
def _decoded(text: str) -> _Body:
    return msgspec.toml.decode(text, type=_Body)


class _Form:
    """A pattern, compiled on first use; `behind` is an expression for the text that may follow."""

    def __init__(self, parts: _Parts, behind: str = "") -> None:
        slots = _slots(parts)
        if len(slots) > len(set(slots)):
            raise ValueError(slots[-1])
        self._parts = parts
        self._behind = behind
        self.needs = _needs(parts)
        self._regex: re.Pattern[str] | None = None

    def match(self, text: str, words: frozenset[str]) -> dict[str, str | None] | None:
        """Match a text with its words and return the values of the slots; None if it does not match."""
        for needed in self.needs:
            if words.isdisjoint(needed):
                return None
        if self._regex is None:
            self._regex = late(_regex(self._parts) + self._behind, re.IGNORECASE)
        found = self._regex.fullmatch(f" {text}")
        return found.groupdict() if found else None


class Sentences:
    """Patterns by name: those of the entry line, or of one screen.

    Args:
        patterns: the parts of each pattern.
    """

    def __init__(self, patterns: dict[str, list[_Parts]]) -> None:
        self.names = tuple(patterns)
        self._patterns = patterns
        self._forms = {name: [_Form(parts) for parts in several if _slots(parts)] for name, several in patterns.items()}
        self._exact: dict[str, str] = {}
        #: The names of phrases by a required word; the empty word is for phrases without one.
        self._cued: dict[str, set[str]] = {}
        for name, form in ((name, form) for name, forms in self._forms.items() for form in forms):
            for cue in next(iter(form.needs), ("",)):
                self._cued.setdefault(cue, set()).add(name)

    def slots_of(self, name: str) -> set[str]:
        """Return the slots of a phrase."""
        return {slot for parts in self._patterns.get(name, ()) for slot in _slots(parts)}

    def check(self, source: str, numbers: Iterable[str] = ()) -> None:
        """Index all sentences, and refuse a sentence with two meanings."""
        owners = dict.fromkeys(numbers, "numbers")
        for name, patterns in self._patterns.items():
            for words in {words for parts in patterns for words in _expanded(parts)}:
                if owners.setdefault(words, name) != name:
                    sentence = _("The vocabulary {file} is ambiguous: “{words}” means {one} and {other}. Keep one.")
                    one, other = (owner.partition(" ")[2] or owner for owner in (owners[words], name))
                    raise ConfigError(sentence.format(file=source, words=words, one=one, other=other))
                if "{" not in words:
                    self._exact[words] = name

    def find(self, text: str, names: Iterable[str]) -> Iterator[tuple[str, dict[str, str | None]]]:
        """Yield the named phrases that match a text, with the values of their slots.

        The one with exactly these words comes first, the others in the order of `names`.
        """
        text = text.rstrip(".!?")
        exact = self._exact.get(text.casefold())
        words = _words_of(text)
        likely = {exact}.union(*map(self._cued.get, ("", *words), repeat(())))
        for name in sorted(filter(likely.__contains__, names), key=lambda name: name != exact):
            if exact == name:
                yield name, {}
            for form in self._forms.get(name, ()):
                if (slots := form.match(text, words)) is not None:
                    yield name, slots

    def begins(self, text: str, name: str) -> bool:
        """Return True if a text is the beginning of a phrase, before its first slot."""
        sentences = (words for parts in self._patterns.get(name, ()) for words in _expanded(parts))
        return any(words.partition("{")[0].startswith(text.casefold()) for words in sentences)


class Vocabulary(Sentences):
    """The words and sentences of a language, or of several together; the first is the one to speak.

    Args:
        texts: the contents of the files.
        source: the names of the files, for errors.
    """

    def __init__(self, texts: Iterable[str], source: str) -> None:
        try:
            self._load([*map(_decoded, texts)])
        except (msgspec.DecodeError, ValueError, LookupError, RecursionError) as problem:
            sentence = _("The vocabulary {file} cannot be read: {why}.")
            raise ConfigError(sentence.format(file=source, why=clean(str(problem))[:80])) from problem
        self.check(source, self.numbers)
        for sentences in self.screens.values():
            sentences.check(source)

    def _load(self, bodies: Sequence[_Body]) -> None:
        self.language = bodies[0].language
        self.numbers = {words: number for body in reversed(bodies) for words, number in body.numbers.items()}
        self.groups = {word: number for body in bodies for word, number in body.groups.items()}
        self.plurals = tuple(plural for body in bodies for plural in body.plurals.items())
        self.longest_number = max((len(words.split()) for words in self.numbers), default=0)
        self.number_starts = frozenset(words.split()[0] for words in self.numbers)
        self.commands = frozenset(name for body in bodies for name in body.commands)
        self.phrases = dict.fromkeys(name for body in bodies for name in body.phrases).keys()
        kinds = _joined((kind, words) for body in bodies for kind, words in body.words.items())
        self._words = {kind: sorted(words, key=len, reverse=True) for kind, words in kinds.items()}
        self._leads = {kind: tuple(f"{one} " for one in words) for kind, words in self._words.items()}

        def parsed(rows: Iterable[tuple[str, list[str], _Body]]) -> dict[str, list[_Parts]]:
            return _joined((name, [_parse(one, body.parts) for one in patterns]) for name, patterns, body in rows)

        super().__init__(
            parsed(
                (name, patterns, body)
                for body in bodies
                for name, patterns in (body.phrases | {_command(n): p for n, p in body.commands.items()}).items()
            )
        )
        self.screens = {
            screen: Sentences(parsed((*row, body) for body in bodies for row in body.screens.get(screen, {}).items()))
            for screen in dict.fromkeys(screen for body in bodies for screen in body.screens)
        }
        begins = parsed((*row, body) for body in bodies for row in body.begins.items())
        self._begins = {name: [_Form(parts, behind=r"(?:\W.*)?") for parts in found] for name, found in begins.items()}

    def of(self, kind: str) -> list[str]:
        """Return the words of a kind, the longest first: `and`, `seat`."""
        return self._words.get(kind, [])

    def without(self, kind: str, text: str) -> str:
        """Return a text without the leading words of a kind."""
        while (folded := text.casefold()).startswith(self._leads.get(kind, ())):
            lead = next(words for words in self.of(kind) if folded.startswith(f"{words} "))
            text = text[len(lead) + 1 :].lstrip()
        return text

    def on(self, screen: str) -> Sentences:
        """Return the sentences of a screen; the English ones if this language has none."""
        return self.screens.get(screen) or shipped_vocabulary("en").screens[screen]

    def all_names(self) -> set[str]:
        """Return the names of all phrases and commands, and of the sentences of screens."""
        return {*self.names, *(f"{screen} {name}" for screen, found in self.screens.items() for name in found.names)}

    def command(self, text: str) -> str | None:
        """Return the screen command with exactly these words; None if there is none."""
        name = self._exact.get(" ".join(text.casefold().split()).rstrip(".!?"), "")
        return name.partition(" ")[2] or None

    def words_of(self, command: str) -> list[str]:
        """Return the sentences for a screen command."""
        asked = _command(command)
        return [words for words, name in self._exact.items() if name == asked]

    def begun(self, text: str) -> str | None:
        """Return the name of the command that the text begins with; None if there is none."""
        words = _words_of(text)
        forms = ((name, form) for name, found in self._begins.items() for form in found)
        return next((name for name, form in forms if form.match(text, words) is not None), None)


@cache
def shipped_vocabulary(languages: str) -> Vocabulary:
    """Return a vocabulary that ships with the till: `en`, `hi`, or several together: `en+hi`."""
    names = languages.split("+")
    if strange := [name for name in names if name not in _known()]:
        sentence = _("There is no vocabulary {name}. There are {known}, or name a file of your own.")
        raise ConfigError(sentence.format(name=clean(strange[0])[:40], known=", ".join(_known())))
    return Vocabulary(map(_text, names), " + ".join(f"{name}.toml" for name in names))


@cache
def _known() -> tuple[str, ...]:
    return tuple(sorted(one.stem for one in _SHIPPED.glob("*.toml")))


def _text(name: str) -> str:
    return (_SHIPPED / f"{name}.toml").read_text(encoding="utf-8")


class Numbers(Struct, frozen=True):
    """The counts in words of every vocabulary that ships with the till."""

    numbers: dict[str, int]
    groups: dict[str, int]
    longest_number: int


@cache
def all_numbers() -> Numbers:
    """Return the counts in words of every language, whatever the entry line understands."""
    found = [_decoded(_text(name)) for name in _known()]
    numbers = {words: number for one in found for words, number in one.numbers.items()}
    groups = {word: number for one in found for word, number in one.groups.items()}
    return Numbers(numbers, groups, max(len(words.split()) for words in numbers))


def own(text: str, source: str) -> Vocabulary:
    """Return a custom vocabulary of the venue."""
    made, english = Vocabulary([text], source), shipped_vocabulary("en")
    strange = sorted(name.rpartition(" ")[2] for name in made.all_names() - english.all_names())
    if strange:
        sentence = _("The vocabulary {file} has no use for {name}. Its phrases and commands are named as in en.toml.")
        raise ConfigError(sentence.format(file=source, name=clean(strange[0])))
    for name in made.names:
        for slot in sorted(made.slots_of(name) - english.slots_of(name)):
            sentence = _("The vocabulary {file} has no use for {slot} in {name}. Its slots are named as in en.toml.")
            raise ConfigError(sentence.format(file=source, slot=slot, name=clean(name.rpartition(" ")[2])))
    return made


def _joined(rows: Iterable[tuple[str, list[_T]]]) -> dict[str, list[_T]]:
    """Return the values of each name, one behind the other."""
    found: dict[str, list[_T]] = {}
    for name, values in rows:
        found.setdefault(name, []).extend(values)
    return found


def _command(name: str) -> str:
    return f"command {name}"


def _words_of(text: str) -> frozenset[str]:
    return frozenset(_BETWEEN.split(text.casefold()))


def _parse(pattern: str, known: Mapping[str, str]) -> _Parts:
    """Return the parts of a pattern, with references to `[parts]` replaced."""
    tokens = iter([*_TOKEN.findall(re.sub(r"<(\w+)>", lambda found: known[found[1]], pattern)), ""])
    ways, last = _ways(tokens)
    if last or len(ways) > 1:
        raise ValueError(pattern)
    return ways[0]


def _ways(tokens: Iterator[str]) -> tuple[tuple[_Parts, ...], str]:
    """Return the sequences up to a closing bracket or the end, and the bracket."""
    ways: list[_Parts] = []
    parts: list[_Word | _Either] = []
    is_apart = True
    for one in tokens:
        if one in {")", "]", "|", ""}:
            ways.append(tuple(parts))
            parts, is_apart = [], True
            if one != "|":
                return tuple(ways), one
        elif one in {"(", "["}:
            inner, closing = _ways(tokens)
            if closing != {"(": ")", "[": "]"}[one]:
                raise ValueError(closing or one)
            parts.append(_Either(inner, one == "["))
        elif one.isspace():
            is_apart = True
        elif one.startswith("{") and one[1:-1] not in _SLOTS:
            raise ValueError(one)
        else:
            parts.append(_Word(one.casefold(), is_apart))
            is_apart = False
    raise ValueError("]")


def _is_slot(part: _Word | _Either) -> bool:
    return isinstance(part, _Word) and part.text.startswith("{")


def _slots(parts: _Parts) -> list[str]:
    found = [part.text for part in parts if isinstance(part, _Word) and _is_slot(part)]
    return found + [slot for part in parts if isinstance(part, _Either) for way in part.ways for slot in _slots(way)]


def _needs(parts: _Parts) -> list[frozenset[str]]:
    """Return sets of words: every sentence of this form has one word of each set."""
    needs = []
    for at, part in enumerate(parts):
        follows = parts[at + 1] if at + 1 < len(parts) else None
        if isinstance(part, _Either):
            inner = [_needs(way) for way in part.ways]
            if not part.is_optional and all(inner):
                needs.append(frozenset().union(*(way[0] for way in inner)))
        elif part.text.isalnum() and not (isinstance(follows, _Word) and not follows.is_apart):
            needs.append(frozenset({part.text}))
    return needs


def _regex(parts: _Parts) -> str:
    """Return the regular expression of the parts, for a text with a leading space."""
    made = ""
    for part in parts:
        if isinstance(part, _Either):
            made += f"(?:{'|'.join(map(_regex, part.ways))}){'?' if part.is_optional else ''}"
        elif _is_slot(part):
            made += f"{_SPACE if part.is_apart else ''}(?P<{part.text[1:-1]}>{_SLOTS[part.text[1:-1]]})"
        elif part.text == "%":
            made += " ?%"
        else:
            made += f"{_SPACE if part.is_apart else ''}{re.escape(part.text)}"
    return made


def _expanded(parts: _Parts) -> Iterator[str]:
    """Yield the sentences that the parts expand to, with their slots."""
    choices = [[part.text] if isinstance(part, _Word) else _choices(part) for part in parts]
    count = 1
    for one in choices:
        count *= len(one)
    if count > _MOST:
        raise ValueError(choices[0][0])
    for chosen in product(*choices):
        yield " ".join(filter(None, chosen))


def _choices(part: _Either) -> list[str]:
    return [words for way in part.ways for words in _expanded(way)] + ([""] if part.is_optional else [])
