"""What people are told that a build wasn't kept from."""

import pytest

from conda_bridge.engines.outcomes import concerns
from conda_bridge.model.build import BuildJob, EngineSetting, Isolation
from conda_bridge.processes.workers import WorkerAnswer

_JOB = BuildJob(
    subject="it",
    recipe_path="/r/recipe.yaml",
    setting=EngineSetting(channels=(), cache_dir=""),
    output_dir="/out",
    taken_dir="/taken",
    log_path="/log",
    source_date_epoch=0,
)


@pytest.mark.parametrize(
    ("isolation", "slugs"),
    [
        (
            Isolation(kind="bubblewrap", has_network=False, are_files_hidden=True, can_leave_orphans=False),
            [],
        ),
        (
            Isolation(kind="unshare", has_network=False, are_files_hidden=False, can_leave_orphans=False),
            ["build-saw-files"],
        ),
        (
            Isolation(kind="session", has_network=True, are_files_hidden=False, can_leave_orphans=True),
            ["build-had-network", "build-saw-files"],
        ),
    ],
)
def test_weak_isolation_is_told(isolation: Isolation, slugs: list[str]) -> None:
    found = concerns(WorkerAnswer(result={}, isolation=isolation, duration_s=1.0), _JOB)

    assert [one.slug for one in found] == slugs
    assert all(isolation.kind in one.message for one in found if one.slug == "build-saw-files")


def test_processes_that_were_left_behind_are_told() -> None:
    isolation = Isolation(
        kind="bubblewrap", has_network=False, are_files_hidden=True, can_leave_orphans=False
    )
    answer = WorkerAnswer(result={}, isolation=isolation, duration_s=1.0, has_left_behind=True)

    assert [one.slug for one in concerns(answer, _JOB)] == ["processes-left-behind"]
