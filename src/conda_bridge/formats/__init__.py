"""Recipe files: rendering from templates, reading back."""
