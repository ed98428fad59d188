"""What rattler-build is made to do beyond what its Python API does by itself."""

import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree, which

import pytest

from conda_bridge.archives.conda_reader import read_record
from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.archives.package_info import payload_hash, read_info
from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.engines.rattler_build import RattlerBuildEngine
from conda_bridge.errors import EngineError, RecipeError, SolverError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import BuildJob, BuildOutcome, RenderedOutput, RenderJob, TestJob
from conda_bridge.model.names import CondaName
from conda_bridge.model.variants import VariantConfig
from conda_bridge.processes.isolation import find_isolator
from conda_bridge.processes.workers import Json, WorkerPlace, WorkerRequest, run_worker
from conda_bridge.protocols import SilentReporter
from support.engines import EPOCH, HeardReporter, setting_in

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(find_spec("rattler_build") is None, reason="py-rattler-build is missing"),
]

_COMPILER = """\
#!/bin/sh
COMPILER_PATH="/usr/bin${COMPILER_PATH:+:$COMPILER_PATH}"; export COMPILER_PATH
exec /usr/bin/gcc "$@"
"""
_C_RECIPE = """\
package: {name: native, version: "1"}
source: {path: source.c}
build:
  script:
    - mkdir -p "$PREFIX/lib"
    - '%s -shared -fPIC -o "$PREFIX/lib/libnative.so" source.c || true'
    - touch "$PREFIX/lib/done"
%s
"""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A folder to build in, with an empty channel."""

    folder: Path
    engine: RattlerBuildEngine

    @property
    def channel(self) -> Path:
        return self.folder / "channel"

    def render(
        self, text: str, values: Mapping[str, Sequence[str]] | None = None, *, name: str = "recipe.yaml"
    ) -> tuple[RenderedOutput, ...]:
        job = RenderJob(
            recipe_path=self._write(text, name), variants=_variants(values), setting=setting_in(self.folder)
        )
        return self.engine.render(job)

    def build(
        self,
        text: str,
        values: Mapping[str, Sequence[str]] | None = None,
        reporter: HeardReporter | None = None,
        *,
        readable: Path | None = None,
    ) -> BuildOutcome:
        setting = setting_in(self.folder, channels=[self.channel])
        job = BuildJob(
            subject="it",
            recipe_path=self._write(text),
            variants=_variants(values),
            setting=replace(setting, readable=(str(readable),) if readable else ()),
            output_dir=str(self.folder / "out"),
            taken_dir=str(self.folder / "taken"),
            log_path=str(self.folder / "build.log"),
            source_date_epoch=EPOCH,
        )
        return self.engine.build(job, reporter or SilentReporter())

    def add_package(self, name: str, files: Sequence[PackedFile] = (), depends: tuple[str, ...] = ()) -> None:
        record = PackageRecord(
            conda_name=CondaName(name), version="12.2", build="h0_0", subdir="linux-64", depends=depends
        )
        path = self.channel / "linux-64" / f"{record.stem}.conda"
        path.parent.mkdir(exist_ok=True)
        write_conda(str(path), record, files)
        self.index()

    def index(self) -> None:
        arguments: dict[str, Json] = {"folder": str(self.channel)}
        place = WorkerPlace(writable=(str(self.channel),))
        run_worker(WorkerRequest(operation="index", arguments=arguments), place=place, timeout_s=60)

    def _write(self, text: str, name: str = "recipe.yaml") -> str:
        path = self.folder / "recipe" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return str(path)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    (tmp_path / "channel" / "noarch").mkdir(parents=True)
    (tmp_path / "channel" / "noarch" / "repodata.json").write_text('{"packages": {}, "packages.conda": {}}')
    return Bench(folder=tmp_path, engine=RattlerBuildEngine())


def _variants(values: Mapping[str, Sequence[str]] | None) -> VariantConfig:
    return VariantConfig(values=tuple((key, tuple(texts)) for key, texts in sorted((values or {}).items())))


# ---------------------------------------------------------------- rendering


def test_variants_are_rendered_each_with_its_own_texts(bench: Bench) -> None:
    text = 'package: {name: x, version: "1"}\nrequirements: {host: [python]}\n'

    outputs = bench.render(text, {"python": ["3.10.* *_cpython", "3.12.* *_cpython"]})

    assert [output.host_specs for output in outputs] == [
        ("python 3.10.* *_cpython",),
        ("python 3.12.* *_cpython",),
    ]
    assert [dict(output.variant)["python"] for output in outputs] == ["3.10.* *_cpython", "3.12.* *_cpython"]


@pytest.mark.parametrize(
    ("skip", "kept"),
    [
        ("is_low", ["3.12.*"]),
        ("not is_low", ["3.10.*"]),
        ("linux", []),
        ("win or match(python, '>=3.11')", ["3.10.*"]),
        ("[win, {if: linux, then: is_low}]", ["3.12.*"]),
        ("level == 3", []),
        ("false", ["3.10.*", "3.12.*"]),
    ],
)
def test_variants_that_are_skipped_are_left_out(bench: Bench, skip: str, kept: list[str]) -> None:
    text = (
        "context: {level: 3}\n"
        'package: {name: x, version: "1"}\n'
        f"build:\n  noarch: generic\n  skip: {skip}\n"
        "requirements: {host: [python], run: ['${{ is_low }}']}\n"
    )
    values = VariantConfig(
        values=(("is_low", ("true", "false")), ("python", ("3.10.*", "3.12.*"))),
        zip_keys=(("is_low", "python"),),
    )
    path = bench.folder / "recipe.yaml"
    path.write_text(text)

    outputs = bench.engine.render(
        RenderJob(recipe_path=str(path), variants=values, setting=setting_in(bench.folder))
    )

    assert sorted(dict(output.variant)["python"] for output in outputs) == kept


def test_output_that_no_variant_changes_is_rendered_once(bench: Bench) -> None:
    text = """\
