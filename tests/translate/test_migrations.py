"""Migrations, applied to a pinning."""

import pytest

from conda_bridge.errors import ConfigError
from conda_bridge.model.variants import Migration, VariantConfig
from conda_bridge.translate.migrations import apply_migrations, is_for_all

PYTHONS = ("3.12.* *_cpython", "3.13.* *_cp313")
NEW = "3.14.* *_cp314"
ORDERING = (("python", (*PYTHONS, NEW, "3.14.* *_cp314t")),)
PINNING = VariantConfig(
    values=(
        ("is_abi3", ("true",)),
        ("is_python_min", ("true", "false")),
        ("python", PYTHONS),
        ("zlib", ("1.2",)),
    ),
    zip_keys=(("python", "is_python_min"),),
)
ADDED = Migration(
    name="python314",
    timestamp=1.0,
    is_longterm=True,
    operation="key_add",
    primary_keys=("python",),
    ordering=ORDERING,
    values=(("python", (NEW,)), ("is_python_min", ("false",))),
)


def merging(**values: tuple[str, ...]) -> Migration:
    return Migration(name="demo", timestamp=1.0, values=tuple(values.items()))


def test_version_migration_takes_the_higher_version() -> None:
    assert apply_migrations(PINNING, [merging(zlib=("1.10",))]).get("zlib") == ("1.10",)
    assert apply_migrations(PINNING, [merging(zlib=("1.1",))]).get("zlib") == ("1.2",)


def test_version_migration_adds_keys_and_values_that_the_pinning_lacks() -> None:
    migrated = apply_migrations(PINNING, [merging(zlib=("1.2", "2"), zstd=("1.5",))])

    assert (migrated.get("zlib"), migrated.get("zstd")) == (("1.2", "2"), ("1.5",))


def test_value_that_is_no_version_is_compared_as_text() -> None:
    pinning = VariantConfig(values=(("image", ("quay.io/a:1",)),))

    assert apply_migrations(pinning, [merging(image=("quay.io/b:1",))]).get("image") == ("quay.io/b:1",)


def test_ordering_wins_over_versions() -> None:
    migration = Migration(
        name="demo", timestamp=1.0, ordering=(("zlib", ("2", "1.2", "0.9")),), values=(("zlib", ("0.9",)),)
    )

    assert apply_migrations(PINNING, [migration]).get("zlib") == ("0.9",)


def test_primary_key_takes_its_group_with_it() -> None:
    pinning = VariantConfig(values=(("a", ("1", "3")), ("b", ("one", "three"))), zip_keys=(("a", "b"),))
    migration = Migration(
        name="demo",
        timestamp=1.0,
        primary_keys=("a",),
        ordering=(("a", ("1", "2", "3", "4")),),
        values=(("a", ("4",)), ("b", ("four",))),
    )

    migrated = apply_migrations(pinning, [migration])

    assert (migrated.get("a"), migrated.get("b")) == (("3", "4"), ("three", "four"))


def test_added_python_comes_with_its_group() -> None:
    migrated = apply_migrations(PINNING, [ADDED])

    assert migrated.get("python") == (*PYTHONS, NEW)
    assert migrated.get("is_python_min") == ("true", "false", "false")


def test_what_is_there_already_is_not_added_twice() -> None:
    assert apply_migrations(PINNING, [ADDED, ADDED]) == apply_migrations(PINNING, [ADDED])


def test_added_key_joins_the_group_with_the_value_that_it_had() -> None:
    free_threaded = Migration(
        name="python314t",
        timestamp=2.0,
        operation="key_add",
        primary_keys=("python",),
        ordering=ORDERING,
        additional_zip_keys=("is_abi3",),
        values=(("python", ("3.14.* *_cp314t",)), ("is_python_min", ("false",)), ("is_abi3", ("false",))),
    )

    migrated = apply_migrations(PINNING, [free_threaded, ADDED])

    assert migrated.zip_keys == (("python", "is_python_min", "is_abi3"),)
    assert migrated.get("python") == (*PYTHONS, NEW, "3.14.* *_cp314t")
    assert migrated.get("is_abi3") == ("true", "true", "true", "false")


def test_migrations_are_applied_in_the_order_of_their_time_stamps() -> None:
    early, late = (
        merging(zlib=("3",)),
        Migration(
            name="late",
            timestamp=9.0,
            operation="key_remove",
            primary_keys=("zlib",),
            values=(("zlib", ("3",)),),
        ),
    )

    assert apply_migrations(PINNING, [late, early]).get("zlib") == ()


def test_removed_python_takes_its_group_with_it() -> None:
    removed = Migration(
        name="demo",
        timestamp=1.0,
        operation="key_remove",
        primary_keys=("python",),
        values=(("python", PYTHONS[:1]),),
    )

    migrated = apply_migrations(PINNING, [removed])

    assert (migrated.get("python"), migrated.get("is_python_min")) == (PYTHONS[1:], ("false",))


