"""Names tell colleagues apart, and can be read."""

import pytest

from intelligence.console.forms import Form
from intelligence.errors import FormRefused
from intelligence.staff.accounts import NewAccount
from intelligence.staff.roles import Role
from tests.intelligence.staff.services import Person, Services

CURATOR = frozenset((Role.CURATOR,))


def _new(name: str = "cora", display_name: str = "Cora") -> NewAccount:
    return NewAccount(name=name, display_name=display_name, roles=CURATOR)


@pytest.mark.parametrize(
    "name",
    [
        *("cora\0@gen.example", "cora\x1b@gen.example", "\u202ecora@gen.example"),
        *("co\u200bra@gen.example", "cor\u0430@gen.example", "cora@g\u0435n.example", "c\u00f6ra"),
    ],
)
def test_a_log_in_name_that_looks_like_another_is_refused(name: str) -> None:
    with pytest.raises(FormRefused, match="log-in name"):
        _new(name)


@pytest.mark.parametrize(
    "display_name",
    [
        "",
        " ",
        "\u3164",
        "Cora\u3164",
        "\u2800",
        "Co\u0300\u0301\u0302ra",
        "Cora\u202e",
        "...",
        "\0",
    ],
)
def test_a_name_that_cannot_be_read_is_refused(display_name: str) -> None:
    with pytest.raises(FormRefused, match="person's name"):
        _new(display_name=display_name)


@pytest.mark.parametrize("display_name", ["Zoë O'Neill", "עדה", "Nguyê\u0303n", "田中", "J. R. 2"])
def test_names_of_all_scripts_are_taken(display_name: str) -> None:
    _new(display_name=display_name)


@pytest.mark.parametrize("second", ["Cora", "cora", " CORA ", "\uff23ora"])
def test_two_people_are_not_called_alike(services: Services, ada: Person, second: str) -> None:
    services.directory.add(ada.who, _new())
    told = r"somebody of this name.* token .* is made anew"
    with pytest.raises(FormRefused, match=told) as refused:
        services.directory.add(ada.who, _new("dora", second))
    assert refused.value.field == "display_name"
    with pytest.raises(FormRefused, match="stays taken also once that is disabled"):
        services.directory.add(ada.who, _new(display_name="Somebody else"))


def test_what_no_database_takes_is_refused_and_a_password_is_taken_as_typed() -> None:
    form = Form([("name", "a\0b"), ("password", "a\0b")])
    with pytest.raises(FormRefused):
        form.text("name")
    assert form.text("password") == "a\0b"
