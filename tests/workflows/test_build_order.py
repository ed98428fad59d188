from conda_bridge.workflows.building.order import Edge, order_of


def test_given_order_is_kept_where_nothing_speaks_against_it() -> None:
    assert order_of(["c", "a", "b"], []).names == ("c", "a", "b")


def test_needs_come_first() -> None:
    order = order_of(["a", "b", "c"], [Edge(before="c", after="a"), Edge(before="b", after="c")])

    assert order.names == ("b", "c", "a")
    assert order.needs == {"a": ("c",), "b": (), "c": ("b",)}


def test_need_that_is_not_vital_gives_way_in_a_circle() -> None:
    edges = [Edge(before="a", after="b", is_vital=False), Edge(before="b", after="a")]

    order = order_of(["a", "b"], edges)

    assert (order.names, order.circles) == (("b", "a"), ())


def test_circle_of_vital_needs_is_told_once_from_its_first_name() -> None:
    edges = [Edge(before="b", after="a"), Edge(before="c", after="b"), Edge(before="a", after="c")]

    order = order_of(["a", "b", "c"], edges)

    assert order.circles == (("a", "b", "c"),)
    assert set(order.names) == {"a", "b", "c"}


def test_need_of_oneself_is_none() -> None:
    assert order_of(["a"], [Edge(before="a", after="a")]).circles == ()
