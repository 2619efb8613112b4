"""How episodes are shared out: all of them, once, in tasks of a bounded size."""

import numpy as np
import pytest

from spiking_agent.episodes.workers.shares import (
    MAX_SINGLE_LANES,
    shares,
    shares_of_one,
    single_shares,
)


@pytest.mark.parametrize("share_out", [shares, single_shares, shares_of_one])
@pytest.mark.parametrize("n_workers", [1, 2, 3, 16, 1000])
@pytest.mark.parametrize(("n_genomes", "n_episodes"), [(1, 1), (1, 64), (7, 3), (400, 6), (3, 500)])
def test_every_episode_is_in_one_share(share_out, n_workers, n_genomes, n_episodes) -> None:
    n_times = np.zeros((n_genomes, n_episodes), np.int64)
    for genomes, episodes in share_out(n_genomes, n_episodes, n_workers):
        assert n_times[genomes, episodes].size
        n_times[genomes, episodes] += 1
    assert (n_times == 1).all()


def test_no_share_of_single_environments_is_large() -> None:
    for n_genomes, n_episodes, n_workers in [(400, 6, 2), (1, 1000, 1), (65, 1, 1), (64, 64, 3)]:
        lanes = np.empty((n_genomes, n_episodes))
        for genomes, episodes in single_shares(n_genomes, n_episodes, n_workers):
            assert lanes[genomes, episodes].size <= MAX_SINGLE_LANES


def test_the_first_genomes_are_in_different_shares() -> None:
    dealt = shares(400, 6, 4)
    assert len(dealt) == 4
    firsts = [np.arange(400)[genomes][0] for genomes, _ in dealt]
    assert sorted(firsts) == [0, 1, 2, 3]


def test_slow_episodes_are_shared_out_one_by_one_and_every_genome_plays_its_first_one_first() -> (
    None
):
    dealt = [(genomes.start, episodes.start) for genomes, episodes in shares_of_one(3, 2, 2)]
    assert dealt == [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1)]
