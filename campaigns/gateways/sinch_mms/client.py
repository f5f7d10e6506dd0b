"""Speaks the MMS JSON API."""


class SinchMms:
    """Sinch's MMS JSON API."""
