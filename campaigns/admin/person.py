"""Everything of one person, given out as a file, or erased."""

import re

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from campaigns.forms.consent import EraseForm
from campaigns.rules.phones import normalise
from campaigns.rules.problems import RuleBroken
from campaigns.services.erasure import erase_person, find_erasure_problems, measure
from campaigns.services.person import Person, find_person
from campaigns.services.person_export import write_person

#: A number as we keep it; without the "+" only if it cannot lack its country code.
_KEPT = re.compile(r"(?:[+ ](?=[1-9]\d{6})|(?=[1-9]\d{10}))(\d{7,15})")


def read_phone(text: str) -> str:
    """The digits of a number in any spelling; `RuleBroken` for what is none. Our own pages write
    a "+" and the digits that are kept, of which in an address a space may be left."""
    if kept := _KEPT.fullmatch(text):
        return kept[1]
    return normalise(text)


@require_POST
def give_person(request: HttpRequest) -> HttpResponse:
    """A ZIP with everything that is held of them."""
    if not request.user.has_perms(["campaigns.view_contact", "campaigns.view_consent"]):
        raise PermissionDenied
    found = _find(request.POST.get("phone", ""))
    response = StreamingHttpResponse(
        write_person(found, by=request.user), content_type="application/zip"
    )
    response["Content-Disposition"] = f'attachment; filename="person-{found.phone}.zip"'
    response["Cache-Control"] = "no-store"
    return response


def _find(asked: str) -> Person:
    try:
        return find_person(read_phone(asked))
    except RuleBroken as broken:
        raise Http404(str(broken)) from None


def erase(request: HttpRequest) -> HttpResponse:
    """What goes, what stays, and the question; then it is done."""
    if not request.user.has_perm("campaigns.delete_contact"):
        raise PermissionDenied
    found = _find(request.POST.get("phone") or request.GET.get("phone", ""))
    form = EraseForm(request.POST or None, phone=found.phone)
    if request.method == "POST" and form.is_valid():
        try:
            erase_person(found.phone, by=request.user)
        except RuleBroken as broken:
            messages.error(request, str(broken))
        else:
            messages.success(
                request,
                "Erased: nothing here is found by their numbers any more. A segment or a name with "
                "them in it stays until you change it.",
            )
            return redirect("admin:campaigns_contact_changelist")
    context = {
        **admin.site.each_context(request),
        "title": "Erase a person",
        "person": found,
        "footprint": measure(found),
        "problems": find_erasure_problems(found),
        "form": form,
    }
    return render(request, "campaigns/consent/erase.html", context)
