"""Who we talk to. A provider is a folder; adding one is one line here."""

from campaigns.gateways.base import Gateway
from campaigns.gateways.sinch_mms.client import SinchMms

GATEWAYS: dict[str, type[Gateway]] = {"sinch_mms": SinchMms}
