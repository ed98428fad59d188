"""Lint by subject: RecipeDocument -> Diagnostics. Pure: what a rule needs beside the text is in CheckContext.

Ids are conda-smithy's (`R-051`); its lints are errors here, its hints warnings.

Rules of conda-smithy that are not ours, and what differs on purpose:

- R-042, R-043 (shellcheck): they run a program over the recipe's scripts where a feedstock asks for it. Run shellcheck.
- CBC-000: conda-smithy's renderer says it, not its linter.
- R-036, R-037 ask three parsers; here R-036 is a recipe that can't be read, and R-037 what those parsers
  were seen to stumble over. Their quirks beyond that (comments inside lists, tabs) are left out.
- R-031, R-032 see `compiler('rust')` of recipe.yaml in single quotes only; everything else is CB-004, a warning.
- Where conda-smithy looks at the recipe's own sections only, or at one spelling, outputs and the other spellings
  count as well: R-017 (all sections), R-019 and R-050 (sources of outputs; http), R-020 (outputs), R-028 to R-030
  (quoted URLs), R-049 (the interpreter as a variable, lists).
- Values that depend on rendering alone are not judged (licence, name, version), nor is SPDX's `+` (R-044).
- CB-001 (keys that rattler-build refuses), CB-002 and CB-003 (what ends conda-build, and a lint without an id).
"""
