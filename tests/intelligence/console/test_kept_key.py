"""An old data key that is kept, by which retractions overtake nothing, is said at the start."""

from pathlib import Path

import pytest
from sqlalchemy import select

from intelligence.commands.renewing import rotate
from intelligence.commands.setting_up import initialise
from intelligence.curation.tables import SafetyListsRow
from intelligence.opening import open_database
from intelligence.settings import IntelligenceSettings
from intelligence.store.data_keys import WrappedKey
from tests.intelligence.backup.homes import settings_for
from tests.intelligence.console.inside import Inside, open_desk_inside

ADA = "ada@gen.example"
WARNING = "An old data key is kept"


def start_page(settings: IntelligenceSettings, codes: list[str]) -> str:
    with open_desk_inside(settings) as desk:
        browser = Inside(desk)
        browser.codes = codes
        browser.log_in(ADA)
        return browser.visit("/").text


@pytest.mark.slow
def test_the_start_page_says_that_an_old_key_is_kept_until_it_is_gone(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    token = initialise(settings)
    assert token is not None
    with open_desk_inside(settings) as desk:
        ada = Inside(desk)
        ada.set_up(token, ADA)
        assert WARNING not in ada.visit("/").text
    with open_database(settings) as database, database.writing() as session:
        (old_key,) = session.scalars(select(WrappedKey.id)).all()
        session.add(SafetyListsRow(told=bytes.fromhex(old_key) + bytes(52), told_at=1))
    assert rotate(settings).kept == [old_key]
    assert WARNING in start_page(settings, ada.codes)
    assert not rotate(settings, giving_up=True).kept
    assert WARNING not in start_page(settings, ada.codes)
