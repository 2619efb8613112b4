"""All benchmarks by name, in the order of the table."""

from collections.abc import Callable

from benchmarks.harness.results import Row
from benchmarks.harness.scale import Scale
from benchmarks.rows.actors import actors
from benchmarks.rows.engine import decision, engine_many, engine_one
from benchmarks.rows.evolution import evolution, variation
from benchmarks.rows.flat import env_flat
from benchmarks.rows.neuroevolution import neuroevolution
from benchmarks.rows.profiler import profile
from benchmarks.rows.sheets import sheets
from benchmarks.rows.snake import env_single, env_vector, env_vector_long, env_vector_senses
from benchmarks.rows.start import start
from benchmarks.rows.viewer import viewer

BENCHMARKS: dict[str, Callable[[Scale], list[Row]]] = {
    "env-single": env_single,
    "env-vector": env_vector,
    "env-vector-long": env_vector_long,
    "env-vector-senses": env_vector_senses,
    "env-flat": env_flat,
    "engine-one": engine_one,
    "engine-many": engine_many,
    "decision": decision,
    "sheets": sheets,
    "actors": actors,
    "evolution": evolution,
    "variation": variation,
    "profile": profile,
    "start": start,
    "viewer": viewer,
    "neuroevolution": neuroevolution,
}
ON_REQUEST = ("neuroevolution",)  # takes up to ten hours, so it is measured only if named
