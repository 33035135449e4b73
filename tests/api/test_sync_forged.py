"""What somebody else writes to Redis confirms nothing, holds up nobody, and is an alarm."""

import pytest

from screening.alarms import FOREIGN
from screening.api.forgeries import FORGED_AT_A_LOOK
from screening.generations.manifest import Head, open_head
from screening.private_files import replace_private
from screening.registry.record import PartnerRecord, open_record
from screening.store import keys
from screening.store.signed import Verifier
from tests.api.sync_host import ACME, BETA, FIRST, SECOND, SIGNER, Host
from tests.harness.slow import slow_but_first
from tests.harness.valkey import Valkey


@slow_but_first(1, "artefact", ["manifest", "table", "filter", "bucket"])
def test_an_artefact_of_another_type_holds_up_its_own_key_only(host: Host, artefact: str) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    host.release(SECOND, 8)
    host.spoil(
        {
            "manifest": keys.manifest(ACME, SECOND),
            "table": keys.table(ACME, SECOND),
            "filter": keys.filter_piece(ACME, SECOND, 0),
            "bucket": keys.bucket(ACME, SECOND, 0),
        }[artefact]
    )
    host.clocks.pass_by(1)
    host.sync.beat()
    assert host.sequences() == {ACME: 7, BETA: 8}
    assert host.confirmed_now() == {BETA}
    assert ("generation_untrusted", ACME) in host.told.alarms


@slow_but_first(1, "name", [keys.HEADS, keys.PARTNERS])
def test_heads_or_records_of_another_type_confirm_nothing_and_end_nothing(
    host: Host, name: str
) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    before = host.cache.read_documents()
    host.spoil(name)
    host.clocks.pass_by(1)
    host.sync.beat()
    assert ("store_untrusted", name) in host.told.alarms
    assert host.confirmed_now() == set()
    assert host.cache.read_documents() == before


@slow_but_first(1, "name", [keys.HEADS, keys.PARTNERS])
def test_heads_or_records_that_somebody_made_huge_are_not_read(
    host: Host, valkey: Valkey, name: str
) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    before = host.cache.read_documents()
    host.store.hset(name, "huge", bytes(64 << 20))
    host.clocks.pass_by(1)
    sent_before = valkey.bytes_sent()
    host.sync.beat()
    assert valkey.bytes_sent() - sent_before < 1 << 20
    assert ("store_untrusted", name) in host.told.alarms
    assert host.confirmed_now() == set()
    assert host.cache.read_documents() == before


def forge(host: Host, count: int, *, name: str = "forged-{}") -> None:
    forged: dict[str, bytes] = {name.format(number): bytes(80) for number in range(count)}
    for stored in (keys.HEADS, keys.PARTNERS):
        host.store.hset(stored, mapping=forged)  # type: ignore[arg-type]  # its hints know no bytes


def test_forged_names_are_one_alarm_and_keep_nobody_out_for_long(host: Host) -> None:
    host.release(FIRST, 7, BETA)
    host.sync.beat()
    forge(host, 20_000)
    host.release(FIRST, 7, ACME)  # a new partner, anywhere among them
    for _ in range(45):
        host.clocks.pass_by(5)
        host.sync.beat()
    assert host.confirmed_now() == {ACME, BETA}
    told = set(host.told.alarms) - {("partner_withheld", ACME)}
    assert told == {("partner_untrusted", FOREIGN), ("partner_withheld", FOREIGN)}
    # Of a partner that is known everything is taken up at the next look.
    host.release(FIRST, 9, ACME)
    host.sync.beat()
    assert host.sequences()[ACME] == 9


@pytest.mark.slow
def test_forged_names_do_not_hold_up_a_suspension_of_a_partner_that_is_known(host: Host) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    forge(host, 20_000, name="a-forged-{}")  # before it, in the order of names
    host.put_partner(BETA, 8, state="suspended")
    host.sync.beat()
    document = host.cache.read_documents().partners["beta"]
    assert open_record(document, "beta", SIGNER.verifier()).state == "suspended"


def test_forged_names_are_judged_once(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    forge(host, 100)
    opened: list[str] = []

    def noted(document: bytes, name: str, verifier: Verifier) -> PartnerRecord:
        opened.append(name)
        return open_record(document, name, verifier)

    monkeypatch.setattr("screening.api.held_partners.open_record", noted)
    host.start()
    for _ in range(3):
        host.clocks.pass_by(60)
        host.sync.beat()
    assert len(opened) == 100
    host.store.hset(keys.PARTNERS, "forged-7", bytes(81))
    host.sync.beat()
    assert opened[100:] == ["forged-7"]


@pytest.mark.slow
def test_of_forged_heads_only_some_are_judged_at_a_look(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.release(FIRST, 7, ACME)
    names = [f"forged-{number}" for number in range(FORGED_AT_A_LOOK + 100)]
    host.store.hset(keys.HEADS, mapping=dict.fromkeys(names, bytes(80)))
    opened: list[str] = []

    def noted(document: bytes, name: str, verifier: Verifier) -> Head:
        opened.append(name)
        return open_head(document, name, verifier)

    monkeypatch.setattr("screening.api.forgeries.open_head", noted)
    host.sync.beat()
    assert len(opened) == FORGED_AT_A_LOOK
    assert host.confirmed_now() == {ACME}
    host.clocks.pass_by(60)
    host.sync.beat()
    assert sorted(opened) == sorted(names)


def test_an_altered_record_of_a_partner_that_is_new_here_is_named(host: Host) -> None:
    host.release(FIRST, 7)
    record = host.store.hget(keys.PARTNERS, "acme")
    assert isinstance(record, bytes)
    host.store.hset(keys.PARTNERS, "acme", record[:-1] + b"\0")
    for _ in range(2):
        host.sync.beat()
    assert ("partner_untrusted", "acme") in host.told.alarms
    assert ("partner_withheld", ACME) in host.told.alarms


def test_a_withheld_partner_record_keeps_its_heads_from_being_confirmed(host: Host) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    host.put_head(ACME, FIRST, 8)  # only signed anew, while the record of that release is kept back
    host.release(FIRST, 8, BETA)
    host.clocks.pass_by(1)
    host.sync.beat()
    assert host.told.alarms == [("partner_withheld", ACME)]
    assert host.confirmed_now() == {BETA}
    assert host.sequences() == {ACME: 7, BETA: 8}

    host.put_partner(ACME, 8, state="suspended")
    host.sync.beat()
    assert host.confirmed_now() == {ACME, BETA}


def test_a_head_that_no_partner_record_names_is_not_fetched(host: Host) -> None:
    host.release(FIRST, 7, BETA)
    host.put_head(ACME, FIRST, 7)
    host.sync.beat()
    assert host.told.alarms == [("partner_withheld", ACME)]
    assert not (host.cache.directory / "generations" / ACME).exists()
    assert host.confirmed_now() == {BETA}


@pytest.mark.slow
def test_older_documents_that_are_put_back_are_replaced(host: Host) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    documents = host.cache.directory / "documents"
    older = documents.read_bytes()
    host.release(SECOND, 8)
    host.sync.beat()
    replace_private(documents, older)
    assert set(host.sequences().values()) == {7}
    host.sync.beat()
    assert set(host.sequences().values()) == {8}
