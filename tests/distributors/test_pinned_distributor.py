"""A machine's packages in the variants of a pinning file."""

from collections.abc import Sequence
from pathlib import Path

from conda_bridge.distributors.pinned import PinnedDistributor, over, passed_over
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import NeededEnvironment, Provided
from conda_bridge.model.events import Event, Noticed
from conda_bridge.model.variants import VariantConfig

MACHINE = VariantConfig(
    values=(("c_compiler_version", ("12",)), ("is_python_min", ("true",)), ("python", ("3.11.* *_cpython",))),
    zip_keys=(("python", "is_python_min"),),
)


class Machine:
    """A distributor that gives its variants."""

    name = "host"

    def channels(self) -> tuple[str, ...]:
        return ("file:///channel",)

    def variants(self) -> VariantConfig:
        return MACHINE

    def readable(self) -> tuple[str, ...]:
        return ("/usr",)

    def tools(self) -> tuple[str, ...]:
        return ("/tools",)

    def provide(
        self, environments: Sequence[NeededEnvironment], *, beside: Sequence[PackageRecord] = ()
    ) -> Provided:
        assert len(environments) == len(beside) == 0
        return Provided()


def test_file_decides_but_for_what_the_machine_has(tmp_path: Path) -> None:
    pins = tmp_path / "pins.yaml"
    pins.write_text("python:\n- 3.12\n- 3.13\nzlib:\n- 1\nc_compiler_version:\n- 15\n")

    variants = PinnedDistributor(Machine(), variants_file=str(pins), subdir="linux-64").variants()

    assert (variants.get("python"), variants.get("c_compiler_version")) == (("3.11.* *_cpython",), ("12",))
    assert variants.get("zlib") == ("1",)
    assert variants.zip_keys == MACHINE.zip_keys


class _Notes:
    """Keeps what is reported."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def report(self, event: Event) -> None:
        self.events.append(event)


def test_values_that_the_machine_takes_the_place_of_are_told(tmp_path: Path) -> None:
    pins, notes = tmp_path / "pins.yaml", _Notes()
    pins.write_text("python:\n- 3.11.* *_cpython\n- 3.13.* *_cp313\nzlib:\n- 1\nc_compiler_version:\n- 15\n")

    PinnedDistributor(Machine(), variants_file=str(pins), subdir="linux-64", reporter=notes).variants()

    assert [one.diagnostic.message for one in notes.events if isinstance(one, Noticed)] == [
        "the file's c_compiler_version 15, python 3.13 are passed over: this machine has c_compiler_version 12, python 3.11"
    ]


def test_nothing_is_told_of_a_file_that_agrees() -> None:
    file = VariantConfig(values=(("python", ("3.11",)), ("zlib", ("1",))))

    assert passed_over(file, MACHINE, path="pins.yaml") == ()


def test_all_else_is_the_machines() -> None:
    distributor = PinnedDistributor(Machine(), variants_file="pins.yaml", subdir="linux-64")

    assert distributor.name == "host"
    assert distributor.channels() == ("file:///channel",)
    assert (distributor.readable(), distributor.tools()) == (("/usr",), ("/tools",))
    assert distributor.provide(()) == Provided()


def test_groups_of_the_file_stay_where_they_still_fit() -> None:
    file = VariantConfig(
        values=(("a", ("1", "2")), ("b", ("3", "4")), ("python", ("3.12", "3.13")), ("x", ("5", "6"))),
        zip_keys=(("a", "b"), ("python", "x")),
    )

    merged = over(file, MACHINE)

    assert merged.zip_keys == (("python", "is_python_min"), ("a", "b"))
    assert merged.get("x") == ("5", "6")
