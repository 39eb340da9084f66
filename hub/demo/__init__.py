"""`hub demo`: the whole product against sandboxes."""
