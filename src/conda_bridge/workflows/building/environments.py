"""Rendered outputs become the environments that a build needs, and what is missing of them becomes a failure."""

from collections.abc import Iterable, Iterator, Sequence

from conda_bridge.errors import SolverError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import EnvironmentKind, MissingPackage, NeededEnvironment, RenderedOutput

__all__ = [
    "missing_error",
    "needed_environments",
    "required_names",
    "spec_name",
    "test_environments",
    "will_be_record",
]


def needed_environments(
    outputs: Iterable[RenderedOutput], *, are_tested: bool
) -> tuple[NeededEnvironment, ...]:
    """Return every environment of the outputs' builds once, in the order in which they are made."""
    found: dict[tuple[EnvironmentKind, tuple[str, ...]], NeededEnvironment] = {}
    for output in outputs:
        for kind, specs in _environments(output, are_tested=are_tested):
            one = NeededEnvironment(label=f"{kind} of {output.conda_name}", kind=kind, specs=specs)
            found.setdefault((kind, specs), one)
    return tuple(found.values())


def _environments(
    output: RenderedOutput, *, are_tested: bool
) -> Iterator[tuple[EnvironmentKind, tuple[str, ...]]]:
    if output.build_specs:
        yield "build", output.build_specs
    if output.host_specs:
        yield "host", output.host_specs
    if output.run_specs:
        yield "run", output.run_specs
    for specs in output.test_specs if are_tested else ():
        yield "test", tuple(dict.fromkeys((*output.run_specs, *specs)))


def test_environments(
    records: Iterable[PackageRecord], outputs: Iterable[RenderedOutput]
) -> tuple[NeededEnvironment, ...]:
    """Return the environments in which built packages are tested, made from what they really depend on."""
    wanted = {(output.conda_name, output.version): output.test_specs for output in outputs}
    found: dict[tuple[str, ...], NeededEnvironment] = {}
    for record in records:
        for specs in wanted.get((record.conda_name, record.version), ()) or ((),):
            all_specs = tuple(dict.fromkeys((*record.depends, *specs)))
            one = NeededEnvironment(label=f"test of {record.conda_name}", kind="test", specs=all_specs)
            found.setdefault(all_specs, one)
    return tuple(found.values())


def will_be_record(output: RenderedOutput) -> PackageRecord:
    """Return the record that an output will have, as far as rendering tells."""
    return PackageRecord(
        conda_name=output.conda_name,
        version=output.version,
        build=output.build,
        build_number=output.build_number,
        subdir=output.subdir,
        noarch=output.noarch,
        depends=output.run_specs,
    )


def required_names(outputs: Iterable[RenderedOutput]) -> frozenset[str]:
    """Return the names of all packages that builds and tests of the outputs ask for."""
    environments = needed_environments(outputs, are_tested=True)
    return frozenset(spec_name(spec) for environment in environments for spec in environment.specs)


def spec_name(spec: str) -> str:
    """Return the name of a match spec.

    >>> spec_name("python >=3.9"), spec_name("conda-forge::numpy[version='>=2']"), spec_name("foo>=1")
    ('python', 'numpy', 'foo')
    """
    text = spec.strip().rpartition("::")[2]
    for number, char in enumerate(text):
        if not (char.isalnum() or char in "_.-"):
            return text[:number].lower()
    return text.lower()


def missing_error(
    missing: Sequence[MissingPackage], distributor: str, hint: str | None = None
) -> SolverError:
    """Return the failure that names all that is missing, a line each."""
    wanted: dict[tuple[str, str], list[str]] = {}
    for one in missing:
        why = one.detail or _REASONS[one.reason]
        labels = wanted.setdefault((one.spec, why), [])
        labels += [one.wanted_by] if one.wanted_by not in labels else []
    lines = [f"{spec} (for {', '.join(labels)}): {why}" for (spec, why), labels in wanted.items()]
    message = (
        f"{distributor} lacks {lines[0]}" if len(lines) == 1 else "\n".join((f"{distributor} lacks:", *lines))
    )
    return SolverError("packages-missing", message, hint=hint)


_REASONS = {
    "absent": "there is no such package",
    "version": "only other versions",
    "no-wheel": "no wheel that suits",
    "too-large": "its wheel is too large",
    "conflict": "it contradicts the others",
    "not-python": "it is no Python project",
}
