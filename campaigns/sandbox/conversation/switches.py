"""The switches of a project for who tries the portal by hand: revoked keys, older callbacks, …"""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from campaigns.sandbox.conversation.models import ConversationProject
from campaigns.sandbox.writing import writing


class SwitchesForm(forms.ModelForm):
    class Meta:
        model = ConversationProject
        fields = (
            "keys_revoked",
            "is_over_credit",
            "manages_consent",
            "names_operators",
            "generation",
            "media_seconds",
            "token_seconds",
            "rate",
            "webhook_rate",
        )
        labels = {
            "keys_revoked": "The access key is revoked",
            "is_over_credit": "The credit is used up",
            "manages_consent": "STOP blocks and is told as an opt-out",
            "names_operators": "SMS reports name the operator",
            "generation": "Callbacks of MMS",
            "media_seconds": "Seconds that files of phones are kept",
            "token_seconds": "Seconds that a token lasts",
            "rate": "Requests per second",
            "webhook_rate": "Callbacks per second and app",
        }


@require_POST
def change_switches(request: HttpRequest, project_id: str) -> HttpResponse:
    project = get_object_or_404(ConversationProject, project_id=project_id)
    form = SwitchesForm(request.POST, instance=project, prefix=project_id)
    if form.is_valid():
        with writing():
            form.save()
        messages.success(request, f"The switches of {project_id} are set.")
    for name, problems in form.errors.items():
        messages.error(request, f"{form.fields[name].label}: {' '.join(problems)}")
    return redirect("sandbox:phones")