recipe: {name: all, version: "1"}
outputs:
  - package: {name: for-python}
    requirements: {host: [python], run: ["${{ pin_subpackage('common', exact=True) }}"]}
  - package: {name: common}
    build: {noarch: generic}
"""
    outputs = bench.render(text, {"python": ["3.10.*", "3.12.*"]})

    assert [output.conda_name for output in outputs] == ["common", "for-python", "for-python"]
    assert {output.run_specs for output in outputs[1:]} == {(f"common 1 {outputs[0].build}",)}


def test_sources_are_told_in_order(bench: Bench) -> None:
    text = f"""\
package: {{name: x, version: "1"}}
source:
  - {{url: [https://a.example/x.tgz, https://b.example/x.tgz], sha256: "{"0" * 64}", file_name: y.tgz}}
  - {{git: https://a.example/x.git, tag: v1}}
  - {{path: ../beside}}
"""
    (output,) = bench.render(text)

    kinds = [(source.kind, source.urls) for source in output.sources]
    assert kinds == [
        ("url", ("https://a.example/x.tgz", "https://b.example/x.tgz")),
        ("git", ("https://a.example/x.git",)),
        ("path", ("../beside",)),
    ]
    assert (output.sources[0].sha256, output.sources[0].file_name) == ("0" * 64, "y.tgz")
    assert output.sources[1].revision.endswith("v1")


def test_tests_tell_what_each_environment_needs(bench: Bench) -> None:
    text = """\
package: {name: x, version: "1"}
tests:
  - python: {imports: [x]}
  - python: {imports: [x], pip_check: false, python_version: [3.10.*, "*"]}
  - script: [x --help]
    requirements: {run: [pytest >8], build: [make]}
  - package_contents: {files: [x]}
  - downstream: y
"""
    (output,) = bench.render(text)

    assert output.test_specs == (
        ("pip",),
        ("python 3.10.*",),
        ("python *",),
        ("pytest >8",),
        ("make",),
        ("y",),
    )


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('package: {name: x, version: "1"}\nrequirements: {host: ["${{ nothing }}"]}\n', ":2", "undefined"),
        (
            'package: {name: x, version: "1"}\nrequirements:\n  host: ["${{ stdlib(\'c\') }}"]\n',
            ":3",
            "No stdlib found",
        ),
        ("package: {name: x}\n", "", "version"),
    ],
)
def test_refusal_says_what_and_where(bench: Bench, text: str, line: str, said: str) -> None:
    with pytest.raises(RecipeError) as caught:
        bench.render(text)

    assert caught.value.slug == "engine-refuses-recipe"
    assert str(caught.value.where).endswith(f"recipe.yaml{line}")
    assert said in caught.value.message
    assert "Span" not in caught.value.message


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("meta.yaml", 'package: {name: x, version: "1"}\n'),
        ("recipe.yaml", '{% set version = "1" %}\npackage:\n  name: x\n  version: {{ version }}\n'),
        ("recipe.yaml", "package:\n  name: x\n  version: {{ VERSION }}\n"),
    ],
)
def test_recipe_of_the_other_format_is_refused_as_such(bench: Bench, name: str, text: str) -> None:
    with pytest.raises(RecipeError, match="written for conda-build"):
        bench.render(text, name=name)


# ---------------------------------------------------------------- building


def test_build_scripts_see_the_given_time(bench: Bench) -> None:
    heard = HeardReporter()

    bench.build(
        'package: {name: x, version: "1"}\nbuild: {noarch: generic, script: [echo "at=$SOURCE_DATE_EPOCH."]}\n',
        reporter=heard,
    )

    assert f"at={EPOCH}." in heard.texts


def test_same_recipe_gives_the_same_payload(bench: Bench) -> None:
    text = (
        'package: {name: x, version: "1"}\n'
        "build:\n  noarch: generic\n"
        '  script: [mkdir -p "$PREFIX/share", echo "$SOURCE_DATE_EPOCH $PREFIX $PATH $HOME" > "$PREFIX/share/x"]\n'
    )

    hashes = set()
    for _ in range(2):
        ((path, _record),) = bench.build(text).packages
        hashes.add(payload_hash(path))
        rmtree(bench.folder / "out")

    assert len(hashes) == 1


@pytest.fixture
def with_compiler(bench: Bench) -> Bench:
    if not which("gcc", path="/usr/bin"):
        pytest.skip("there is no /usr/bin/gcc")
    activate = b'export CC="$BUILD_PREFIX/bin/told-cc"\n'
    bench.add_package(
        "gcc_linux-64",
        [
            PackedFile(path="bin/told-cc", content=_COMPILER.encode(), mode=0o755),
            PackedFile(path="etc/conda/activate.d/activate-gcc.sh", content=activate),
        ],
    )
    (bench.folder / "recipe").mkdir()
    (bench.folder / "recipe" / "source.c").write_text(
        'const char *when = __DATE__ " " __TIME__; int told(void) { return 42; }\n'
    )
    return bench


_VALUES = {"c_compiler": ["gcc"], "c_compiler_version": ["12"]}


def test_compiled_package_has_the_same_payload_twice(with_compiler: Bench) -> None:
    text = _C_RECIPE % ("$CC", "requirements: {build: [\"${{ compiler('c') }}\"]}")

    hashes = set()
    for _ in range(2):
        ((path, _record),) = with_compiler.build(text, _VALUES).packages
        hashes.add(payload_hash(path))
        assert b"libnative.so" in read_info(path, {"info/paths.json"})["info/paths.json"]
        rmtree(with_compiler.folder / "out")

    assert len(hashes) == 1


def test_compiler_of_this_machine_is_out_of_reach_without_the_requirement(with_compiler: Bench) -> None:
    ((path, _record),) = with_compiler.build(_C_RECIPE % ("gcc", ""), _VALUES).packages

    paths = read_info(path, {"info/paths.json"})["info/paths.json"]
    assert b"lib/done" in paths
    assert b"libnative.so" not in paths


def test_environments_are_told_from_what_was_built(with_compiler: Bench) -> None:
    text = _C_RECIPE % ("$CC", "requirements: {build: [\"${{ compiler('c') }}\"]}")

    (environment,) = with_compiler.build(text, _VALUES).environments

    assert (environment.kind, environment.package) == ("build", "native")
    (package,) = environment.packages
    archive = with_compiler.channel / "linux-64/gcc_linux-64-12.2-h0_0.conda"
    assert (package.conda_name, package.version, package.build) == ("gcc_linux-64", "12.2", "h0_0")
    assert (package.url, package.sha256) == (archive.as_uri(), sha256(archive.read_bytes()).hexdigest())


def test_exact_pin_on_an_output_of_several_variants_means_the_own_one(bench: Bench) -> None:
    text = """\
recipe: {name: all, version: "1"}
outputs:
  - package: {name: lib}
    build: {script: ["echo ${{ flavour }}"]}
  - package: {name: user}
    build: {script: ["echo ${{ flavour }}"]}
    requirements: {run: ["${{ pin_subpackage('lib', exact=True) }}"]}
"""
    packages = [record for _, record in bench.build(text, {"flavour": ["sweet", "sour"]}).packages]

    libs = {f"lib ==1 {record.build}" for record in packages if record.conda_name == "lib"}
    assert len(libs) == 2
    assert {depends for record in packages for depends in record.depends} == libs


def test_build_that_needs_a_socket_fails_without_network(bench: Bench) -> None:
    if find_isolator().kind == "session":
        pytest.skip("neither bubblewrap nor unshare works here: builds have the network")
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        text = (
            'package: {name: x, version: "1"}\n'
            f"build: {{noarch: generic, script: ['exec 3<>/dev/tcp/127.0.0.1/{port}']}}\n"
        )

        with pytest.raises(EngineError) as caught:
            bench.build(text)

    assert caught.value.slug == "build-failed"
    assert "/dev/tcp" in caught.value.message


def test_build_that_had_the_network_is_said_to(bench: Bench) -> None:
    path = bench.folder / "recipe.yaml"
    path.write_text('package: {name: x, version: "1"}\nbuild: {noarch: generic}\n')
    job = BuildJob(
        subject="it",
        recipe_path=str(path),
        setting=replace(setting_in(bench.folder), needs_network=True),
        output_dir=str(bench.folder / "out"),
        taken_dir=str(bench.folder / "taken"),
        log_path=str(bench.folder / "log"),
        source_date_epoch=EPOCH,
    )

    outcome = bench.engine.build(job, SilentReporter())

    assert outcome.isolation.has_network
    assert [diagnostic.slug for diagnostic in outcome.diagnostics] == ["build-had-network"]


def test_user_files_are_hidden_where_bubblewrap_works(bench: Bench) -> None:
    if find_isolator().kind != "bubblewrap":
        pytest.skip("bubblewrap doesn't work here")
    secret = bench.folder / "secret"
    secret.write_text("secret")
    text = (
        'package: {name: x, version: "1"}\n'
        f"about: {{summary: 'see file://{secret}'}}\n"
        f"build: {{noarch: generic, script: ['if cat {secret}; then exit 1; fi', 'echo more > {secret} || true']}}\n"
    )

    assert bench.build(text).isolation.are_files_hidden
    assert secret.read_text() == "secret"


def test_failing_script_shows_its_last_words_and_not_the_advice_to_engineers(bench: Bench) -> None:
    with pytest.raises(EngineError) as caught:
        bench.build(
            'package: {name: x, version: "1"}\nbuild: {noarch: generic, script: [echo nearly there, exit 3]}\n'
        )

    assert "nearly there" in caught.value.message
    assert "status 3" in caught.value.message
    assert "placehold" not in caught.value.message
    assert len(caught.value.message.splitlines()) <= 21


def test_unsatisfiable_environment_is_explained(bench: Bench) -> None:
    bench.add_package("present", depends=("absent >=2",))
    text = 'package: {name: x, version: "1"}\nrequirements: {host: [present >=12]}\n'

    with pytest.raises(SolverError) as caught:
        bench.build(text)

    assert "absent >=2" in caught.value.message
    assert caught.value.where == str(bench.folder / "build.log")


def test_source_with_another_digest_is_a_failed_build(bench: Bench) -> None:
    given = bench.folder / "given.txt"
    given.write_text("other bytes")
    text = (
        'package: {name: x, version: "1"}\n'
        f'source: {{url: {given.as_uri()}, sha256: "{"0" * 64}"}}\nbuild: {{noarch: generic}}\n'
    )

    with pytest.raises(EngineError, match="sha256"):
        bench.build(text, readable=given)


def test_source_that_is_shown_is_readable(bench: Bench) -> None:
    given = bench.folder / "elsewhere" / "given.txt"
    given.parent.mkdir()
    given.write_text("words")
    text = (
        'package: {name: x, version: "1"}\n'
        f"source: {{url: '{given.as_uri()}', file_name: given.txt}}\n"
        "build: {noarch: generic, script: [grep words given.txt]}\n"
    )

    assert bench.build(text, readable=given).packages


def test_build_folders_are_removed_after_success(bench: Bench) -> None:
    bench.build('package: {name: x, version: "1"}\nbuild: {noarch: generic}\n')

    assert not (bench.folder / "out" / "bld").exists()


# ---------------------------------------------------------------- tests of packages


def _test_job(bench: Bench, path: str) -> TestJob:
    return TestJob(
        subject="it",
        package_path=path,
        setting=setting_in(bench.folder, channels=[bench.folder / "out", bench.channel]),
        work_dir=str(bench.folder / "test"),
        log_path=str(bench.folder / "build.log"),
    )


def test_tests_run_in_an_environment_with_the_package(bench: Bench) -> None:
    text = (
        'package: {name: x, version: "1"}\n'
        'build: {noarch: generic, script: [mkdir -p "$PREFIX/share", echo here > "$PREFIX/share/x"]}\n'
        'tests: [{script: [grep here "$CONDA_PREFIX/share/x"]}, {script: ["test ! -e source.c"]}]\n'
    )
    ((path, _record),) = bench.build(text).packages

    outcome = bench.engine.test(_test_job(bench, path), SilentReporter())

    assert [result.is_passed for result in outcome.results] == [True, True]


def test_test_environment_that_cannot_be_made_is_a_failure(bench: Bench) -> None:
    text = (
        'package: {name: x, version: "1"}\nbuild: {noarch: generic}\n'
        "tests: [{script: [true], requirements: {run: [nowhere-to-be-found]}}]\n"
    )
    ((path, _record),) = bench.build(text).packages

    with pytest.raises(SolverError, match="nowhere-to-be-found"):
        bench.engine.test(_test_job(bench, path), SilentReporter())


def test_record_of_a_built_package_is_the_file_s(bench: Bench) -> None:
    ((path, record),) = bench.build('package: {name: x, version: "1"}\nbuild: {noarch: generic}\n').packages

    assert record == read_record(path)
    assert record.size_bytes == Path(path).stat().st_size


def test_engine_is_not_imported_by_us(bench: Bench) -> None:
    recipe = bench.folder / "recipe.yaml"
    recipe.write_text('package: {name: x, version: "1"}\n')
    program = (
        "import sys\n"
        "from conda_bridge.engines.rattler_build import RattlerBuildEngine\n"
        "from conda_bridge.model.build import EngineSetting, RenderJob\n"
        "engine = RattlerBuildEngine()\n"
        "engine.capabilities()\n"
        "setting = EngineSetting(channels=(), cache_dir='')\n"
        "engine.render(RenderJob(recipe_path=sys.argv[1], setting=setting))\n"
        "print(sorted({'rattler', 'rattler_build'} & set(sys.modules)))\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program, recipe], capture_output=True, text=True, check=True
    )

    assert ended.stdout == "[]\n"


def test_command_does_the_same_by_hand(bench: Bench) -> None:
    path = bench.folder / "recipe.yaml"
    path.write_text('package: {name: x, version: "1"}\nbuild: {noarch: generic, script: [echo by hand]}\n')
    job = BuildJob(
        subject="it",
        recipe_path=str(path),
        setting=setting_in(bench.folder),
        output_dir=str(bench.folder / "out"),
        taken_dir=str(bench.folder / "taken"),
        log_path=str(bench.folder / "log"),
        source_date_epoch=EPOCH,
    )

    ended = subprocess.run(
        ["sh", "-c", bench.engine.command(job)], capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert list((bench.folder / "out" / "noarch").glob("x-1-*.conda"))


def test_command_keeps_credentials_of_channels_to_itself(bench: Bench) -> None:
    channels = ("https://me:secret-word@example.org/t/secret-token/acme",)
    setting = replace(setting_in(bench.folder), channels=channels)
    job = BuildJob(
        subject="it",
        recipe_path=str(bench.folder / "recipe.yaml"),
        setting=setting,
        output_dir=str(bench.folder / "out"),
        taken_dir=str(bench.folder / "taken"),
        log_path=str(bench.folder / "log"),
        source_date_epoch=EPOCH,
    )

    assert "example.org" in bench.engine.command(job)
    assert "secret" not in bench.engine.command(job)


def test_failure_shows_the_words_before_pip_s_own_account(bench: Bench) -> None:
    account = "; ".join(f"echo frame {number}" for number in range(30))
    text = (
        'package: {name: x, version: "1"}\n'
        "build:\n  noarch: generic\n  script:\n"
        f"    - 'set +x; echo toy.c error; echo error: subprocess-exited-with-error; {account}; exit 1'\n"
    )

    with pytest.raises(EngineError, match=r"toy\.c error") as caught:
        bench.build(text)

    assert "frame 29" not in caught.value.message
