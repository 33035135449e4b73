"""What partners are issued: token keys, kits, and releases that carry their records."""

import os
import string
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from indexer.deployment import Deployment
from indexer.index.indexes import index_for_all
from indexer.keyring import KeptTokenKey
from indexer.list.partners import retired_key_ids
from indexer.list.revisions import NO_REVISION
from indexer.outputs import refuse_standard_output
from indexer.publish import put_list_in_force
from indexer.releases import Releases
from screening.private_files import create_private
from screening.registry.record import ApiKeyVerifiers
from screening.vocabulary.api_key import ApiKey
from screening.vocabulary.endpoint import parse_endpoint
from screening.vocabulary.errors import KitRefused, NotPossible, OperatorError
from screening.vocabulary.kit import Kit, encode_kit
from screening.vocabulary.tokens import PROTOCOL, Stretch

NOT_LIMITED: Final = "a test partner reads the permanent test list, which no policy limits"


def new_token_key(deployment: Deployment, partner: str, stretch: Stretch) -> KeptTokenKey:
    """Make and keep a token key, under a `key_id` that was never used."""
    year = datetime.fromtimestamp(deployment.now(), UTC).year
    suffixes = [*string.ascii_lowercase, *(a + b for a in "abc" for b in string.ascii_lowercase)]
    names = (f"{partner}-{year}{suffix}" for suffix in suffixes)
    retired = retired_key_ids(deployment.list_file)
    unused = (n for n in names if n not in retired and not deployment.keyring.is_used(n))
    key_id = next(unused, None)
    if key_id is None:
        raise NotPossible(f"{partner} has used up this year's key_ids; choose another name")
    token_key = KeptTokenKey(
        normaliser=deployment.list_file.tags.normaliser,
        key_id=key_id,
        secret=os.urandom(32),
        salt=deployment.keyring.salt,
        stretch=stretch,
    )
    deployment.keyring.keep_token_key(token_key)
    return token_key


def verifiers_of(deployment: Deployment) -> ApiKeyVerifiers:
    """Return what turns API keys into what stands for them in records."""
    return ApiKeyVerifiers(deployment.keyring.api_keys_key)


def put_partners_in_force(
    deployment: Deployment, command: str, *, anew: Collection[str] = ()
) -> int:
    """Put the partners' records in force, with the list that is; return the release.

    The token keys in `anew` get a new generation in any case.
    """
    releases = Releases(deployment)
    current = releases.current()
    if current is not None and current.revision != NO_REVISION:
        return put_list_in_force(deployment, command, current.revision, anew=anew)[0]
    indexes = index_for_all(deployment, NO_REVISION, anew=anew)
    return releases.put_in_force(command, revision=NO_REVISION, indexes=indexes)


def refuse_kit(path: Path, *, api_url: str) -> None:
    """Raise `OperatorError` where no kit for `api_url` can be written: better before all work."""
    try:
        parse_endpoint(api_url)
    except KitRefused as refused:  # as every client would refuse it
        raise NotPossible(f"{refused}; give another --api-url") from None
    refuse_standard_output(path)
    if os.path.lexists(path):  # a link to nothing too: it would be found only at the end
        raise OperatorError(f"{path} is there already and a kit is never overwritten; move it")
    if not os.access(path.absolute().parent, os.W_OK | os.X_OK):
        raise OperatorError(f"no file can be made in {path.absolute().parent}; choose a folder")


def write_kit(
    path: Path, *, partner: str, api_url: str, token_key: KeptTokenKey, api_key: ApiKey
) -> None:
    """Write the kit: the only time that its secrets leave the keyring."""
    kit = Kit(
        format="screening-kit/1",
        partner=partner,
        api_url=api_url,
        api_key=api_key.text,
        protocol=PROTOCOL,
        normaliser=token_key.normaliser,
        token_keys=[token_key.given()],
    )
    create_private(path, encode_kit(kit))
