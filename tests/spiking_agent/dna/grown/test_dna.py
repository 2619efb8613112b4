"""Grown DNA: its gene table, the ports that it takes, and what a run needs of it."""

import json
import tracemalloc
from dataclasses import replace

import numpy as np
import numpy.testing as npt
import pytest
from oriented_plan import ORIENTED
from random_plans import genomes_of, grown

import snake_env  # noqa: F401  (registers Snake)
from spiking_agent.brain.sheets.rules import Map
from spiking_agent.dna.gene_table import GeneTable
from spiking_agent.dna.grown.costs import count_strengths, count_synapses
from spiking_agent.dna.grown.dna import Grown, GrownParams
from spiking_agent.dna.grown.parts import GrowthRule, Layer
from spiking_agent.dna.grown.plan import Plan
from spiking_agent.dna.grown.plans import PLANS
from spiking_agent.dna.ports import Ports
from spiking_agent.dna.registry import DNA_KINDS
from spiking_agent.evolution.problem import Problem
from spiking_agent.evolution.settings.config import EvolutionConfig

BOARD = Ports(n_inputs=301, n_outputs=4, constant=(300,), grid=(3, 10, 10))


def test_grown_is_a_kind_of_dna_with_a_plan_by_name_or_as_data() -> None:
    assert DNA_KINDS.find("grown") is Grown
    by_name = Grown(GrownParams(plan="snake-small"), BOARD)
    as_data = Grown(GrownParams(plan=PLANS["snake-small"].to_json()), BOARD)
    assert by_name.plan == as_data.plan
    assert by_name.genes.names == as_data.genes.names
    with pytest.raises(
        ValueError, match="plan must be one of snake, snake-small, snake-wave, player, got 'worm'"
    ):
        GrownParams(plan="worm")


def test_first_genomes_are_drawn_about_the_centers_of_genes() -> None:
    dna = Grown(GrownParams(), BOARD)
    genomes = dna.genes.draw(2000, np.random.default_rng(0))
    dna.genes.check(genomes)
    assert genomes.dtype == np.float32
    is_strength = np.array([" > " in name for name in dna.genes.names])
    strengths = genomes[:, is_strength]
    npt.assert_allclose([strengths.mean(), strengths.std()], [0.0, 1.0], atol=0.01)
    threshold = genomes[:, dna.genes.names.index("W threshold")]
    assert 25 < np.median(threshold) < 31
    assert threshold.min() == 0.0
    npt.assert_array_equal(genomes, dna.genes.draw(2000, np.random.default_rng(0)))


@pytest.mark.parametrize("name", PLANS)
def test_each_gene_has_a_name_of_its_own_and_lies_between_groups(name: str) -> None:
    dna = Grown(GrownParams(plan=name), BOARD)
    table = dna.genes
    assert len(set(table.names)) == table.n_genes
    assert table.name(0) == table.names[0]
    groups = [group.name for group in dna.layout.groups]
    for gene, called in enumerate(table.names):
        source, target = groups[table.source[gene]], groups[table.target[gene]]
        if " > " not in called:
            assert source == target
            assert called == "axis" or target.split()[0] == called.split()[0]
        else:
            expected = called.replace("wall", "always").split(" > ")
            assert source.split()[0] == expected[0].split()[0]
            assert target.split()[0] == expected[1].split(",")[0].split()[0]


def test_names_of_genes_say_what_they_are_for() -> None:
    names = {
        name
        for plan in ("snake", ORIENTED.to_json())
        for name in Grown(GrownParams(plan=plan), BOARD).genes.names
    }
    for name in (
        "head > W, radial at 1.41",
        "wall > D, kernel (-2, +0)",
        "body > D after 2 moves, kernel (+0, +1)",
        "food > D, far up left",
        "length 3 > D right, map row parity where rows are odd",
        "hungry > W, bias strength",
        "Z 2 > D turned 90, kernel (+0, +0)",
        "Z 4 decay",
    ):
        assert name in names


def test_a_table_refuses_more_or_fewer_names_than_genes() -> None:
    table = Grown(GrownParams(plan="snake-small"), BOARD).genes
    with pytest.raises(ValueError, match="names must be 447, as genes, got 1"):
        replace(table, names=("a",))
    assert isinstance(table, GeneTable)
    with pytest.raises(IndexError, match="gene must be below 447"):
        table.name(447)


