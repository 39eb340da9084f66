"""Deadline alerts: which task is said to whom, when, in which mail. Pure.

`types` has the words, `steps` the instants at which something is to be said, `plan` the mails, `letters` what stands in
them. The ledger key of an alert is recipient, task, step and due value: said once, whatever happens in between.
"""
