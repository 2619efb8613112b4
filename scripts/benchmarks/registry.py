"""All benchmarks by name, in the order of the table."""

from collections.abc import Callable

from benchmarks.actors_row import actors
from benchmarks.engine_rows import decision, engine_many, engine_one
from benchmarks.evolution_rows import evolution, variation
from benchmarks.flat_rows import env_flat
from benchmarks.neuroevolution_rows import neuroevolution
from benchmarks.profile_row import profile
from benchmarks.results import Row
from benchmarks.scale import Scale
from benchmarks.snake_rows import env_single, env_vector, env_vector_long, env_vector_senses
from benchmarks.start_row import start
from benchmarks.viewer_row import viewer

BENCHMARKS: dict[str, Callable[[Scale], list[Row]]] = {
    "env-single": env_single,
    "env-vector": env_vector,
    "env-vector-long": env_vector_long,
    "env-vector-senses": env_vector_senses,
    "env-flat": env_flat,
    "engine-one": engine_one,
    "engine-many": engine_many,
    "decision": decision,
    "actors": actors,
    "evolution": evolution,
    "variation": variation,
    "profile": profile,
    "start": start,
    "viewer": viewer,
    "neuroevolution": neuroevolution,
}
ON_REQUEST = ("neuroevolution",)  # takes up to two hours: measured only if it is named
