"""/inbounds: what phones wrote to the numbers of a plan (§8)."""

from campaigns.sandbox.sms import paging
from campaigns.sandbox.sms.doors import Answered, Asked
from campaigns.sandbox.sms.models import SmsInbound
from campaigns.sandbox.sms.numbers import plain
from campaigns.sandbox.sms.problems import not_found


def list_inbounds(asked: Asked) -> Answered:
    rows = SmsInbound.objects.filter(plan=asked.plan, received_at__lte=asked.now)
    rows = paging.within_dates(rows, asked.query, "received_at", asked.now)
    if numbers := paging.words_of(asked.query, "to"):
        rows = rows.filter(to__in=map(plain, numbers))
    if reference := asked.query.get("client_reference"):
        rows = rows.filter(client_reference=reference)
    rows = rows.order_by("-received_at", "-pk")
    return Answered(paging.page_of(rows, asked.query, "inbounds", lambda row: row.body))


def show_inbound(asked: Asked, inbound_id: str) -> Answered:
    rows = SmsInbound.objects.filter(plan=asked.plan, received_at__lte=asked.now)
    inbound = rows.filter(inbound_id=inbound_id).first()
    if inbound is None:
        raise not_found()
    return Answered(inbound.body)
