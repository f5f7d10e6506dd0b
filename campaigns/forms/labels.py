"""Labels as all our forms have them: no colon follows."""

from typing import Any

from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.forms import AdminPasswordChangeForm as AdminSetsPasswordForm


class WithoutColons:
    """Put before a form: its labels stand alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class OwnPasswordForm(WithoutColons, AdminPasswordChangeForm):
    """Of whoever is signed in."""


class PasswordForm(WithoutColons, AdminSetsPasswordForm):
    """Of somebody else, by who may set it."""
