"""Where the composer's pages are."""

from django.urls import reverse

ADD = "/admin/campaigns/mms/add/"


def change_url(mms):
    return reverse("admin:campaigns_mms_change", args=[mms.pk])
