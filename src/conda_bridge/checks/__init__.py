"""Lint by subject: RecipeDocument -> Diagnostics. Pure: what a rule needs beside the text is in CheckContext.

Ids are conda-smithy's (`R-051`); its lints are errors here, its hints warnings.

Rules of conda-smithy's that aren't here, and why:

- R-042, R-043: shellcheck is a program of its own; run it where a feedstock wants it.
- CBC-000: its renderer says it, not its linter.
- CF-001, CF-008: whether a maintainer exists is GitHub's to say; checks ask nobody.
- CF-013: a feedstock's name is told by its git remotes, which aren't read.

Rules of our own:

- CB-001: a key or a section that rattler-build refuses, where conda-smithy doesn't look.
- CB-002, CB-003: a licence family or a section that ends conda-build; conda-smithy's lints of them have no id.
- CB-004: R-031 and R-032 where conda-smithy overlooks the compiler: in outputs, in all of meta.yaml, in double quotes.
- CB-005: a value of another shape than the engine reads there; conda-smithy ends with an exception on some, and its
  lint of a schema that isn't 1 has no id.
- CB-006: a requirement of recipe.yaml that rattler-build refuses. Channels, brackets and parentheses aren't judged.
- CB-007: a checksum of the wrong length, which nothing can match.
- CB-008: a variable of `context` that stands further down, or that only scripts have. Other undefined names may be
  variants', and nothing beside a recipe says which variants there are.

Where rules mean to differ:

- R-014, R-016, R-044: what only rendering could tell isn't judged. R-044 takes SPDX's `+`.
- R-015, R-016: an empty version is a missing one, in recipe.yaml too; so is a version that is a list.
- R-017, R-019, R-020, R-050: all sections and outputs count. R-028 to R-030, R-049, R-050: so do all ways to write
  a URL or python.
- R-036 is a recipe that can't be read, by conda-smithy or by its engine: broken Jinja, with which conda-smithy ends,
  anchors and tags in recipe.yaml, tags of an application's own in meta.yaml (R-037 there). Filters and functions
  that nobody knows aren't judged. R-037 what the parsers that conda-smithy asks were seen to stumble over.
- R-027: a pin of a variable that the recipe doesn't define isn't judged; `run_exports` may be a text instead of a list.
- R-047, R-053, R1-004, R1-005: all that tests say under conditions counts, in outputs, too.
- CF-002: the old protocols of X11 are found by the names that their packages have, with dashes.
- CF-003: asked of a folder with conda-forge.yml above it only; another folder called `recipe` is no feedstock.
- CF-006: `python {{ python_min }}` of v0 overrides no pin.
- RC-001, CBC-001: selectors are evaluated for each macOS platform.
"""
