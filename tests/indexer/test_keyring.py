"""The keyring: made once, private, never overwritten, and whole or refused."""

from pathlib import Path

import msgspec
import pytest

from indexer.keyring import KeptTokenKey, Keyring, create_keyring, keyring_exists
from screening.store.signed import HEAD_LABEL, Verifier
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.tokens import STRETCH_PROFILES

KEYS = {"signing.key": 32, "sealing.key": 32, "salt": 16, "pepper.key": 32, "api-keys.key": 32}
SHARE = {"pepper.key", "api-keys.key", "verifying.key"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "indexer"


@pytest.fixture
def share(tmp_path: Path) -> Path:
    return tmp_path / "secrets"


@pytest.fixture
def keyring(home: Path, share: Path) -> Keyring:
    create_keyring(home, share)
    return Keyring(home)


def token_key(key_id: str = "acme-2026a", secret: bytes = bytes(32)) -> KeptTokenKey:
    return KeptTokenKey(
        key_id, secret, salt=bytes(16), stretch=STRETCH_PROFILES["strong"], normaliser=1
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in folder.iterdir() if one.is_file()}


@pytest.mark.usefixtures("keyring")
def test_every_key_has_its_length_and_a_value_of_its_own(home: Path) -> None:
    keys = contents(home / "keyring")
    assert {name: len(key) for name, key in keys.items()} == KEYS
    assert len({key[:16] for key in keys.values()}) == len(KEYS)


@pytest.mark.usefixtures("keyring")
def test_every_file_is_its_owners_alone(home: Path, share: Path) -> None:
    for folder in (home / "keyring", share):
        assert folder.stat().st_mode & 0o777 == 0o700
        for one in folder.iterdir():
            assert one.stat().st_mode & 0o777 == (0o700 if one.is_dir() else 0o600)


def test_the_apis_share_holds_what_it_needs_and_no_more(keyring: Keyring, share: Path) -> None:
    shared = contents(share)
    assert set(shared) == SHARE
    assert shared["pepper.key"] == keyring.pepper
    assert shared["api-keys.key"] == keyring.api_keys_key
    document = keyring.signer.sign(HEAD_LABEL, b"{}")
    assert Verifier(shared["verifying.key"]).open(HEAD_LABEL, document) == b"{}"


@pytest.mark.usefixtures("keyring")
def test_making_it_again_changes_nothing(home: Path, share: Path) -> None:
    before = contents(home / "keyring"), contents(share)
    create_keyring(home, share)
    assert (contents(home / "keyring"), contents(share)) == before


@pytest.mark.parametrize("made", range(6))
def test_a_making_that_was_interrupted_is_completed(home: Path, share: Path, made: int) -> None:
    create_keyring(home, share)
    genuine = contents(home / "keyring")
    for one in share.iterdir():
        one.unlink()  # the share is made last
    for name in list(KEYS)[made:]:
        (home / "keyring" / name).unlink()
    assert keyring_exists(home) == (made >= len(KEYS))
    create_keyring(home, share)
    completed = contents(home / "keyring")
    assert {name: completed[name] for name in list(KEYS)[:made]} == {
        name: genuine[name] for name in list(KEYS)[:made]
    }
    assert set(contents(share)) == SHARE
    Keyring(home)


@pytest.mark.parametrize("name", KEYS)
def test_a_lost_key_is_never_replaced_by_a_new_one(home: Path, share: Path, name: str) -> None:
    create_keyring(home, share)
    (home / "keyring" / name).unlink()
    with pytest.raises(OperatorError, match="backup"):
        create_keyring(home, share)
    assert not (home / "keyring" / name).exists()
    with pytest.raises(OperatorError):
        Keyring(home)


@pytest.mark.parametrize("name", sorted(SHARE))
@pytest.mark.usefixtures("keyring")
def test_a_share_that_was_lost_is_given_again(home: Path, share: Path, name: str) -> None:
    before = contents(share)
    (share / name).unlink()
    create_keyring(home, share)
    assert contents(share) == before


@pytest.mark.usefixtures("keyring")
def test_the_share_of_another_keyring_is_refused_and_stays(tmp_path: Path, share: Path) -> None:
    before = contents(share)
    with pytest.raises(OperatorError):
        create_keyring(tmp_path / "other", share)
    create_keyring(tmp_path / "other", tmp_path / "other-secrets")
    with pytest.raises(OperatorError, match="another keyring"):
        create_keyring(tmp_path / "other", share)
    assert contents(share) == before


def test_no_keyring_says_what_to_run(home: Path) -> None:
    assert not keyring_exists(home)
    with pytest.raises(OperatorError, match="indexer init"):
        Keyring(home)


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.usefixtures("keyring")
def test_a_damaged_key_is_refused(home: Path, name: str) -> None:
    path = home / "keyring" / name
    for content in (path.read_bytes()[:-1], path.read_bytes() + b"\n", b""):
        path.write_bytes(content)
        with pytest.raises(OperatorError, match="damaged"):
            Keyring(home)


@pytest.mark.usefixtures("keyring")
def test_a_key_that_others_may_read_is_refused(home: Path) -> None:
    (home / "keyring" / "salt").chmod(0o640)
    with pytest.raises(OperatorError, match="chmod 600"):
        Keyring(home)
    (home / "keyring" / "salt").chmod(0o600)
    (home / "keyring").chmod(0o750)
    with pytest.raises(OperatorError, match="chmod 700"):
        Keyring(home)


def test_a_token_key_is_kept_as_it_is(keyring: Keyring, home: Path) -> None:
    assert not keyring.is_used("acme-2026a")
    keyring.keep_token_key(token_key())
    assert keyring.is_used("acme-2026a")
    assert not keyring.is_used("acme-2026")
    assert Keyring(home).token_key("acme-2026a") == token_key()


def test_a_key_id_is_never_used_twice(keyring: Keyring) -> None:
    keyring.keep_token_key(token_key())
    with pytest.raises(OperatorError, match="used before"):
        keyring.keep_token_key(token_key(secret=b"\1" * 32))
    assert keyring.token_key("acme-2026a") == token_key()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"{}", b'{"key_id":"\xff"}', b"[" * 5_000, b'{"key_id": 1}']
)
def test_a_damaged_token_key_is_refused(keyring: Keyring, home: Path, content: bytes) -> None:
    keyring.keep_token_key(token_key())
    (home / "keyring" / "token-keys" / "acme-2026a.json").write_bytes(content)
    with pytest.raises(OperatorError, match="damaged"):
        keyring.token_key("acme-2026a")


