"""The hub's own settings, and the keys of each connection. See docs/settings.md.

Nothing is read at import, and pydantic-settings' own readers are off: `hub.environment` reads instead, because it knows
the line of .env or the file that a person must go to. No message holds a value (R11).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from hub import own_key
from hub.core.errors import ConfigError
from hub.environment import PREFIX, Environment, Found, connection_prefix, read_environment
from hub.nearest import nearest

ModelT = TypeVar("ModelT", bound=BaseModel)
Port = Annotated[int, Field(ge=0, le=65535)]

PLACES = (
    "Put it in .env in the working folder, in the environment, or in a file of that name in the secrets folder "
    "(HUB_SECRETS_DIR)."
)
PRINTED = "(what that command prints)"


class HubSettings(BaseSettings):
    """What one hub is told. Each field is the variable HUB_<NAME>; docs/settings.md lists them all."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, hide_input_in_errors=True)

    mappings: Path = Field(
        default=Path("mappings"), description="The folder with one folder for each business.", examples=["mappings"]
    )
    data: Path = Field(
        default=Path("data"), description="The folder of the hub's database and of its own key.", examples=["data"]
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="The address that the hub listens on. Behind a proxy on the same machine, leave it.",
        examples=["127.0.0.1"],
    )
    port: Port = Field(
        default=8700, description="The port that the hub listens on, a whole number up to 65535.", examples=["8700"]
    )
    public_url: str | None = Field(
        default=None,
        description="The address at which the providers' webhooks reach the hub from outside, with https://.",
        examples=["https://hub.example.com"],
    )
    status_key: SecretStr | None = Field(
        default=None,
        min_length=16,
        description=(
            "The key of the status page, 16 characters or more; `hub up` and `hub api` need it. "
            "Make one: `openssl rand -hex 24`."
        ),
        examples=[PRINTED],
    )
    database_url: SecretStr | None = Field(
        default=None,
        min_length=1,
        description="The database, as SQLAlchemy writes it. Without it: SQLite, in the data folder.",
        examples=["postgresql+psycopg://USER:PASSWORD@HOST/hub"],
    )
    prefect_port: Port = Field(
        default=4200,
        description="The port of the Prefect server that `hub up` starts, a whole number up to 65535.",
        examples=["4200"],
    )
    prefect_api_url: str | None = Field(
        default=None,
        description="The API of a Prefect server of your own, with http:// or https://; `hub up` then starts none.",
        examples=["http://127.0.0.1:4200/api"],
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description=(
            "The key that encrypts the secrets that providers hand to the hub, the same for every process. "
            f"Without it: the file {own_key.FILE} in the data folder, made once. Make one: `openssl rand -base64 32`."
        ),
        examples=[PRINTED],
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="How much the log says: DEBUG, INFO, WARNING or ERROR.", examples=["INFO"]
    )
    secrets_dir: Path | None = Field(
        default=None,
        description="A folder with one file for each variable, named like it, such as Docker's /run/secrets.",
        examples=["/run/secrets"],
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  the signature is pydantic-settings'
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load_settings` hands over, so that a test or a second hub sees nothing of this machine."""
        return (init_settings,)

    @field_validator("public_url", "prefect_api_url")
    @classmethod
    def _an_address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("not an address")
        return url.rstrip("/")

    @field_validator("secret_key")
    @classmethod
    def _a_fernet_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is None:
            return None
        safe = key.get_secret_value().translate(own_key.URL_SAFE)  # openssl prints + and /, Fernet wants - and _
        if not own_key.fits(safe.encode()):
            raise ValueError("not a key")
        return SecretStr(safe)

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, level: object) -> object:
        return level.upper() if isinstance(level, str) else level


def load_settings(env: Mapping[str, str] = os.environ, dotenv: Path = Path(".env")) -> HubSettings:
    """The settings of this folder and environment. Raises ConfigError with every problem, a line each.

    A name that no setting has is a problem when it cannot be a connection's key (those have three parts or more after
    HUB_) or when it is one slip away from a setting. `unknown_keys` judges the rest.
    """
    environment = read_environment(env, dotenv)
    fields = {PREFIX + name.upper(): name for name in HubSettings.model_fields}
    problems = list(environment.problems)
    for name, found in environment.variables.items():
        near = nearest(name, fields, cutoff=0.85)
        if name not in fields and (near or name.count("_") < 3):
            problems.append(_unknown(name, found, near or nearest(name, fields)))
    values = {
        field: environment.variables[name].value for name, field in fields.items() if name in environment.variables
    }
    settings: HubSettings | None = None
    try:
        settings = HubSettings(**values)  # type: ignore[arg-type]  # texts, which pydantic turns into the field's type
    except ValidationError as error:
        for details in error.errors(include_url=False, include_input=False, include_context=False):
            field = HubSettings.model_fields[str(details["loc"][0])]
            name = PREFIX + str(details["loc"][0]).upper()
            place = environment.variables[name].place
            example = (field.examples or [""])[0]
            problems.append(f"{name} ({place}) does not fit. {field.description} Example: {name}={example}")
    if settings is None or problems:
        raise ConfigError("\n".join(problems))
    return settings


def connection_settings(
    model: type[ModelT],
    business_key: str,
    connection: str,
    extra: Mapping[str, object],
    *,
    typed: Mapping[str, str] | None = None,
    env: Mapping[str, str] = os.environ,
    dotenv: Path = Path(".env"),
) -> ModelT:
    """A connector's settings, from the variables HUB_<BUSINESS>_<CONNECTION>_<FIELD>. `extra` (from YAML) wins.

    `typed`: variables that a person has just given; they come before those that stand anywhere.

    Raises ConfigError, a line for each variable that is missing, wrong or misspelt. A variable with this prefix that
    looks like none of the fields is left to `unknown_keys`: it may be the key of a connection with a longer name.
    """
    prefix = connection_prefix(business_key, connection)
    environment = read_environment(env, dotenv)
    if typed:
        given_now = {name: Found(value, "as typed") for name, value in typed.items()}
        environment = Environment({**environment.variables, **given_now}, environment.problems)
    names = {prefix + name.upper(): name for name in model.model_fields}
    given = {field: environment.variables[name] for name, field in names.items() if name in environment.variables}
    problems = [
        _unknown(name, found, near)
        for name, found in environment.variables.items()
        if name.startswith(prefix) and (near := _misspelt(name, prefix, names))
    ]
    built: ModelT | None = None
    try:
        built = model.model_validate({**{field: found.value for field, found in given.items()}, **extra})
    except ValidationError as error:
        problems += _connection_problems(error, model, prefix, given, environment)
    if built is None or problems:
        raise ConfigError("\n".join(problems))
    return built


def _connection_problems(
    error: ValidationError, model: type[BaseModel], prefix: str, given: Mapping[str, Found], environment: Environment
) -> list[str]:
    problems: list[str] = []
    missing = False
    for details in error.errors(include_url=False, include_input=False, include_context=False):
        field = str(details["loc"][0]) if details["loc"] else ""
        if not field:  # of several that must go together
            variables = ", ".join(sorted(prefix + each.upper() for each in given)) or "none of its variables is set"
            why = _sentence(details["msg"].removeprefix("Value error, "))
            problems.append(f"The settings {prefix}… do not fit together ({variables}). {why}")
            continue
        name = prefix + field.upper()
        info = model.model_fields.get(field)
        description = _sentence((info.description if info else None) or "")
        if details["type"] == "missing":
            problems.append(" ".join(filter(None, (f"{name} is missing.", description, PLACES))))
            missing = True
            continue
        found = given.get(field)
        place = found.place if found else "business.yaml"
        reason = _sentence(details["msg"].removeprefix("Value error, ")) if details["type"] == "value_error" else ""
        if found is not None and found.value in reason:
            reason = ""  # a validator that repeats the value
        problems.append(" ".join(filter(None, (f"{name} ({place}) does not fit.", reason, description))))
    # What could not be read may be what is missing; it is no concern of a connection that has all it needs (R9).
    return problems + (list(environment.problems) if missing else [])


def _misspelt(name: str, prefix: str, names: Mapping[str, str]) -> str | None:
    """The known name that this one is a slip away from. A longer name that ends alike is another connection's."""
    rest = name.removeprefix(prefix)
    if name in names or any(rest.endswith("_" + field.upper()) for field in names.values()):
        return None
    near = nearest(rest, [field.upper() for field in names.values()], cutoff=0.75)
    return prefix + near if near else None


def unknown_keys(settings_env: Mapping[str, Any], known_prefixes: Mapping[str, type[BaseModel]]) -> list[str]:
    """A line for each HUB_ variable that nothing reads, with the nearest name that something does.

    `settings_env`: variables by name, such as `read_environment(…).variables`, whose values also tell the place.
    `known_prefixes`: HUB_<BUSINESS>_<CONNECTION>_ -> the connector's settings, for every connection there is.
    """
    known = {PREFIX + name.upper() for name in HubSettings.model_fields}
    known |= {prefix + name.upper() for prefix, model in known_prefixes.items() for name in model.model_fields}
    unknown = {name: found for name, found in settings_env.items() if name.upper().startswith(PREFIX)}
    return [
        _unknown(name.upper(), found, nearest(name, sorted(known), cutoff=0.75))
        for name, found in sorted(unknown.items())
        if name.upper() not in known
    ]


def _unknown(name: str, found: object, near: str | None) -> str:
    place = f" ({found.place})" if isinstance(found, Found) else ""
    if near:
        return f"{name}{place} is not known. Did you mean {near}?"
    return (
        f"{name}{place} is not known: no setting and no connection has that name. "
        "Take it out, or see docs/settings.md for the names there are."
    )


def _sentence(text: str) -> str:
    text = text.strip()
    return text if not text else text[0].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def env_warnings(dotenv: Path = Path(".env")) -> list[str]:
    """What is unwise about the file of keys, a line each; [] when there is none or it is closed."""
    try:
        mode = dotenv.stat().st_mode
    except OSError:
        return []
    if mode & 0o007:
        return [f"{dotenv} holds keys and is open to every user of this machine. Close it: chmod 600 {dotenv}"]
    return []


def fernet_key(settings: HubSettings) -> bytes:
    """The key that encrypts secrets at rest: HUB_SECRET_KEY, or the data folder's own, made on first use (mode 0600).

    Raises ConfigError when the folder cannot be written or the file holds something else.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().encode()
    return own_key.kept_in(settings.data)
