"""What no process of `screening` and `gen-screen` may import, wherever it is installed.

On an API host none of it is. In an environment that has all of the project's roles, as a
developer's, Litestar imports advanced-alchemy by itself (`litestar/pagination.py`), and that 258
modules of SQL.
"""

import sys
from typing import Final

NAMES: Final = ("sqlalchemy", "advanced_alchemy", "alembic", "indexer", "intelligence")


def keep_out() -> None:
    """Have an import of any of these raise `ModuleNotFoundError` in this process from now on.

    None in place of a module is how Python is told that there is none (its reference, 5.3.1, "The
    module cache"); processes that are forked from this one inherit it. What is imported already
    stays. Called before Litestar is imported.
    """
    for name in NAMES:
        # A table of modules that Python keeps, and this its documented use.
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # typeshed knows modules alone
