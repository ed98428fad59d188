"""The user's decisions about one package, applied where later rules see them.

An override is evidence of its own certainty, whose rule is `override.<what>` and whose origin is its place in
the configuration; it displaces the inferred evidence of its line. A line that it takes away keeps evidence
that says so. What changes nothing is a finding.
"""
