"""Where the pages of the inbox are, and how their buttons are pressed."""

from django.urls import reverse

LIST = "/admin/campaigns/thread/"


def press(client, thread, do, **form):
    url = reverse("admin:campaigns_thread_do", args=[thread.pk])
    return client.post(url, {"do": do, **form})


def answer(client, thread, text="Thank you", **form):
    url = reverse("admin:campaigns_thread_reply", args=[thread.pk])
    return client.post(url, {"text": text, "token": "a" * 16, "seen": "0", **form})


def html(answered):
    return answered.content.decode()
