"""The command line: arguments in, workflows called, results shown."""
