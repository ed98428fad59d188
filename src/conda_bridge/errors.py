"""The failures that conda-bridge raises on purpose.

    BridgeError
    |-- UsageError          E1xx  exit 2   a wrong command line
    |-- ConfigError         E1xx  exit 2   a wrong configuration file
    |-- SourceError         E2xx  exit 3   fetch, hash, unsafe archive
    |-- MetadataError       E3xx  exit 4   invalid pyproject.toml, core metadata, [external]
    |-- TranslationError    E4xx  exit 5   no name, inexpressible specifier
    |-- RecipeError         E5xx  exit 6   a recipe that is invalid or can't be written
    |-- SolverError         E6xx  exit 7
    |-- EngineError         E7xx  exit 8   the build failed
    |-- RepackError         E8xx  exit 9   a package that can't be repackaged
    `-- BatchError          E9xx  exit 10  n of m failed

Findings that don't stop the work are `conda_bridge.model.diagnostic.Diagnostic` values, not exceptions.
"""

__all__ = [
    "BatchError",
    "BridgeError",
    "ConfigError",
    "EngineError",
    "MetadataError",
    "RecipeError",
    "RepackError",
    "SolverError",
    "SourceError",
    "TranslationError",
    "UsageError",
]


class BridgeError(Exception):
    """A failure with a code, the place where it arose and what to do about it.

    Attributes:
        slug: the code's name in `data/codes.toml`, such as `hash-mismatch`.
        message: what happened and why, the offending value in `repr`.
        where: the file, URL or field at fault; None where the message says it all.
        hint: what the user can do; None means the hint of the code's table row.
    """

    def __init__(self, slug: str, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(slug, message, where, hint)
        self.slug = slug
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments don't survive the default pickling of exceptions.
        return (_rebuild, (type(self), self.slug, self.message, self.where, self.hint))


def _rebuild(
    cls: type[BridgeError], slug: str, message: str, where: str | None, hint: str | None
) -> BridgeError:
    return cls(slug, message, where=where, hint=hint)


class UsageError(BridgeError):
    """A command line or a call that can't be carried out as given."""


class ConfigError(BridgeError):
    """A configuration file that can't be read or says something impossible."""


class SourceError(BridgeError):
    """A source that can't be fetched, is not what the index says, or is unsafe to open."""


class MetadataError(BridgeError):
    """Metadata of a source that is invalid or can't be known without running code."""


class TranslationError(BridgeError):
    """A PyPI notion that has no conda form, or the reverse."""


class RecipeError(BridgeError):
    """A recipe that is invalid or can't be written."""


class SolverError(BridgeError):
    """A set of requirements that has no solution, or a solver that is missing."""


class EngineError(BridgeError):
    """A build that failed, or an engine that is missing."""


class RepackError(BridgeError):
    """A package that can't change format without being built."""


class BatchError(BridgeError):
    """Several sources of which some failed."""
