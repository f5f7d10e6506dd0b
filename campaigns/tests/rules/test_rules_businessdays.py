"""Ten business days: without weekends and without the holidays of the country."""

from datetime import date

import pytest

from campaigns.rules.businessdays import add_business_days, count_business_days

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("country", "due"),
    [
        ("US", date(2026, 12, 7)),  # Thanksgiving is in between
        ("CA", date(2026, 12, 4)),
        ("PR", date(2026, 12, 7)),
        ("", date(2026, 12, 7)),
    ],
)
def test_holidays_of_the_country_do_not_count(country, due):
    assert add_business_days(FRIDAY, 10, country) == due


def test_a_weekend_does_not_count():
    assert add_business_days(date(2026, 3, 6), 1) == date(2026, 3, 9)
    assert add_business_days(date(2026, 3, 7), 1) == date(2026, 3, 9)


def test_what_is_left_counts_down_to_the_day_and_below():
    due = add_business_days(FRIDAY, 10)
    assert count_business_days(FRIDAY, due) == 10
    assert count_business_days(due, due) == 0
    assert count_business_days(date(2026, 12, 9), due) == -2
