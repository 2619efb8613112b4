"""Every strategy keeps the same promises; which there are, and how others come in."""

from importlib.metadata import EntryPoint

import cmaes
import numpy as np
import numpy.testing as npt
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import spiking_agent
from spiking_agent.cli import evolve
from spiking_agent.dna.wired import Blueprint, GeneValues
from spiking_agent.strategies import protocol as strategies
from spiking_agent.strategies.genetic_algorithm import GeneticParams
from spiking_agent.strategies.protocol import GROUP, OWN, find_strategy, strategy_names

SIZE = 12
BLUEPRINT = Blueprint(n_inputs=6, n_outputs=2, n_hidden=3)
VALUES = GeneValues(max_strength=100, first_strength=10, thresholds=(1.0, 5.0))


def make(name: str, seed: int = 0, blueprint: Blueprint = BLUEPRINT, values=VALUES):
    params = GeneticParams(population_size=SIZE, mutation_scale=3.0)
    return find_strategy(name)(blueprint, values, params, np.random.default_rng(seed))


def fitness(population) -> np.ndarray:
    """Genomes are better the nearer their strengths are to a pattern."""
    target = np.where(np.arange(population.strength[0].size) % 3, 30, -40)
    strengths = population.strength.reshape(len(population), -1).astype(float)
    return -np.abs(strengths - target).mean(axis=1)


def run(strategy, n_generations: int) -> list[float]:
    best = []
    for _ in range(n_generations):
        told = fitness(strategy.ask())
        best.append(float(told.max()))
        strategy.tell(told)
    return best


def same(first, second) -> None:
    for name, array in first.to_arrays().items():
        npt.assert_array_equal(array, second.to_arrays()[name])


@pytest.fixture(params=sorted(OWN))
def name(request) -> str:
    return request.param


def test_it_finds_better_genomes(name) -> None:
    best = run(make(name), 60)
    assert best[-1] > best[0] + 5


def test_genomes_are_as_the_blueprint_and_the_values_say(name) -> None:
    strategy = make(name)
    run(strategy, 20)
    population = strategy.population
    assert len(population) == SIZE
    assert np.abs(population.strength).max() <= VALUES.max_strength
    assert not population.strength[:, ~BLUEPRINT.mask].any()
    assert set(np.unique(population.threshold)) <= {1.0, 5.0}
    population.connectome(0)  # valid
    assert len(strategy.champion(fitness(population))) == 1


def test_the_same_seed_gives_the_same_generations_and_another_others(name) -> None:
    first, second, other = make(name), make(name), make(name, seed=1)
    for strategy in (first, second, other):
        run(strategy, 7)
    same(first.population, second.population)
    assert not np.array_equal(first.population.strength, other.population.strength)
    assert first.generation == 7


def test_it_goes_on_from_its_state_as_if_nothing_had_happened(name) -> None:
    whole, first, resumed = make(name), make(name), make(name)
    run(whole, 9)
    run(first, 4)
    arrays, values = first.state()
    resumed.restore(arrays, values)
    assert resumed.generation == 4
    same(resumed.population, first.population)
    run(resumed, 5)
    same(resumed.population, whole.population)


def test_damaged_states_are_refused(name) -> None:
    strategy = make(name)
    run(strategy, 3)
    arrays, values = strategy.state()
    for broken in (
        ({**arrays, "strength": arrays["strength"][:, :4]}, values),
        ({k: v for k, v in arrays.items() if k != "strength"}, values),
        (arrays, {}),
    ):
        with pytest.raises((ValueError, KeyError, TypeError)):
            make(name).restore(*broken)


def test_calls_out_of_order_and_fitness_of_another_size_are_refused(name) -> None:
    strategy = make(name)
    with pytest.raises(RuntimeError, match="call ask"):
        strategy.tell(np.zeros(SIZE))
    strategy.ask()
    with pytest.raises(ValueError, match=r"shape \(12,\), got \(3,\)"):
        strategy.tell(np.zeros(3))


def test_fitness_that_is_no_number_is_worst(name) -> None:
    strategy = make(name)
    for _ in range(15):
        told = fitness(strategy.ask())
        told[np.argsort(told)[:3]] = np.nan
        strategy.tell(told)
    assert fitness(strategy.population).max() > fitness(make(name).population).max()