def test_larger_group_takes_the_place_of_one_that_it_contains() -> None:
    migration = Migration(
        name="demo",
        timestamp=1.0,
        values=(("is_abi3", ("true", "true")),),
        zip_keys=(("python", "is_python_min", "is_abi3"),),
    )

    assert apply_migrations(PINNING, [migration]).zip_keys == (("is_abi3", "is_python_min", "python"),)


def test_group_that_the_pinning_lacks_is_added() -> None:
    migration = Migration(
        name="demo", timestamp=1.0, values=(("a", ("1",)), ("b", ("2",))), zip_keys=(("a", "b"),)
    )

    assert apply_migrations(PINNING, [migration]).zip_keys == (("a", "b"), ("is_python_min", "python"))
    assert apply_migrations(VariantConfig(), [migration]).zip_keys == (("a", "b"),)


def test_new_key_makes_a_group_with_a_primary_key_that_had_none() -> None:
    migration = Migration(
        name="demo",
        timestamp=1.0,
        operation="key_add",
        primary_keys=("zlib",),
        additional_zip_keys=("is_abi3",),
        values=(("zlib", ("1.10",)), ("is_abi3", ("false",))),
    )

    migrated = apply_migrations(PINNING, [migration])

    assert (migrated.get("zlib"), migrated.get("is_abi3")) == (("1.2", "1.10"), ("true", "false"))
    assert ("zlib", "is_abi3") in migrated.zip_keys


def test_ordered_key_beside_the_primary_one_takes_the_higher_value() -> None:
    migration = Migration(
        name="demo",
        timestamp=1.0,
        operation="key_add",
        primary_keys=("python",),
        ordering=(*ORDERING, ("zlib", ("9", "1.2", "0.1")), ("absent", ("1",))),
        values=(("python", (NEW,)), ("is_python_min", ("false",)), ("zlib", ("0.1",))),
    )

    assert apply_migrations(PINNING, [migration]).get("zlib") == ("0.1",)


def test_same_value_everywhere_needs_no_order() -> None:
    pinning = VariantConfig(values=(("a", ("1", "1")),))
    migration = Migration(name="demo", timestamp=1.0, ordering=(("a", ("1", "2")),), values=(("a", ("1",)),))

    assert apply_migrations(pinning, [migration]).get("a") == ("1", "1")


def test_removing_what_is_not_there_changes_nothing() -> None:
    migration = Migration(
        name="demo", timestamp=1.0, operation="key_remove", primary_keys=("zlib",), values=(("zlib", ("9",)),)
    )

    assert apply_migrations(PINNING, [migration]) == PINNING


def test_migration_without_its_primary_key_on_a_platform_changes_nothing() -> None:
    migration = Migration(
        name="demo", timestamp=1.0, operation="key_add", primary_keys=("cuda",), values=(("zlib", ("9",)),)
    )

    assert apply_migrations(PINNING, [migration]) == PINNING


@pytest.mark.parametrize(
    "migration",
    [
        Migration(
            name="m",
            timestamp=1.0,
            operation="key_add",
            primary_keys=("python",),
            values=(("python", (NEW,)),),
        ),
        Migration(
            name="m", timestamp=1.0, operation="key_add", primary_keys=("cuda",), values=(("cuda", ("12",)),)
        ),
        Migration(name="m", timestamp=1.0, ordering=(("zlib", ("9",)),), values=(("zlib", ("9",)),)),
        Migration(name="m", timestamp=1.0, operation="key_add", values=(("zlib", ("9",)),)),
        Migration(
            name="m",
            timestamp=1.0,
            operation="key_add",
            primary_keys=("zlib",),
            additional_zip_keys=("is_python_min",),
            values=(("zlib", ("9",)), ("is_python_min", ("false",))),
        ),
        Migration(
            name="m",
            timestamp=1.0,
            ordering=(("is_python_min", ("true", "false", "x")),),
            values=(("is_python_min", ("true", "true", "false")),),
        ),
    ],
    ids=[
        "without the rest of the group",
        "a key that isn't there",
        "a value outside the order",
        "no primary key",
        "a key with several values joins",
        "values that are there twice",
    ],
)
def test_migration_that_does_not_fit_is_refused_by_name(migration: Migration) -> None:
    with pytest.raises(ConfigError) as caught:
        apply_migrations(PINNING, [migration])

    assert (caught.value.slug, caught.value.where) == ("invalid-pinning", "m")


def test_only_longterm_migrations_are_for_all_packages() -> None:
    assert is_for_all(ADDED)
    assert not is_for_all(merging(zlib=("2",)))
    assert not is_for_all(Migration(name="m", timestamp=1.0, is_longterm=True, is_paused=True))
    assert not is_for_all(Migration(name="m", timestamp=1.0, is_longterm=True, is_selective=True))
