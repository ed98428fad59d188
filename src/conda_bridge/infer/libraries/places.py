"""Whether a file belongs to what the project builds."""

from conda_bridge.infer.scan.aside import is_test_or_docs, is_vendored, own_folders
from conda_bridge.model.conversion import InferContext

__all__ = ["Places"]


class Places:
    """The folders of a source; each folder is judged once."""

    def __init__(self, ctx: InferContext) -> None:
        """Judge the folders of the source at hand."""
        self._own = own_folders(ctx.facts.paths, ctx.project.pypi_name.value.replace("-", "_"))
        self._known: dict[str, tuple[bool, bool]] = {}

    def is_vendored(self, path: str) -> bool:
        """Tell whether a file lies in a copy of another project's code."""
        return self._judged(path)[0]

    def is_test_or_docs(self, path: str) -> bool:
        """Tell whether a file lies in a tree of tests, documentation or examples."""
        return self._judged(path)[1]

    def is_aside(self, path: str) -> bool:
        """Tell whether either is true."""
        return any(self._judged(path))

    def _judged(self, path: str) -> tuple[bool, bool]:
        folder = path[: path.rfind("/") + 1]
        if folder not in self._known:
            self._known[folder] = (
                is_vendored(folder, own=self._own),
                is_test_or_docs(folder, own=self._own),
            )
        return self._known[folder]
