"""Snake's plan: what its cells for length and hunger do, and that it is one the engine likes."""

from collections import defaultdict

import numpy as np
import numpy.testing as npt
import pytest
from grown_organisms import LIVELY
from naive_growth import spread_out
from random_plans import genomes_of, grown
from random_tissues import random_drives

from spiking_agent.brain.engines import make_engine
from spiking_agent.brain.sheets.engine import SheetEngine
from spiking_agent.brain.sheets.program import make_program
from spiking_agent.brain.sheets.rules import Far, Kernel, Link, Sum
from spiking_agent.brain.sheets.tissue import Tissue
from spiking_agent.brain.sheets.window import find_window
from spiking_agent.dna.grown.dna import Grown
from spiking_agent.dna.grown.growth import grow
from spiking_agent.dna.grown.plans import PLANS
from spiking_agent.dna.grown.plans.snake import FINER_LENGTHS, LENGTHS
from spiking_agent.environments.source import EnvSource
from spiking_agent.episodes.player import EpisodePlayer
from spiking_agent.evolution.problem import Problem
from spiking_agent.evolution.recipes.choose import recipe
from spiking_agent.evolution.settings.phases import Stage

N_TICKS = 14
SHAPE = (4, 5)


def play(lengths: list[int]) -> dict[str, list[list[int]]]:
    """Return at which ticks of each move the single neurons fire, for given lengths of the snake.

    All of them keep their impulses in flight; what else they keep does not matter without decay.
    """
    dna = grown(PLANS["snake"], SHAPE)
    tissue = dna.grow(np.zeros((1, dna.genes.n_genes), np.float32))
    names = [group.name for group in tissue.groups]
    cells = {
        int(tissue.first[k]): k
        for k, group in enumerate(tissue.groups)
        if not group.is_sheet and k not in (*tissue.inputs, *tissue.outputs)
    }
    always = int(tissue.input_neurons[-1])
    by_source: dict[int, list] = defaultdict(list)
    for (source, target, delay), strength in spread_out(tissue, 0).items():
        if target in cells:
            by_source[source].append((target, delay, strength))
    arriving: dict[tuple[int, int], int] = defaultdict(int)
    potential = dict.fromkeys(cells, 0.0)
    fired: dict[str, list[list[int]]] = {names[k]: [] for k in cells.values()}
    for move, length in enumerate(lengths):
        for ticks in fired.values():
            ticks.append([])
        for tick in range(N_TICKS):
            now = move * N_TICKS + tick
            driven = [*range(length - 1), always]  # the head is no body cell
            for source in driven:
                for target, delay, strength in by_source[source]:
                    arriving[target, now + 1 + delay] += strength
            for cell, group in cells.items():
                decay, threshold = tissue.decay[0, group], tissue.threshold[0, group]
                potential[cell] = potential[cell] * decay + arriving.pop((cell, now + 1), 0)
                if potential[cell] > threshold:
                    potential[cell] = 0.0
                    fired[names[group]][move].append(tick)
                    for target, delay, strength in by_source[cell]:
                        arriving[target, now + 2 + delay] += strength
    return fired


def test_growth_fires_at_every_tick_of_a_move_with_more_body_than_the_one_before() -> None:
    fired = play([3, 3, 4, 4, 4, 5, 6, 6])
    every = list(range(N_TICKS))
    assert fired["growth"] == [every, [], every, [], [], every, every, []]


def test_hunger_begins_after_a_share_of_the_board_and_ends_with_growth() -> None:
    n_hungry = round(0.6 * SHAPE[0] * SHAPE[1])
    starving = [3] * (2 + 2 * n_hungry + 5)
    fired = play([*starving, 4, 4, 4])
    is_on = [len(ticks) == N_TICKS for ticks in fired["hungry"]]
    begin = is_on.index(True)
    assert n_hungry <= begin <= n_hungry + 2
    assert not any(ticks for ticks in fired["hungry"][: begin - 1])
    assert all(is_on[begin : len(starving)])
    grew = fired["hungry"][len(starving)]
    assert grew == list(range(len(grew)))
    assert len(grew) <= 3
    assert fired["hungry"][len(starving) + 1 :] == [[], []]


def test_hunger_counts_from_the_last_growth() -> None:
    fired = play([3, *[4] * 12, *[5] * 12, *[6] * 5])
    assert not any(fired["hungry"])


@pytest.mark.parametrize("length", [3, 5, 9, 20])
def test_a_length_cell_fires_while_the_snake_has_its_share_of_the_board(length: int) -> None:
    fired = play([length] * 2)
    for name, shares in (("length", LENGTHS), ("finer length", FINER_LENGTHS)):
        for place, share in enumerate(shares):
            expected = max(4, round(share * SHAPE[0] * SHAPE[1])) <= length
            assert fired[f"{name} {place + 1}"] == [list(range(N_TICKS)) if expected else []] * 2


