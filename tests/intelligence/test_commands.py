"""The commands: safe to run again, refused where they would harm, and keys that are replaced."""

import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from intelligence.opening import open_database
from intelligence.settings import IntelligenceSettings
from intelligence.staff.tables import Account
from intelligence.store.data_keys import WrappedKey
from intelligence.store.database import Database
from screening.ledger.verify import verify_ledger
from tests.harness.console import PASSWORD, Console, forms_of
from tests.harness.postgres import Postgres
from tests.harness.template import Template
from tests.intelligence.conftest import SLOW_ON_POSTGRESQL

NAME = "ada@gen.example"


@pytest.fixture(params=SLOW_ON_POSTGRESQL)
def own(request: pytest.FixtureRequest, tmp_path: Path, channel: Template) -> Iterator[Console]:
    """A console of the test's own, not initialised."""
    url = None
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.new_database()
    made = Console(tmp_path, url, template=channel)
    yield made
    made.stop()


@contextmanager
def database_of(own: Console) -> Iterator[Database]:
    given = {"INTELLIGENCE_DATABASE_URL": own.environment.get("INTELLIGENCE_DATABASE_URL")}
    home: dict[str, Any] = {"INTELLIGENCE_HOME": own.home, **given}
    with open_database(IntelligenceSettings(**home)) as database:
        yield database


def test_keys_are_replaced_and_people_still_log_in(own: Console) -> None:
    token = own.initialise()
    own.serve()
    ada = own.browser()
    ada.set_up(token, NAME)
    assert "stop it first" in own.run("keys", "rotate", expect=2).stderr
    ticket = ada.client.cookies["console"]
    own.stop()
    before = (own.home / "key-encryption.keys").read_bytes()
    rotated = own.run("keys", "rotate").stdout
    assert "values sealed anew: 13" in rotated, "a secret, an account, ten codes, the ledger's end"
    assert "whoever was logged in logs in again" in rotated
    assert (own.home / "key-encryption.keys").read_bytes() != before
    own.serve()
    ada = own.browser()
    ada.client.cookies.set("console", ticket, domain="127.0.0.1", path="/")
    assert ada.visit("/account").url.path == "/log-in"
    ada.visit("/log-in")
    ada.send("/log-in", name=NAME, password=PASSWORD)
    assert ada.page.url.path == "/second-factor"


def test_of_what_does_not_open_the_old_key_is_kept_until_it_is_given_up(own: Console) -> None:
    token = own.initialise()
    own.serve()
    own.browser().set_up(token, NAME)
    own.stop()
    with database_of(own) as database, database.writing() as session:
        (old_key,) = session.scalars(select(WrappedKey.id)).all()
        session.execute(update(Account).values(totp_secret=func.substr(Account.totp_secret, 1, 8)))
    for _ in range(2):
        said = own.run("keys", "rotate", expect=1)
        assert "values sealed anew: " in said.stdout
        assert "1 of staff_account do not open, and stay as they are" in said.stderr
        assert f"the old data key ({old_key}) is not gone" in said.stderr
    assert own.events().count("values not sealed anew") == 2
    said = own.run("keys", "rotate", "--give-up-unread")
    assert "no key that is here opens these" in said.stderr
    with database_of(own) as database, database.reading() as session:
        (key,) = session.scalars(select(WrappedKey.id)).all()
        assert key != old_key


def test_init_may_be_run_again_and_gives_no_token_once_somebody_is_here(own: Console) -> None:
    first = own.initialise()
    second = own.initialise()
    assert first != second
    said = own.run("init").stdout
    assert "one that was printed before is void from now on" in said
    second = said.partition("valid for three days: ")[2].split()[0]
    own.serve()
    ada = own.browser()
    ada.visit("/set-up")
    refused = ada.send(
        "/set-up", token=first, name=NAME, display_name="Ada", password=PASSWORD, again=PASSWORD
    )
    assert refused.status_code == 422
    assert "take what intelligence init has printed last" in refused.text
    ada.set_up(second, NAME)
    own.stop()
    assert "token" not in own.run("init").stdout


def test_an_only_administrator_who_has_lost_all_comes_in_by_a_token_of_the_host(
    own: Console,
) -> None:
    token = own.initialise()
    own.serve()
    own.browser().set_up(token, NAME)
    assert "stop it first" in own.run("staff", "invite", NAME, expect=2).stderr
    own.stop()
    assert "no account" in own.run("staff", "invite", "nobody", expect=2).stderr
    said = own.run("staff", "invite", NAME, "--reset-second-factor").stdout
    own.serve()
    ada = own.browser()
    ada.accept(NAME, said.splitlines()[0].rpartition(" ")[2], "quite another password")
    ada.enrol()
    assert ada.visit("/staff").status_code == 200
    own.stop()
    assert own.events().count("staff invited from the host") == 1


@pytest.mark.parametrize("own", ["sqlite"], indirect=True)
def test_an_account_that_was_changed_comes_in_again_by_the_host_as_it_is(own: Console) -> None:
    token = own.initialise()
    own.serve()
    ada = own.browser()
    ada.set_up(token, NAME)
    with database_of(own) as database, database.writing() as session:
        session.execute(update(Account).values(organisation="Police B"))
    ada.visit("/staff")
    assert ada.page.url.path == "/log-in"
    own.stop()
    assert own.events().count("account changed outside") == 1
    assert "'Police B'" in own.run("staff", "invite", NAME, expect=2).stderr
    said = own.run("staff", "invite", NAME, "--as-it-is").stdout.splitlines()
    assert "'Police B'" in said[0]
    own.serve()
    ada = own.browser()
    ada.accept(NAME, said[1].rpartition(" ")[2], "quite another password")
    ada.enrol()
    assert ada.visit("/staff").status_code == 200
    own.stop()