def test_the_names_of_a_part_say_which_genes_of_the_plan_are_awake() -> None:
    dna = Grown(GrownParams(), BOARD, "snake-small")
    asleep = {dna.genes.name(gene) for gene in dna.asleep}
    assert {"finer length 1 > W, bias strength", "body > D, kernel (-3, +0)"} < asleep
    assert asleep.isdisjoint({"wall > D, kernel (-2, +0)", "always > D up, map top", "W decay"})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_ticks": 28}, "part must have the n_ticks of the plan, 14, got 28"),
        ({"unit": 14.0}, r"part must have the unit of the plan, 28.0, got 14.0"),
        ({"axis": "fixed"}, "part must have the axis of the plan, 'gene', got 'fixed'"),
        ({"turns": (2, 3, 0, 1)}, "part must have the turns of the plan"),
        ({"turns": (), "axis": "fixed"}, "part must have the turns of the plan"),
    ],
)
def test_a_part_in_which_the_same_genes_mean_something_else_is_refused(change, message) -> None:
    part = replace(PLANS["snake-small"], **change)
    with pytest.raises(ValueError, match=message):
        Grown(GrownParams(), BOARD, part.to_json())


def test_a_part_whose_sheets_are_mirrored_where_those_of_the_plan_are_not_is_refused() -> None:
    whole = replace(PLANS["snake"], turns=(), axis="fixed")
    at = next(k for k, layer in enumerate(whole.layers) if layer.name == "W")
    mirrored = replace(whole.layers[at], copies=2, is_mirrored=True)
    part = replace(whole, layers=(*whole.layers[:at], mirrored, *whole.layers[at + 1 :]))
    with pytest.raises(ValueError, match=f"part must have a layer '{mirrored.name}' that is mirr"):
        Grown(GrownParams(plan=whole.to_json()), BOARD, part.to_json())


def test_a_wall_that_many_cells_hear_is_summed_up_in_pieces() -> None:
    plan = Plan(
        channels=("seen",),
        actions=("stay",),
        outputs="move",
        n_ticks=3,
        layers=(
            Layer(name="A", is_sheet=True, threshold=1.0),
            Layer(name="move", is_oriented=True, threshold=0.5),
        ),
        rules=(
            GrowthRule(kind="kernel", source="wall", target="A", size=5),
            GrowthRule(kind="sum", source="A", target="move", strength=1),
        ),
    )
    dna = grown(plan, (31, 70))  # 2,170 cells
    genomes = genomes_of(dna, 2, seed=5)
    (laid,) = (rule for rule in dna.grow(genomes).rules if isinstance(rule, Map))
    kernel = np.clip(np.rint(genomes * plan.unit), -127, 127).reshape(2, 5, 5)
    ring = np.pad(np.pad(np.zeros((31, 70)), 1, constant_values=1), 1)
    expected = sum(
        kernel[:, i, j, None, None] * ring[i : i + 31, j : j + 70]
        for i in range(5)
        for j in range(5)
    )
    npt.assert_array_equal(laid.strength, expected)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"grid": None}, 'observations must be grids .* take encoder="grid"'),
        ({"n_outputs": 3}, "actions must be 4 for this plan, up, right, down, left, got 3"),
        ({"grid": (4, 5, 15)}, "channels must be 3 for this plan, body, head, food, got 4"),
    ],
)
def test_ports_of_another_environment_are_refused(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Grown(GrownParams(), replace(BOARD, **change))


@pytest.mark.parametrize(
    "change",
    [{"grid": (3, 10)}, {"grid": (3, 10, 11)}, {"constant": ()}, {"grid": (0, 10, 10)}],
)
def test_a_grid_has_to_fit_the_other_inputs(change: dict) -> None:
    with pytest.raises(ValueError, match="grid"):
        replace(BOARD, **change)


def test_inputs_are_checked_without_a_list_of_all_of_them() -> None:
    tracemalloc.start()
    Ports(n_inputs=10**6 + 1, n_outputs=4, constant=(10**6,), grid=(1, 1000, 1000))
    _, n_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert n_bytes < 10**6
    with pytest.raises(ValueError, match="constant must name inputs, 0 to 4, each once"):
        Ports(n_inputs=5, n_outputs=4, constant=(5,))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (5, "shape must be a tuple or a list of at least 2, got 5"),
        ((3, 4, 5), "shape must have at most 2 items, got 3"),
        ((3, "x"), r"shape\[1\] must be a whole number >= 1, got 'x'"),
        ((10_000, 10_000), "neurons of a grown brain must be at most 1,048,576"),
    ],
)
def test_another_grid_has_two_sides_on_which_brains_can_grow(shape, message) -> None:
    with pytest.raises(ValueError, match=message):
        Grown(GrownParams(), BOARD).on(shape)


