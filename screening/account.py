"""Who is on record for a command of either host."""

import os
import pwd


def actor() -> str:
    """Name the account that runs this command, whatever its environment says of it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # an account without a name, as in many containers
        return f"uid {os.getuid()}"
