"""The figures of calls."""

from __future__ import annotations

from hub.planning.figures.definition import Definition, define

CALLS: tuple[Definition, ...] = (
    define(
        "calls_booked",
        "count",
        "flow",
        ("Rendez-vous pris", "Les rendez-vous qui tombent dans la période ; un rendez-vous déplacé compte une fois."),
        ("Calls booked", "The calls that fall in the period; one that was moved counts once."),
    ),
    define(
        "calls_held",
        "count",
        "flow",
        ("Rendez-vous honorés", "Les rendez-vous de la période qui ont eu lieu."),
        ("Calls held", "The calls of the period that took place."),
    ),
    define(
        "calls_cancelled",
        "count",
        "flow",
        ("Rendez-vous annulés", "Les rendez-vous de la période qui ont été annulés et pas déplacés."),
        ("Calls cancelled", "The calls of the period that were cancelled and not moved."),
    ),
    define(
        "calls_missed",
        "count",
        "flow",
        ("Absences", "Les rendez-vous de la période où la personne n'est pas venue."),
        ("No-shows", "The calls of the period to which the person did not come."),
    ),
    define(
        "show_rate",
        "percent",
        "flow",
        ("Taux de présence", "Les rendez-vous honorés, en part de ceux qui étaient attendus."),
        ("Show-up rate", "Calls held, as a share of those that were expected."),
    ),
    define(
        "call_sales",
        "percent",
        "flow",
        (
            "Taux de transformation des rendez-vous",
            "Les rendez-vous honorés suivis d'un premier paiement de la même adresse, en part de tous ceux honorés.",
        ),
        (
            "Conversion of calls",
            "Calls held that a first payment of the same address followed, as a share of all that were held.",
        ),
    ),
)
