"""What a key sees, by the names that people know."""

from __future__ import annotations

from hub.core.http import Api
from hub.core.types import Sight, Thing


class LanternDirectory:
    """Looks at one account."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def look(self) -> Sight:
        """The account and its forms. ConfigError when the key is refused."""
        forms = [
            Thing(kind="form", id=each["id"], name=each["name"], url=each["url"])
            for each in self._api.get("/forms")["forms"]
        ]
        warnings = () if forms else ("There is no form yet: make one in Lantern.",)
        return Sight(account=self._api.get("/me")["name"], things=forms, warnings=warnings)
