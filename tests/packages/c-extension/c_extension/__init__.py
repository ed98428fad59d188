"""Has a faster twin in C."""
