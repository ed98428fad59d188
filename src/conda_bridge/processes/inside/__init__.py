"""Programs that are run by path inside the sandbox; they import nothing but the standard library.

guard    takes away what is left of rights and resources, then becomes the program that was asked for
probe    tries what must be impossible, and tells what succeeded
hooks    calls a build backend's hooks and tells their answer
"""
