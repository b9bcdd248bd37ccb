"""Which encoding a text is in: told by its letters, because any bytes are valid in every one-byte encoding."""

from __future__ import annotations

import pytest

from orchestration.profiling.encodings import guess_encoding

_TEXTS = {
    "an export": 'Код филиала;Филиал;Город\nK1;"Клиника Триада";Москва\n',
    "few letters": "id;Пол\n1;Ж\n2;М\n",
    "capitals": "ФИО;СТАТУС\nИВАНОВ;ЯВКА\n",
    "a Latin header": "visit_id;status\n1;Завершён\n2;Неявка\n",
    "a pangram": "Съешь ещё этих мягких французских булок, да выпей же чаю\n",
}
_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "koi8-r", "cp866")


@pytest.mark.parametrize("encoding", _ENCODINGS)
@pytest.mark.parametrize("text", _TEXTS.values(), ids=list(_TEXTS))
def test_russian_is_told_in_every_encoding_it_is_written_in(text: str, encoding: str) -> None:
    assert guess_encoding(text.encode(encoding)).encoding == encoding


@pytest.mark.parametrize("text", ["Name;Ort\nMüller;Köln\n", "nom;ville\nRenée;Besançon\n", "naïve\n"])
def test_single_accents_inside_latin_words_are_western(text: str) -> None:
    assert guess_encoding(text.encode("latin-1")).encoding == "latin-1"


def test_ascii_is_utf8_and_less_sure_than_letters_beyond_it() -> None:
    ascii_guess, utf8_guess = guess_encoding(b"id;name\n"), guess_encoding("имя\n".encode())
    assert (ascii_guess.encoding, utf8_guess.encoding) == ("utf-8", "utf-8")
    assert ascii_guess.confidence < utf8_guess.confidence


def test_utf8_cut_inside_a_letter_is_still_utf8_only_if_it_was_cut() -> None:
    data = "Завершён".encode()[:-1]
    assert guess_encoding(data, is_cut=True).encoding == "utf-8"
    assert guess_encoding(data).encoding != "utf-8"


def test_little_evidence_is_less_confidence() -> None:
    little, much = (guess_encoding(_TEXTS[name].encode("cp1251")) for name in ("capitals", "a pangram"))
    assert little.confidence < much.confidence
