"""Doorbells of the media library."""

from django.utils import timezone

from campaigns.services import fitting, posters


def fit(fitting_id: int) -> None:
    """Make one file fit."""
    fitting.run_fitting(fitting_id, timezone.now())


def make_poster(media_id: int) -> None:
    """Make the small picture that stands for a file."""
    posters.make_poster(media_id)
