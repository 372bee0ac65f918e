"""The data doctor: what is off in labelled data and in texts, before a run is spent on them."""
