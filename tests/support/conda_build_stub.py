"""An installation of what conda-build is to our engine: a command, an interpreter, and the few names that are called.

It runs nothing of a recipe but `# stub: WORDS`, a comment that says what becomes of it.
"""

import shutil
import venv
from pathlib import Path

__all__ = ["install_stub"]

_MODULES = {
    "conda/__init__.py": "",
    "conda/base/__init__.py": "",
    "conda/base/context.py": """
import os
class Solver:
    def __init__(self, name):
        self.name = name
class Plugins:
    def get_hook_results(self, name):
        return [Solver("classic"), Solver("newest")]
class Context:
    solver = "libmamba"
    plugin_manager = Plugins()
context = Context()
def reset_context():
    context.solver = os.environ["CONDA_SOLVER"]
""",
    "conda_build/__init__.py": "__version__ = '26.9.1'",
    "conda_build/environ.py": """
class Record:
    name, version, build, url = "python", "3.11.7", "0_cpython", "file:///channel/linux-64/python-3.11.7-0_cpython.conda"
    sha256 = "23"
cached_precs = {("spec",): [Record()]}
""",
    "conda_build/cli/__init__.py": "",
    "conda_build/cli/main_build.py": """
import os, shutil, signal, subprocess, sys, time
from pathlib import Path
from conda.base.context import context
class UnsatisfiableError(Exception):
    pass
def words_of(text):
    return text.partition("# stub: ")[2].splitlines()[0]
def execute(arguments):
    if "--test" in arguments:
        package = Path(arguments[-1])
        words = words_of((package.parents[3] / "words").read_text())
    else:
        recipe = Path(arguments[-1])
        words = words_of((recipe / "meta.yaml").read_text())
    print("solver", context.solver)
    for name in ("CONDARC", "CONDA_ROOT_PREFIX", "CONDA_PKGS_DIRS", "SOURCE_DATE_EPOCH"):
        print(name, os.environ.get(name))
    print("WARNING: take care")
    act(words)
    if "--test" not in arguments:
        target = Path(arguments[arguments.index("--output-folder") + 1], "noarch")
        target.mkdir(parents=True, exist_ok=True)
        for package in recipe.glob("*.conda"):
            shutil.copyfile(package, target / package.name)
    return 0
def act(words):
    if words == "fails":
        print("last-words")
        print("Leaving build/test directories:" + chr(10) * 11)
        try:
            subprocess.run(["false"], check=True)
        except subprocess.CalledProcessError as error:
            raise RuntimeError("build stopped") from error
    if words == "unsolvable":
        try:
            raise UnsatisfiableError("no b anywhere" + chr(10) * 2 + "To search for alternate channels go there")
        except UnsatisfiableError as error:
            raise RuntimeError("retries exceeded") from error
    if words == "gives up":
        sys.exit("a link is odd")
    if words == "breaks":
        raise ValueError("our own mistake")
    if words == "is killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if words == "lasts":
        time.sleep(60)
    if words == "digs":
        here = os.open(".", os.O_RDONLY)
        for _ in range(3000):
            os.mkdir("d")
            os.chdir("d")
        os.fchdir(here)
    if words == "has none":
        print("Nothing to test for: told")
""",
    "conda_build/config.py": """
def get_or_merge_config(config, **settings):
    return settings
""",
    "conda_build/utils.py": """
def insert_variant_versions(requirements, variant, section):
    requirements[section] = [f"{spec} {variant[spec]}" if spec in variant else spec for spec in requirements[section]]
def ensure_valid_spec(spec):
    return spec + ".*" if spec.rpartition(" ")[2].replace(".", "").isdigit() else spec
""",
    "conda_build/api.py": """
class Config:
    variant = {"python": "3.11", "zlib": "1", "groups": ["not plain"]}
    host_subdir = "linux-64"
class MetaData:
    path, noarch, config = "", None, Config
    def __init__(self, is_skipped):
        self.is_skipped = is_skipped
    def skip(self):
        return self.is_skipped
    def name(self):
        return "told"
    def version(self):
        return "1.5"
    def build_id(self):
        return "py311_2"
    def build_number(self):
        return "2"
    def get_used_vars(self):
        return {"python", "groups", "unknown"}
    def get_value(self, name):
        return {
            "requirements/host": ["python", "a >=1"],
            "requirements/run": ["python 3.11"],
            "test/imports": ["told"],
            "test/requires": ["pip", "pytest 8"],
        }.get(name)
    def get_section(self, name):
        return {"url": "https://example.org/told.tar.gz", "sha256": "00", "fn": "told.tgz"}
def render(recipe, *, config, finalize, bypass_env_check):
    from conda_build.cli.main_build import act, words_of
    act(words_of(open(recipe).read()))
    return [(MetaData(False), 0, 0), (MetaData(False), 0, 0), (MetaData(True), 0, 0)]
""",
}


def install_stub(folder: Path) -> Path:
    """Return the path of the command of an installation that is made in an empty folder."""
    venv.create(folder, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    for name, text in _MODULES.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    command = folder / "bin" / "conda-build"
    command.write_text(f"#!{folder}/bin/python\nraise SystemExit('it is imported, not run')\n")
    command.chmod(0o755)
    shutil.rmtree(folder / "include", ignore_errors=True)
    return command
