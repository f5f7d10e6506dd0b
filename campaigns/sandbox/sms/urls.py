"""Addresses of the SMS REST API, below a region and a service plan (§3)."""

from django.urls import include, path, re_path

from campaigns.sandbox.sms import batches, grouping, inbounds, rehearsing, reporting
from campaigns.sandbox.sms.doors import door, no_such_path

BATCH = "batches/<slug:batch_id>"
GROUP = "groups/<slug:group_id>"
below_plan = [
    path("batches", door(GET=batches.list_batches, POST=batches.send), name="sms-batches"),
    path("batches/dry_run", door(POST=rehearsing.rehearse), name="sms-dry_run"),
    path(
        BATCH,
        door(
            GET=batches.show_batch,
            POST=batches.update,
            PUT=batches.replace,
            DELETE=batches.cancel,
        ),
        name="sms-batch",
    ),
    path(f"{BATCH}/delivery_feedback", door(POST=batches.give_feedback), name="sms-feedback"),
    path(f"{BATCH}/delivery_report", door(GET=reporting.show_batch_report), name="sms-report"),
    path(
        f"{BATCH}/delivery_report/<str:number>",
        door(GET=reporting.show_recipient_report),
        name="sms-recipient",
    ),
    path("delivery_reports", door(GET=reporting.list_reports), name="sms-reports"),
    path("inbounds", door(GET=inbounds.list_inbounds), name="sms-inbounds"),
    path("inbounds/<slug:inbound_id>", door(GET=inbounds.show_inbound), name="sms-inbound"),
    path("groups", door(GET=grouping.list_groups, POST=grouping.create), name="sms-groups"),
    path(
        GROUP,
        door(
            GET=grouping.show_group,
            POST=grouping.update,
            PUT=grouping.replace,
            DELETE=grouping.delete,
        ),
        name="sms-group",
    ),
    path(f"{GROUP}/members", door(GET=grouping.list_members), name="sms-members"),
]
urlpatterns = [
    path("<slug:region>/xms/v1/<slug:plan_id>/", include(below_plan)),
    re_path(r"", no_such_path, name="sms-nowhere"),
]
