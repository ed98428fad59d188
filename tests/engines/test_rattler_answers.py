"""What workers answer, as values of the model."""

import pytest

from conda_bridge.engines.places import environment_of, path_of_url
from conda_bridge.engines.rattler_answers import environments_of, outputs_of, results_of, texts_of
from conda_bridge.errors import EngineError
from conda_bridge.model.build import EngineSetting, EnvironmentPackage, EnvironmentRecord
from conda_bridge.model.names import CondaName
from conda_bridge.processes.worker_lines import Json

_RENDERED = """\
recipe:
  package:
    name: x
  build:
    url: not-this-one
finalized_dependencies:
  build: null
  host:
    specs:
    - variant: python
      spec: python 3.11.*
    resolved:
    - build: h1_0
      name: b
      sha256: b0b0
      url: https://user:secret@example.com/t/tk-123/chan/linux-64/b-1-h1_0.conda
      channel: https://example.com/chan/
    - build: h1_0
      name: a
      depends:
      - url: nor-this-one
      - sha256: nor-this
      url: file:///channel/noarch/a-1-h1_0.conda
  run:
    depends:
    - source: c
      url: nor-that-one
finalized_sources:
- url: https://example.com/x.tgz
"""


def test_environments_are_the_resolved_packages_without_secrets() -> None:
    found = environments_of(_RENDERED, CondaName("x"))

    packages = (
        EnvironmentPackage.from_url("file:///channel/noarch/a-1-h1_0.conda"),
        EnvironmentPackage(
            conda_name=CondaName("b"),
            version="1",
            build="h1_0",
            url="https://example.com/chan/linux-64/b-1-h1_0.conda",
            sha256="b0b0",
        ),
    )
    assert found == (EnvironmentRecord(kind="host", package=CondaName("x"), packages=packages),)


def test_only_file_urls_are_paths() -> None:
    assert path_of_url("https://example.com/a") == ""


@pytest.mark.parametrize("needs_network", [True, False])
def test_proxies_are_passed_on_only_for_downloads(
    monkeypatch: pytest.MonkeyPatch, *, needs_network: bool
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:1")
    monkeypatch.setenv("PRIVATE_TOKEN", "secret")
    setting = EngineSetting(channels=(), cache_dir="", needs_network=needs_network)

    passed = dict(environment_of(setting))

    assert ("HTTPS_PROXY" in passed) == needs_network
    assert "PRIVATE_TOKEN" not in passed


_OUTPUT: dict[str, Json] = {
    **dict.fromkeys(("conda_name", "version", "build", "subdir"), "x"),
    **{key: [] for key in ("build_specs", "host_specs", "run_specs", "test_specs", "sources")},
    "build_number": 0,
    "noarch": "",
    "variant": [["python", "3.11"]],
}


def test_rendered_output_is_read() -> None:
    (output,) = outputs_of({"outputs": [_OUTPUT]})

    assert (output.conda_name, output.variant) == ("x", (("python", "3.11"),))


@pytest.mark.parametrize(
    "change",
    [
        {"version": 5},
        {"version": None},
        {"version": "1\0"},
        {"build_number": "1"},
        {"build_number": True},
        {"noarch": "elsewhere"},
        {"variant": [["python"]]},
        {"variant": {"python": "3.11"}},
        {"host_specs": "python"},
        {"host_specs": [["python"]]},
        {"sources": ["https://example.com"]},
        {"sources": None},
    ],
)
def test_answer_of_another_form_is_a_crash_of_the_engine(change: dict[str, Json]) -> None:
    with pytest.raises(EngineError) as caught:
        outputs_of({"outputs": [{**_OUTPUT, **change}]})

    assert caught.value.slug == "engine-crashed"


def test_answer_without_what_was_asked_for_is_a_crash_of_the_engine() -> None:
    with pytest.raises(EngineError):
        texts_of({}, "packages")
    with pytest.raises(EngineError):
        results_of({"results": [{"index": 0, "is_passed": "yes", "output": []}]})
