"""Settings of an API host."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from screening.api.settings import ApiSettings
from screening.commands import settings_sentence
from screening.ledger.log.notes import COSIGNS, SIGNS, SignerKey
from screening.store.settings import StoreSettings

WITNESS_KEY = SignerKey.generate("witness.example/one", COSIGNS).verifier.text
LOG_KEY = SignerKey.generate("host.example/journal", SIGNS).verifier.text


def test_the_home_of_the_api_is_that_of_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ApiSettings().home == StoreSettings.from_environment().home
    monkeypatch.setenv("SCREENING_HOME", "/srv/screening")
    assert ApiSettings().home == StoreSettings.from_environment().home == Path("/srv/screening")


def test_every_setting_is_called_as_its_field_is() -> None:
    """By the fields `screening serve` tells which variables are no settings."""
    for name, field in ApiSettings.model_fields.items():
        assert field.validation_alias in (None, f"SCREENING_{name.upper()}")
        assert field.description


def test_a_home_whose_name_is_no_text_is_refused_in_words_that_repeat_none_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SCREENING_HOME", "/srv/\udcff")
    with pytest.raises(ValidationError) as refused:
        ApiSettings()
    assert "home: its name is not UTF-8" in settings_sentence(refused.value)
    assert "srv" not in settings_sentence(refused.value)


@pytest.mark.parametrize("name", ["SCREENING_POLL_MS", "SCREENING_RELOAD_MS"])
def test_everybody_looks_once_in_five_seconds(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "5000")
    ApiSettings()
    monkeypatch.setenv(name, "5001")
    with pytest.raises(ValidationError) as refused:
        ApiSettings()
    assert f"{name}: input should be less than or equal to 5000" in settings_sentence(refused.value)


@pytest.mark.parametrize(
    ("url", "key", "named"),
    [
        ("http://127.0.0.1:8090", None, "SCREENING_WITNESS_URL"),
        ("http://witness.example", WITNESS_KEY, "SCREENING_WITNESS_URL"),
        ("https://a:b@witness.example", WITNESS_KEY, "SCREENING_WITNESS_URL"),
        ("https://witness.example", WITNESS_KEY[:-1], "SCREENING_WITNESS_KEY"),
        ("https://witness.example", LOG_KEY, "SCREENING_WITNESS_KEY"),
    ],
    ids=["no key", "plain http", "with log-in", "half a key", "a log's key"],
)
def test_a_witness_has_an_address_and_the_key_of_one_that_countersigns(
    monkeypatch: pytest.MonkeyPatch, url: str, key: str | None, named: str
) -> None:
    monkeypatch.setenv("SCREENING_WITNESS_URL", url)
    if key is not None:
        monkeypatch.setenv("SCREENING_WITNESS_KEY", key)
    with pytest.raises(ValidationError) as refused:
        ApiSettings()
    sentence = settings_sentence(refused.value)
    assert named in sentence
    assert url not in sentence
    monkeypatch.setenv("SCREENING_WITNESS_URL", "https://witness.example/one/")
    monkeypatch.setenv("SCREENING_WITNESS_KEY", WITNESS_KEY)
    assert ApiSettings().witness_url == "https://witness.example/one"


@pytest.mark.parametrize(
    "url", ["https://alerts.example/in?team=7", "https://a:b@alerts.example/in", "http://a.example"]
)
def test_an_address_for_webhooks_that_is_refused_is_told_what_it_may_not_have(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("SCREENING_WEBHOOK_SECRET_FILE", "/etc/screening/webhook.secret")
    monkeypatch.setenv("SCREENING_WEBHOOK_URL", url)
    with pytest.raises(ValidationError) as refused:
        ApiSettings()
    sentence = settings_sentence(refused.value)
    assert "SCREENING_WEBHOOK_URL" in sentence
    assert "without log-in, ? or #" in sentence
    assert url not in sentence
    monkeypatch.setenv("SCREENING_WEBHOOK_URL", "https://alerts.example/in/")
    assert ApiSettings().webhook_url == "https://alerts.example/in/"
