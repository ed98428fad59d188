"""Lint by subject: RecipeDocument -> Diagnostics. Pure: what a rule needs beside the text is in CheckContext.

Ids are conda-smithy's (`R-051`); its lints are errors here, its hints warnings.

Rules of conda-smithy's that aren't here, and why:

- CF-001, CF-008: whether a maintainer exists is GitHub's to say; checks ask nobody.
- CF-013: a feedstock's name is told by its git remotes, which aren't read.

Where rules mean to differ:

- R-027: a pin of a variable that the recipe doesn't define isn't judged.
- R-053, R1-004, R1-005: tests under conditions count in outputs, too.
- CF-002: the old protocols of X11 are found by the names that their packages have, with dashes.
- CF-006: `python {{ python_min }}` of v0 overrides no pin.
"""
