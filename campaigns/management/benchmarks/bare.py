"""The baseline of the callbacks: a Django view that does one INSERT, and nothing around it."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

_INSERT = """INSERT INTO campaigns_webhookpost
    (channel_id, body, headers, received_at, status, reason, attempts, kind, is_polled)
    VALUES (%s, %s, '{}', %s, 'done', '', 0, '', false)"""


def insert(request: HttpRequest, channel_id: int) -> HttpResponse:
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [channel_id, request.body, now])
    return HttpResponse("OK", headers={"Content-Length": "2"})


urlpatterns = [path("bare/<int:channel_id>/", insert)]
