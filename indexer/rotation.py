"""Rotate what all partners share: salt, normaliser version, and the pepper of their indexes.

The salt and the normaliser version are in every kit: a new one holds for token keys to come, and
partners get new kits one by one (`partners/rotate.py`). The pepper is on every API host, which is
given the next one before an index is built with it, and keeps the old one as long as an index of it
may be loaded.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import Enum, auto
from typing import Final, Literal, NamedTuple

import msgspec

from indexer.deployment import Deployment
from indexer.in_force import api_hosts
from indexer.keyring import NEXT_PEPPER, OLD_PEPPER, PEPPER, KeptTokenKey, Keyring
from indexer.list.file import ListFile
from indexer.list.partners import partner_records
from indexer.list.respelling import Respelling, forget_former, respell
from indexer.list.taken_off import TakenOff, count_taken_off, note_listed
from indexer.partners.issue import put_partners_in_force
from indexer.releases import Releases
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.normaliser_versions import newest_version
from screening.vocabulary.tokens import pepper_id


class PepperStep(Enum):
    """What a call of `rotate_pepper` has come to."""

    GIVEN = auto()
    IN_FORCE = auto()


class OlderKits(msgspec.Struct, frozen=True):
    """Partners who need a new kit: theirs has an older salt, or an older normaliser version."""

    of_salt: list[str]
    of_normaliser: list[str]


NO_OLDER_KITS: Final = OlderKits([], [])


def find_older_kits(keyring: Keyring, list_file: ListFile) -> OlderKits | None:
    """Return who needs a new kit, None where a token key is damaged: then it is not known."""
    try:
        return OlderKits(
            partners_of_older_salts(keyring, list_file),
            partners_of_older_normalisers(keyring, list_file),
        )
    except OperatorError:  # a command that needs the token key names it
        return None


class NewSalt(NamedTuple):
    """Partners whose newest token key has another salt; `again`, where it is that of a rotation.

    That one was not over: some of the partners had been given new kits, and others had not.
    """

    older: list[str]
    again: list[str]


def rotate_salt(deployment: Deployment) -> NewSalt:
    """Make a new salt for token keys to come."""
    keyring, list_file = deployment.keyring, deployment.list_file
    waiting = partners_of_older_salts(keyring, list_file)
    deployment.record("rotate salt")
    keyring.renew_salt()
    older = partners_of_older_salts(keyring, list_file)
    return NewSalt(older, [name for name in older if waiting and name not in waiting])


def partners_of_older_salts(keyring: Keyring, list_file: ListFile) -> list[str]:
    """Return the partners whose newest token key has another salt than that of now."""
    keys = _newest_keys(keyring, list_file)
    return [name for name, token_key in keys.items() if token_key.salt != keyring.salt]


@dataclass(frozen=True, slots=True)
class ReadingChanges:
    """What reading the list in another normaliser version has come to."""

    respelling: Respelling
    taken_off: TakenOff


@dataclass(frozen=True, slots=True)
class Reading:
    """In which normaliser version the list is read.

    `changes` is what that has changed now, None where it was read so before; `older` are the
    partners whose newest token key is of the version before.
    """

    normaliser: int
    changes: ReadingChanges | None
    older: list[str]


def rotate_normaliser(deployment: Deployment) -> Reading:
    """Read the list in the newest normaliser version, for token keys to come; those there go on.

    Raises `OperatorError` where token keys of the version before the present one are valid. May die
    anywhere, and goes on when it is called again.
    """
    list_file, newest = deployment.list_file, newest_version()
    present = list_file.tags.normaliser
    changes = None
    if present != newest:
        older = _partners_of(deployment, lambda token_key: token_key.normaliser != present)
        if older:
            raise OperatorError(
                f"partners have kits of an even older normaliser version: {', '.join(older)}; give "
                "them new ones by indexer partner rotate, and run this again once those are retired"
            )
        deployment.record("rotate normaliser", normaliser=newest)
        changes = _read_anew(deployment, newest)
    elif not _is_in_force(deployment, "normaliser", newest):
        release = put_partners_in_force(deployment, "rotate normaliser")
        deployment.record("normaliser rotated", normaliser=newest, release=release)
    older = partners_of_older_normalisers(deployment.keyring, list_file)
    return Reading(newest, changes, older)


def _read_anew(deployment: Deployment, normaliser: int) -> ReadingChanges:
    """Read the list in version `normaliser`, put that in force, and count what it changes."""
    list_file, as_of = deployment.list_file, deployment.now()
    note_listed(list_file, as_of=as_of)
    respelling = respell(list_file, normaliser, deployment.progress)
    release = put_partners_in_force(deployment, "rotate normaliser")
    taken_off = count_taken_off(list_file, as_of=as_of)
    deployment.record(
        "normaliser rotated",
        normaliser=normaliser,
        release=release,
        **asdict(respelling),
        **asdict(taken_off),
    )
    return ReadingChanges(respelling, taken_off)


def partners_of_older_normalisers(keyring: Keyring, list_file: ListFile) -> list[str]:
    """Return the partners whose newest token key is of another version than the list is read in."""
    present = list_file.tags.normaliser
    keys = _newest_keys(keyring, list_file)
    return [name for name, token_key in keys.items() if token_key.normaliser != present]


def end_normaliser_rotation(deployment: Deployment) -> bool:
    """Forget the former normaliser version where no token key of it is live; tell whether."""
    former = deployment.list_file.tags.former
    if former is None or _partners_of(deployment, lambda one: one.normaliser == former):
        return False
    deployment.record("retire normaliser", normaliser=former)
    forget_former(deployment.list_file)
    return True


def rotate_pepper(
    deployment: Deployment, *, overlap_s: int, without_hosts: bool = False
) -> PepperStep:
    """Make the next pepper; or, once every API host has it, build all indexes with it.

    Raises `OperatorError` where a host lacks it, no host says anything and it is not meant to be
    done `without_hosts`, the pepper before is not retired yet, or a host has the pepper of now
    under the name of the next. May die anywhere, and goes on when it is called again.
    """
    keyring, share = deployment.keyring, deployment.settings.secrets
    if keyring.next_pepper is None:
        if keyring.has_old_pepper and not _is_pepper_in_force(deployment):
            return _put_in_force(deployment)
        if keyring.has_old_pepper:
            raise OperatorError(
                "the pepper before this one is not retired yet; indexer compact does that once its "
                "overlap is over"
            )
        _require_in_place(deployment, pepper_id(keyring.pepper))
        deployment.record("rotate pepper", step="given")
        keyring.begin_pepper(share)
        return PepperStep.GIVEN
    keyring.begin_pepper(share)  # which may have died half-way
    _require_given(deployment, pepper_id(keyring.next_pepper), without_hosts=without_hosts)
    deployment.record("rotate pepper", step="in force", overlap_s=overlap_s)
    deployment.list_file.keep_number("pepper_retire_at", deployment.now() + overlap_s)
    keyring.switch_pepper(share)
    return _put_in_force(deployment)


def end_pepper_rotation(deployment: Deployment) -> bool:
    """Remove the old pepper where its overlap is over and no API host needs it; tell whether."""
    keyring = deployment.keyring
    if not keyring.has_old_pepper or keyring.next_pepper is not None:
        return False
    hosts = api_hosts(deployment.store, Releases(deployment).current())
    if not _is_pepper_in_force(deployment):
        return False
    is_over = deployment.list_file.number("pepper_retire_at") <= deployment.now()
    if not is_over or not all(host.is_up_to_date for host in hosts):
        return False
    deployment.record("retire pepper")
    keyring.forget_old_pepper(deployment.settings.secrets)
    return True


def _newest_keys(keyring: Keyring, list_file: ListFile) -> dict[str, KeptTokenKey]:
    """Return the token key that each partner was given last."""
    return {
        record.partner: keyring.token_key(record.key_ids[0])
        for record in partner_records(list_file)
        if record.key_ids
    }


def _partners_of(deployment: Deployment, is_meant: Callable[[KeptTokenKey], bool]) -> list[str]:
    """Return the partners with a live token key that `is_meant`."""
    keyring = deployment.keyring
    return [
        record.partner
        for record in partner_records(deployment.list_file)
        if any(is_meant(keyring.token_key(key_id)) for key_id in record.key_ids)
    ]


def _put_in_force(deployment: Deployment) -> PepperStep:
    release = put_partners_in_force(deployment, "rotate pepper")
    deployment.record("pepper rotated", release=release)
    return PepperStep.IN_FORCE


def _is_pepper_in_force(deployment: Deployment) -> bool:
    return _is_in_force(deployment, "pepper_id", pepper_id(deployment.keyring.pepper))


def _is_in_force(
    deployment: Deployment, column: Literal["pepper_id", "normaliser"], value: str | int
) -> bool:
    """Tell whether no index in force is built with another value than this one."""
    found = deployment.list_file.connection.execute(
        "SELECT 1 FROM releases JOIN indexes USING (release) "  # noqa: S608 - of two columns
        "JOIN generations USING (generation, key_id) "
        f"WHERE state = 'in_force' AND {column} != ?",
        (value,),
    )
    return found.fetchone() is None


def _require_in_place(deployment: Deployment, name: str) -> None:
    """Refuse where the next pepper, brought to a host, may replace its only copy of that of now."""
    hosts = api_hosts(deployment.store, Releases(deployment).current())
    behind = sum(host.pepper != name for host in hosts)
    if behind:
        raise OperatorError(
            f"{behind} of {len(hosts)} API hosts have another {PEPPER} than that in force, and the "
            f"next {NEXT_PEPPER} would replace the only copy of it; on each that indexer status "
            f"names put {PEPPER} of {deployment.settings.secrets} in its place, then remove "
            f"{NEXT_PEPPER} and {OLD_PEPPER}, and run this again"
        )


def _require_given(deployment: Deployment, name: str, *, without_hosts: bool) -> None:
    hosts = api_hosts(deployment.store, Releases(deployment).current())
    if not hosts and not without_hosts:
        raise OperatorError(
            "no API host says that it has the next pepper; start them, or pass --without-hosts "
            "where there is none yet"
        )
    lacking = sum(name not in host.peppers for host in hosts)
    if lacking:
        raise OperatorError(
            f"{lacking} of {len(hosts)} API hosts lack the next pepper; bring {NEXT_PEPPER} of "
            f"{deployment.settings.secrets} into their secrets folder, and run this again"
        )
