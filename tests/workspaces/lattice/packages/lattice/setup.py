from setuptools import Extension, setup

setup(ext_modules=[Extension("lattice._grid", sources=["src/lattice/_grid.c"])])
