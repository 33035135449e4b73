"""Settings of an API host."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from screening.api.settings import ApiSettings
from screening.commands import settings_sentence
from screening.store.settings import StoreSettings


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
    assert "home: value error, its name is not utf-8" in settings_sentence(refused.value)
    assert "srv" not in settings_sentence(refused.value)
