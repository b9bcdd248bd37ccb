"""Personal data end at the reader: no batch and no quarantine holds a name, a phone or a patient id."""

from __future__ import annotations

import hashlib
import hmac
import traceback
from pathlib import Path

import pytest
from ingest_case import DAY, KEY, Reader, profile

from orchestration.ingest.pseudonyms import pseudonym_sql
from orchestration.ingest.refusal import ExportRefused

_LINES = (
    "Номер;Карта;Телефон;Родился;Визиты\n"
    "S1;PAT-SECRET-1;+79990000001;17.05.1969;1\n"
    "S2;PAT-SECRET-2;+79990000002;32.05.1970;x\n"
    "S3;;;;\n"
    "S4;PAT-SECRET-1;+79990000001;;2\n"
    "S5;PAT-SECRET-5;+79990000005\n"
    'S6;"PAT-SECRET-6"x;+79990000006;01.01.1971;1\n'
)
_COLUMNS = {
    "sale_id": "Номер",
    "patient_id": "Карта",
    "phone": "Телефон",
    "birth_date": "Родился",
    "visits": "Визиты",
}


def _pseudonym(text: str, key: bytes = KEY) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]


def _everything_written(folder: Path, reader: Reader) -> str:
    """All text of all files behind the landing, Parquet decoded."""
    texts = []
    for path in (folder / "batches").rglob("*"):
        if path.suffix == ".parquet":
            rows = reader.connection.execute(f"select t::varchar from read_parquet('{path}') as t").fetchall()
            texts += [text for (text,) in rows]
            texts.append(path.read_bytes().decode("latin-1"))
    return "\n".join(texts)


@pytest.mark.parametrize("length", [1, 19, 63, 64, 65, 200])
def test_a_pseudonym_is_the_keyed_hmac_that_python_computes(tmp_path: Path, length: int) -> None:
    reader = Reader(tmp_path, key=bytes(range(1, length + 1)))
    ids = ["1", "007", "Иванов-№1", "x" * 200, "O'Neil"]
    text = "Номер;Карта\n" + "".join(f"S;{patient}\n" for patient in ids)
    reader.read(reader.land(text), profile({"sale_id": "Номер", "patient_id": "Карта"}))
    assert reader.typed("patient_id") == [(_pseudonym(patient, reader.key),) for patient in ids]


def test_a_patient_keeps_the_pseudonym_and_an_empty_id_stays_empty(reader: Reader) -> None:
    reader.read(reader.land(_LINES), profile(_COLUMNS))
    patient = _pseudonym("PAT-SECRET-1")
    assert reader.typed("sale_id", "patient_id") == [("S1", patient), ("S3", None), ("S4", patient)]


def test_an_id_with_spaces_around_it_is_the_same_patient(reader: Reader) -> None:
    columns = {"sale_id": "Номер", "patient_id": "Карта"}
    reader.read(reader.land("Номер;Карта\nS1; P1 \nS2;P1\n"), profile(columns))
    assert reader.typed("patient_id") == [(_pseudonym("P1"),)] * 2


def test_another_key_gives_other_pseudonyms(tmp_path: Path) -> None:
    seen = set()
    for name in (b"one", b"two"):
        reader = Reader(tmp_path / name.decode(), key=name)
        reader.read(reader.land(_LINES), profile(_COLUMNS))
        seen |= {patient for (patient,) in reader.typed("patient_id") if patient}
    assert len(seen) == 2


def test_of_a_birth_date_only_the_year_is_kept(reader: Reader) -> None:
    reader.read(reader.land(_LINES), profile(_COLUMNS))
    assert reader.typed("sale_id", "birth_year") == [("S1", 1969), ("S3", None), ("S4", None)]


def test_dropped_columns_are_not_in_the_batch(reader: Reader) -> None:
    reader.read(reader.land(_LINES), profile(_COLUMNS))
    (path,) = reader.store.paths("little", "sales", [DAY])
    names = {row[0] for row in reader.connection.execute(f"describe from read_parquet('{path}')").fetchall()}
    assert not names & {"phone", "birth_date"}