def test_cma_es_with_many_genes_learns_variances_only() -> None:
    large = make("cma-es", blueprint=Blueprint(n_inputs=200, n_outputs=2))
    assert len(large.blueprint.sites) > 300
    best = run(large, 40)
    assert best[-1] > best[0]


def test_cma_es_without_inhibition_has_no_negative_strengths() -> None:
    values = GeneValues(max_strength=100, first_strength=10, inhibition=False)
    strategy = make("cma-es", values=values)
    run(strategy, 5)
    assert strategy.population.strength.min() == 0


def test_opposite_inputs_have_opposite_strengths_in_cma_es() -> None:
    blueprint = Blueprint(n_inputs=5, n_outputs=2, opposites=((0, 1), (2, 3)), constant=(4,))
    strategy = make("cma-es", blueprint=blueprint)
    run(strategy, 10)
    strength = strategy.population.strength
    npt.assert_array_equal(strength[:, 0], -strength[:, 1])
    npt.assert_array_equal(strength[:, 2], -strength[:, 3])
    assert strength[:, 0].any()


def test_what_is_always_driven_begins_with_the_drive_in_cma_es() -> None:
    blueprint = Blueprint(n_inputs=3, n_hidden=20, n_outputs=40, constant=(2,))
    values = GeneValues(max_strength=100, first_strength=5, first_drive=60)
    strength = make("cma-es", blueprint=blueprint, values=values).population.strength
    assert abs(strength[:, 2, 20:].mean() - 60) < 2
    assert abs(strength[:, 2, :20].mean()) < 2
    assert abs(strength[:, :2].mean()) < 2


def test_several_inputs_that_are_always_driven_share_the_drive_in_cma_es() -> None:
    blueprint = Blueprint(n_inputs=5, n_outputs=200, constant=(1, 2, 4))
    values = GeneValues(max_strength=100, first_strength=5, first_drive=60)
    strength = make("cma-es", blueprint=blueprint, values=values).population.strength
    assert abs(strength[:, [1, 2, 4]].sum(axis=1, dtype=int).mean() - 60) < 2


def test_cma_es_scales_a_genome_down_that_outgrows_the_largest_strength() -> None:
    strategy = make("cma-es", values=GeneValues(max_strength=50, first_strength=10))
    genes = np.zeros((2, len(BLUEPRINT.sites)))
    genes[0, :3] = 200.0, -100.0, 4.0
    genes[1, :3] = 50.0, -20.0, 4.0
    strength = strategy._grow(genes).strength.reshape(2, -1)[:, BLUEPRINT.sites]
    assert strength[:, :4].tolist() == [[50, -25, 1, 0], [50, -20, 4, 0]]


def test_the_linear_algebra_of_cma_es_has_one_thread(monkeypatch) -> None:
    """More may round otherwise, and would take the processors from the workers."""
    seen = []

    def n_threads() -> list[int]:
        return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]

    def note(method):
        def noted(*args):
            seen.extend(n_threads())
            return method(*args)

        return noted

    for name in ("ask", "tell"):
        monkeypatch.setattr(cmaes.CMA, name, note(getattr(cmaes.CMA, name)))
    with threadpool_limits(limits=2, user_api="blas"):
        before = n_threads()
        run(make("cma-es"), 2)
        assert n_threads() == before
    assert set(seen) == {1}


@pytest.mark.parametrize("told", [np.zeros(SIZE), np.arange(SIZE) - 40.0], ids=["flat", "stagnant"])
def test_cma_es_begins_anew_where_nothing_gets_better(told: np.ndarray) -> None:
    strategy = make("cma-es", blueprint=Blueprint(n_inputs=2, n_outputs=2))
    first, drawn = strategy._distribution, strategy.population.strength
    n_generations = 0
    while strategy._distribution is first:
        strategy.ask()
        strategy.tell(told)
        n_generations += 1
    assert 10 < n_generations < 140
    assert (strategy.population.strength != drawn).any()  # from another seed
    again = make("cma-es", blueprint=Blueprint(n_inputs=2, n_outputs=2))
    again.restore(*strategy.state())
    same(again.population, strategy.population)


