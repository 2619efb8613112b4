"""Every strategy keeps the same promises; which there are, and how others come in."""

from importlib.metadata import EntryPoint, EntryPoints

import cmaes
import numpy as np
import numpy.testing as npt
import pytest
from gene_tables import real_table, whole_table, wired
from threadpoolctl import threadpool_info, threadpool_limits

import spiking_agent
from spiking_agent import plugins
from spiking_agent.cli import evolve
from spiking_agent.dna.gene_table import GeneTable
from spiking_agent.strategies.cma_es import CmaEsParams
from spiking_agent.strategies.registry import STRATEGIES

SIZE = 12
TABLE = wired(6, 2, n_hidden=3, max_strength=100, first_strength=10, thresholds=(1.0, 5.0)).genes


def make(name: str, seed: int = 0, table: GeneTable = TABLE):
    kind = STRATEGIES.find(name)
    scale = 3.0 if table.is_whole else 0.5
    more = {"mutation_scale": scale} if name == "genetic" else {}
    return kind(table, kind.Params(population_size=SIZE, **more), np.random.default_rng(seed))


def fitness(genomes, table: GeneTable = TABLE) -> np.ndarray:
    """Genomes are better the nearer their numbers are to a pattern."""
    numbers = genomes[:, table.numbers].astype(float)
    target = np.where(np.arange(numbers.shape[1]) % 3, 0.3, -0.4) * table.high[0]
    return -np.abs(numbers - target).mean(axis=1)


def run(strategy, n_generations: int) -> list[float]:
    best = []
    for _ in range(n_generations):
        told = fitness(strategy.ask(), strategy.table)
        best.append(float(told.max()))
        strategy.tell(told)
    return best


@pytest.fixture(params=sorted(STRATEGIES.own))
def name(request) -> str:
    return request.param


@pytest.mark.parametrize("table", [TABLE, real_table()], ids=["whole", "real"])
def test_it_finds_better_genomes(name, table) -> None:
    best = run(make(name, table=table), 60)
    assert best[-1] > best[0] + 0.05 * table.high[0]


@pytest.mark.parametrize(
    "table",
    [TABLE, real_table(), whole_table((-5, 0), (-5, 10), (5, 10), (-9, -3), (0, 1))],
    ids=["whole", "real", "lopsided"],
)
def test_genomes_are_as_the_table_says(name, table) -> None:
    strategy = make(name, table=table)
    run(strategy, 20)
    assert len(strategy.genomes) == SIZE
    table.check(strategy.genomes)
    champion = strategy.champion(fitness(strategy.genomes, table))
    assert champion.shape == (table.n_genes,)
    table.check(champion[None])


def test_the_same_seed_gives_the_same_generations_and_another_others(name) -> None:
    first, second, other = make(name), make(name), make(name, seed=1)
    for strategy in (first, second, other):
        run(strategy, 7)
    npt.assert_array_equal(first.genomes, second.genomes)
    assert not np.array_equal(first.genomes, other.genomes)
    assert first.generation == 7


def test_it_goes_on_from_its_state_as_if_nothing_had_happened(name) -> None:
    whole, first, resumed = make(name), make(name), make(name)
    run(whole, 9)
    run(first, 4)
    arrays, values = first.state()
    resumed.restore(arrays, values)
    assert resumed.generation == 4
    npt.assert_array_equal(resumed.genomes, first.genomes)
    run(resumed, 5)
    npt.assert_array_equal(resumed.genomes, whole.genomes)


def test_damaged_states_are_refused(name) -> None:
    strategy = make(name)
    run(strategy, 3)
    arrays, values = strategy.state()
    for broken, message in (
        (({**arrays, "genomes": arrays["genomes"][:, :4]}, values), "genomes must|to the genomes"),
        (({k: v for k, v in arrays.items() if k != "genomes"}, values), "genomes"),
        ((arrays, {}), "generation"),
    ):
        with pytest.raises((ValueError, KeyError), match=message):
            make(name).restore(*broken)


def test_a_restored_strategy_must_be_asked_first(name) -> None:
    strategy = make(name)
    strategy.ask()
    strategy.restore(*strategy.state())
    with pytest.raises(RuntimeError, match=r"call ask\(\) first"):
        strategy.tell(np.zeros(SIZE))


def test_settings_are_kept_as_plain_numbers(name) -> None:
    params = STRATEGIES.find(name).Params(population_size=np.float64(SIZE))
    assert type(params.population_size) is int
    assert len(STRATEGIES.find(name)(TABLE, params, np.random.default_rng(0)).ask()) == SIZE


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
    assert fitness(strategy.genomes).max() > fitness(make(name).genomes).max()


def test_cma_es_with_many_genes_learns_variances_only() -> None:
    large = make("cma-es", table=wired(200, 2).genes)
    assert len(large.table.numbers) > 300
    best = run(large, 40)
    assert best[-1] > best[0]


