"""The centre's own command line: policies and catalogues, read, compared and put in force."""
