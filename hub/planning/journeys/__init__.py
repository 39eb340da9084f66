"""Client journeys: what has happened to whom, which step is due when, what is to be done now. Pure.

`facts` reads the mirror, `persons` tells who is who, `steps` knows the instants, `plan` decides, `figures` counts.
"""
