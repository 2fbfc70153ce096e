"""Access tokens that nobody issued, at every service that has a door for people."""

import base64
import json
import time
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from tests.asking import ask, problem_of
from tests.people import register

OWN_PAGES = {
    "auth": "/api/v1/auth/me",
    "user": "/api/v1/user/profile",
    "notification": "/api/v1/notifications",
}
SERVICES = pytest.mark.parametrize("service", OWN_PAGES)
LEEWAY_SECONDS = 30


class Forge:
    """The platform's own signing key, and somebody whose tokens are imitated."""

    def __init__(self, fleet):
        [path] = Path(fleet.platform.var, "auth", "jwt_keys").glob("*.pem")
        self.kid = path.stem
        self.private_key = load_pem_private_key(path.read_bytes(), password=None)
        self.claims = jwt.decode(
            register(fleet).access_token, options={"verify_signature": False}
        )

    def token(self, *, key=None, algorithm="EdDSA", kid=None, without=(), **claims):
        """Return a token that differs from a good one by what is given."""
        payload = {**self.claims, **claims}
        for name in without:
            del payload[name]
        headers = {"kid": self.kid if kid is None else kid}
        if algorithm == "none":
            return jwt.encode(payload, None, algorithm="none", headers=headers)
        return jwt.encode(
            payload, key or self.private_key, algorithm=algorithm, headers=headers
        )

    def public_pem(self):
        return self.private_key.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )


@pytest.fixture(scope="module")
def forge(session_fleet):
    return Forge(session_fleet)


def symmetric(forge):
    """A token signed with HMAC, keyed by what everybody knows: the public key."""
    head = {"alg": "HS256", "typ": "JWT", "kid": forge.kid}
    signed = f"{_part(head)}.{_part(forge.claims)}"
    signer = jwt.get_algorithm_by_name("HS256")
    signature = signer.sign(signed.encode(), forge.public_pem())
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _part(value):
    text = json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def soon():
    return time.time() + 600


FORGERIES = {
    "another key": lambda f: f.token(key=Ed25519PrivateKey.generate()),
    "an unknown key id": lambda f: f.token(kid="unknown"),
    "an odd key id": lambda f: f.token(kid="../../../../etc/passwd"),
    "no algorithm": lambda f: f.token(algorithm="none"),
    "HMAC with the public key": symmetric,
    "another issuer": lambda f: f.token(iss="elsewhere"),
    "no issuer": lambda f: f.token(without=["iss"]),
    "another audience": lambda f: f.token(aud="elsewhere"),
    "no audience": lambda f: f.token(without=["aud"]),
    "expired": lambda f: f.token(exp=time.time() - LEEWAY_SECONDS - 5),
    "no end": lambda f: f.token(without=["exp"]),
    "from the future": lambda f: f.token(iat=soon(), exp=soon() + 60),
    "not yet valid": lambda f: f.token(nbf=soon()),
    "another type": lambda f: f.token(type="refresh"),
    "no type": lambda f: f.token(without=["type"]),
    "nobody": lambda f: f.token(without=["sub"]),
    "an odd subject": lambda f: f.token(sub="1 OR 1=1"),
    "an end beyond all calendars": lambda f: f.token(exp=1e20),
    "an end that is text": lambda f: f.token(exp="9" * 30),
    "a beginning before all calendars": lambda f: f.token(iat=-1e20),
    "a beginning that is text": lambda f: f.token(iat="0"),
    "a role that is a list": lambda f: f.token(role=["admin"]),
    "a name that is a number": lambda f: f.token(name=5),
    "an odd session": lambda f: f.token(sid=True),
    "a cut signature": lambda f: f.token()[:-10],
    "another payload": lambda f: _with_payload(f, role="admin"),
    "garbage": lambda f: "a.b.c",
    "nothing": lambda f: "x",
}


def _with_payload(forge, **claims):
    head, _, signature = forge.token().split(".")
    return f"{head}.{_part({**forge.claims, **claims})}.{signature}"


@SERVICES
def test_a_token_made_like_auth_makes_it_is_good(fleet, forge, service):
    """What the forgeries start from is accepted: each fails for its own reason."""
    response = ask("GET", fleet.url(service) + OWN_PAGES[service], token=forge.token())

    assert response.status_code == 200


@SERVICES
@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_is_refused(fleet, forge, service, forgery):
    token = FORGERIES[forgery](forge)

    response = ask("GET", fleet.url(service) + OWN_PAGES[service], token=token)

    problem_of(response, 401)
    assert "WWW-Authenticate" in response.headers


@SERVICES
def test_a_clock_that_is_a_little_behind_does_not_matter(fleet, forge, service):
    token = forge.token(iat=time.time() + LEEWAY_SECONDS - 10)

    response = ask("GET", fleet.url(service) + OWN_PAGES[service], token=token)

    assert response.status_code == 200


@SERVICES
def test_nobody_is_let_in_without_a_token(fleet, service):
    response = ask("GET", fleet.url(service) + OWN_PAGES[service])

    problem_of(response, 401)


@SERVICES
def test_a_refresh_token_is_no_access_token(fleet, service):
    ana = register(fleet)

    response = ask(
        "GET", fleet.url(service) + OWN_PAGES[service], token=ana.refresh_token
    )

    problem_of(response, 401)
