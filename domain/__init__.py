"""The rules of grid governance: pure, standard library only; decide and evolve hold the whole case life."""
