"""Rows of distributors, what stands for a channel without a row, and the variants that they give."""

import pytest

from conda_bridge.model.distributor import DistributorPolicy, VariantFact
from conda_bridge.model.python_versions import PyVersion
from conda_bridge.translate.distributors import distributor_names, distributor_policy, is_channel
from conda_bridge.translate.url_secrets import channel_label
from conda_bridge.translate.variants import default_variants, minor_of, with_pythons

SUBDIRS = ("linux-64", "linux-aarch64", "linux-ppc64le", "osx-64", "osx-arm64", "win-64", "win-arm64")


def test_three_rows_are_known() -> None:
    assert distributor_names() == ("conda-forge", "defaults", "host")


@pytest.mark.parametrize(
    "name", ["host", "https://example.org/acme", "./channel", "/srv/channel", "C:\\channel"]
)
def test_what_has_no_conventions_of_its_own_follows_those_of_conda_forge(name: str) -> None:
    policy, followed = distributor_policy(name), distributor_policy("conda-forge")

    assert policy.conventions == "conda-forge"
    assert (policy.python_min, policy.pythons) == (followed.python_min, followed.pythons)
    assert (policy.pinned, policy.platform_only) == (followed.pinned, followed.platform_only)
    assert policy.channels == (() if name == "host" else (name,))


def test_defaults_keep_what_they_say_themselves_and_follow_in_the_rest() -> None:
    policy, followed = distributor_policy("defaults"), distributor_policy("conda-forge")

    assert policy.channels != followed.channels
    assert policy.pinned == followed.pinned
    assert default_variants(policy, "linux-64").get("c_stdlib_version") == ("2.28",)
    assert default_variants(policy, "linux-64").get("c_compiler") == ("gcc",)


def test_secrets_of_a_channel_are_no_part_of_its_name() -> None:
    policy = distributor_policy("https://me:secret@example.org/t/tk-1234/acme?key=1")

    assert policy.name == "https://example.org/t/.../acme"
    assert "secret" in policy.channels[0]


@pytest.mark.parametrize("channel", ["conda-forge", "./channel", "https://example.org/acme"])
def test_channel_without_secrets_is_shown_as_it_is(channel: str) -> None:
    assert channel_label(channel) == channel


def test_bare_name_is_no_channel() -> None:
    assert not is_channel("bioconda")


@pytest.mark.parametrize("subdir", SUBDIRS)
@pytest.mark.parametrize("name", ["conda-forge", "defaults", "host"])
def test_variants_of_every_row_fit_together(name: str, subdir: str) -> None:
    variants = default_variants(distributor_policy(name), subdir)

    assert len(variants.get("python")) == len(variants.get("is_python_min"))
    assert variants.get("is_python_min").count("true") == 1
    assert variants.get("c_compiler")
    assert variants.get("c_stdlib")
    assert all(len(group) > 1 and all(variants.get(key) for key in group) for group in variants.zip_keys)


@pytest.mark.parametrize("name", ["conda-forge", "defaults"])
def test_pythons_of_a_row_are_those_of_its_variants(name: str) -> None:
    policy = distributor_policy(name)

    assert tuple(map(minor_of, default_variants(policy, "linux-64").get("python"))) == policy.pythons
    assert default_variants(policy, "linux-64").get("python_min") == (str(policy.python_min),)


@pytest.mark.parametrize(
    ("subdir", "key", "values"),
    [
        ("linux-64", "c_compiler", ("gcc",)),
        ("linux-aarch64", "c_stdlib_version", ("2.17",)),
        ("linux-riscv64", "c_stdlib_version", ("2.39",)),
        ("osx-arm64", "c_stdlib", ("macosx_deployment_target",)),
        ("win-64", "c_compiler", ("vs2022",)),
        ("win-64", "c_compiler_version", ()),
        ("win-arm64", "python", ("3.14.* *_cp314",)),
        ("win-arm64", "python_min", ("3.14",)),
    ],
)
def test_conda_forge_on_each_platform(subdir: str, key: str, values: tuple[str, ...]) -> None:
    assert default_variants(distributor_policy("conda-forge"), subdir).get(key) == values


def test_zipped_keys_that_a_platform_lacks_are_no_group() -> None:
    groups = default_variants(distributor_policy("conda-forge"), "win-64").zip_keys

    assert groups == (("python", "is_python_min"),)


def policy_of(*facts: VariantFact) -> DistributorPolicy:
    python = PyVersion((3, 11))
    return DistributorPolicy(
        name="acme",
        channels=("acme",),
        python_min=python,
        pythons=(python,),
        python_ceiling=PyVersion((4,)),
        platforms=("linux-64",),
        variants=facts,
    )


def test_last_fact_that_applies_counts() -> None:
    policy = policy_of(
        VariantFact(key="zlib", where="", values=("1",)),
        VariantFact(key="zlib", where="unix", values=("2",)),
        VariantFact(key="zlib", where="win", values=("3",)),
    )

    assert [default_variants(policy, s).get("zlib") for s in ("linux-64", "osx-64", "win-64")] == [
        ("2",),
        ("2",),
        ("3",),
    ]


def test_other_pythons_keep_the_build_strings_that_are_known() -> None:
    policy = with_pythons(
        distributor_policy("conda-forge"), (PyVersion((3, 12)), PyVersion((3, 15))), PyVersion((3, 12))
    )

    variants = default_variants(policy, "linux-64")

    assert variants.get("python") == ("3.12.* *_cpython", "3.15.*")
    assert variants.get("is_python_min") == ("true", "false")
    assert variants.get("python_min") == ("3.12",)


def test_lowest_python_is_marked_even_where_python_min_is_below_all() -> None:
    policy = with_pythons(distributor_policy("conda-forge"), (PyVersion((3, 12)),), PyVersion((3, 9)))

    assert default_variants(policy, "linux-64").get("is_python_min") == ("true",)


def test_users_own_distributor_wins_over_a_row_of_its_name() -> None:
    own = policy_of(VariantFact(key="zlib", where="", values=("1",)))

    assert distributor_policy("acme", (own,)) is own
    assert distributor_names((own,)) == ("acme", "conda-forge", "defaults", "host")