def test_only_genomes_of_its_table_grow() -> None:
    dna = Grown(GrownParams(), BOARD)
    genomes = dna.genes.draw(3, np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"genomes must have shape \(n, \d+\), got \(3, 5\)"):
        dna.grow(genomes[:, :5])
    with pytest.raises(TypeError, match="genomes must be a ndarray, got "):
        dna.grow(genomes.tolist())
    genomes[1] = np.nan
    with pytest.raises(ValueError, match=r"must lie in .* got nan in genome 1"):
        dna.grow(genomes)


def test_costs_are_refused_before_anything_grows() -> None:
    dna = Grown(GrownParams(), BOARD)
    dna.check_costs(400, 14)
    with pytest.raises(ValueError, match="n_ticks must be 14, as the plan says"):
        dna.check_costs(400, 12)
    with pytest.raises(ValueError, match=r"population_size must be at most 38,\d{3} for brains"):
        dna.check_costs(100_000, 14)
    with pytest.raises(ValueError, match="neurons of a grown brain must be at most"):
        dna.on((400, 400))
    with pytest.raises(ValueError, match="synapses of a grown brain must be at most"):
        dna.on((60, 60))


def test_what_is_counted_before_growth_is_what_grows() -> None:
    for name in PLANS:
        dna = Grown(GrownParams(plan=name), BOARD).on((4, 6))
        genomes = np.full((1, dna.genes.n_genes), 1.0, np.float32)
        tissue = dna.grow(genomes)
        n_strengths = sum(rule.strength[0].size for rule in tissue.rules)
        assert n_strengths <= count_strengths(dna.layout, (4, 6))
        pieces = [p for rule in tissue.rules for p in rule.spread(tissue.shape)]
        n_laid = sum(len(sources) for sources, _, _ in pieces)
        n_wall = 4 * 24 * (len([r for r in dna.plan.rules if r.source == "wall"]))
        assert n_laid <= count_synapses(dna.layout, (4, 6)) <= n_laid + 6 * n_wall


@pytest.mark.parametrize("plan", ["snake-small", PLANS["snake-small"].to_json()])
def test_settings_of_a_run_may_name_a_plan_or_hold_it(plan: str | dict) -> None:
    settings = {"encoder": "grid", "dna": "grown", "plan": plan, "n_ticks": 14}
    config = EvolutionConfig.of(
        "Snake-v0", env_kwargs={"observation": "planes", "n_rows": 6, "n_cols": 7}, **settings
    )
    read = EvolutionConfig.from_json(json.loads(json.dumps(config.to_json())))
    assert read == config
    problem = Problem.probe(read, np.random.default_rng(0))
    assert isinstance(problem.dna, Grown)
    assert (problem.dna.shape, problem.dna.plan) == ((6, 7), PLANS["snake-small"])
    assert problem.codec.decoder.n_outputs == 4


def test_settings_that_do_not_fit_grown_brains_are_refused_with_a_remedy() -> None:
    settings = {"dna": "grown", "env_kwargs": {"observation": "planes"}, "n_ticks": 14}
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match='take encoder="grid"'):
        Problem.probe(EvolutionConfig.of("Snake-v0", **settings), rng)
    with pytest.raises(ValueError, match="n_ticks must be 14"):
        Problem.probe(
            EvolutionConfig.of("Snake-v0", **{**settings, "n_ticks": 12, "encoder": "grid"}), rng
        )


@pytest.mark.parametrize(
    ("gene", "source", "target"),
    [
        ("body > D, kernel (+0, +1)", "body", "D up"),
        ("wall > W, radial at 1", "always", "W"),
        ("length 3 > D right, map top", "length 3", "D right"),
        ("Z 2 > D turned 90, kernel (+0, +0)", "Z 2 up", "D right"),
        ("Z 3 threshold", "Z 3 up", "Z 3 up"),
    ],
)
def test_a_gene_that_groups_share_belongs_to_the_first_of_them(
    gene: str, source: str, target: str
) -> None:
    dna = Grown(GrownParams(plan=ORIENTED.to_json()), BOARD)
    place = dna.genes.names.index(gene)
    groups = [group.name for group in dna.layout.groups]
    assert groups[dna.genes.source[place]] == source
    assert groups[dna.genes.target[place]] == target
