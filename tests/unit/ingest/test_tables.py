"""Rows around a table that are none of its own: titles, comments, totals; and other marks between cells."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from ingest_case import Reader, profile

from models.sources import Profile
from orchestration.ingest.refusal import ExportRefused

_TEXT = {"delimiter": ";", "decimal_mark": ","}
_COLUMNS = {"sale_id": "Номер", "net_amount": "Сумма"}


def _profile(**text: Any) -> Profile:
    return profile(_COLUMNS, text=_TEXT | text, unknown_columns="ignore")


def _rows(reader: Reader) -> list[tuple[object, ...]]:
    return reader.typed("sale_id", "net_amount", "_row")


def test_titles_above_the_header_are_passed_over_and_rows_keep_their_numbers(reader: Reader) -> None:
    content = 'Отчёт "Продажи;\n\nПериод: январь\nНомер;Сумма\nS1;10,00\nS2;x\nS3;30,00\n'
    reader.read(reader.land(content), _profile(header_row=4))
    assert _rows(reader) == [("S1", Decimal(10), 5), ("S3", Decimal(30), 7)]
    assert reader.quarantined("_row", "value") == [(6, "x")]


def test_comments_and_totals_are_no_rows(reader: Reader) -> None:
    content = "Номер;Сумма\n# касса 1\nS1;10,00\nИтого по кассе;10,00\n# касса 2\nS2;20,00\n;ИТОГО;\nВсего: 2;30,00\n"
    result = reader.read(reader.land(content), _profile(comment="#", totals=["Итого", "Всего"]))
    assert _rows(reader) == [("S1", Decimal(10), 3), ("S2", Decimal(20), 6)]
    assert result.rows_read == 2


def test_without_being_told_a_total_is_a_row_like_any_other(reader: Reader) -> None:
    reader.read(reader.land("Номер;Сумма\nS1;10,00\nИтого;10,00\n"), _profile())
    assert [row[0] for row in _rows(reader)] == ["S1", "Итого"]


def test_a_broken_row_below_titles_and_totals_is_named_by_its_own_number(reader: Reader) -> None:
    content = "Отчёт\nНомер;Сумма\nS1;1,00\nИтого;1,00\n\nS2;2,00;лишнее\nS3;3,00\nИтого;3,00\nS4;4,00\n"
    result = reader.read(reader.land(content), _profile(header_row=2, totals="Итого"))
    assert _rows(reader) == [("S1", Decimal(1), 3), ("S3", Decimal(3), 7), ("S4", Decimal(4), 9)]
    assert reader.quarantined("_row", "rule") == [(6, "broken_row")]
    assert (result.rows_read, result.rows_quarantined) == (4, 1)


def test_a_record_of_several_lines_counts_as_one_row_also_below_titles(reader: Reader) -> None:
    content = 'Отчёт\nНомер;Сумма;Примечание\nS1;1,00;"две\nстроки"\nИтого;1,00;\nS2;2,00;\n'
    reader.read(reader.land(content), _profile(header_row=2, totals="Итого"))
    assert _rows(reader) == [("S1", Decimal(1), 3), ("S2", Decimal(2), 5)]


def test_a_header_row_beyond_the_end_of_the_file_is_refused(reader: Reader) -> None:
    with pytest.raises(ExportRefused, match="it has not even a header") as refused:
        reader.read(reader.land("Номер;Сумма\nS1;1,00\n"), _profile(header_row=9))
    assert refused.value.problems[0].row == 9


def test_a_missing_column_is_looked_for_where_the_header_is(reader: Reader) -> None:
    with pytest.raises(ExportRefused, match="the header lacks 'Сумма'") as refused:
        reader.read(reader.land("Отчёт\nНомер;Итог\nS1;1,00\n"), _profile(header_row=2))
    assert refused.value.problems[0].row == 2


@pytest.mark.parametrize("name", ["sales.tsv", "sales.tsv.gz", "export.zip!sales.tsv"])
def test_tab_separated_files_need_no_delimiter(reader: Reader, name: str) -> None:
    import gzip

    content = "Номер\tСумма\nS 1\t1,50\n".encode()
    landed = reader.land(gzip.compress(content) if name.endswith(".gz") else content, name=name)
    reader.read(landed, _profile())
    assert reader.typed("sale_id", "net_amount") == [("S 1", Decimal("1.50"))]


@pytest.mark.parametrize(
    ("marks", "cell", "value"),
    [
        ({"decimal_mark": ",", "thousands_mark": "."}, "1.234.567,89", Decimal("1234567.89")),
        ({"decimal_mark": ".", "thousands_mark": ","}, "1,234.50", Decimal("1234.50")),
        ({"decimal_mark": ".", "thousands_mark": "'"}, "1'234.50", Decimal("1234.50")),
        ({"decimal_mark": ","}, "1 234,50", Decimal("1234.50")),
        ({"decimal_mark": ","}, "1\u00a0234,5", Decimal("1234.50")),
        ({"decimal_mark": ","}, "(1 234,50)", Decimal("-1234.50")),
        ({"decimal_mark": ","}, "12,50-", Decimal("-12.50")),
        ({"decimal_mark": ","}, "+7", Decimal(7)),
        ({"decimal_mark": ","}, "1.234,50", None),
        ({"decimal_mark": ",", "thousands_mark": "."}, "1.23,50", None),
        ({"decimal_mark": ",", "thousands_mark": "."}, "1.5", None),
        ({"decimal_mark": ","}, "(-5)", None),
        ({"decimal_mark": ","}, "-5-", None),
        ({"decimal_mark": ","}, "()", None),
        ({"decimal_mark": ","}, "1e3", None),
        ({"decimal_mark": ","}, "−5", None),
    ],
)
def test_numbers_are_read_by_their_marks_or_not_at_all(
    reader: Reader, marks: dict[str, str], cell: str, value: Decimal | None
) -> None:
    reader.read(reader.land(f'Номер;Сумма\nS1;"{cell}"\n'), _profile(**marks))
    assert reader.typed("net_amount") == ([(value,)] if value is not None else [])
    assert reader.quarantined("rule") == ([] if value is not None else [("not_a_number",)])


def test_one_mark_cannot_mean_both_decimals_and_thousands() -> None:
    with pytest.raises(ValueError, match="cannot mark both"):
        _profile(decimal_mark=",", thousands_mark=",")


_RUSSIAN = {"number_words": ["руб.", "руб", "₽"]}
_AMERICAN = {"decimal_mark": ".", "thousands_mark": ",", "number_words": "$"}


@pytest.mark.parametrize(
    ("marks", "cell", "value"),
    [
        (_RUSSIAN, "1\u00a0234,50 руб.", Decimal("1234.50")),
        (_RUSSIAN, "-1 234,50РУБ", Decimal("-1234.50")),
        (_RUSSIAN, "₽ 5", Decimal(5)),
        (_AMERICAN, "$1,234.50", Decimal("1234.50")),
        (_AMERICAN, "($12.00)", Decimal("-12.00")),
        (_AMERICAN, "-$12.00", Decimal("-12.00")),
        (_AMERICAN, "$-12.00", Decimal("-12.00")),
        (_AMERICAN, "12.00$-", Decimal("-12.00")),
        (_AMERICAN, "-$-12.00", None),
        (_AMERICAN, "€12.00", None),
        (_AMERICAN, "$$12.00", None),
        (_AMERICAN, "$", None),
        (_RUSSIAN, "12 руб. 50", None),
        (_RUSSIAN, "12 рублей", None),
        ({}, "12 руб.", None),
    ],
)
def test_words_beside_a_number_are_read_over_only_if_the_profile_names_them(
    reader: Reader, marks: dict[str, Any], cell: str, value: Decimal | None
) -> None:
    reader.read(reader.land(f'Номер;Сумма\nS1;"{cell}"\n'), _profile(**marks))
    assert reader.typed("net_amount") == ([(value,)] if value is not None else [])
    assert reader.quarantined("rule") == ([] if value is not None else [("not_a_number",)])


def test_an_expression_reads_numbers_with_words_too(reader: Reader) -> None:
    columns = {"sale_id": "Номер", "net_amount": {"sql": 'number("Цена") * number("Кол-во")'}}
    chosen = profile(columns, text=_TEXT | {"number_words": ["руб.", "шт."]})
    reader.read(reader.land("Номер;Цена;Кол-во\nS1;1 000,50 руб.;2 шт.\n"), chosen)
    assert reader.typed("net_amount") == [(Decimal("2001.00"),)]


def test_the_reason_says_where_words_beside_a_number_are_named(reader: Reader) -> None:
    reader.read(reader.land("Номер;Сумма\nS1;5 руб.\nS2;5.5\n"), _profile())
    first, second = (reason for (reason,) in reader.quarantined("reason"))
    assert first.endswith("if words belong to the number, name them in text.number_words")
    assert second == "not a number with the decimal mark ,"


def test_a_number_that_cannot_be_read_inside_an_expression_is_told_once(reader: Reader) -> None:
    contract_required = {"sale_id": {"sql": 'cast(number("Номер") as integer)'}, "net_amount": "Сумма"}
    reader.read(reader.land("Номер;Сумма\nS1;5\n"), profile(contract_required, text=_TEXT))
    assert reader.quarantined("rule") == [("not_a_number",)]


@pytest.mark.parametrize("word", ["1", ".", " ", "-", "т. 5"])
def test_what_may_be_a_part_of_a_number_is_no_word_beside_it(word: str) -> None:
    with pytest.raises(ValueError, match="may be a part of a number"):
        _profile(number_words=[word])
