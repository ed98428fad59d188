"""Python source text -> the values that it would compute, as far as they follow from text alone.

Nothing is executed: an interpreter of our own walks the syntax tree and knows a closed list of functions and
methods, all of them pure. Whatever it can't follow is `Unknown`, and everything computed from that is, too;
it never guesses. Time and memory are bounded by a budget.

Vocabulary: a *world* is what the platform and the python of a build would be; a *scope* maps names to
values; a *reference* is a name of another project's module, of which only the name is known.

    values      what expressions evaluate to
    worlds      the platforms and pythons, and the markers that tell them apart
    machine     the interpreter: names, branches, calls, imports, budget
    expressions, statements     one function a kind of syntax node
    operators, functions, methods, regex, files     the closed lists of what is understood
"""
