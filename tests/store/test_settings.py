"""The store's settings: read once, frozen, and silent about passwords."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from screening.store.settings import StoreSettings
from screening.vocabulary.errors import OperatorError


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCREENING_REDIS_URL", raising=False)
    monkeypatch.delenv("SCREENING_HOME", raising=False)


def test_without_settings_there_is_no_url_and_the_home_is_below_the_working_directory() -> None:
    settings = StoreSettings.from_environment()
    assert settings.redis_url is None
    assert settings.home == Path(".screening/screening")


def test_an_empty_url_is_no_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCREENING_REDIS_URL", "")
    assert StoreSettings.from_environment().redis_url is None


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "redis://api:hunter2@redis.example:6380/2",
        "rediss://:hunter2@redis.example?ssl_ca_certs=/etc/ca.pem",
        "rediss://redis.example?ssl_certfile=/c.pem&ssl_keyfile=/k.pem&db=3",
        "redis://[::1]:6379",
        "unix:///run/redis.sock",
        "unix://api:hunter2@/run/redis.sock?db=1",
    ],
)
def test_each_kind_of_url_is_taken_and_shows_no_password(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("SCREENING_REDIS_URL", url)
    settings = StoreSettings.from_environment()
    assert settings.redis_url is not None
    assert settings.redis_url.get_secret_value() == url
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert "hunter2" not in shown


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://api:hunter2@redis.example", "must begin with redis://, rediss:// or unix://"),
        ("valkey://api:hunter2@redis.example", "must begin with redis://, rediss:// or unix://"),
        ("redis.example:6379/hunter2", "must begin with redis://, rediss:// or unix://"),
        ("hunter2", "must begin with redis://, rediss:// or unix://"),
        ("redis://:hunter2@", "names no host"),
        ("redis:///0?db=1", "names no host"),
        ("unix://:hunter2@", "names no host"),
        ("redis://:hunter2@redis.example:99999", "not a URL"),
        ("redis://:hunter2@redis.example:port", "not a URL"),
        ("redis://:hunter2@[redis.example", "not a URL"),
        ("redis://:hunter2@redis.example?db=one", "db must be a number"),
        ("redis://:hunter2@redis.example?socket_timeout=60", "no options but"),
        ("redis://redis.example?password=hunter2", "no options but"),
        ("rediss://:hunter2@redis.example?ssl_cert_reqs=none", "no options but"),
        ("redis://:hunter2@redis.example?protocol=2&decode_responses=yes", "no options but"),
    ],
)
def test_any_other_url_is_refused_in_one_sentence_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch, url: str, sentence: str
) -> None:
    monkeypatch.setenv("SCREENING_REDIS_URL", url)
    with pytest.raises(OperatorError) as refused:
        StoreSettings.from_environment()
    assert str(refused.value).startswith("SCREENING_REDIS_URL: the URL") or "not a URL" in str(
        refused.value
    )
    assert sentence in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_not_even_the_error_of_pydantic_repeats_a_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCREENING_REDIS_URL", "http://api:hunter2@redis.example")
    with pytest.raises(ValidationError) as refused:
        StoreSettings()
    assert "hunter2" not in str(refused.value)


def test_settings_are_frozen() -> None:
    settings = StoreSettings.from_environment()
    with pytest.raises(ValidationError):
        settings.home = Path("/elsewhere")


def test_every_field_is_documented() -> None:
    assert all(field.description for field in StoreSettings.model_fields.values())
