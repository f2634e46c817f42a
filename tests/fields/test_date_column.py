"""A column of dates tells the order of its numbers, and whether it counts days."""

import pytest

from chalicelib.fields._date_column import DateColumn


def seen(*values: str) -> DateColumn:
    """A column that had these values."""
    column = DateColumn()
    for value in values:
        column.see(value)
    return column


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["03/04/2024", "25/12/2023", ""], "dmy"),
        (["03/04/2024", "12/25/2023"], "mdy"),
        (["03.04.24", "31.12.99"], "dmy"),
        (["12-31-24", "01-02-24"], "mdy"),
        (["99-12-31", "24-01-02"], "ymd"),
        (["۲۵/۱۲/۲۰۲۳ 10:30"], "dmy"),
        (["03/04/2024", "05/06/2024"], ""),
        (["25/12/2023", "12/25/2023"], ""),
        (["2023-12-25", "2024/01/02"], ""),
        (["25/12/11"], ""),
        (["tomorrow", "1 May 2024"], ""),
        ([], ""),
    ],
)
def test_one_plain_value_settles_the_order_unless_another_contradicts(
    values: list[str], order: str
) -> None:
    """A value that can be read in one way only speaks for its whole column."""
    assert seen(*values).order == order


@pytest.mark.parametrize(
    ("values", "system"),
    [
        (["45413", "45414.5", "", "31000"], "1900"),
        (["45413", "45414", "2024-05-01"], ""),
        (["45413", "45414"], ""),
        (["45413", "45414", "99999"], ""),
        (["20240501", "20240502", "20240503"], ""),
        ([], ""),
    ],
)
def test_a_column_of_days_counts_them_from_1900(values: list[str], system: str) -> None:
    """Only where every value is such a number, and there are some."""
    assert seen(*values).system == system
