"""Every figure of a business, computed from the mirror. Pure.

`books` reads the records once, typed; `names` says what each figure is. `cash`, `tax` and `orders` count what moved,
`states`, `movements` and `ratios` what is contracted, `plans` what is paid in parts. `months` and `currencies` say over
which time and in which money.
"""
