"""Passwords: which are taken, and that they are hashed a few at a time."""

import threading

import pytest
from argon2 import extract_parameters

from intelligence.errors import FormRefused
from intelligence.staff.passwords import AT_A_TIME, Passwords, require_password
from tests.harness.quick_passwords import QUICK


@pytest.mark.parametrize(
    ("password", "again"),
    [
        ("elevenchars", "elevenchars"),
        ("a horse of many colours", "a horse of many colors"),
        ("my ada.lovelace password", "my ada.lovelace password"),
        *[(easy, easy) for easy in ("aaaaaaaaaaaaaaaa", "password1234", "qwertyuiop12", "x" * 256)],
        ("", ""),
    ],
)
def test_what_is_no_password_to_choose_is_refused(password: str, again: str) -> None:
    with pytest.raises(FormRefused):
        require_password(password, again, name="Ada.Lovelace@gen.example")


def test_a_long_one_in_any_script_is_taken() -> None:
    require_password("ключ от всех дверей", "ключ от всех дверей", name="ada@gen.example")


def test_a_password_matches_itself_however_its_accents_are_composed() -> None:
    passwords = Passwords(QUICK)
    stored = passwords.hash("cafe\u0301 au lait chaud")
    assert passwords.matches(stored, "caf\u00e9 au lait chaud")
    assert not passwords.matches(stored, "cafe au lait chaud")


def test_an_account_without_a_password_matches_nothing() -> None:
    assert not Passwords(QUICK).matches(None, "nobody's")


def test_what_is_stored_is_argon2id_of_64_mib() -> None:
    found = extract_parameters(Passwords().hash("a horse of many colours"))
    assert (found.type.name, found.memory_cost, found.time_cost) == ("ID", 65_536, 3)


class Counting:
    """A hasher that notes how many are at it at a time."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self._lock = threading.Lock()
        self._together = threading.Barrier(AT_A_TIME, timeout=10)

    def hash(self, _: str) -> str:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        if threading.current_thread() is not threading.main_thread():
            self._together.wait()
        with self._lock:
            self.now -= 1
        return ""


def test_no_more_than_a_few_are_hashed_at_a_time() -> None:
    counting = Counting()
    passwords = Passwords(counting)  # type: ignore[arg-type]  # what a hasher is used for here
    threads = [threading.Thread(target=passwords.hash, args=("p",)) for _ in range(6 * AT_A_TIME)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counting.most == AT_A_TIME
