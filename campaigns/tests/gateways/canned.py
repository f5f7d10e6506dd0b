"""A wire whose answers are given beforehand."""

import json

from campaigns.gateways.http import Answer


class Canned:
    """Answers each request with the next of `answers`; `requests` tells what was asked."""

    def __init__(self, *answers):
        self._answers = list(answers)
        self.requests = []
        self.methods = []

    def post(self, url, headers, body, *, limit=0):
        return self.request("POST", url, headers, body)

    def request(self, method, url, headers, body=None, *, limit=0):
        self.methods.append(method)
        self.requests.append((url, dict(headers), body))
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self):
        self.is_closed = True

    @property
    def sent(self):
        """The JSON of the requests."""
        return [json.loads(body) for _, _, body in self.requests]


def canned(*answers):
    """Each answer is a dict (JSON with status 200), (status, bytes or dict), or an error."""
    return Canned(*map(_answer, answers))


def _answer(given):
    if isinstance(given, Exception | Answer):
        return given
    status, said = given if isinstance(given, tuple) else (200, given)
    body = json.dumps(said).encode() if isinstance(said, dict) else said
    return Answer(status, body, 0.1)
