"""Each kind of file that is refused, as the second of a spool, and its code."""

from collections.abc import Callable

from screening.spools.keys import SpoolSecrets
from tests.harness.spool_console import ANN, BEN, CAT, DAY, TODAY, Desk, add, lift, retract

PHONE = ("phone", "+12025550142")
"""What the first file has listed."""
OTHER = ("phone", "+12025550143")
LATER = ("phone", "+12025550144")


def replayed(desk: Desk) -> None:
    first = (desk.spools / "down/0000000001.down").read_bytes()
    desk.lay(2, first)


def reordered(desk: Desk) -> None:
    second, third = desk.approve(add(*OTHER)), desk.approve(add(*LATER))
    desk.lay(2, third)
    desk.lay(3, second)


def with_a_gap(desk: Desk) -> None:
    desk.approve(add(*OTHER))
    desk.approve(add(*LATER))
    (desk.spools / "down/0000000002.down").unlink()


def after_another(desk: Desk) -> None:
    desk.console.previous = "1" * 64
    desk.approve(add(*OTHER))


def expired(desk: Desk) -> None:
    batch = desk.console.approved(desk.console.batch(add(*OTHER)), ANN, BEN)
    desk.write(batch, written_at=TODAY - 2 * DAY, expires_at=TODAY - DAY)


def expired_batch(desk: Desk) -> None:
    times = {"written_at": TODAY - 9 * DAY, "not_before": TODAY - 9 * DAY}
    batch = desk.console.batch(add(*OTHER), **times, expires_at=TODAY - DAY)
    desk.write(desk.console.approved(batch, ANN, BEN))


def not_yet_due(desk: Desk) -> None:
    batch = desk.console.batch(add(*OTHER), not_before=TODAY + DAY)
    desk.write(desk.console.approved(batch, ANN, BEN))


def of_tomorrow(desk: Desk) -> None:
    batch = desk.console.approved(desk.console.batch(add(*OTHER)), ANN, BEN)
    desk.write(batch, written_at=TODAY + DAY, expires_at=TODAY + 2 * DAY)


def half_signed(desk: Desk) -> None:
    desk.approve(add(*OTHER), by=[ANN])


def half_signed_beside_a_retraction(desk: Desk) -> None:
    desk.approve(retract(*PHONE), add(*OTHER), by=[ANN])


def lifted_by_one(desk: Desk) -> None:
    desk.approve(lift(*PHONE), by=[ANN])


def unsigned(desk: Desk) -> None:
    desk.approve(retract(*PHONE), by=[])


def signed_twice_by_one(desk: Desk) -> None:
    desk.approve(add(*OTHER), by=[ANN, ANN])


def by_an_unknown_approver(desk: Desk) -> None:
    desk.approve(add(*OTHER), by=[ANN, CAT])


def signed_for_other_bytes(desk: Desk) -> None:
    console = desk.console
    signed = console.approved(console.batch(add(*LATER)), ANN, BEN)
    other = console.approved(console.batch(add(*OTHER)), ANN)
    desk.write(type(other)(other.batch, [*other.signatures, signed.signatures[1]]))


def for_another_deployment(desk: Desk) -> None:
    batch = desk.console.batch(add(*OTHER), deployment="0" * 16)
    desk.write(desk.console.approved(batch, ANN, BEN))


def exported_for_another_deployment(desk: Desk) -> None:
    batch = desk.console.approved(desk.console.batch(add(*OTHER)), ANN, BEN)
    desk.write(batch, deployment="0" * 16)


def sealed_for_another_deployment(desk: Desk) -> None:
    meant, desk.console.deployment = desk.console.deployment, "0" * 16
    desk.approve(add(*OTHER))
    desk.console.deployment = meant


def by_another_console(desk: Desk) -> None:
    trusted, desk.console.secrets = desk.console.secrets, SpoolSecrets(bytes(32), bytes(32))
    desk.approve(add(*OTHER))
    desk.console.secrets = trusted


def with_another_number_inside(desk: Desk) -> None:
    batch = desk.console.approved(desk.console.batch(add(*OTHER)), ANN, BEN)
    desk.write(batch, sequence=1)


def twice_the_same_batch(desk: Desk) -> None:
    batch = desk.console.approved(desk.console.batch(add(*OTHER)), ANN, BEN)
    desk.write(batch, batch)


def with_a_drifted_result(desk: Desk) -> None:
    desk.console.statements = desk.console.statements.changed(begun=[b"another"])
    desk.approve(add(*OTHER))


def of_no_canonical_form(desk: Desk) -> None:
    desk.approve(add("phone", "+1 202 555 0143"))


def on_a_safety_list(desk: Desk) -> None:
    desk.approve(add("phone", "+18883737888"))


def seen_in_the_future(desk: Desk) -> None:
    desk.approve(add(*OTHER, last_seen=(TODAY + 9 * DAY).date()))


def lifting_what_is_not_retracted(desk: Desk) -> None:
    desk.approve(lift(*PHONE))


def retracted_in_the_same_file(desk: Desk) -> None:
    desk.approve(retract(*OTHER), add(*OTHER))


def of_no_format(desk: Desk) -> None:
    desk.lay(2, b"no file of a spool")


REFUSED: dict[Callable[[Desk], None], str] = {
    replayed: "replayed",
    reordered: "gap",
    with_a_gap: "gap",
    after_another: "other_previous",
    expired: "expired",
    expired_batch: "expired",
    not_yet_due: "not_yet_due",
    of_tomorrow: "not_yet_due",
    half_signed: "half_signed",
    half_signed_beside_a_retraction: "half_signed",
    lifted_by_one: "half_signed",
    unsigned: "half_signed",
    signed_twice_by_one: "signed_twice",
    by_an_unknown_approver: "unknown_approver",
    signed_for_other_bytes: "bad_signature",
    for_another_deployment: "wrong_deployment",
    exported_for_another_deployment: "wrong_deployment",
    sealed_for_another_deployment: "not_opened",
    by_another_console: "bad_signature",
    with_another_number_inside: "replayed",
    twice_the_same_batch: "batch_seen",
    with_a_drifted_result: "drifted",
    of_no_canonical_form: "not_canonical",
    on_a_safety_list: "excluded",
    seen_in_the_future: "seen_in_future",
    lifting_what_is_not_retracted: "not_retracted",
    retracted_in_the_same_file: "retracted",
    of_no_format: "malformed",
}
