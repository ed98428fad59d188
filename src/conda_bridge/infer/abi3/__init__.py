"""Whether one build for Python's stable ABI serves all later pythons."""
