"""Reading of the configuration from a file and the environment. Errors name the line of a wrong key or value."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin, get_type_hints
from unicodedata import category

import msgspec

from till.config.folders import Folders
from till.config.model import Config
from till.domain.errors import ConfigError
from till.domain.i18n import LANGUAGES, _
from till.domain.patterns import late
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PREFIX: Final = "TILL_"
_BETWEEN: Final = "__"
_TABLE: Final = late(r"\s*\[\s*(?P<name>[^\[\]]+?)\s*\]\s*(#.*)?\Z")
_KEY: Final = late(r"""\s*(?P<name>[\w."'\- ]+?)\s*=""")
_TOML_PLACE: Final = late(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)\Z")
_SHOWN: Final = 40
#: The most names that an error message lists.
_NAMED: Final = 30
#: The largest file in bytes. Parsing TOML takes more than linear time, so a large file named by mistake is refused.
_LARGEST: Final = 64_000


def config_place(environment: Mapping[str, str]) -> Path:
    """Return the path of the configuration, which may not exist: TILL_CONFIG, or else the one in the data folder."""
    named = environment.get("TILL_CONFIG")
    return Path(named).expanduser().absolute() if named else Folders.of(environment).config


def find_config(environment: Mapping[str, str]) -> Path | None:
    """Return the configuration in TILL_CONFIG, or else the one in the data folder.

    Return None if there is neither. The defaults apply then.
    """
    place = config_place(environment)
    return place if environment.get("TILL_CONFIG") or place.exists() else None


def read_config(path: Path | None, environment: Mapping[str, str]) -> Config:
    """Read the configuration from `path`, if given. Variables such as TILL_SYNC__DEBOUNCE_MS override its values."""
    text, raw = _load(path) if path else ("", {})
    file = _Source(str(path), text)
    _check_keys(raw, file)
    merged = {name: dict(table) for name, table in raw.items()}
    for name, section, key, value in _from_environment(environment):
        table = merged.setdefault(section, {})
        table[key] = _convert_text(name, section, key, value)
    try:
        config = msgspec.convert(merged, Config) if merged else Config()
    except msgspec.ValidationError:
        raise _explain(merged, file) from None
    _check_zone(config.venue.timezone, file)
    return config


def read_venue_keys(path: Path | None) -> dict[str, Any]:
    """Return the settings in the `[venue]` section of the file, for `till init`; empty if there are none."""
    found: dict[str, Any] = _load(path)[1].get("venue", {}) if path is not None else {}
    return found


def check_value(section: str, key: str, value: Any, called: str = "") -> None:
    """Refuse a value that a key does not accept.

    Args:
        section: the section of the key.
        key: the key's name.
        value: the value to check.
        called: the name of the key in the error message; empty for section and key.

    Raises:
        ConfigError: the value is invalid; the sentence names the expected values.
    """
    kind = (_fields(section) or {})[key]
    _check_text(called or f"{section}.{key}", value, "" if called else key)
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        raise ConfigError(_mismatch(called or key, kind, value)) from None
    if section == "venue" and key in _CHECKS:
        _CHECKS[key](value, _Source(called or key, ""))


def read_value(section: str, key: str, text: str) -> Any:
    """Convert a text to the value of a key, as for an environment variable."""
    own = _fields(section) or {}
    if key not in own:
        raise ConfigError(_unknown(section, key, own))
    _check_text(key, text, key)
    try:
        value = _from_text(text, own[key])
    except (msgspec.ValidationError, tomllib.TOMLDecodeError):
        raise ConfigError(_mismatch(key, own[key], text)) from None
    check_value(section, key, value)
    return value


def place_of(path: Path | None, environment: Mapping[str, str], section: str, key: str) -> str:
    """Return the place where a key is set, for an error message: the variable, or the file and the line."""
    for name, *found, _value in _from_environment(environment):
        if found == [section, key]:
            return name
    return _Source(str(path), _load(path)[0]).place(section, key) if path else f"{section}.{key}"


class _Source:
    """A file in which to look up the lines of keys."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._text = text

    def place(self, section: str, key: str = "") -> str:
        """Return the file and the line of a key, or of a section header; only the file if there is no such line."""
        line = self._line(section, key)
        return f"{self.name}, {_('line')} {line}" if line else self.name

    def _line(self, section: str, key: str) -> int | None:
        current = ""
        for number, line in enumerate(self._text.splitlines(), 1):
            if head := _TABLE.match(line):
                current = _unquoted(head["name"])
                if current == f"{section}.{key}".rstrip(".") or (not key and current.split(".")[0] == section):
                    return number
            elif found := _KEY.match(line):
                full = f"{current}.{_unquoted(found['name'])}".lstrip(".")
                if full == f"{section}.{key}".rstrip(".") or (not key and full.split(".")[0] == section):
                    return number
        return None


def _unquoted(name: str) -> str:
    return re.sub(r"""["' ]""", "", name)


def _load(path: Path) -> tuple[str, dict[str, Any]]:
    data = _read(path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise ConfigError(
            _("{file}, line {line}: this is not UTF-8 text. Save the file as UTF-8.").format(file=path, line=line)
        ) from problem
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        found = _TOML_PLACE.search(str(problem))
        line = int(found["line"]) if found and found["line"] else len(text.splitlines())
        what = _TOML_PLACE.sub("", str(problem))
        raise ConfigError(
            _("{file}, line {line}: this is not TOML ({what}). Write key = value, text in quotes.").format(
                file=path, line=line, what=clean(what)
            )
        ) from problem
    except (ValueError, RecursionError) as problem:  # a number with thousands of digits, or deeply nested lists
        raise ConfigError(
            _("{file} holds a value that no key accepts: a number too long, or brackets nested too deep.").format(
                file=path
            )
        ) from problem


def _read(path: Path) -> bytes:
    try:
        if path.is_fifo():  # reading could block for ever
            raise ConfigError(_("The configuration {file} is a pipe. Name a file in TILL_CONFIG.").format(file=path))
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as problem:
        raise ConfigError(
            _("The configuration {file} cannot be read: {why}. Name another in TILL_CONFIG.").format(
                file=path, why=problem.strerror
            )
        ) from problem
    if len(data) > _LARGEST:
        raise ConfigError(
            _("The configuration {file} is larger than {size} bytes. Name another in TILL_CONFIG.").format(
                file=path, size=_LARGEST
            )
        )
    return data


@cache
def _sections() -> dict[str, Any]:
    return get_type_hints(Config, include_extras=True)


@cache
def _fields(section: str) -> dict[str, Any] | None:
    """Return the keys of a section with their types; None for `[keys]` and `[tenders]`, which may have any keys."""
    kind = _sections()[section]
    return None if get_origin(kind) is dict else get_type_hints(kind, include_extras=True)


def _check_keys(raw: Mapping[str, Any], file: _Source) -> None:
    """Refuse an unknown section or key. The error names the nearest known one."""
    for section, table in raw.items():
        if section not in _sections():
            raise ConfigError(_unknown(file.place(section), section, _sections()))
        if not isinstance(table, dict):
            raise ConfigError(
                _("{place}: {name} is a section: write [{name}] and its keys below.").format(
                    place=file.place(section), name=section
                )
            )
        for key, value in table.items():
            place = file.place(section, key)
            _check_key(section, key, place)
            _check_text(f"{section}.{key}", value, place)


def _check_text(name: str, value: object, place: str) -> None:
    """Refuse control characters, which no value needs and the database partly rejects."""
    found = next((char for char in value if category(char) in {"Cc", "Cs"}), None) if isinstance(value, str) else None
    if found is not None:
        sentence = _("{name} holds the control character U+{code:04X}. Remove it.")
        if place:
            sentence = _("{place}: {name} holds the control character U+{code:04X}. Remove it.")
        raise ConfigError(sentence.format(place=place, name=clean(name)[:_SHOWN], code=ord(found)))


def _check_key(section: str, key: str, place: str) -> None:
    own = _fields(section)
    if own is None or key in own:
        return
    elsewhere = [other for other in _sections() if key in (_fields(other) or ())]
    if elsewhere:
        raise ConfigError(
            _("{place}: {key} belongs in [{other}], not in [{section}].").format(
                place=place, key=clean(key), other=elsewhere[0], section=section
            )
        )
    raise ConfigError(_unknown(place, f"{section}.{key}", [f"{section}.{name}" for name in own]))


def _unknown(place: str, name: str, known: Iterable[str], example: str = "") -> str:
    """Return an error message for an unknown name, with the nearest known name, all known names, or an example."""
    import difflib  # noqa: PLC0415 - only for an error

    names = list(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if near:
        return _("{place}: there is no {name}. Did you mean {near}?").format(
            place=place, name=clean(name)[:_SHOWN], near=near[0]
        )
    if example and len(names) > _NAMED:
        return _("{place}: there is no {name}. For example: {example}.").format(
            place=place, name=clean(name)[:_SHOWN], example=example
        )
    return _("{place}: there is no {name}. There are: {names}.").format(
        place=place, name=clean(name)[:_SHOWN], names=", ".join(names)
    )


def _from_environment(environment: Mapping[str, str]) -> Iterable[tuple[str, str, str, str]]:
    """Yield the variables that name a key: TILL_<SECTION>__<KEY>."""
    for name in sorted(environment):
        if not name.startswith(_PREFIX) or _BETWEEN not in name:
            continue
        section, _between, key = name.removeprefix(_PREFIX).lower().partition(_BETWEEN)
        if section not in _sections():
            raise ConfigError(_unknown(name, section, _sections()))
        _check_key(section, key, name)
        _check_text(f"{section}.{key}", environment[name], name)
        if section == "tenders":
            raise ConfigError(_("{name}: ways to pay can only be set in the configuration file.").format(name=name))
        yield name, section, key, environment[name]


def _convert_text(name: str, section: str, key: str, value: str) -> Any:
    kind = (_fields(section) or {}).get(key, str)
    try:
        return _from_text(value, kind)
    except (msgspec.ValidationError, tomllib.TOMLDecodeError):
        raise ConfigError(_wrong(name, f"{section}.{key}", kind, value)) from None


def _from_text(text: str, kind: Any) -> Any:
    """Convert a text to a value. A table and a list are as in a file, or JSON; an empty text is None."""
    if not _is_table(kind):
        return msgspec.convert(text, kind, strict=False)
    table = _table(text) if text.strip() else None
    msgspec.convert(table, kind)
    return table


def _table(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return tomllib.loads(f"table = {text.strip()}")["table"]


def _is_table(kind: Any) -> bool:
    """True if a type is a list, or a table within a section, which may be optional."""
    plain = getattr(kind, "__origin__", kind)
    return get_origin(plain) in {tuple, dict} or any(
        isinstance(one, type) and issubclass(one, msgspec.Struct) for one in get_args(plain)
    )


def _explain(merged: Mapping[str, Any], file: _Source) -> ConfigError:
    """Return the error for the first invalid value."""
    for section, table in merged.items():
        own = _fields(section)
        for key, value in table.items():
            kind = own[key] if own is not None else get_args(_sections()[section])[1]
            try:
                msgspec.convert(value, kind)
            except msgspec.ValidationError:
                if isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, msgspec.Struct):
                    return _explain_table(f"{section}.{key}", value, kind, file)
                return ConfigError(_wrong(file.place(section, key), f"{section}.{key}", kind, value))
    return ConfigError()


def _explain_table(section: str, table: Mapping[str, Any], kind: type[msgspec.Struct], file: _Source) -> ConfigError:
    """Return the error for a subsection such as `[tenders.MEAL]`."""
    own = get_type_hints(kind, include_extras=True)
    for key, value in table.items():
        place = file.place(section, key)
        if key not in own:
            return ConfigError(_unknown(place, f"{section}.{key}", [f"{section}.{name}" for name in own]))
        try:
            msgspec.convert(value, own[key])
        except msgspec.ValidationError:
            return ConfigError(_wrong(place, f"{section}.{key}", own[key], value))
    return ConfigError()


def _wrong(place: str, name: str, kind: Any, value: Any) -> str:
    return _("{place}: {what}").format(place=place, what=_mismatch(name, kind, value))


def _mismatch(name: str, kind: Any, value: Any) -> str:
    shown = f"“{clean(value)[:_SHOWN]}”" if isinstance(value, str) else clean(str(value))[:_SHOWN]
    if name.startswith("database.") and name.endswith("url"):
        shown = _("the value there")  # the value may hold a password
    return _("{name} is {expected}, not {value}.").format(name=name, expected=_expected(kind), value=shown)


def _expected(kind: Any) -> str:
    for meta in getattr(kind, "__metadata__", ()):
        if meta.description:
            return str(meta.description)
    if kind is bool:
        return _("true or false")
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _("a section of its own")
    if get_origin(kind) is dict:
        return _("a section of keys")
    choices = get_args(kind)
    return _("one of {names}").format(names=", ".join(choices)) if choices else _("text in quotes")


def _check_zone(name: str, file: _Source) -> None:
    if name == "UTC":
        return
    from zoneinfo import ZoneInfo, available_timezones  # noqa: PLC0415 - only for a zone other than UTC

    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        place = file.place("venue", "timezone")
        raise ConfigError(_unknown(place, name, available_timezones() or {"UTC"}, "Europe/Berlin")) from None


def _check_locale(name: str, file: _Source) -> None:
    from babel.localedata import locale_identifiers  # noqa: PLC0415 - only for a new setting

    known = locale_identifiers()
    if name not in known:
        raise ConfigError(_unknown(file.place("venue", "locale"), name, known, "en_IN"))


def _check_currency(code: str, file: _Source) -> None:
    from babel import Locale  # noqa: PLC0415 - only for a new setting

    if code not in Locale("en").currencies:
        sentence = _(
            "{place}: {code} is not a currency. Write its three letters, as on a bank statement: EUR, INR, GBP."
        )
        raise ConfigError(sentence.format(place=file.place("venue", "currency"), code=clean(code)[:_SHOWN]))


def _check_languages(found: Any, file: _Source) -> None:
    """Refuse a language that no till speaks, in a list of them or beside the names of stations."""
    for code in found.values() if isinstance(found, dict) else found:
        if code not in LANGUAGES:
            raise ConfigError(_unknown(file.place("venue", "languages"), code, LANGUAGES, "es"))


#: The checks of settings for a new venue. For an existing configuration, only the time zone is checked.
_CHECKS: Final = {
    "timezone": _check_zone,
    "locale": _check_locale,
    "currency": _check_currency,
    "languages": _check_languages,
    "ticket_languages": _check_languages,
}
