"""What the user decides about one package, against or beyond what its source says.

Each value keeps the place where it is configured, which becomes the origin of its evidence:
`conda-bridge.toml#/package/demo/requirements/run/add/0`.

Of two layers (the user's file, then the project's) everything adds up that names single lines: `add`,
`remove`, `replace` and the keys of tables. Single values and whole lists of the stronger layer replace those
of the weaker one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from conda_bridge.model.condition import ALWAYS, Condition, PyVersion
from conda_bridge.model.names import CondaName
from conda_bridge.model.project import Known
from conda_bridge.model.recipe import Section, Spec

__all__ = [
    "NO_OVERRIDES",
    "AddedSpec",
    "Item",
    "ListOverrides",
    "PackageOverrides",
    "ReplacedSpec",
    "SectionOverrides",
    "Setting",
    "combined",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A key with a value, of a table whose keys the user chooses."""

    key: str
    value: str
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of a list and when it applies."""

    text: str
    condition: Condition = ALWAYS
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOverrides:
    """What becomes of an inferred list."""

    whole: tuple[Item, ...] | None = None
    """Stands in for the inferred list; None leaves that as it is."""
    add: tuple[Item, ...] = ()
    remove: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedSpec:
    """A requirement that inference doesn't know of."""

    spec: Spec
    condition: Condition = ALWAYS
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacedSpec:
    """A requirement that takes the place of an inferred one."""

    key: str
    """The inferred one's name, as `spec_key` gives it."""
    spec: Spec
    condition: Condition | None = None
    """None keeps the inferred one's."""
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionOverrides:
    """What becomes of one section of the requirements."""

    add: tuple[AddedSpec, ...] = ()
    remove: tuple[Item, ...] = ()
    """Names as `spec_key` gives them."""
    replace: tuple[ReplacedSpec, ...] = ()

    @property
    def displaced(self) -> frozenset[str]:
        """The names whose inferred lines go."""
        return frozenset((*(item.text for item in self.remove), *(one.key for one in self.replace)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageOverrides:
    """The table `[package.NAME]`; what is None or empty leaves inference alone."""

    name: str
    """The project's PyPI name or its conda name, normalised as PyPI names are."""
    conda_name: Known[CondaName] | None = None
    maintainers: tuple[Item, ...] | None = None
    noarch: Known[bool] | None = None
    abi3: Known[bool] | None = None
    """Whether one build for Python's stable ABI serves all later pythons."""
    python_min: Known[PyVersion] | None = None
    build_number: Known[int] | None = None
    extras: tuple[Item, ...] | None = None
    """Extras of the project, normalised, whose requirements the package needs."""
    names: tuple[Setting, ...] = ()
    """PyPI name -> conda name for this package only; an empty one drops the dependency."""
    config_settings: tuple[Setting, ...] = ()
    """For the build backend; a key may come several times."""
    env: tuple[Setting, ...] = ()
    """Variables of the build."""
    script: tuple[Item, ...] | None = None
    entry_points: ListOverrides = ListOverrides()
    """`name = module:attribute`; removed by name."""
    skip: tuple[Item, ...] | None = None
    """Conditions beside the inferred ones."""
    build: SectionOverrides = SectionOverrides()
    host: SectionOverrides = SectionOverrides()
    run: SectionOverrides = SectionOverrides()
    run_constraints: SectionOverrides = SectionOverrides()
    imports: ListOverrides = ListOverrides()
    commands: ListOverrides = ListOverrides()
    pip_check: Known[bool] | None = None
    test_requires: tuple[AddedSpec, ...] | None = None
    about: tuple[Setting, ...] = ()
    """Fields of `About` by name, but for the licence files; an empty value drops the line."""
    license_files: ListOverrides = ListOverrides()

    def section(self, name: Section) -> SectionOverrides:
        """Return what becomes of one section."""
        found: SectionOverrides = getattr(self, name)
        return found

    def about_of(self, field: str) -> Setting | None:
        """Return what is said of a field of `About`."""
        return next((setting for setting in self.about if setting.key == field), None)


NO_OVERRIDES = PackageOverrides(name="")


def combined(layers: Iterable[PackageOverrides]) -> tuple[PackageOverrides, ...]:
    """Return one value a package, sorted by name; of each package the weaker layers come first."""
    by_name: dict[str, PackageOverrides] = {}
    for layer in layers:
        weaker = by_name.get(layer.name)
        by_name[layer.name] = layer if weaker is None else _merged(weaker, layer)
    return tuple(by_name[name] for name in sorted(by_name))


def _merged(weaker: PackageOverrides, stronger: PackageOverrides) -> PackageOverrides:
    changes: dict[str, object] = {"name": stronger.name}
    for field in fields(PackageOverrides):
        old, new = getattr(weaker, field.name), getattr(stronger, field.name)
        if isinstance(old, SectionOverrides) and isinstance(new, SectionOverrides):
            changes[field.name] = _merged_section(old, new)
        elif isinstance(old, ListOverrides) and isinstance(new, ListOverrides):
            changes[field.name] = _merged_list(old, new)
        elif field.name in {"names", "config_settings", "env", "about"}:
            changes[field.name] = _merged_settings(old, new)
        elif new is None:
            changes[field.name] = old
    return replace(stronger, **changes)  # type: ignore[arg-type] # each value is of its field's type


def _merged_section(weaker: SectionOverrides, stronger: SectionOverrides) -> SectionOverrides:
    again = {one.key for one in stronger.replace}
    return SectionOverrides(
        add=(*weaker.add, *stronger.add),
        remove=(*weaker.remove, *stronger.remove),
        replace=(*(one for one in weaker.replace if one.key not in again), *stronger.replace),
    )


def _merged_list(weaker: ListOverrides, stronger: ListOverrides) -> ListOverrides:
    if stronger.whole is not None:
        return stronger
    return ListOverrides(
        whole=weaker.whole,
        add=(*weaker.add, *stronger.add),
        remove=(*weaker.remove, *stronger.remove),
    )


def _merged_settings(weaker: tuple[Setting, ...], stronger: tuple[Setting, ...]) -> tuple[Setting, ...]:
    again = {setting.key for setting in stronger}
    return (*(setting for setting in weaker if setting.key not in again), *stronger)
