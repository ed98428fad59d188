"""The parts of a build: what is planned, in which order it is built, and what became of it.

Vocabulary: a *subject* is what people call one build, the source as typed or the conda name of what another package
needs; the *work folder* of a recipe is `<channel>/.work/<recipe name>`, whose path never depends on anything else, so that
two builds of one input give the same bytes; the *scratch* folder holds recipes while nothing is decided yet.
"""
