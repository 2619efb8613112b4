"""A report is one whole page that tells all of a run, loads nothing and believes nobody."""

import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import browser
import gymnasium as gym
import matplotlib as mpl
import pytest
from html_pages import Page
from made_once import made_once
from toy_envs import Echo

import spiking_agent
from spiking_agent.cli import evolve, report
from spiking_agent.dna.grown.genes import rule_name
from spiking_agent.dna.grown.layout import Layout
from spiking_agent.dna.grown.plans import PLANS
from spiking_agent.episodes.results import EpisodeResults
from spiking_agent.evolution.run_directory import CONFIG, METRICS, REPORT, RunDirectory
from spiking_agent.organism.champion_file import CHAMPION
from spiking_agent.organism.organism import Organism
from spiking_agent.report import at_end, games, page
from spiking_agent.report.page import make_report

TINY = {"generations": 3, "population_size": 6, "n_episodes": 2, "n_validation": 6}
ENVS = {
    "snake": ("Snake-v0", {"n_rows": 4, "n_cols": 5, "observation": "senses"}),
    "cartpole": ("CartPole-v1", {}),
    "grown": ("Snake-v0", {"n_rows": 4, "n_cols": 5}),
}
PLAN = "snake-small"


@pytest.fixture(scope="module", autouse=True)
def patience():
    """Make reports independent of how busy the machine is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "PATIENCE_S", 600.0)
        yield


def make_runs(folder: Path) -> None:
    for name, (env, kwargs) in ENVS.items():
        plan = {"plan": PLAN} if name == "grown" else {}
        spiking_agent.evolve(env, out=folder / name, env_kwargs=kwargs, **TINY, **plan)


@pytest.fixture(scope="module")
def runs(patience, tmp_path_factory) -> dict[str, Path]:
    """A tiny run for each environment, with its report."""
    folder = made_once(tmp_path_factory, "runs_with_reports", make_runs)
    return {name: folder / name for name in ENVS}


@pytest.fixture
def run(runs, tmp_path) -> Path:
    """A copy of the run on Snake, to be changed."""
    return shutil.copytree(runs["snake"], tmp_path / "run")


def read(run: Path) -> Page:
    return Page((run / REPORT).read_text(encoding="utf-8"))


@pytest.fixture(params=ENVS)
def whole(request, runs) -> Page:
    return read(runs[request.param])


def headings(page: Page) -> set[str]:
    known = "Learning curve|Share solved|Diversity|Speed|Strengths|Firing rates|Connectivity|Raster"
    grown = [f"Morphogens: {source} &gt; D" for source in ("always", "length", "hungry")]
    names = (*known.split("|"), "Route", "Kernels", *grown)
    return {name for name in names if f"<h3>{name}</h3>" in page.html}


def test_all_parts_are_there(runs) -> None:
    snake, cartpole = read(runs["snake"]), read(runs["cartpole"])
    every = {"Learning curve", "Diversity", "Speed", "Strengths", "Firing rates"}
    every |= {"Connectivity", "Raster"}
    assert headings(snake) == {*every, "Share solved"}
    assert headings(cartpole) == every  # it does not tell what solved means
    assert "Final positions of lost games" in snake.text
    assert "Final positions of the games with least fitness" in cartpole.text
    for one in (snake, cartpole):
        assert len(one.all("svg")) == len(headings(one))
        assert len(one.all("video")) + len(one.all("picture")) == 1
        assert "Traceback" not in one.text
        assert "hurry" not in one.text
        assert "How it grows" not in one.text


def test_a_grown_champion_has_a_section_on_how_it_grows(runs) -> None:
    grown = read(runs["grown"])
    assert "How it grows" in grown.text
    assert "447 genes grow into 253 neurons on a board of 4 x 5" in grown.text
    more = {"Route", "Kernels"} | {
        f"Morphogens: {x} &gt; D" for x in ("always", "length", "hungry")
    }
    assert headings(grown) - headings(read(runs["snake"])) == more
    layout = Layout(PLANS[PLAN])
    for words in (*(layer.name for layer in layout.plan.layers), "body", "always"):
        assert f'<th scope="row">{words}</th>' in grown.html
    for block in layout.blocks:
        assert rule_name(layout, block) in grown.text


def test_a_report_loads_nothing(whole) -> None:
    assert whole.outside_references() == []
    assert len(whole.html) < 1_500_000


@pytest.mark.parametrize(
    "reference",
    [
        '<img src="https://a.example/b.png">',
        '<link rel="stylesheet" href="style.css">',
        "<style>a { background: url(b.png) }</style>",
        "<p>//a.example/b</p>",
        '<svg><image xlink:href="b.png"/></svg>',
    ],
)
def test_a_reference_to_the_outside_would_be_seen(whole, reference) -> None:
    assert Page(whole.html.replace("</body>", f"{reference}</body>")).outside_references()


def test_pictures_have_words_and_ids_are_unique(whole) -> None:
    assert all(len(attributes["alt"]) > 30 for attributes in whole.all("img"))
    assert all(len(attributes["aria-label"]) > 30 for attributes in whole.all("video"))
    drawings = [a for _, a in whole.elements if a.get("role") == "img"]
    assert len(drawings) == len(headings(whole))
    assert all(len(attributes["aria-label"]) > 30 for attributes in drawings)
    ids = [a["id"] for _, a in whole.elements if "id" in a]
    assert len(ids) == len(set(ids)) >= 6
    used = re.findall(r'(?:xlink:href="#|url\(#)([^")]+)', whole.html)
    assert set(used) <= set(ids)
    assert used
    targets = [a["href"] for a in whole.all("a")]
    assert {target.removeprefix("#") for target in targets} <= set(ids)
    assert whole.all("html") == [{"lang": "en"}]
    assert any(a.get("name") == "viewport" for a in whole.all("meta"))


def test_colours_follow_the_light(whole) -> None:
    svg = whole.html[whole.html.index("<svg") : whole.html.rindex("</svg>")]
    assert "var(--ink)" in svg
    assert "#01020" not in svg  # no placeholder is left
    assert "prefers-color-scheme: dark" in whole.html


def test_figures_are_those_that_evaluate_gives(runs) -> None:
    organism = Organism.load(runs["snake"] / CHAMPION)
    figures = spiking_agent.evaluate(organism, episodes=100)
    text = read(runs["snake"]).text
    assert f"mean fitness {figures.mean:,.2f}" in text
    assert f"solved {figures.share_solved:.1%}" in text
    assert f"moves per game {figures.mean_moves:,.0f}" in text


def test_commands_and_settings_are_told(runs) -> None:
    text = read(runs["snake"]).text
    path = runs["snake"].name  # not where it lies on this machine
    assert str(runs["snake"].parent) not in text
    assert f"spiking-evaluate {path}/champion.npz --episodes 1000" in text
    assert f"spiking-watch {path}/champion.npz" in text
    assert f"--resume {path} --seconds 1200" in text
    assert "--set n_validation=6" in text
    assert "--generations 3" in text
    assert '"n_validation": 6' in text


HOSTILE = "</pre></style><script>alert('x')</script>\"><img src=x onerror=alert(1)>{{ 7 * 7 }}"


def test_text_stays_text(run) -> None:
    before = read(run)
    organism = Organism.load(run / CHAMPION)
    provenance = {**organism.provenance, "seed": HOSTILE, "generation": HOSTILE}
    replace(organism, task=replace(organism.task, env=HOSTILE), provenance=provenance).save(
        run / CHAMPION
    )
    config = json.loads((run / CONFIG).read_text())
    config["package"] = config["run"][HOSTILE] = HOSTILE
    config["evolution"]["env_id"] = HOSTILE
    config["evolution"]["env_kwargs"] = {HOSTILE: HOSTILE}
    (run / CONFIG).write_text(json.dumps(config))
    after = Page(make_report(RunDirectory(run))[0])
    assert "<script" not in after.html
    assert not after.all("script")
    assert not any("onerror" in attributes for _, attributes in after.elements)
    assert after.text.count("alert('x')") >= 6
    assert "{{ 7 * 7 }}" in after.text
    assert len(before.all("svg")) - len(after.all("svg")) == 2  # for which games are needed
    assert len(after.all("style")) == 1 + len(after.all("svg"))
    assert "The champion could not play for this report" in after.text


@pytest.mark.slow
def test_a_directory_whose_name_is_html_does_no_harm(runs, tmp_path) -> None:
    odd = shutil.copytree(runs["snake"], tmp_path / "<script>alert(1)&'x'")
    assert "<script" not in make_report(RunDirectory(odd), is_quick=True)[0]


def test_runs_of_older_versions_have_a_report_without_what_they_did_not_record(run) -> None:
    lines = [line.split(",") for line in (run / METRICS).read_text().splitlines()]
    gone = [lines[0].index(name) for name in ("diversity", "n_refinements")]
    kept = [",".join(c for i, c in enumerate(line) if i not in gone) for line in lines]
    (run / METRICS).write_text("\n".join(kept) + "\n")
    config = json.loads((run / CONFIG).read_text())
    del config["evolution"]["training"]
    (run / CONFIG).write_text(json.dumps(config))
    assert report.main([str(run)]) == 0
    assert headings(read(run)) == {
        *("Learning curve", "Share solved", "Speed", "Strengths", "Firing rates"),
        *("Connectivity", "Raster"),
    }
    assert "Repeat the run: no command" in read(run).text
    with pytest.raises(spiking_agent.SpikingAgentError, match="settings of a run"):
        spiking_agent.evolve("Snake-v0", generations=9, out=run, resume=True)


def test_the_champion_does_not_play_if_nobody_knows_how_many_environments_may_be_open(run) -> None:
    config = json.loads((run / CONFIG).read_text())
    config["run"]["max_envs"] = 0
    (run / CONFIG).write_text(json.dumps(config))
    page = Page(make_report(RunDirectory(run), is_quick=True)[0])
    assert (
        "could not play for this report: max_envs must be a whole number >= 1, got 0" in page.text
    )


def test_a_quick_report_says_so(runs) -> None:
    quick = Page(make_report(RunDirectory(runs["snake"]), is_quick=True)[0])
    assert "this is a quick report" in quick.text
    assert {"Learning curve", "Connectivity", "Raster"} <= headings(quick)


def test_a_quick_report_needs_no_compiled_engine_and_no_batches(runs, monkeypatch) -> None:
    engines = []
    watch, film = games.observe, games.last_moves
    monkeypatch.setattr(games, "held_out_episodes", lambda *_, **__: pytest.fail("has played"))

    def observed(organism, *rest):
        engines.append(organism.engine)
        return watch(organism, *rest)

    def filmed(organism, *rest):
        engines.append(organism.engine)
        return film(organism, *rest)

    monkeypatch.setattr(games, "observe", observed)
    monkeypatch.setattr(games, "last_moves", filmed)
    make_report(RunDirectory(runs["cartpole"]), is_quick=True)[0]
    assert engines == ["actors", "actors"]


def test_no_time_at_all_leaves_parts_out_and_says_which(runs, monkeypatch) -> None:
    monkeypatch.setattr(page, "QUICK_S", 0.0)
    hasty = Page(make_report(RunDirectory(runs["snake"]), is_quick=True)[0])
    assert "There was no time to picture final positions." in hasty.text
    assert "<dt>mean fitness</dt>" not in hasty.html


@pytest.mark.slow
def test_factories_report_too_and_a_page_without_pictures_says_so(tmp_path) -> None:
    out = tmp_path / "run"
    spiking_agent.evolve(Echo, out=out, **TINY)
    page = read(out)
    assert "This environment gives no pictures" in page.text
    assert "Raster" in headings(page)
    assert "your_factory" in page.text
    before = (out / REPORT).read_bytes()
    assert report.main([str(out)]) == 2  # nobody knows the factory now
    assert (out / REPORT).read_bytes() == before
    text, why = make_report(RunDirectory(out))
    assert "evolved on a function" in why
    assert why in Page(text).text
    assert "Raster" not in headings(Page(text))


def test_an_id_without_pictures_is_not_asked_for_any(tmp_path) -> None:
    gym.register("Blind-v0", entry_point=Echo)
    try:
        spiking_agent.evolve("Blind-v0", out=tmp_path / "run", **TINY)  # a warning is an error
    finally:
        del gym.registry["Blind-v0"]
    assert "This environment gives no pictures" in read(tmp_path / "run").text


class Shy(Echo):
    """Says that it draws, and does not."""

    def render(self) -> None:
        return None


def test_a_picture_that_is_none_is_no_error(tmp_path) -> None:
    spiking_agent.evolve(Shy, out=tmp_path / "run", **TINY)
    assert "shape (height, width, 3), got None; it lists no" in read(tmp_path / "run").text


class Broken(Echo):
    """Cannot draw, or in the end not even play."""

    metadata = {"render_modes": ["rgb_array"]}  # noqa: RUF012
    is_playable = True

    def render(self) -> None:
        raise RuntimeError("no screen")

    def step(self, action: int):
        if not self.is_playable:
            raise ArithmeticError("no more")
        return super().step(action)


@pytest.mark.slow
def test_who_cannot_draw_keeps_the_rest_of_the_report_and_an_old_one(
    tmp_path, monkeypatch, capsys
) -> None:
    gym.register("Broken-v0", entry_point=Broken)
    run = tmp_path / "run"
    try:
        spiking_agent.evolve("Broken-v0", out=run, **TINY)
        assert "RuntimeError: no screen" in read(run).text
        assert "Raster" in headings(read(run))
        assert "<dt>mean fitness</dt>" in read(run).html
        before = (run / REPORT).read_bytes()
        monkeypatch.setattr(Broken, "is_playable", False)
        assert report.main([str(run)]) == 2
        assert "ArithmeticError: no more" in capsys.readouterr().err
        assert (run / REPORT).read_bytes() == before
    finally:
        del gym.registry["Broken-v0"]


def test_a_damaged_checkpoint_costs_the_population_only(run) -> None:
    (run / "checkpoint.npz").write_bytes(b"half")
    assert report.main([str(run)]) == 0
    assert "Strengths" in headings(read(run))


@pytest.mark.slow
def test_a_live_run_is_not_said_to_be_repeatable(run) -> None:
    config = json.loads((run / CONFIG).read_text())
    config["run"]["engine"] = "live"
    (run / CONFIG).write_text(json.dumps(config))
    text = Page(make_report(RunDirectory(run), is_quick=True)[0]).text
    assert "no two live runs agree" in text
    assert "bit by bit" not in text


@pytest.mark.slow
def test_reports_in_threads_leave_the_style_of_drawings_alone(runs) -> None:
    before = dict(mpl.rcParams)
    with ThreadPoolExecutor(3) as pool:
        directory = RunDirectory(runs["cartpole"])
        texts = list(pool.map(lambda _: make_report(directory, is_quick=True)[0], range(3)))
    assert dict(mpl.rcParams) == before
    assert all("<svg" in text for text in texts)


def test_ctrl_c_while_the_report_of_a_complete_run_is_written_leaves_it_out(
    runs, monkeypatch
) -> None:
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(page, "write_report", stop)
    with at_end.report_at_end(RunDirectory(runs["snake"])) as writing:
        pass
    assert not writing.is_done


@pytest.mark.slow
def test_an_old_report_is_not_said_to_be_the_new_one(tmp_path, capsys) -> None:
    out = str(tmp_path / "run")
    small = ["--population", "4", "--episodes", "1"]
    command = ["--env", "CartPole-v1", *small, "--out", out, "--workers", "1"]
    assert evolve.main([*command, "--generations", "1"]) == 0
    assert "The report is in" in capsys.readouterr().out
    resume = ["--resume", out, "--generations", "2", "--workers", "1", "--no-report"]
    assert evolve.main(resume) == 0
    assert "The report is in" not in capsys.readouterr().out


def endings(run: Path, solved: list[float], seconds: float) -> games.Games:
    """What is pictured of episodes on Snake, if those had been solved."""
    organism = Organism.load(run / CHAMPION)
    results = EpisodeResults.empty(1, len(solved))
    results.is_solved[0] = solved
    found = games.Games(names=())
    patience = games.Patience(seconds)
    games._picture_endings(found, organism, organism.env_source(), results, patience)
    return found


def test_only_lost_games_are_pictured(runs) -> None:
    won = endings(runs["snake"], [1.0, 1.0, 1.0], 60.0)
    assert won.endings is None
    assert won.notes["endings"] == "None of 3 held-out games was lost."
    lost = endings(runs["snake"], [1.0, 0.0, 1.0, 0.0], 60.0)
    assert lost.endings is not None
    assert "Last pictures of 2 of 4 held-out games" in lost.endings.words
    assert "1 (0), 3 (0)" in lost.endings.words
    assert endings(runs["snake"], [0.0] * 40, 60.0).endings.words.count("(0)") == games.N_ENDINGS


def test_a_gif_where_films_cannot_be_written_stands_still_for_who_wants_that(
    runs, monkeypatch
) -> None:
    monkeypatch.setattr(games, "default_format", lambda: ".gif")
    shown = Page(make_report(RunDirectory(runs["cartpole"]), is_quick=True)[0])
    assert shown.all("img")[0]["src"].startswith("data:image/gif")
    (source,) = shown.all("source")
    assert source["media"] == "(prefers-reduced-motion: reduce)"
    assert source["srcset"].startswith("data:image/png")
    assert not shown.all("video")


def test_films_that_are_too_large_lose_their_beginning(runs, monkeypatch) -> None:
    sizes = []
    film = games._film

    def recorded(frames, suffix):
        sizes.append(len(frames))
        return film(frames, suffix)

    monkeypatch.setattr(games, "_film", recorded)
    monkeypatch.setattr(games, "default_format", lambda: ".gif")
    monkeypatch.setattr(games, "MAX_CLIP", 1)
    organism = Organism.load(runs["cartpole"] / CHAMPION)
    clip = games._clip(organism, organism.env_source(), 0, 12, games.Patience(60))
    assert sizes[0] > 8 >= sizes[-1]
    assert f"moves {sizes[0] - sizes[-1]} to {sizes[0] - 1}" in clip.words


@pytest.mark.slow
def test_the_same_run_gives_the_same_words_and_drawings(runs) -> None:
    first, second = (
        Page(make_report(RunDirectory(runs["snake"]))[0].split('id="learning"')[1])
        for _ in range(2)
    )
    assert first.html == second.html


def test_a_failure_is_one_line_and_costs_nothing(tmp_path, monkeypatch, capsys) -> None:
    def fail(*_, **__):
        raise RuntimeError("first line\n\x1b[31msecond line")

    monkeypatch.setattr(page, "write_report", fail)
    champion = spiking_agent.evolve(Echo, out=tmp_path / "run", **TINY)
    (line,) = capsys.readouterr().err.splitlines()
    assert "could not be written, the run itself is saved" in line
    assert line.endswith(r"(RuntimeError: first line \x1b[31msecond line)")
    assert (tmp_path / "run" / CHAMPION).read_bytes() == champion.to_bytes()
    assert not (tmp_path / "run" / REPORT).exists()


@pytest.mark.parametrize(
    ("error", "written"),
    [(None, [False]), (KeyboardInterrupt, [True]), (OSError, [])],
    ids=["finished", "stopped", "failed"],
)
def test_a_report_is_quick_after_ctrl_c_and_none_after_an_error(
    runs, error, written, monkeypatch
) -> None:
    heard, said = [], []
    monkeypatch.setattr(page, "write_report", lambda _, **how: heard.append(how["is_quick"]))
    with nullcontext() if error is None else pytest.raises(error):
        with at_end.report_at_end(RunDirectory(runs["snake"]), say=said.append):
            if error is not None:
                raise error
    assert heard == written
    assert ["Ctrl-C again" in words for words in said] == written


def test_no_report_is_written_without_a_champion_or_if_nobody_wants_one(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(page, "write_report", lambda *_, **__: pytest.fail("written"))
    for directory in (None, RunDirectory(tmp_path)):
        with at_end.report_at_end(directory):
            pass
    spiking_agent.evolve(Echo, out=tmp_path / "run", report=False, **TINY)


@pytest.mark.slow
def test_the_program_evolves_with_a_report_or_without(tmp_path, capsys) -> None:
    small = ["--generations", "1", "--population", "4", "--episodes", "1", "--workers", "1"]
    for name, options in (("with", []), ("without", ["--no-report"])):
        out = tmp_path / name
        assert evolve.main(["--env", "CartPole-v1", *small, "--out", str(out), *options]) == 0
        said = capsys.readouterr().out
        assert (out / REPORT).exists() == (f"The report is in {out / REPORT}" in said)
        assert (out / REPORT).exists() == (name == "with")


@pytest.mark.slow
def test_the_program_says_where_the_report_is(run, capsys) -> None:
    (run / REPORT).unlink()
    assert report.main([str(run), "--env-kwargs", "hunger_limit=3"]) == 0
    assert capsys.readouterr().out == f"The report is in {run / REPORT}\n"
    assert "Final positions" in read(run).text


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["none", CONFIG, CHAMPION, METRICS, "words", "row", "env"])
def test_bad_input_is_one_line_and_leaves_the_old_report(damage, run, tmp_path, capsys) -> None:
    before = (run / REPORT).read_bytes()
    arguments = [str(run)]
    if damage == "none":
        arguments = [str(tmp_path / "nowhere")]
    elif damage == "env":
        arguments += ["--env", "CartPole-v1"]
    elif damage == "words":
        text = (run / METRICS).read_text().splitlines()
        (run / METRICS).write_text("\n".join([text[0], text[1].replace("0", "zero", 1)]) + "\n")
    elif damage == "row":
        (run / METRICS).write_text("generation,best\n0,1\n")
    else:
        (run / damage).unlink()
    assert report.main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("spiking-report: error: ")
    assert (run / REPORT).read_bytes() == before


@pytest.mark.slow
@pytest.mark.skipif(browser.CHROMIUM is None, reason="chromium is not installed")
@pytest.mark.parametrize("name", ENVS)
def test_a_browser_has_nothing_to_complain_about(name, runs, tmp_path) -> None:
    path = runs[name] / REPORT
    assert browser.complaints(path, tmp_path / "profile") == []


@pytest.mark.slow
@pytest.mark.skipif(browser.CHROMIUM is None, reason="chromium is not installed")
@pytest.mark.parametrize(
    "planted",
    ["<script>throw new Error('planted')</script>", '<img src="https://a.example/b.png">'],
)
def test_a_browser_would_complain_about_scripts_and_foreign_pictures(
    planted, runs, tmp_path
) -> None:
    html = (runs["cartpole"] / REPORT).read_text()
    (tmp_path / "planted.html").write_text(html.replace("</main>", f"{planted}</main>"))
    lines = browser.complaints(tmp_path / "planted.html", tmp_path / "profile")
    assert len(lines) == 1
    assert "Content Security Policy" in lines[0]


@pytest.mark.slow
@pytest.mark.skipif(browser.CHROMIUM is None, reason="chromium is not installed")
def test_a_browser_tells_errors_of_the_console(tmp_path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<!DOCTYPE html><html><body><script>console.error('planted')</script></html>")
    (line,) = browser.complaints(page, tmp_path / "profile")
    assert "planted" in line
