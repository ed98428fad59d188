"""From facts to a recipe: one pure function a rule, each value with its evidence."""
