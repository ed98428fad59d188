"""Lines that other rules contribute to a section."""

from conda_bridge.infer.contributions import Contribution, needs_of, with_contributions
from conda_bridge.model.condition import ALWAYS, Condition, os_in
from conda_bridge.model.evidence import Certainty, Inferred
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import MatchSpec, Requirement, Section, Spec

NAME = CondaName("demo")
EMPTY: Inferred[tuple[Requirement, ...]] = Inferred(value=())
ZLIB = MatchSpec(conda_name=CondaName("zlib"))


def contribution(spec: Spec = ZLIB, condition: Condition = ALWAYS, section: Section = "host") -> Contribution:
    return Contribution(
        section=section,
        spec=spec,
        condition=condition,
        certainty=Certainty.DERIVED,
        origins=("a.c:1",),
        rule="libraries",
    )


def test_a_contribution_becomes_a_line_with_its_own_rule() -> None:
    section = with_contributions(EMPTY, [contribution()], (NAME, "host"))
    assert section.value == (Requirement(spec=ZLIB),)
    (evidence,) = section.evidence
    assert (evidence.address, evidence.rule, evidence.origins) == (
        "demo/requirements.host/zlib",
        "libraries",
        ("a.c:1",),
    )


def test_one_for_another_section_is_left_alone() -> None:
    section = with_contributions(EMPTY, [contribution(section="run")], (NAME, "host"))
    assert section.value == ()
    assert section.evidence == ()


def test_a_package_that_the_section_has_keeps_its_line_and_gains_a_reason() -> None:
    own = Requirement(spec=MatchSpec(conda_name=CondaName("zlib"), version=">=1.2"))
    section = with_contributions(Inferred(value=(own,)), [contribution()], (NAME, "host"))
    assert section.value == (own,)
    assert len(section.evidence) == 1


def test_two_of_one_spec_are_one_line_wherever_either_holds() -> None:
    two = [contribution(condition=os_in({"linux"})), contribution(condition=os_in({"osx"}))]
    section = with_contributions(EMPTY, two, (NAME, "host"))
    assert section.value == (Requirement(spec=ZLIB, condition=os_in({"linux", "osx"})),)


def test_a_package_without_bounds_gains_those_of_a_contribution() -> None:
    bounded = MatchSpec(conda_name=CondaName("zlib"), version=">=1.2")

    section = with_contributions(
        Inferred(value=(Requirement(spec=ZLIB),)), [contribution(bounded)], (NAME, "host")
    )

    assert section.value == (Requirement(spec=bounded),)


def test_bounds_under_a_narrower_condition_are_a_line_of_their_own() -> None:
    bounded = MatchSpec(conda_name=CondaName("zlib"), version=">=1.2")
    own, there = Requirement(spec=ZLIB), os_in({"win"})

    section = with_contributions(
        Inferred(value=(own,)), [contribution(bounded, there), contribution(condition=there)], (NAME, "host")
    )

    assert section.value == (own, Requirement(spec=bounded, condition=there))


def test_a_package_that_the_section_has_somewhere_is_there_wherever_either_holds() -> None:
    own = Requirement(spec=ZLIB, condition=os_in({"win"}))

    section = with_contributions(Inferred(value=(own,)), [contribution()], (NAME, "host"))

    assert section.value == (Requirement(spec=ZLIB),)


def test_other_bounds_elsewhere_are_a_line_of_their_own() -> None:
    own = Requirement(spec=MatchSpec(conda_name=CondaName("zlib"), version=">=1"), condition=os_in({"win"}))

    section = with_contributions(
        Inferred(value=(own,)), [contribution(condition=os_in({"osx"}))], (NAME, "host")
    )

    assert section.value == (own, Requirement(spec=ZLIB, condition=os_in({"osx"})))


def test_what_host_and_run_gain_tells_where_a_package_can_be() -> None:
    names = [contribution(section=section) for section in ("build", "host", "run")]
    assert [need.conda_name for need in needs_of(names)] == ["zlib", "zlib"]
