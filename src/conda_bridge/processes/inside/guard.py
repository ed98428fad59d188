"""Takes away rights and resources, then becomes another program: `guard PLAN PROGRAM ARGUMENT...`.

PLAN is JSON: `uid` is who to become, for a sandbox that was set up by root; `limits` maps the names of resource
limits to their values.
"""

import json
import os
import resource
import sys
from contextlib import suppress

__all__: list[str] = []


def _become(uid: int) -> None:
    """Become an ordinary user for good: root's processes are never counted, so a fork bomb would not end."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def main(plan_text: str, program: list[str]) -> None:
    """Run the program under the plan."""
    plan = json.loads(plan_text)
    # Where memory runs out, the kernel shall end us and nobody else.
    with suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:  # noqa: PTH123
        file.write("1000")
    if plan["uid"]:
        _become(plan["uid"])
    for name, value in plan["limits"].items():
        limit = getattr(resource, name)
        hard = resource.getrlimit(limit)[1]
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (allowed, allowed))
    os.umask(0o022)
    with suppress(FileExistsError):
        os.mkdir(os.environ["HOME"])  # noqa: PTH102
    os.chdir(os.environ["HOME"])
    os.execv(program[0], program)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
