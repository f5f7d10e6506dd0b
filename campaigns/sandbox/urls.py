"""Addresses of the sandbox's own process."""

from django.urls import include, path, re_path
from django.views.generic import RedirectView

from campaigns.sandbox import api, files, handset, traffic
from campaigns.sandbox.conversation.switches import change_switches
from campaigns.sandbox.conversation.tokens import give_token

pages = [
    re_path(r"^ep/v2/?$", api.call_api, name="api"),
    path("oauth2/token", give_token),
    path("", include("campaigns.sandbox.conversation.urls")),
    path("", handset.list_phones, name="phones"),
    re_path(r"^phone/(?P<number>[1-9][0-9]{6,14})/$", handset.show_phone, name="phone"),
    re_path(r"^phone/(?P<number>[1-9][0-9]{6,14})/answer/$", handset.answer, name="answer"),
    re_path(
        r"^phone/(?P<number>[1-9][0-9]{6,14})/tap/(?P<token>[\w-]+)/$", handset.tap, name="tap"
    ),
    path("switches/<str:project_id>/", change_switches, name="switches"),
    path("traffic/", traffic.show_traffic, name="traffic"),
    path("seen/<slug:token>/", files.show_linked, name="linked"),
    re_path(r"^copies/(?P<name>[0-9a-f]{64}\.[a-z0-9]{2,4})$", files.show_copy, name="copy"),
    path("mo/<slug:token>/<int:number>.<slug:ending>", files.show_reply_file, name="reply-file"),
    path("favicon.ico", RedirectView.as_view(url="/static/img/favicon.svg")),
]
urlpatterns = [
    path("sms/", include("campaigns.sandbox.sms.urls")),
    path("", include((pages, "sandbox"))),
]
