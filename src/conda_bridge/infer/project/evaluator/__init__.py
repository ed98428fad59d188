"""Python source text -> the values that it would compute, as far as they follow from text alone.

Nothing is executed: an interpreter of our own walks the syntax tree and knows a closed list of functions and
methods, all of them pure. Whatever it can't follow is `Unknown`, and everything computed from that is, too;
it never guesses. Time and memory are bounded by a budget.

Vocabulary: a *world* is what the platform and the python of a build would be; a *scope* maps names to
values; a *reference* is a name of another project's module, of which only the name is known.

    values, worlds              what expressions evaluate to; platforms, pythons and the markers between them
    machine, frames, branches   the interpreter: names, calls, ways that a program may take, budget
    expressions, statements     one function a kind of syntax node
    operators, attributes, methods, functions    the closed lists of what is understood
    files, modules, parsing     paths, dotted names and texts of the source
    regex       patterns of strangers, run within bounds
"""
