"""The parts of a build: what is planned, in which order it is built, and what became of it.

Vocabulary: a *subject* is what people call one build, the source as typed or the conda name of what another package
needs; a recipe has two *work folders*: `<cache>/build/work/<key of the channel>/<recipe name>`, which engines are shown and
whose path never depends on anything else, so that two builds of one input give the same bytes, and
`<channel>/.work/<recipe name>`, which no build can write to; the *scratch* folder holds recipes while nothing is decided yet.
"""