@pytest.mark.parametrize("own", ["sqlite"], indirect=True)
def test_an_only_administrator_who_is_over_comes_in_by_the_host_until_another_day(
    own: Console,
) -> None:
    token = own.initialise()
    own.serve()
    own.browser().set_up(token, NAME)
    own.stop()
    with database_of(own) as database, database.writing() as session:
        session.execute(update(Account).values(expires_at=1))
    invite, last_day = (
        ("staff", "invite", NAME, "--as-it-is"),
        f"{datetime.now(UTC).year + 1}-06-30",
    )
    for day, why in (("soon", "year-month-day"), ("2001-01-01", "the last day is over")):
        assert why in own.run(*invite, "--last-day", day, expect=2).stderr
    assert "--last-day" in own.run(*invite, expect=2).stderr
    said = own.run(*invite, "--last-day", last_day).stdout.splitlines()
    end = datetime.fromisoformat(last_day) + timedelta(days=1)
    assert said[0].endswith(f"Administrator; ends {end:%Y-%m-%d} 00:00 UTC")
    own.serve()
    ada = own.browser()
    ada.accept(NAME, said[1].rpartition(" ")[2], "quite another password")
    ada.enrol()
    assert f"<dd>{last_day}</dd>" in ada.visit("/account").text
    own.stop()


def test_a_log_in_over_a_session_ends_it(tmp_path: Path, channel: Template) -> None:
    own = Console(tmp_path, None, template=channel)
    token = own.initialise()
    own.serve()
    try:
        ada = own.browser()
        ada.set_up(token, NAME)
        before = own.browser()
        before.client.cookies.update(ada.client.cookies)
        csrf = forms_of(ada.visit("/").text)[0].fields["csrf"]
        ada.client.post("/log-in", data={"csrf": csrf, "name": NAME, "password": PASSWORD})
        assert ada.visit("/").url.path == "/second-factor"
        assert before.visit("/").url.path == "/log-in"
    finally:
        own.stop()


def test_what_is_not_initialised_is_not_served(own: Console) -> None:
    said = own.run("serve", "--port", "0", expect=2).stderr
    assert "run: intelligence init" in said
    assert "Traceback" not in said


def test_all_files_are_their_owner_s_alone_and_the_ledger_verifies(
    tmp_path: Path, channel: Template
) -> None:
    own = Console(tmp_path, None, template=channel)
    own.initialise()
    own.serve()
    own.browser().visit("/")
    own.stop()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in own.home.rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert stat.S_IMODE(own.home.stat().st_mode) == 0o700
    verify_ledger(own.home / "ledger")


def test_the_spools_are_looked_at_beside_a_console_that_serves(own: Console) -> None:
    assert "run: intelligence init" in own.run("spool", "status", expect=2).stderr
    assert not own.home.exists()
    own.initialise()
    said = own.run("spool", "status").stdout
    assert "deployment none yet" in said
    assert "run: intelligence spool init" in said
    own.run("spool", "init", "--deployment", "0123456789abcdef")
    before = own.events()
    looked = json.loads(own.run("spool", "status", "--json").stdout)
    assert (looked["deployment"], looked["is_held"]) == ("0123456789abcdef", False)
    own.serve()
    served = own.run("spool", "status").stdout.splitlines()
    assert served[0] == "deployment 0123456789abcdef"
    assert served[1] == f"console    {looked['console']}; at work"
    assert "waiting    0 changes to leave, 0 retractions among them" in served
    assert "last heard no up file; 0 behind it" in served
    assert [line for line in served if line.startswith("to do")] == [
        "to do      no indexer is trusted; bring its key, and run: intelligence spool trust"
    ]
    assert json.loads(own.run("spool", "status", "--json").stdout)["is_held"]
    assert own.events() == before, "it is on record as little as the indexer's"
    assert not (own.folder / ".screening").exists()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"INTELLIGENCE_HOST": "192.0.2.1"}, "INTELLIGENCE_PUBLIC_URL"),
        ({"INTELLIGENCE_PUBLIC_URL": "http://console.example"}, "INTELLIGENCE_PUBLIC_URL"),
        ({"INTELLIGENCE_PUBLIC_URL": "https://console.example"}, "INTELLIGENCE_TRUSTED_PROXIES"),
        ({"INTELLIGENCE_DATABASE_URL": "mysql://a:hidden@b/c"}, "INTELLIGENCE_DATABASE_URL"),
        ({"INTELLIGENCE_IDLE_S": "1"}, "INTELLIGENCE_IDLE_S"),
    ],
)
def test_a_setting_that_would_harm_is_refused_in_a_sentence(
    tmp_path: Path, settings: dict[str, str], said: str, channel: Template
) -> None:
    own = Console(tmp_path, None, template=channel)
    own.environment.update(settings)
    stderr = own.run("serve", "--port", "0", expect=2).stderr
    assert said in stderr
    assert "hidden" not in stderr
    assert len(stderr.splitlines()) == 1


def test_a_misspelt_setting_is_named(tmp_path: Path, channel: Template) -> None:
    own = Console(tmp_path, None, template=channel)
    own.environment["INTELLIGENCE_IDLE"] = "600"
    assert "INTELLIGENCE_IDLE is no setting" in own.run("init").stderr


def test_a_database_that_is_not_there_is_told_in_a_sentence(
    tmp_path: Path, channel: Template
) -> None:
    own = Console(
        tmp_path, "postgresql+psycopg://owner:hidden@/none?host=/nonexistent", template=channel
    )
    stderr = own.run("init", expect=2).stderr
    assert "INTELLIGENCE_DATABASE_URL" in stderr
    assert "hidden" not in stderr
    assert "Traceback" not in stderr
