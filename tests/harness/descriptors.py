"""A process that has no file descriptor to spare."""

import contextlib
import gc
import os
import resource
from collections.abc import Iterator


@contextlib.contextmanager
def descriptors_left(count: int) -> Iterator[None]:
    """Use up all file descriptors but `count`; with one, a file can be read and none be mapped."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # What tests before this one left in cycles would be closed in here, and be there to use.
    gc.collect()
    gc.disable()
    open_ones = [int(one) for one in os.listdir("/proc/self/fd")]  # noqa: PTH208 - no file of a disk
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(open_ones) + 1 + count, hard))
    held: list[int] = []
    try:
        # The limit is on numbers: those that are free below it have to be used up.
        with contextlib.suppress(OSError):
            while True:
                held.append(os.dup(0))
        for _ in range(count):
            os.close(held.pop())
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for one in held:
            os.close(one)
        gc.enable()
