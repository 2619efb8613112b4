"""One policy: act, predict, save, load and evaluate; and the champion that ships."""
