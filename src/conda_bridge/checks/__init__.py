"""Lint by subject: RecipeDocument -> Diagnostics. Pure: what a rule needs beside the text is in CheckContext.

Ids are conda-smithy's (`R-051`); its lints are errors here, its hints warnings.

Rules of conda-smithy's that aren't here, and why:

- R-042, R-043: shellcheck is a program of its own; run it where a feedstock wants it.
- CBC-000: its renderer says it, not its linter.
- CF-001, CF-008: whether a maintainer exists is GitHub's to say; checks ask nobody.
- CF-013: a feedstock's name is told by its git remotes, which aren't read.

Rules of our own:

- CB-001: a key that rattler-build refuses, where conda-smithy doesn't look.
- CB-002, CB-003: a licence family or a section that ends conda-build; conda-smithy's lints of them have no id.
- CB-004: R-031 and R-032 where conda-smithy overlooks the compiler: in outputs, in all of meta.yaml, in double quotes.

Where rules mean to differ:

- R-014, R-016, R-044: what only rendering could tell isn't judged. R-044 takes SPDX's `+`.
- R-017, R-019, R-020, R-050: all sections and outputs count. R-028 to R-030, R-049, R-050: so do all ways to write
  a URL or python.
- R-036 is a recipe that can't be read, R-037 what the parsers that conda-smithy asks were seen to stumble over.
- R-027: a pin of a variable that the recipe doesn't define isn't judged; `run_exports` may be a text instead of a list.
- R-047, R-053, R1-004, R1-005: all that tests say under conditions counts, in outputs, too.
- CF-002: the old protocols of X11 are found by the names that their packages have, with dashes.
- CF-006: `python {{ python_min }}` of v0 overrides no pin.
- RC-001, CBC-001: selectors are evaluated for each macOS platform.
"""
