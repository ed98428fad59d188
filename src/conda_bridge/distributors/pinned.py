"""A machine's distributor with a pinning file: the file decides, but for what the machine alone can tell."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from conda_bridge.distributors.pinning_files import PinningQuestion, read_variants
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import NeededEnvironment, Provided
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.events import Noticed
from conda_bridge.model.variants import VariantConfig
from conda_bridge.protocols import Distributor, Reporter, SilentReporter

__all__ = ["PinnedDistributor", "over", "passed_over"]

_SILENT = SilentReporter()
_MARKS = frozenset({"is_python_min", "is_freethreading", "is_abi3"})
"""Keys that only say something of other keys' values."""
_MOST_TOLD = 5


class PinnedDistributor:
    """A `Distributor` that gives another one's packages."""

    def __init__(
        self, machine: Distributor, *, variants_file: str, subdir: str, reporter: Reporter = _SILENT
    ) -> None:
        """Provide what `machine` provides, in the variants of a file."""
        self._reporter = reporter
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
        machine = self._machine.variants()
        for diagnostic in passed_over(read.value, machine, path=str(self._file)):
            self._reporter.report(Noticed(subject=self.name, diagnostic=diagnostic))
        return over(read.value, machine)

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


def passed_over(file: VariantConfig, machine: VariantConfig, *, path: str) -> tuple[Diagnostic, ...]:
    """Return a finding where a pinning file has values that the machine's own take the place of."""
    known = dict(machine.values)
    lost = {
        key: tuple(value for value in values if not any(_is_meant(value, one) for one in known[key]))
        for key, values in file.values
        if key in known and key not in _MARKS
    }
    keys = [key for key, values in lost.items() if values]
    if not keys:
        return ()
    told = keys[:_MOST_TOLD]
    more = f", and {len(keys) - len(told)} more keys" if len(keys) > len(told) else ""
    message = (
        f"the file's {_listed((key, lost[key]) for key in told)}{more} are passed over: "
        f"this machine has {_listed((key, known[key]) for key in told)}"
    )
    return (finding("pinning-passed-over", message, origin=path),)


def _is_meant(value: str, own: str) -> bool:
    """Tell whether a value of the file is the machine's, perhaps less exactly said: `3.11` is `3.11.* *_cpython`."""
    return own == value or (own.startswith(value) and own[len(value)] in ". ")


def _listed(values: Iterable[tuple[str, Sequence[str]]]) -> str:
    return ", ".join(
        f"{key} {' and '.join(one.split(' ')[0].removesuffix('.*') for one in found)}"
        for key, found in values
    )
