"""A machine's distributor with a pinning file: the file decides, but for what the machine alone can tell."""

from collections.abc import Sequence
from pathlib import Path

from conda_bridge.distributors.pinning_files import PinningQuestion, read_variants
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import NeededEnvironment, Provided
from conda_bridge.model.variants import VariantConfig
from conda_bridge.protocols import Distributor

__all__ = ["PinnedDistributor", "over"]


class PinnedDistributor:
    """A `Distributor` that gives another one's packages."""

    def __init__(self, machine: Distributor, *, variants_file: str, subdir: str) -> None:
        """Provide what `machine` provides, in the variants of a file."""
        self._machine = machine
        self._file = Path(variants_file)
        self._subdir = subdir

    @property
    def name(self) -> str:
        """The machine's."""
        return self._machine.name

    def channels(self) -> tuple[str, ...]:
        """Return the machine's channels."""
        return self._machine.channels()

    def variants(self) -> VariantConfig:
        """Return the file's variants, with the machine's pythons and compilers in place of the file's."""
        read = read_variants(self._file, PinningQuestion(subdir=self._subdir))
        return over(read.value, self._machine.variants())

    def readable(self) -> tuple[str, ...]:
        """Return the machine's folders."""
        return self._machine.readable()

    def tools(self) -> tuple[str, ...]:
        """Return the machine's tools."""
        return self._machine.tools()

    def provide(
        self, environments: Sequence[NeededEnvironment], *, beside: Sequence[PackageRecord] = ()
    ) -> Provided:
        """See that each environment can be made; see `Distributor`."""
        return self._machine.provide(environments, beside=beside)


def over(weaker: VariantConfig, stronger: VariantConfig) -> VariantConfig:
    """Return the values of both; where both have a key, those of `stronger`, whose groups win, too."""
    values = {**dict(weaker.values), **dict(stronger.values)}
    grouped = {key for group in stronger.zip_keys for key in group}
    counted = ((key for key in group if key not in grouped) for group in weaker.zip_keys)
    kept = (tuple(key for key in group if len(values.get(key, ())) > 1) for group in map(tuple, counted))
    groups = [group for group in kept if len(group) > 1 and len({len(values[key]) for key in group}) == 1]
    return VariantConfig(values=tuple(sorted(values.items())), zip_keys=(*stronger.zip_keys, *groups))
