"""Lint by subject: RecipeDocument -> Diagnostics. Pure: what a rule needs beside the text is in CheckContext.

Ids are conda-smithy's (`R-051`); its lints are errors here, its hints warnings.
"""
