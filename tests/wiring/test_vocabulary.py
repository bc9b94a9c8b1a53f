"""The vocabulary that the config names: read before anything is opened, or refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from till.config import VenueKind
from till.domain.errors import ConfigError
from till.register.quick_entry import vocabulary
from till.wiring.parts import read_vocabulary

ENGLISH = Path(vocabulary.__file__).parent / "vocabularies" / "en.toml"


def test_a_vocabulary_is_named_by_its_language_or_by_a_file(tmp_path: Path) -> None:
    own = tmp_path / "tamil.toml"
    own.write_text(ENGLISH.read_text("utf-8").replace("English", "Tamil"), "utf-8")
    hindi, tamil = read_vocabulary("hi"), read_vocabulary(str(own))
    assert isinstance(hindi, vocabulary.Vocabulary)
    assert isinstance(tamil, vocabulary.Vocabulary)
    assert (read_vocabulary("en"), hindi.language, tamil.language) == ("en", "Hindi", "Tamil")


def test_a_demo_understands_english_and_hindi() -> None:
    assert read_vocabulary("en", VenueKind.DEMO) == "en+hi"
    assert read_vocabulary("en", VenueKind.OWN) == "en"
    assert read_vocabulary("es") is vocabulary.shipped_vocabulary("es+en")
    assert read_vocabulary("en+hi") is vocabulary.shipped_vocabulary("en+hi")
    with pytest.raises(ConfigError, match="There is no vocabulary fr"):
        read_vocabulary("en+fr")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read: No such file or directory. Look at ui.vocabulary."),
        (b"\xff\xfe", "cannot be read: no text. Look at ui.vocabulary."),
        (
            b'language = "x"\n[phrases]\nmenu = ["a"]\ncart = ["a"]\n',
            "is ambiguous: “a” means menu and cart. Keep one.",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    own = tmp_path / "own.toml"
    if content is not None:
        own.write_bytes(content)
    with pytest.raises(ConfigError) as refused:
        read_vocabulary(str(own))
    assert refused.value.sentence.endswith(sentence)
