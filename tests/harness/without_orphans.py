"""Becomes a command that is killed when a process ends: `without_orphans.py PID COMMAND...`.

A process of its own: between fork and exec nothing may run where the parent has threads.
"""

import os
import sys

from screening.parent_death import die_with_parent

if __name__ == "__main__":
    parent, *command = sys.argv[1:]
    request_death = die_with_parent(int(parent))
    if request_death is not None:
        request_death()
    os.execvp(command[0], command)  # noqa: S606 - no shell: these are the arguments