def test_cma_es_goes_on_where_it_gets_better() -> None:
    strategy = make("cma-es")
    first = strategy._distribution
    for generation in range(200):
        strategy.ask()
        strategy.tell(np.arange(SIZE) + float(generation))
    assert strategy._distribution is first


def test_told_fitness_of_another_run_is_noticed() -> None:
    strategy, other = make("cma-es"), make("cma-es")
    run(strategy, 3)
    arrays, values = strategy.state()
    arrays["told"] = arrays["told"][:, ::-1].copy()
    with pytest.raises(ValueError, match="must lead to the strengths"):
        other.restore(arrays, values)
    with pytest.raises(ValueError, match=r"told must have shape \(n, 12\)"):
        other.restore({**arrays, "told": np.zeros((2, 3))}, values)
    with pytest.raises(ValueError, match="seed must be"):
        other.restore(arrays, {**values, "seed": -1})
    with pytest.raises(ValueError, match="told must have 1000000 rows, got 3"):
        other.restore(arrays, {**values, "generation": 10**6})


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name=name, value=value, group=GROUP)


def test_other_packages_bring_strategies(monkeypatch) -> None:
    points = [
        point("ours-too", "spiking_agent.strategies.cma_es:CmaEs"),
        point("genetic", "spiking_agent.strategies.cma_es:CmaEs"),
        point("gone", "no_such_module:Nothing"),
    ]

    def found(group: str, name: str | None = None) -> list[EntryPoint]:
        assert group == GROUP
        return [one for one in points if name in (None, one.name)]

    monkeypatch.setattr(strategies, "entry_points", found)
    assert strategy_names() == ("cma-es", "genetic", "gone", "ours-too")
    assert find_strategy("ours-too") is OWN["cma-es"]
    assert find_strategy("genetic") is OWN["genetic"]  # is not replaced
    with pytest.raises(ValueError, match="can be imported, got 'gone'"):
        find_strategy("gone")
    with pytest.raises(ValueError, match="one of cma-es, genetic, gone, ours-too, got 'magic'"):
        find_strategy("magic")


@pytest.mark.jit  # worker processes
def test_an_evolution_by_cma_es_is_the_same_for_all_workers_and_after_a_resume(tmp_path) -> None:
    how = {"strategy": "cma-es", "population_size": 8, "n_episodes": 2, "n_validation": 4}
    kinds = ("champion.npz", "checkpoint.npz")

    def evolved(name: str, generations: int, **more) -> list[bytes]:
        out = tmp_path / name
        spiking_agent.evolve("CartPole-v1", generations=generations, out=out, report=False, **more)
        return [(out / kind).read_bytes() for kind in kinds]

    whole = evolved("one", 12, seed=3, **how)
    assert evolved("two", 12, seed=3, workers=2, **how) == whole
    evolved("parts", 5, seed=3, **how)
    assert evolved("parts", 12, resume=True) == whole


def test_the_program_takes_a_strategy_and_refuses_unknown_ones(tmp_path, capsys) -> None:
    small = ["--population", "4", "--episodes", "1", "--workers", "1", "--no-report"]
    command = ["--env", "CartPole-v1", "--generations", "2", *small]
    out = str(tmp_path / "run")
    assert evolve.main([*command, "--strategy", "cma-es", "--out", out]) == 0
    config = (tmp_path / "run" / "config.json").read_text()
    assert '"strategy": "cma-es"' in config
    capsys.readouterr()
    assert evolve.main([*command, "--strategy", "magic", "--out", str(tmp_path / "no")]) == 2
    assert "strategy must be one of cma-es, genetic, got 'magic'" in capsys.readouterr().err
    assert not (tmp_path / "no").exists()


def test_cma_es_wants_some_genomes() -> None:
    params = GeneticParams(population_size=3)
    with pytest.raises(ValueError, match="population_size must be >= 4 for cma-es, got 3"):
        find_strategy("cma-es")(BLUEPRINT, VALUES, params, np.random.default_rng(0))
