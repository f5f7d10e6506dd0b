"""Addresses of the pretend Conversation API below `/conversation/<region>/v1/projects/<id>/`."""

from django.urls import path

from campaigns.sandbox.conversation import apps, contacts, listing, looking, sending, webhooks
from campaigns.sandbox.conversation.doors import door

ROOT = "conversation/<slug:region>/v1/projects/<str:project_id>/"

urlpatterns = [
    path(f"{ROOT}messages:send", door(POST=sending.send_message)),
    path(f"{ROOT}messages:transcode", door(POST=looking.transcode_message)),
    path(f"{ROOT}messages:fetch-last-message", door(POST=listing.fetch_last)),
    path(f"{ROOT}messages", door(GET=listing.list_messages)),
    path(
        f"{ROOT}messages/<str:message_id>",
        door(GET=listing.get_message, PATCH=listing.change_message, DELETE=listing.delete_message),
    ),
    path(f"{ROOT}apps", door(GET=apps.list_apps, POST=apps.create_app)),
    path(
        f"{ROOT}apps/<str:app_id>",
        door(GET=apps.get_app, PATCH=apps.change_app, DELETE=apps.delete_app),
    ),
    path(
        f"{ROOT}apps/<str:app_id>/webhooks",
        door(GET=webhooks.list_webhooks, POST=webhooks.refuse_post),
    ),
    path(f"{ROOT}webhooks", door(POST=webhooks.create_webhook)),
    path(
        f"{ROOT}webhooks/<str:webhook_id>",
        door(
            GET=webhooks.get_webhook,
            PATCH=webhooks.change_webhook,
            DELETE=webhooks.delete_webhook,
        ),
    ),
    path(f"{ROOT}contacts", door(GET=contacts.list_contacts, POST=contacts.create_contact)),
    path(
        f"{ROOT}contacts/<str:contact_id>",
        door(
            GET=contacts.get_contact,
            PATCH=contacts.change_contact,
            DELETE=contacts.delete_contact,
        ),
    ),
    path(f"{ROOT}capability:query", door(POST=looking.query_capability)),
]
