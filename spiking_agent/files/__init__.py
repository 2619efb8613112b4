"""Files written completely or not at all, files of plain arrays, and files held by one process."""
