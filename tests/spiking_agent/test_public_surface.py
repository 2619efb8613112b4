"""What the packages show to the world, and what importing them must not do."""

import subprocess
import sys
from pathlib import Path

import pytest

import snake_env
import spiking_agent
from spiking_agent import brain, codec, dna, strategies

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "package", [snake_env, spiking_agent, brain, codec, dna, strategies], ids=lambda p: p.__name__
)
def test_public_names_are_sorted_and_real(package) -> None:
    assert list(package.__all__) == sorted(package.__all__)
    assert all(hasattr(package, name) for name in package.__all__)


def test_the_settings_of_a_public_strategy_or_dna_are_public_too() -> None:
    kinds = [getattr(spiking_agent, name) for name in spiking_agent.__all__]
    settings = {kind.Params.__name__ for kind in kinds if hasattr(kind, "Params")}
    assert settings == {"CmaEsParams", "GeneticParams", "WiredParams"}
    assert settings <= set(spiking_agent.__all__)


def test_the_settings_that_a_report_prints_can_be_imported() -> None:
    assert spiking_agent.EvolutionConfig.of(
        refinements=[spiking_agent.Refinement(from_solved=0.5, n_episodes=2)]
    ).training.refinements


@pytest.mark.slow
@pytest.mark.parametrize("package", ["snake_env", "spiking_agent"])
def test_importing_needs_no_pygame_and_prints_nothing(package) -> None:
    code = (
        f"import sys, {package}; sys.exit('pygame' in sys.modules or 'matplotlib' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert result.stdout == result.stderr == ""


@pytest.mark.slow
def test_the_packages_do_not_import_each_other() -> None:
    for package, other in (("snake_env", "spiking_agent"), ("spiking_agent", "snake_env")):
        code = f"import sys, {package}; sys.exit({other!r} in sys.modules)"
        subprocess.run([sys.executable, "-c", code], check=True)


def test_every_module_has_a_docstring_and_none_is_longer_than_350_lines() -> None:
    for path in [*ROOT.glob("snake_env/**/*.py"), *ROOT.glob("spiking_agent/**/*.py")]:
        text = path.read_text()
        assert text.startswith('"""'), path
        assert len(text.splitlines()) <= 350, path
