"""What the console has ordered of partners is done by what the indexer's own commands use.

An order is in force before it is noted as done: killed in between, the same order is followed
again. What that gives out is the kit that was written then, so it changes nothing.
"""

from pathlib import Path
from typing import Final

from indexer.deployment import Deployment
from indexer.in_force import last_release
from indexer.list.exports import Exports
from indexer.list.partners import find_record, require_record
from indexer.list.policy import Policy
from indexer.partners.add import NewPartner, add_partner, default_profile
from indexer.partners.change import set_state
from indexer.partners.notices import give_notice
from indexer.partners.overlaps import find_rotation, has_key_beside_old, is_broken_off
from indexer.partners.rotate import NewKeys, rotate_partner
from indexer.spool.excluding import follow_rule
from indexer.spool.undone_since import refuse_undoing_suspension
from screening.importers.entry import Role
from screening.private_files import ensure_private_directory, read_private
from screening.spools.exclusion_order import Exclude
from screening.spools.issued_kit import seal_kit
from screening.spools.order import (
    Admit,
    AnyOrder,
    Entitlement,
    Issuing,
    Notify,
    PartnerOrder,
    Rotate,
    Suspend,
)
from screening.vocabulary.errors import KitRefused, NotPossible, OperatorError, SpoolRefused
from screening.vocabulary.kit import parse_kit
from screening.vocabulary.selector import SelectorKind
from screening.vocabulary.unix_time import DAY_S

_KITS: Final = "kits-on-their-way"
_SUFFIX: Final = ".kit.json"


class Ordering:
    """Follows the orders of a deployment."""

    def __init__(self, deployment: Deployment) -> None:
        self._d = deployment

    def follow(self, signed: AnyOrder) -> tuple[int, bytes | None]:
        """Have an order in force when this returns; return the release, and the sealed kit.

        Raises `SpoolRefused` where nothing can be done for it, and none of it was: the console is
        told so for good. What passes, as a full disk or a file that is not there, raises what it
        raises elsewhere: the order stays the next, and what is half done is done by then.
        """
        try:
            kit = self._do(signed)
        except NotPossible as error:
            raise SpoolRefused("not_possible", str(error)) from None
        return last_release(self._d.list_file), kit

    def remove_sealed(self) -> None:
        """Remove the kits of orders that are done: they are told, sealed."""
        folder = self._d.settings.home / _KITS
        for path in folder.glob(f"*{_SUFFIX}"):
            if Exports(self._d.list_file).has_seen(path.name.removesuffix(_SUFFIX)):
                path.unlink()

    def _do(self, signed: AnyOrder) -> bytes | None:
        if not isinstance(signed, PartnerOrder):
            follow_rule(self._d, signed)
            return None
        order = signed.order
        if isinstance(order, Admit | Rotate):
            return self._issue(order, signed)
        if isinstance(order, Notify):
            give_notice(self._d, order.partner, order.rows)
            return None
        if isinstance(order, Suspend):
            decided_at = int(signed.written_at.timestamp())
            set_state(self._d, order.partner, "suspended", decided_at=decided_at)
            return None
        require_record(self._d.list_file, order.partner)  # of one that was removed this says so
        refuse_undoing_suspension(self._d.list_file, order.partner, signed.written_at)
        set_state(self._d, order.partner, "active")
        return None

    def _issue(self, order: Issuing, signed: PartnerOrder) -> bytes:
        """Give out a kit, unless a command before this one has, and return it sealed."""
        names = {"deployment": signed.deployment, "batch": signed.batch}
        seal_kit(b"", order.sealed_to, **names)  # before any key is made
        folder = ensure_private_directory(self._d.settings.home / _KITS)
        path = folder / f"{signed.batch}{_SUFFIX}"
        if not self._is_given(order.partner, path):
            if isinstance(order, Admit):
                refuse_undoing_suspension(self._d.list_file, order.partner, signed.written_at)
                add_partner(self._d, _new_partner(order, path))
            else:
                self._rotate(order, path)
        return seal_kit(read_private(path), order.sealed_to, **names)

    def _rotate(self, order: Rotate, path: Path) -> None:
        name = order.partner
        record = require_record(self._d.list_file, name)
        ongoing = find_rotation(self._d.list_file, name)
        if (
            ongoing is not None
            and ongoing.is_given
            and has_key_beside_old(record, ongoing, self._d.now())
        ):
            raise NotPossible(
                f"{name} was given new keys, and its old ones are not retired yet; wait until they "
                "are, or see: indexer partner rotate"
            )
        rotate_partner(self._d, NewKeys(name, path, order.api_url, order.overlap_days * DAY_S))

    def _is_given(self, name: str, path: Path) -> bool:
        """Tell whether all that a kit opens is in force, and nothing is left to do for it."""
        record = find_record(self._d.list_file, name)
        if record is None or self._d.list_file.partner_state(name) != "active":
            return False
        try:
            kit = parse_kit(read_private(path)) if path.exists() else None
        except (KitRefused, OperatorError):
            return False
        return (
            kit is not None
            and any(key.id == kit.parsed_api_key().id for key in record.api_keys)
            and kit.token_key.key_id in record.key_ids
            and not is_broken_off(find_rotation(self._d.list_file, name))
        )


def _new_partner(order: Admit, path: Path) -> NewPartner:
    return NewPartner(
        name=order.partner,
        kit=path,
        api_url=order.api_url,
        scopes=order.scopes,
        profile=default_profile(order.scopes),
        mode=order.mode,
        allow_unstretched=False,
        policy=_policy(order.entitlement),
    )


def _policy(given: Entitlement) -> Policy:
    return Policy(
        kinds=tuple(map(SelectorKind, given.kinds)),
        roles=tuple(map(Role, given.roles)),
        min_confidence=given.min_confidence,
        lists=None if given.lists is None else tuple(given.lists),
        jurisdictions=None if given.jurisdictions is None else tuple(given.jurisdictions),
    )


_DONE: Final = {
    "Suspend": "is suspended",
    "Resume": "is answered again",
    "Admit": "is a partner; its kit goes to the one who has ordered it",
    "Notify": "is told what was retracted",
    "Rotate": "has new keys; the kit goes to the one who has ordered it",
}


def described(signed: AnyOrder) -> str:
    """Return what is so once an order is in force."""
    order = signed.order
    if isinstance(signed, PartnerOrder):
        return f"{signed.order.partner} {_DONE[type(order).__name__]}"
    does = "is in force" if isinstance(order, Exclude) else "is in force no more"
    return f"a rule of the safety lists {does}"
