"""Phones write a message of nothing but emoji large."""

import pytest

from campaigns.rules.emoji import is_large


@pytest.mark.parametrize(
    "text", ["🎉", "❤️", "🎉 🌷", "👨‍👩‍👧", "👍🏽👍🏿", "🇨🇦", "1️⃣2️⃣3️⃣", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "☎️\n✅", "🏳️‍🌈"]
)
def test_a_few_emoji_alone_are_large(text):
    assert is_large(text)


@pytest.mark.parametrize(
    "text", ["", " ", "Hi 🎉", "🎉!", "123", "#1", "🎉🎉🎉🎉", "©", "a", "\ufe0f", "مرحبا"]
)
def test_words_numbers_and_long_rows_are_not(text):
    assert not is_large(text)
