from setuptools import Extension, setup

setup(
    name="c-extension",
    version="2.0.1",
    description="One extension module",
    license="MIT",
    python_requires=">=3.11",
    packages=["c_extension"],
    ext_modules=[Extension("c_extension._speedups", ["c_extension/_speedups.c"])],
)