def test_a_wrong_personal_value_is_quarantined_without_the_value(reader: Reader) -> None:
    reader.read(reader.land(_LINES), profile(_COLUMNS))
    rows = reader.quarantined("_row", "column_name", "value", "rule")
    assert (3, "birth_date", None, "not_a_date") in rows
    assert (3, "visits", "x", "not_a_whole_number") in rows


def test_nothing_personal_is_written_anywhere_also_of_broken_rows(reader: Reader, tmp_path: Path) -> None:
    result = reader.read(reader.land(_LINES), profile(_COLUMNS))
    assert (result.rows_read, result.rows_quarantined) == (6, 3)
    written = _everything_written(tmp_path, reader)
    assert "S1" in written and "broken_row" in written
    for secret in ("SECRET", "7999", "17.05", "05-17", "32.05"):
        assert secret not in written


def test_an_unknown_value_of_a_personal_column_is_not_quoted(reader: Reader) -> None:
    patient = {"from": "Карта", "values": {"P1": "P1"}}
    reader.read(reader.land("Номер;Карта\nS1;PAT-SECRET\n"), profile({"sale_id": "Номер", "patient_id": patient}))
    assert reader.quarantined("value", "rule") == [(None, "unknown_value")]


def test_the_key_is_not_in_the_sql(reader: Reader) -> None:
    assert KEY.hex() not in pseudonym_sql("x") and KEY.decode() not in pseudonym_sql("x")


def _document(text: str) -> str:
    return _pseudonym(f"document {text}")


@pytest.mark.parametrize("written", ["112-233-445 95", "11223344595", " 112 233 445-95 "])
def test_a_document_is_the_same_however_it_is_punctuated(reader: Reader, written: str) -> None:
    reader.read(
        reader.land(f"Номер;СНИЛС\nS1;{written}\nS2;-\nS3;\n"), profile({"sale_id": "Номер", "document": "СНИЛС"})
    )
    assert reader.typed("sale_id", "document") == [("S1", _document("11223344595")), ("S2", None), ("S3", None)]


@pytest.mark.parametrize(
    "text",
    [
        "Иванова Анна Петровна",
        "ИВАНОВА АННА ПЕТРОВНА",
        "за Иванову Анну Петровну",
        "для иванова петра петровича",
        "Иванова А.П., жена",
        "+7 916 123-45-67",
        "8(916)1234567",
        "тел.89161234567",
        "anna@mail.example",
        "112-233-445 95",
        "тел. 8 (916) 123-45-67",
        "паспорт 4510 731845",
        "полис №7799731845566001",
    ],
)
def test_personal_data_in_a_column_of_ids_and_labels_is_not_loaded_and_said(reader: Reader, text: str) -> None:
    lines = f"Номер;Филиал;Канал\nS1;К1;Сайт\nS2;{text};{text}\nS3;Яндекс Директ;Яндекс Директ\n"
    columns = {"sale_id": "Номер", "clinic_id": "Филиал", "channel": "Канал"}
    result = reader.read(reader.land(lines), profile(columns))
    code = _pseudonym(text)[:16]
    assert reader.typed("clinic_id", "channel") == [
        ("К1", "Сайт"),
        (f"(personal data) {code}", "(personal data)"),
        ("Яндекс Директ", "Яндекс Директ"),
    ]
    assert sorted(warning.split(";")[0] for warning in result.warnings) == [
        f"little sales: {name} holds personal data in 1 rows (e.g. 2026-01-05/sales.csv, row 3)"
        for name in ("channel", "clinic_id")
    ]
    assert text not in str(result.warnings)


