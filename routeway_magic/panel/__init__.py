"""The panel: a widget to tune, ask, stop and see, over the session of the magics."""
