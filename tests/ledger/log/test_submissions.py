"""What is sent to a witness has the bytes of c2sp.org/tlog-witness, whose example this is."""

import base64

import pytest

from screening.ledger.log.notes import NoteRefused
from screening.ledger.log.submissions import MAX_PROOF_LINES, Submission, parse_submission

PROOF = (
    "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=",
    "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=",
    "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=",
    "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=",
)
CHECKPOINT = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5"
    "/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
).encode()
BODY = "\n".join(("old 20852014", *PROOF, "", "")).encode() + CHECKPOINT


def test_the_example_of_the_specification_is_read_and_written_byte_for_byte() -> None:
    submission = Submission(20852014, tuple(map(base64.b64decode, PROOF)), CHECKPOINT)
    assert parse_submission(BODY) == submission
    assert submission.encoded() == BODY
    first = Submission(0, (), CHECKPOINT)
    assert first.encoded() == b"old 0\n\n" + CHECKPOINT
    assert parse_submission(first.encoded()) == first


@pytest.mark.parametrize(
    "body",
    [
        b"",
        CHECKPOINT,
        BODY.replace(b"\n\n", b"\n"),
        BODY.replace(b"old 2", b"old 02"),
        BODY.replace(b"old 2", b"old -2"),
        BODY.replace(b"old 2", b"old  2"),
        BODY.replace(b"old 2", b"new 2"),
        BODY.replace(b"old 20852014", b"old "),
        BODY.replace(b"old 20852014", "old ²".encode()),
        BODY.replace(b"old 20852014", b"old %d" % 10**19),
        BODY.replace(b"kaw=\n", b"kaw=\r\n"),
        BODY.replace(b"PlRN", b"RN"),
        BODY.replace(b"kaw=", b"kax="),  # the same hash, with other bits at its end
        b"old 9\n" + (PROOF[0].encode() + b"\n") * (MAX_PROOF_LINES + 1) + b"\n" + CHECKPOINT,
    ],
)
def test_nothing_else_is_a_submission(body: bytes) -> None:
    with pytest.raises(NoteRefused):
        parse_submission(body)
