"""Real input: reports of Boston, 2011, mapped onto the demonstration district."""
