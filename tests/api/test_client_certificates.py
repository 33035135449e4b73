"""A key that is bound to a certificate opens nothing without it, shown in TLS to the proxy."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives import serialization

from screening.api.client_certificate import is_certificate
from screening.vocabulary.kit import encode_kit
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.ending_tls import ending_tls
from tests.harness.metrics import metric
from tests.harness.template import Template
from tests.harness.tls import Certificate
from tests.harness.valkey import Valkey

PROXY = "127.0.0.8"
UNLISTED = ("phone", "+12025550143")

# RFC 9440, appendix A, "Header Field in HTTP Request to Origin Server".
RFC_9440 = (
    b":MIIBqDCCAU6gAwIBAgIBBzAKBggqhkjOPQQDAjA6MRswGQYDVQQKDBJMZXQncyBBdXRoZW50aWNhdGUxGzAZBgNVBAMM"
    b"EkxBIEludGVybWVkaWF0ZSBDQTAeFw0yMDAxMTQyMjU1MzNaFw0yMTAxMjMyMjU1MzNaMA0xCzAJBgNVBAMMAkJDMFkw"
    b"EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8YnXXfaUgmnMtOXU/IncWalRhebrXmckC8vdgJ1p5Be5F/3YC8OthxM4+k1M"
    b"6aEAEFcGzkJiNy6J84y7uzo9M6NyMHAwCQYDVR0TBAIwADAfBgNVHSMEGDAWgBRm3WjLa38lbEYCuiCPct0ZaSED2DAO"
    b"BgNVHQ8BAf8EBAMCBsAwEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYDVR0RAQH/BBMwEYEPYmRjQGV4YW1wbGUuY29tMAoG"
    b"CCqGSM49BAMCA0gAMEUCIBHda/r1vaL6G3VliL4/Di6YK0Q6bMjeSkC3dFCOOB8TAiEAx/kHSB4urmiZ0NX5r5XarmPk"
    b"0wmuydBVoU4hBVZ1yhk=:"
)


@dataclass
class Bound:
    """An API behind proxies that end TLS, and a key that is bound to `ours`.

    `proxy` asks for that certificate, `other_proxy` for those of `others`.
    """

    deployed: Deployed
    api: Api
    proxy: str
    other_proxy: str
    folder: Path
    acme: Partner
    ours: Certificate
    others: Certificate

    def with_key(self, certificate: Certificate) -> Path:
        """Return one file with a certificate and its private key."""
        both = certificate.path.parent / "both.pem"
        both.write_bytes(
            certificate.path.read_bytes() + (certificate.path.parent / "key.pem").read_bytes()
        )
        both.chmod(0o600)
        return both

    def asked(self, client_cert: Path | None, *, proxy: str | None = None) -> tuple[int, str]:
        """Ask by the command of the client; return its exit code, and what it said."""
        kit = self.deployed.folder / "proxied.json"
        kit.unlink(missing_ok=True)
        kit.touch(mode=0o600)
        kit.write_bytes(
            encode_kit(msgspec.structs.replace(self.acme.kit, api_url=proxy or self.proxy))
        )
        # The two authorities have one name, so a client is to know one of them.
        name = "b" if proxy == self.other_proxy else "a"
        authority = self.folder / name / "certificate.pem"
        ended = self.deployed.forked(
            *("check", "--kit", str(kit), ":".join(UNLISTED)),
            command="gen-screen",
            SSL_CERT_FILE=str(authority),
            SCREENING_CLIENT_CERT="" if client_cert is None else str(client_cert),
        )
        return ended.code, ended.output

    def status(self, source: str, certificate: bytes | None) -> int:
        """Ask the API itself, as whoever reaches its port may."""
        headers = dict(self.acme.headers)
        if certificate is not None:
            headers["client-cert"] = certificate.decode()
        transport = httpx.HTTPTransport(local_address=source)
        with httpx.Client(transport=transport) as client:
            url = f"{self.api.url}/v1/check"
            return client.post(url, json=self.acme.body(UNLISTED), headers=headers).status_code


@pytest.fixture(scope="module")
def bound(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Bound]:
    valkey, folder = Valkey(tmp_path_factory.mktemp("vk")), tmp_path_factory.mktemp("bound")
    server, other, ours, others = (Certificate(folder / name, "localhost") for name in "abcd")
    deployed = Deployed(folder, redis_url=valkey.url, template=template)
    try:
        deployed.indexer("init")
        deployed.publish([("phone", "+12025550142", "trafficker")])
        acme = deployed.add_partner("acme", "--stretch", "light")
        key_id = acme.kit.parsed_api_key().id
        bind = ("partner", "key", "bind", "acme", key_id)
        said = deployed.indexer(*bind, "--certificate", str(ours.path)).stdout
        assert "with the certificate" in said
        api = deployed.serve(SCREENING_TRUSTED_PROXIES=PROXY)
        deployed.wait_ready(api)
        parts = urlsplit(api.url)
        assert parts.hostname
        assert parts.port
        to = (parts.hostname, parts.port)
        with (
            ending_tls(server, ours.path, source=PROXY, to=to) as port,
            ending_tls(other, others.path, source=PROXY, to=to) as other_port,
        ):
            asking, asking_others = (f"https://localhost:{one}" for one in (port, other_port))
            yield Bound(deployed, api, asking, asking_others, folder, acme, ours, others)
    finally:
        deployed.close()
        valkey.kill()


def test_who_shows_the_certificate_is_answered(bound: Bound) -> None:
    assert bound.asked(bound.with_key(bound.ours))[0] == 0


def test_a_stolen_key_opens_nothing_without_the_certificate_or_with_another(bound: Bound) -> None:
    before = metric(bound.api, "screening_alarms_total", what="key_without_certificate")
    assert bound.asked(None)[0] == 77
    assert bound.asked(bound.with_key(bound.others), proxy=bound.other_proxy)[0] == 77
    after = metric(bound.api, "screening_alarms_total", what="key_without_certificate")
    assert after == before + 2


def test_a_certificate_is_believed_of_the_proxy_alone(bound: Bound) -> None:
    lines = bound.ours.path.read_text().splitlines()
    copied = b":" + "".join(lines[1:-1]).encode() + b":"
    assert bound.status(PROXY, copied) == 200
    assert bound.status(PROXY, None) == 401
    assert bound.status("127.0.0.1", copied) == 401


def test_a_file_that_is_no_pair_is_told_and_nothing_is_asked(bound: Bound) -> None:
    both = bound.with_key(bound.ours)
    both.chmod(0o644)
    code, said = bound.asked(both)
    assert (code, "SCREENING_CLIENT_CERT" in said, "chmod 600" in said) == (69, True, True)
    code, said = bound.asked(bound.ours.path.parent / "key.pem")
    assert (code, "SCREENING_CLIENT_CERT" in said) == (69, True)
    code, said = bound.asked(bound.ours.path.parent / "absent.pem")
    assert (code, "SCREENING_CLIENT_CERT" in said) == (69, True)


def test_a_key_that_wants_a_pass_phrase_is_told_and_nobody_is_asked_for_one(bound: Bound) -> None:
    both = bound.with_key(bound.ours)
    key = serialization.load_pem_private_key(
        (bound.ours.path.parent / "key.pem").read_bytes(), None
    )
    encrypted = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"a pass phrase"),
    )
    both.write_bytes(bound.ours.path.read_bytes() + encrypted)
    code, said = bound.asked(both)
    assert (code, "its private key is encrypted" in said, "pass phrase:" in said) == (
        69,
        True,
        False,
    )


def test_a_private_key_or_no_certificate_is_not_bound_to(bound: Bound) -> None:
    bind = ("partner", "key", "bind", "acme", bound.acme.kit.parsed_api_key().id)
    for path, why in (
        (bound.with_key(bound.ours), "holds a private key"),
        (bound.deployed.folder / "list.csv", "holds no certificate"),
    ):
        done = bound.deployed.indexer(*bind, "--certificate", str(path), expect=2)
        assert why in done.stderr


def test_the_certificate_of_rfc_9440_is_known_by_its_hash() -> None:
    sha256 = hashlib.sha256(base64.b64decode(RFC_9440[1:-1])).digest()
    assert is_certificate(RFC_9440, sha256)
    for other in (
        None,
        b"",
        b":",
        b"::",
        RFC_9440[1:-1],
        RFC_9440[:-1],
        RFC_9440[:-4] + b"k=:",
        RFC_9440 + b", " + RFC_9440,
        RFC_9440.replace(b"M", b"N", 1),
        b":\xff:",
        b": " + RFC_9440[1:],
    ):
        assert not is_certificate(other, sha256), other