def test_an_absent_token_key_is_a_sentence(keyring: Keyring) -> None:
    with pytest.raises(OperatorError, match="cannot be read"):
        keyring.token_key("nobody-2026a")


def test_token_keys_are_forgotten_by_name_half_made_files_included(
    keyring: Keyring, home: Path
) -> None:
    folder = home / "keyring" / "token-keys"
    for name in ("acme-2026a", "acme-2026ab", "acme-east-2026a", "acme-2026a-2026a"):
        keyring.keep_token_key(msgspec.structs.replace(token_key(), key_id=name))
    (folder / ".acme-2026c.json.0123456789ab").write_bytes(b"{")  # whoever made it was killed
    mine = keyring.key_ids_of("acme")
    assert mine == ["acme-2026a", "acme-2026ab", "acme-2026c"]
    assert keyring.key_ids_of("east") == []
    keyring.forget_token_keys([*mine, "nobody-2026a"])
    left = sorted(path.name for path in folder.iterdir())
    assert left == ["acme-2026a-2026a.json", "acme-east-2026a.json"]


def test_a_representation_shows_no_key(keyring: Keyring) -> None:
    assert repr(keyring) == "Keyring(...)"
    assert repr(token_key(secret=b"secret" * 5 + b"!!")) == "TokenKey(acme-2026a)"