def test_ids_that_are_phones_stay_the_ids_of_different_rows(reader: Reader) -> None:
    lines = "Номер\n+7 916 123-45-67\n+7 916 123-45-68\n"
    reader.read(reader.land(lines), profile({"sale_id": "Номер"}))
    assert reader.typed("sale_id") == [
        (f"(personal data) {_pseudonym(phone)[:16]}",) for phone in ("+7 916 123-45-67", "+7 916 123-45-68")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Больница С.П. Боткина",
        "Прайс клиники основной",
        "Сахар на уровне",
        "Анализ крови на ВИЧ",
        "Телемедицина 2026-01-12 10:00",
        "Полис ДМС 12-345",
        "2026.01.0000000000001",
        "89161234567",
    ],
)
def test_what_only_resembles_personal_data_is_loaded(reader: Reader, text: str) -> None:
    result = reader.read(
        reader.land(f"Номер;Филиал\nS1;{text}\n"), profile({"sale_id": "Номер", "clinic_id": "Филиал"})
    )
    assert (reader.typed("clinic_id"), result.warnings) == ([(text,)], [])


def test_eleven_digits_of_a_mobile_phone_are_hidden_in_a_label_and_kept_in_an_id(reader: Reader) -> None:
    reader.read(
        reader.land("Номер;Канал\n89161234567;89161234567\nS2;моб 79161234567 мама\nS3;0.89161234567\n"),
        profile({"sale_id": "Номер", "channel": "Канал"}),
    )
    assert reader.typed("sale_id", "channel") == [
        ("89161234567", "(personal data)"),
        ("S2", "(personal data)"),
        ("S3", "0.89161234567"),
    ]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Иванова Анна", "(personal data)"),
        ("иванова анна петровна", "(personal data)"),
        ("89161234567", "(personal data)"),
        ("вчера", "вчера"),
        ("2026-13-32 25:61:00", "2026-13-32 25:61:00"),
        ("0.33333333333", "0.33333333333"),
    ],
)
def test_a_wrong_value_is_quoted_unless_it_looks_personal(reader: Reader, text: str, quoted: str) -> None:
    reader.read(reader.land(f"Номер;Оказано\nS1;{text}\n"), profile({"sale_id": "Номер", "sold_at": "Оказано"}))
    assert reader.quarantined("value", "rule") == [(quoted, "not_a_date_and_time")]


def test_in_a_file_of_names_no_wrong_word_is_quoted_for_a_row_may_have_slipped(reader: Reader) -> None:
    columns = {"sale_id": "Номер", "phone": "Телефон", "visits": "Визиты"}
    reader.read(reader.land("Номер;Телефон;Визиты\nS1;;Иванова\nS2;;1,5\n"), profile(columns))
    assert reader.quarantined("value") == [("(personal data)",), ("1,5",)]


def test_sql_of_the_profile_that_stumbles_over_a_value_does_not_quote_it(reader: Reader) -> None:
    columns = {"sale_id": "Номер", "visits": {"sql": 'cast("Телефон" as tinyint)'}}
    reader.read(reader.land(_LINES), profile(columns))
    told = reader.quarantined("column_name", "value", "rule", "reason")
    assert {row[:3] for row in told if row[0] == "visits"} == {("visits", None, "not_computable")}
    assert "7999" not in str(told)


def test_sql_that_cannot_be_used_at_all_is_refused_without_quoting_a_value(reader: Reader) -> None:
    columns = {"sale_id": "Номер", "visits": {"sql": 'cast("Телефон" as nonsense)'}}
    with pytest.raises(ExportRefused, match="cannot be used") as refused:
        reader.read(reader.land(_LINES), profile(columns))
    assert "7999" not in "".join(traceback.format_exception(refused.value))


def test_a_file_without_its_header_is_refused_without_quoting_the_first_row(reader: Reader) -> None:
    with pytest.raises(ExportRefused, match="the first row is no header: it holds none of the 5 names") as refused:
        reader.read(reader.land("S1;SECRET;+79990000001\nS2;SECRET;1\n"), profile(_COLUMNS))
    assert "SECRET" not in str(refused.value) and "7999" not in str(refused.value)


def test_a_first_row_that_repeats_a_phone_is_not_quoted(reader: Reader) -> None:
    content = "Номер;+79990000001;+79990000001\n"
    result = reader.read(reader.land(content), profile({"sale_id": "Номер"}))
    assert "unknown columns (personal data), (personal data)" in result.warnings[0]
    assert "7999" not in "".join(result.warnings)