@pytest.mark.parametrize("name", ["snake", "snake-small"])
def test_only_what_the_head_lets_through_is_heard_and_nothing_hidden_feeds_back(name: str) -> None:
    dna = grown(PLANS[name], SHAPE)
    tissue = dna.grow(np.ones((1, dna.genes.n_genes), np.float32))
    is_sheet = [group.is_sheet for group in tissue.groups]
    places = dna.layout.places
    gates = set(places["R"].values())
    head = places["head"][0, None]
    hidden = {k for k in range(len(is_sheet)) if is_sheet[k] and k not in tissue.inputs}
    singles = {k for k in range(len(is_sheet)) if not is_sheet[k]} - set(tissue.outputs)
    for rule in tissue.rules:
        if rule.target in singles:  # driven by input sheets and single neurons only
            assert isinstance(rule, Sum) <= (rule.source in tissue.inputs)
            assert isinstance(rule, Sum | Link)
        if rule.target in tissue.outputs:
            assert rule.source in gates
        assert rule.source not in tissue.outputs
    kernels = [r for r in tissue.rules if isinstance(r, Kernel | Far) and r.source in hidden]
    order = {k: place for place, k in enumerate(sorted(hidden))}
    assert all(order[rule.source] < order[rule.target] for rule in kernels)  # no cycle
    for gate in gates:
        into = [rule for rule in tissue.rules if rule.target == gate]
        others = sum(int(r.strength.max()) for r in into if r.source != head)
        assert tissue.decay[0, gate] == 0
        assert others <= tissue.threshold[0, gate]
        assert all(rule.strength.shape[1:] == (1, 1) for rule in into)
    layers = {layer.name: layer for layer in dna.plan.layers}
    assert all(layer.kept == 0 for layer in layers.values() if layer.is_sheet)
    assert {layers[k].kept for k in ("length", "growth", "hungry", "echo")} == {1}
    assert layers["hunger"].kept == 2


def small_and_carried(shape: tuple[int, int], n_genomes: int = 3) -> tuple[Tissue, Tissue]:
    """Return brains of the small plan, and those of the same genes in the full plan."""
    small, full = (grown(PLANS[name], shape) for name in ("snake-small", "snake"))
    genomes = genomes_of(small, n_genomes, seed=3)
    made = np.zeros((n_genomes, full.genes.n_genes))
    made[:, [full.genes.names.index(name) for name in small.genes.names]] = genomes
    return small.grow(genomes), full.grow(full.genes.fit(made))


def test_the_small_plan_is_a_part_of_the_full_one() -> None:
    small, full = (grown(PLANS[name], SHAPE).genes for name in ("snake-small", "snake"))
    assert (small.n_genes, full.n_genes) == (447, 1677)
    for table in (small, full):
        assert len(set(table.names)) == table.n_genes
    assert set(small.names) < set(full.names)
    places = [full.names.index(name) for name in small.names]
    for part in ("low", "high", "center", "spread"):
        npt.assert_array_equal(getattr(full, part)[places], getattr(small, part))


@pytest.mark.parametrize("shape", [(4, 5), (7, 7), (10, 10)])
def test_genes_that_sleep_make_a_window_no_larger(shape: tuple[int, int]) -> None:
    seen = []
    for tissue in small_and_carried(shape):
        window = find_window(tissue, carry_state="impulses")
        assert window is not None
        names = [group.name for group in tissue.groups]
        program = make_program(tissue, window)
        seen.append(
            (
                {(names[place], offset) for place, offset in window.slots},
                window.n_driven,
                {names[place] for place in window.before},
                program.chunks.shape,
                program.voice_row.shape,
                program.path_source.shape,
                program.rows.shape,
            )
        )
    assert seen[0] == seen[1]


@pytest.mark.jit
@pytest.mark.parametrize("shape", [(4, 5), (7, 7), (10, 10)])
def test_brains_decide_the_same_while_further_genes_sleep(shape: tuple[int, int]) -> None:
    small, full = small_and_carried(shape)
    engines = [
        make_engine("compiled", small, carry_state="impulses"),
        make_engine("compiled", full, carry_state="impulses"),
        make_engine("compiled", full, carry_state="impulses", record=True),
    ]
    assert [isinstance(engine, SheetEngine) for engine in engines] == [True, True, False]
    rng = np.random.default_rng(1)
    n_spikes = 0
    for _ in range(30):
        drives = random_drives(rng, small, len(small), N_TICKS)
        counts = [engine.decide(drives, N_TICKS) for engine in engines]
        n_spikes += counts[0].sum()
        for others in counts[1:]:
            npt.assert_array_equal(others, counts[0])
    assert n_spikes > 0
    for engine in engines:
        engine.close()


@pytest.mark.parametrize("shape", [(6, 6), (5, 6), (6, 5), (5, 7)])
def test_brains_of_a_part_play_as_if_the_genes_that_sleep_were_nothing(shape) -> None:
    kwargs = {"observation": "planes", "n_rows": shape[0], "n_cols": shape[1]}
    problem = Problem.probe(
        recipe(EnvSource("snake_env:Snake-v0", {}), name="grown"), np.random.default_rng(0)
    ).at(Stage(env_kwargs=kwargs, part="snake-small"))
    dna = problem.dna
    assert isinstance(dna, Grown)
    genomes = dna.genes.draw(30, np.random.default_rng(LIVELY))
    player = EpisodePlayer(problem.validation, problem.codec, "compiled")
    small = player.play(dna.grow(genomes), range(6))
    whole = player.play(grow(dna.layout, dna.awake(genomes), shape), range(6))
    for mine, theirs in zip(small, whole, strict=True):
        npt.assert_array_equal(mine, theirs)
    assert small.fitness.max() > 1.0
    assert len(np.unique(small.n_moves)) > 10
