"""Figures that pages quote are those that their commands gave last."""

import json
import re
import shlex

import pytest
from pages import ROOT, command_lines

import figures

ENTRIES = json.loads(figures.LIST.read_text())
ONE = {
    "commands": [
        'python -c \'import json; print(json.dumps({"mean": 2.5, "share_solved": 0.5}))\''
    ],
    "seen": {"mean": 1.0, "share_solved": 0.25},
    "quotes": [["page.md", "mean {mean:.1f} and {percent[share_solved]:.0f} %"]],
}


@pytest.fixture
def page(tmp_path, monkeypatch):
    """Return a page that quotes the figures of a list of one entry."""
    page, entries = tmp_path / "page.md", tmp_path / "figures.json"
    page.write_text("It has mean 1.0 and 25 % today.\n")
    entries.write_text(json.dumps({"one": ONE}))
    (tmp_path / "scripts").mkdir()
    monkeypatch.setattr(figures, "ROOT", tmp_path)
    monkeypatch.setattr(figures, "LIST", entries)
    return page


@pytest.mark.parametrize("name", ENTRIES)
def test_a_page_quotes_what_its_command_gave(name) -> None:
    for path, sentence in figures.sentences(ENTRIES[name], ENTRIES[name]["seen"]):
        assert sentence in (ROOT / path).read_text()


@pytest.mark.parametrize("name", ENTRIES)
def test_the_command_of_a_figure_stands_in_the_page_of_the_figure(name) -> None:
    pages = {"README.md", *(page for page, _ in ENTRIES[name]["quotes"])}
    told = {shlex.join(shlex.split(line)) for page in pages for line in command_lines(ROOT / page)}
    for command in ENTRIES[name]["commands"]:
        words = [word for word in shlex.split(command) if word not in {"--json", "--no-report"}]
        if not {"--without", "cycle.npz"} & set(words):  # quoted in part, and beside the champion
            # A page may say once how it is for each board: then N and M stand for 8 and 9.
            of_any_board = re.sub(r"n_rows=\d+ n_cols=\d+", "n_rows=8 n_cols=9", shlex.join(words))
            assert {shlex.join(words), of_any_board} & told


def test_a_figure_that_has_changed_is_reported(page, capsys) -> None:
    before = page.read_text()
    assert figures.main([]) == 1
    assert "mean 2.5 and 50 %   (it said: mean 1.0 and 25 %)" in capsys.readouterr().out
    assert page.read_text() == before


def test_figures_of_today_are_written_into_the_page(page, capsys) -> None:
    assert figures.main(["one", "--write"]) == 0
    assert page.read_text() == "It has mean 2.5 and 50 % today.\n"
    assert figures.main([]) == 0
    assert "it said" not in capsys.readouterr().out.splitlines()[-1]


def test_what_cannot_be_compared_is_refused(page, capsys) -> None:
    assert figures.main(["other"]) == 2
    assert "NAME must be one of one, got other" in capsys.readouterr().err
    page.write_text("Something else.\n")
    assert figures.main(["--write"]) == 2
    assert "page.md must say 'mean 1.0 and 25 %', but it does not" in capsys.readouterr().err
    entries = {"one": {**ONE, "commands": ["python -c 'raise SystemExit(3)'"]}}
    figures.LIST.write_text(json.dumps(entries))
    assert figures.main([]) == 2
    assert re.search(r"must run, got exit code 3", capsys.readouterr().err)
