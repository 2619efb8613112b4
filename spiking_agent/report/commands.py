"""The commands of a report: repeat the run, resume it, evaluate and watch its champion."""

from spiking_agent.checks.commands import shell_line
from spiking_agent.errors import RunDirectoryError
from spiking_agent.evolution.run_directory import RunDirectory
from spiking_agent.evolution.settings.config import EvolutionConfig
from spiking_agent.organism.champion_file import CHAMPION
from spiking_agent.organism.organism import Organism
from spiking_agent.report.history import History
from spiking_agent.report.repeat import needed_env, repeat_command
from spiking_agent.typing import Json


def commands(
    directory: RunDirectory, content: Json, history: History, organism: Organism
) -> list[tuple[str, str]]:
    """Return the commands of a report, each behind a line on what it is for."""
    path = shown_path(directory)
    champion = f"{path}/{CHAMPION}"
    env = needed_env(organism.task.env_id)
    found = []
    try:
        config = EvolutionConfig.from_run(content)
    except RunDirectoryError as error:
        found.append((f"Repeat the run: no command, because {error}", ""))
    else:
        how = content.get("run")
        is_live = isinstance(how, dict) and how.get("engine") == "live"
        words = "Repeat the run: the same champion, bit for bit"
        if is_live:
            words = "Run the same settings again; no two live runs agree"
        spaces = (organism.observation_space, organism.action_space)
        repeat = repeat_command(config, spaces, len(history))
        found.append((words, repeat + " --engine live" * (is_live and "\n" not in repeat)))
        if config.task.env_id is not None:
            seconds = 600 * (int(history.last("elapsed_s") or 0.0) // 600 + 2)
            resume = shell_line("evolve", "--resume", path, "--seconds", seconds)
            found.append(("Resume the run", resume))
    if organism.task.env_id is not None:
        found += [
            (
                "Evaluate the champion",
                shell_line("evaluate", champion, *env, "--episodes", 1000),
            ),
            ("Watch it play and think", shell_line("watch", champion, *env)),
        ]
    found.append(("Make this report again", shell_line("report", path, *env)))
    return found


def shown_path(directory: RunDirectory) -> str:
    """Return the path of a run as a reader elsewhere may see it: without the folders above."""
    path = directory.given
    return path.name if path.is_absolute() or ".." in path.parts else path.as_posix()
