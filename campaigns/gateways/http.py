"""The one door to HTTP: what we send to providers and fetch from addresses we were given."""


class Wire:
    """Carries requests of a gateway."""
