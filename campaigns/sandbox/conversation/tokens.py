"""Access tokens: given for a key and its secret, shaped like a JWT, read again with every call."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from campaigns.sandbox.conversation.buckets import Bucket
from campaigns.sandbox.conversation.errors import ApiProblem
from campaigns.sandbox.conversation.models import ConversationProject

BURST, PER_SECOND = 30, 10
bucket = Bucket(BURST, PER_SECOND)


@csrf_exempt
def give_token(request: HttpRequest) -> JsonResponse:
    """`POST /oauth2/token` with the key as Basic credentials (§1)."""
    key_id, key_secret = read_basic(request.headers.get("Authorization", ""))
    if not bucket.takes(key_id, time.monotonic()):
        return JsonResponse({"error": "too_many_requests"}, status=429)
    project = find_by_key(key_id, key_secret)
    if project is None:
        return _refuse(401, "invalid_client", "The access key or its secret is not valid.")
    if request.method != "POST" or request.POST.get("grant_type") != "client_credentials":
        return _refuse(400, "unsupported_grant_type", "grant_type must be client_credentials.")
    token = make_token(project, time.time())
    lifetime = max(project.token_seconds, 0)
    body = {"access_token": token, "expires_in": lifetime, "scope": "", "token_type": "bearer"}
    return JsonResponse(body, headers={"Cache-Control": "no-store"})


def make_token(project: ConversationProject, now: float) -> str:
    claims = {
        "iss": "https://auth.sinch.com/",
        "sub": project.project_id,
        "client_id": project.key_id,
        "iat": int(now),
        "exp": int(now) + project.token_seconds,
        "jti": secrets.token_hex(8),
    }
    head = _encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    signed = f"{head}.{_encode(json.dumps(claims).encode())}"
    return f"{signed}.{_sign(signed, project.key_secret)}"


def read_token(token: str, now: float) -> ConversationProject:
    """The project of a token that holds; raises the 401 that says what is wrong with it."""
    signed, _, signature = token.rpartition(".")
    try:
        claims = json.loads(_decode(signed.partition(".")[2]))
        project = ConversationProject.objects.get(key_id=claims["client_id"])
    except (ValueError, KeyError, TypeError, ConversationProject.DoesNotExist) as error:
        raise bad_token("The access token is malformed.") from error
    if not hmac.compare_digest(signature, _sign(signed, project.key_secret)):
        raise bad_token("The access token is not signed by us.")
    if project.keys_revoked:
        raise bad_token("The access key was revoked.")
    if claims["exp"] <= now:
        raise expired_token()
    return project


def expired_token() -> ApiProblem:
    return bad_token("The access token expired.")


def bad_token(why: str) -> ApiProblem:
    """`expired` in the challenge is what clients look for before they fetch a new token (§1)."""
    challenge = f'Bearer error="invalid_token", error_description="{why}"'
    return ApiProblem(401, why, headers={"WWW-Authenticate": challenge})


def read_basic(header: str) -> tuple[str, str]:
    scheme, _, credentials = header.partition(" ")
    try:
        if scheme.lower() == "basic":
            name, _, word = base64.b64decode(credentials, validate=True).decode().partition(":")
            return name, word
    except (binascii.Error, UnicodeDecodeError):
        pass  # what cannot be read is no key
    return "", ""


def find_by_key(key_id: str, key_secret: str) -> ConversationProject | None:
    project = ConversationProject.objects.filter(key_id=key_id, keys_revoked=False).first()
    is_right = project and hmac.compare_digest(project.key_secret.encode(), key_secret.encode())
    return project if is_right else None


def _refuse(status: int, error: str, description: str) -> JsonResponse:
    return JsonResponse({"error": error, "error_description": description}, status=status)


def _sign(text: str, secret: str) -> str:
    return _encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest())


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
