"""The one door to HTTP: what we send to providers and fetch from addresses we were given."""

from campaigns.gateways.http.fetch import (
    Fetched,
    FetchRefused,
    NoAnswer,
    NotTrusted,
    RedirectsTooOften,
    TooLate,
    fetch,
    probe,
)
from campaigns.gateways.http.networks import NotPublic
from campaigns.gateways.http.wire import Answer, Transport, Wire

__all__ = [
    "Answer",
    "FetchRefused",
    "Fetched",
    "NoAnswer",
    "NotPublic",
    "NotTrusted",
    "RedirectsTooOften",
    "TooLate",
    "Transport",
    "Wire",
    "fetch",
    "probe",
]