def test_cma_es_without_inhibition_has_no_negative_strengths() -> None:
    table = wired(6, 2, max_strength=100, first_strength=10, inhibition=False).genes
    strategy = make("cma-es", table=table)
    run(strategy, 5)
    assert strategy.genomes[:, table.numbers].min() == 0


def test_cma_es_begins_where_the_table_says() -> None:
    how = {"max_strength": 100, "first_strength": 5, "first_drive": 60}
    table = wired(3, 40, n_hidden=20, constant=(2,), **how).genes
    genomes = make("cma-es", table=table).genomes
    assert abs(genomes[:, table.center == 60].mean() - 60) < 2
    assert abs(genomes[:, table.center == 0].mean()) < 2
    real = real_table(200)
    points = make("cma-es", table=real).genomes.astype(float)
    assert points[:, :100].std() == pytest.approx(0.3, rel=0.1)
    assert points[:, 100:200].std() == pytest.approx(3.0, rel=0.1)
    assert points[:, :200].mean() == pytest.approx(1.0, abs=0.2)


def test_cma_es_leaves_choices_as_they_are_drawn() -> None:
    strategy = make("cma-es")
    choices = strategy.genomes[:, TABLE.choices[0]]
    run(strategy, 5)
    npt.assert_array_equal(strategy.genomes[:, TABLE.choices[0]], choices)
    assert len(np.unique(choices, axis=0)) == 1


def test_cma_es_scales_a_genome_down_that_outgrows_its_range() -> None:
    table = wired(6, 2, max_strength=50, first_strength=10, decays=(1.0,)).genes
    strategy = make("cma-es", table=table)
    points = np.zeros((2, len(table.numbers)))
    points[0, :3] = 200.0, -100.0, 4.0
    points[1, :3] = 50.0, -20.0, 4.0
    genomes = strategy._genomes_of(points)
    assert genomes[:, :4].tolist() == [[50, -25, 1, 0], [50, -20, 4, 0]]


def test_cma_es_wants_numbers() -> None:
    with pytest.raises(ValueError, match="table must have genes that are numbers for cma-es"):
        make("cma-es", table=real_table(0))


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

    for name in ("ask", "tell", "should_stop", "_eigen_decomposition"):
        monkeypatch.setattr(cmaes.CMA, name, note(getattr(cmaes.CMA, name)))
    with threadpool_limits(limits=2, user_api="blas"):
        before = n_threads()
        run(make("cma-es"), 2)
        assert n_threads() == before
    assert set(seen) == {1}


@pytest.mark.parametrize("told", [np.zeros(SIZE), np.arange(SIZE) - 40.0], ids=["flat", "stagnant"])
def test_cma_es_begins_again_where_nothing_gets_better(told: np.ndarray) -> None:
    strategy = make("cma-es", table=wired(2, 2).genes)
    first, drawn = strategy._distribution, strategy.genomes
    n_generations = 0
    while strategy._distribution is first:
        strategy.ask()
        strategy.tell(told)
        n_generations += 1
    assert 10 < n_generations < 140
    assert (strategy.genomes != drawn).any()  # from another seed
    again = make("cma-es", table=wired(2, 2).genes)
    again.restore(*strategy.state())
    npt.assert_array_equal(again.genomes, strategy.genomes)


@pytest.mark.slow
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
    with pytest.raises(ValueError, match="must lead to the genomes"):
        other.restore(arrays, values)
    with pytest.raises(ValueError, match=r"told must have shape \(n, 12\)"):
        other.restore({**arrays, "told": np.zeros((2, 3))}, values)
    with pytest.raises(ValueError, match="seed must be"):
        other.restore(arrays, {**values, "seed": -1})
    with pytest.raises(ValueError, match="told must have 1000000 rows, got 3"):
        other.restore(arrays, {**values, "generation": 10**6})


def test_other_packages_bring_strategies(monkeypatch) -> None:
    point = EntryPoint("ours-too", "spiking_agent.strategies.cma_es:CmaEs", STRATEGIES.group)

    def found(group: str, name: str | None = None) -> EntryPoints:
        assert group == STRATEGIES.group
        return EntryPoints(one for one in [point] if name in (None, one.name))

    monkeypatch.setattr(plugins, "entry_points", found)
    assert STRATEGIES.names() == ("genetic", "cma-es", "ours-too")
    assert STRATEGIES.find("ours-too") is STRATEGIES.own["cma-es"]
    with pytest.raises(ValueError, match="one of genetic, cma-es, ours-too, got 'magic'"):
        STRATEGIES.find("magic")


@pytest.mark.slow  # worker processes
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
    assert '"kind": "cma-es"' in config
    capsys.readouterr()
    assert evolve.main([*command, "--strategy", "magic", "--out", str(tmp_path / "no")]) == 2
    assert "strategy must be one of genetic, cma-es, got 'magic'" in capsys.readouterr().err
    assert not (tmp_path / "no").exists()


def test_cma_es_wants_some_genomes() -> None:
    with pytest.raises(ValueError, match=r"population_size must be a whole number >= 4, got 3"):
        CmaEsParams(population_size=3)
