"""The page Now: what runs at this moment, what stands, and why."""
