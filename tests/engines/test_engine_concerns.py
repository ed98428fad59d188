"""What people are told that a build wasn't kept from."""

import pytest

from conda_bridge.engines.outcomes import concerns
from conda_bridge.model.build import BuildJob, EngineSetting, Isolation

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
    found = concerns(isolation, _JOB)

    assert [one.slug for one in found] == slugs
    assert all(isolation.kind in one.message for one in found if one.slug == "build-saw-files")
