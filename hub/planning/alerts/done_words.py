"""How people say in French and English that something is done: patterns of small letters without accents.

Each is for a whole statement. What may also mean that it will be done, or should be, is left out on purpose.
"""

from __future__ import annotations

import re

_DONE = (
    r"(?:fait|faite|faits|faites|termine|terminee|termines|terminees|fini|finie|finis|finies|bouclee|bouclees"
    r"|reglee|reglees|cloturee|cloturees|done|finished|completed)"
)
_OK = r"(?:(?:ok|okay|oui|yes|yep|voila|hop|ca y est|et voila|parfait|super)[ ,:]*)*"
_WHEN = (
    r"(?: (?:hier|hier soir|hier matin|ce matin|a l'instant|deja|comme convenu|yesterday|this morning|last night"
    r"|just now|already))?"
)
_IT = (
    r"(?:c'est|c est|cest|c|ca c'est|il est|elle est|la tache est|cette tache est|tache|it is|it's|its|it has been"
    r"|it was|this is|that's|that is|thats|the task is|this task is|task|this one is)"
)
_ADVERB = r"(?:deja|enfin|tout juste|maintenant|already|just|now|finally)"
_HAVE = r"(?:(?:je |j' ?)?(?:l'ai|l ai|les ai|ai)|i have|i've|ive|i|i had|we have|we've|on a|on l'a|nous avons)"
_JUST = r"(?:je viens de (?:le |la |les )?(?:finir|terminer|faire|boucler|cloturer|regler))"
_THAT = r"(?: (?:it|this|that|this one|that one|the task|la tache|cette tache|ca))?"

_WORD = r"(?:n|num|numero|numeros|tache|taches|task|tasks|line|lines|ligne|lignes|point|points|number|numbers)"
_NUMBER = rf"(?:(?:le|la|les|the|l'|pour|for) ?)*(?:{_WORD}\.? ?)*#? ?\d{{1,3}}"
_AND = r"(?: ?(?:, et|, and|,|&|\+|et|and|puis) ?| )"
_RANGE = r"\d{1,3} (?:a|to|through) \d{1,3}"
_NUMBERS = rf"(?:(?:{_WORD} |de |from )?{_RANGE}|{_NUMBER}(?:{_AND}{_NUMBER})*)"
_ARE = r"(?:est|sont|is|are|'s|c'est|ont ete|a ete|has been|have been|was|were)"

BARE = re.compile(
    rf"{_OK}(?:(?:{_IT} )?(?:{_ADVERB} )?{_DONE}(?: {_DONE})?(?: {_ADVERB})?|{_JUST}{_THAT}"
    rf"|{_HAVE} (?:{_ADVERB} )?{_DONE}{_THAT}|i did(?: it| this| that)|{_DONE} (?:et|and) {_DONE}){_WHEN}"
)
"""Something is done, and nothing says what."""

ALL = re.compile(
    rf"{_OK}(?:(?:tout|toutes|tous|all|everything|le tout|l'ensemble|toutes les taches|tous les points|all of them"
    rf"|all of it|all tasks|all the tasks)"
    rf"(?: (?:est|sont|is|are|'s|a ete|ont ete|has been|have been))?(?: all| tous| toutes)?(?: {_ADVERB})? {_DONE}"
    rf"|everything's {_DONE}|c'est tout {_DONE}|{_DONE} (?:pour tout|pour toutes|for all)"
    rf"|(?:elles|ils) sont (?:tous |toutes )?{_DONE}|{_DONE} tout|it's all {_DONE}|they(?: are|'re) (?:all )?{_DONE}"
    rf"|{_HAVE} (?:{_ADVERB} )?tout {_DONE}|{_HAVE} (?:{_ADVERB} )?{_DONE} (?:everything|all of them|them all|tout)"
    rf"|{_JUST} tout){_WHEN}"
)
"""Everything in the mail is done."""

BOTH = re.compile(
    rf"{_OK}(?:(?:both|both of them|les deux|both tasks|les deux taches)(?: (?:are|sont|have been))?(?: {_ADVERB})?"
    rf" {_DONE}|{_DONE} (?:les deux|both)){_WHEN}"
)

COUNTED = re.compile(
    rf"{_OK}(?:(?:les|all|the|all the|toutes les|tous les) (?P<n>\d{{1,3}})(?: taches| tasks| points| lignes| lines)?"
    rf"(?: (?:sont|are|have been))?(?: {_ADVERB})? {_DONE}){_WHEN}"
)
"""So many are done: their number is no line's number."""

NUMBERED = re.compile(
    rf"{_OK}(?:(?:{_IT} )?{_DONE}(?: (?:pour|for|with|:))?[ :]+(?!le \d+$)({_NUMBERS})"
    rf"|({_NUMBERS})(?: ?[:=-]| ?{_ARE})?(?: {_ADVERB}| ok| tous| toutes| both| all)? ?{_DONE}"
    rf"|{_HAVE} (?:{_ADVERB} )?{_DONE} ({_NUMBERS})|i did ({_NUMBERS})){_WHEN}"
)
"""The lines of these numbers are done."""

LEADING = re.compile(rf"\b(\d{{1,3}}) ?[.)/:] ?(?={_OK}(?:{_IT} )?(?:{_ADVERB} )?{_DONE}\b)")
"""A number that begins a line of a list: "1. fait"."""

RANGE = re.compile(r"\D*(?P<first>\d{1,3}) (?:a|to|through) (?P<last>\d{1,3})")

PLURAL = re.compile(
    r"\b(?:sont|are|have been|faits|faites|termines|terminees|finis|finies|bouclees|reglees|cloturees)\b"
)
"""With one number only, that number counts: "3 are done"."""

GREETING = re.compile(
    r"(?:(?:bonjour|bonsoir|salut|coucou|hello|hi|hey|dear|chere?|good morning|good evening)(?: [a-z'-]+){0,2}"
    r"|re|ok|okay|oui|yes|yep|voila|et voila)"
)

COURTESY = re.compile(
    r"(?:(?:un grand |grand )?merci(?: beaucoup| bien| a toi| a vous| infiniment| encore)?(?: [a-z-]+)?"
    r"|(?:many )?(?:thanks|thank you|thx|cheers|ta)(?: a lot| so much| very much| again)?(?: [a-z-]+)?"
    r"|(?:tres )?(?:bonne|belle|bon|excellente?) (?:journee|soiree|fin de journee|apres-midi|semaine|nuit|week-?end"
    r"|fin de semaine)(?: a (?:toi|vous|tous))?"
    r"|a (?:bientot|demain|plus|plus tard|tout a l'heure|toute|tres vite)"
    r"|(?:bien )?(?:cordialement|a toi|a vous)|bien cdt|cdt|bises?|bisous?|biz|amities|amicalement"
    r"|(?:have a |have )?(?:nice|good|great|lovely) (?:day|evening|week-?end|week|one)"
    r"|(?:best|kind|warm)(?: regards| wishes)?|regards|talk soon|see you(?: tomorrow| soon| later)?"
    r"|[:;]-?[)dp]|xx?|tout va bien)"
)

PROBLEM = re.compile(
    r"\b(?:pas|not|n't|mais|but|sauf|except|however|cependant|toutefois|ps|nb|sinon|manque|missing|probleme|problem"
    r"|erreur|error|attention|wait|attends|attendez|encore|still|demain|tomorrow|non|no)\b"
)
"""Words below a name that are no part of a signature."""
