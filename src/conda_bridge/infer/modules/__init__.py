"""Which modules the package installs, Python's and compiled ones, and so which ones its test imports."""
