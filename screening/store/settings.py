"""Where the store is: one frozen object, read from the environment once."""

from pathlib import Path
from typing import Final, Self
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from screening.vocabulary.errors import OperatorError

_SCHEMES: Final = ("redis", "rediss", "unix")
# What a URL may add. Anything else would silently overrule what this project depends on: time-outs,
# retries, the protocol, the checking of certificates.
_OPTIONS: Final = frozenset({"db", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile"})


class HomeSettings(BaseSettings):
    """What the store's settings and those of the API host have in common."""

    model_config = SettingsConfigDict(env_prefix="SCREENING_", env_ignore_empty=True, frozen=True)

    home: Path = Field(
        default=Path(".screening/screening"),
        description=(
            "Directory of this host's journal, cache and embedded store; 0700, made when missing."
        ),
    )

    @field_validator("home")
    @classmethod
    def _refuse_bytes(cls, home: Path) -> Path:
        try:
            str(home).encode()
        except UnicodeEncodeError:  # what bytes that are no UTF-8 become
            raise ValueError("its name is not UTF-8; choose another folder") from None
        return home


class StoreSettings(HomeSettings):
    """The store's part of a process's settings."""

    # A refused URL has a password in it, too.
    model_config = SettingsConfigDict(hide_input_in_errors=True)

    redis_url: SecretStr | None = Field(
        default=None,
        description=(
            "Redis or Valkey, version 7 or newer: redis://, rediss:// (TLS) or unix://, with "
            "credentials where needed. Without it an embedded server is started below `home`."
        ),
    )

    @field_validator("redis_url")
    @classmethod
    def _refuse_other_urls(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            _refuse_unusable(url.get_secret_value())
        return url

    @classmethod
    def from_environment(cls) -> Self:
        """Read the settings; raises `OperatorError`, which never repeats a URL."""
        try:
            return cls()
        except ValidationError as error:
            problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
            names = "_".join(str(part) for part in problem["loc"]).upper()
            sentence = problem["msg"].removeprefix("Value error, ")
            raise OperatorError(f"SCREENING_{names}: {sentence}") from None


def _refuse_unusable(url: str) -> None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number below 65536
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
    except ValueError:
        # The message of the original may hold a part of the URL.
        raise ValueError("this is not a URL; write redis://user:password@host:6379/0") from None
    if parts.scheme not in _SCHEMES:
        raise ValueError("the URL must begin with redis://, rediss:// or unix://")
    if not (parts.path if parts.scheme == "unix" else parts.hostname):
        raise ValueError("the URL names no host, or no socket path after unix://")
    if not options.keys() <= _OPTIONS:
        raise ValueError(f"the URL may have no options but {', '.join(sorted(_OPTIONS))}")
    if not options.get("db", "0").isdecimal():
        raise ValueError("the URL's option db must be a number")
