"""Settings and keys: where they come from, and what a person is told when one is missing, wrong or misspelt."""

from __future__ import annotations

import contextlib
import re
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

import hub.settings
from hub.core.errors import ConfigError
from hub.environment import connection_prefix, read_environment
from hub.settings import HubSettings, connection_settings, env_warnings, fernet_key, load_settings, unknown_keys
from tests.paths import ROOT

NOWHERE = Path("no-such-.env")


class StripeLike(BaseModel):
    model_config = ConfigDict(extra="forbid")

    api_key: SecretStr = Field(description="A restricted key, from Stripe > Developers > API keys.")
    base_url: str = Field(default="https://api.stripe.com", description="The address of Stripe.")
    per_second: int = Field(default=25, ge=1, description="The most calls a second.")
    page: str | None = Field(default=None, description="A page.")

    @field_validator("api_key")
    @classmethod
    def _starts_well(cls, key: SecretStr) -> SecretStr:
        if key.get_secret_value() == "repeat-me-1":
            raise ValueError("I repeat repeat-me-1")
        if not key.get_secret_value().startswith("rk_"):
            raise ValueError("this is no restricted key: those start with rk_")
        return key


def told(env: dict[str, str], dotenv: Path = NOWHERE) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_settings(env, dotenv)
    return str(caught.value).split("\n")


def stripe(env: dict[str, str], dotenv: Path = NOWHERE, **extra: object) -> StripeLike:
    return connection_settings(StripeLike, "atelier-lila", "stripe", extra, env=env, dotenv=dotenv)


def stripe_told(env: dict[str, str], dotenv: Path = NOWHERE, **extra: object) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        stripe(env, dotenv, **extra)
    return str(caught.value).split("\n")


def test_without_a_word_everything_has_its_default() -> None:
    assert load_settings({}, NOWHERE) == HubSettings()


def test_every_setting_is_read_from_its_variable() -> None:
    values: dict[str, str] = {
        "mappings": "m",
        "data": "d",
        "host": "0.0.0.0",  # noqa: S104
        "port": "1",
        "public_url": "https://hub.example.com",
        "status_key": "s" * 16,
        "database_url": "postgresql://x",
        "prefect_port": "2",
        "prefect_api_url": "http://p/api",
        "secret_key": Fernet.generate_key().decode(),
        "log_level": "debug",
        "secrets_dir": str(ROOT),
    }

    read = load_settings({f"HUB_{name.upper()}": value for name, value in values.items()}, NOWHERE)

    assert values.keys() == HubSettings.model_fields.keys()
    assert {name: plain(getattr(read, name)) for name in values} == {**values, "log_level": "DEBUG"}


def plain(value: Any) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def test_the_environment_wins_over_dotenv_and_dotenv_over_the_folder_of_secrets(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    for name in ("HUB_PORT", "HUB_HOST", "hub_data"):
        (folder / name).write_text(" 1\n")
    (tmp_path / ".env").write_text(f"HUB_SECRETS_DIR={folder}\nHUB_PORT=2\nexport HUB_HOST='b' # mine\n")

    read = load_settings({"HUB_PORT": "3"}, tmp_path / ".env")

    assert (read.port, read.host, read.data) == (3, "b", Path("1"))


def test_only_what_is_handed_over_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUB_PORT", "1")
    (tmp_path / ".env").write_text("HUB_HOST=other\n")

    assert HubSettings().port == load_settings({}, NOWHERE).port == 8700
    assert load_settings().port == 1
    assert load_settings().host == "other"


def test_an_empty_variable_is_an_absent_one(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HUB_PORT=\nHUB_STATUS_KEY=''\n")

    assert load_settings({"HUB_HOST": " "}, tmp_path / ".env") == HubSettings()


def test_nothing_is_replaced_inside_a_value(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HUB_HOST=a${HOME}b$c#d\n")

    assert load_settings({}, tmp_path / ".env").host == "a${HOME}b$c#d"


def test_every_problem_is_told_at_once_with_its_place_and_without_its_value(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(
        "# mine\nHUB_PORT=87OO\nHUB_PROT=1\n\nHUB_LOG_LEVEL=loud\nHUB_HOST\nHUB_DATA=a\nHUB_DATA=b\nhub port = 3\n"
        "HUB_PUBLIC_URL=hub.example.com\nHUB_STATUS_KEY=hunter2\nHUB_SECRET_KEY=hunter3\n"
    )

    assert told({"HUB_PREFECT_PORT": "70000"}, dotenv) == [
        f"HUB_HOST ({dotenv}, line 6) has no = sign. Write it as HUB_HOST=value.",
        f"HUB_DATA is given twice, in {dotenv}, line 7 and in {dotenv}, line 8. Keep one of them.",
        f"{dotenv}, line 9 cannot be read. Write it as NAME=value, one a line.",
        f"HUB_PROT ({dotenv}, line 3) is not known. Did you mean HUB_PORT?",
        f"HUB_PORT ({dotenv}, line 2) does not fit. The port that the hub listens on, a whole number up to 65535. "
        "Example: HUB_PORT=8700",
        f"HUB_PUBLIC_URL ({dotenv}, line 10) does not fit. The address at which the providers' webhooks reach the hub "
        "from outside, with https://. Example: HUB_PUBLIC_URL=https://hub.example.com",
        f"HUB_STATUS_KEY ({dotenv}, line 11) does not fit. The key of the status page, 16 characters or more; `hub up` "
        "and `hub api` need it. Make one: `openssl rand -hex 24`. Example: HUB_STATUS_KEY=(what that command prints)",
        "HUB_PREFECT_PORT (environment) does not fit. The port of the Prefect server that `hub up` starts, "
        "a whole number up to 65535. Example: HUB_PREFECT_PORT=4200",
        f"HUB_SECRET_KEY ({dotenv}, line 12) does not fit. The key that encrypts the secrets that providers hand to "
        "the hub, the same for every process. Without it: the file secret.key in the data folder, made once. "
        "Make one: `openssl rand -base64 32`. Example: HUB_SECRET_KEY=(what that command prints)",
        f"HUB_LOG_LEVEL ({dotenv}, line 5) does not fit. How much the log says: DEBUG, INFO, WARNING or ERROR. "
        "Example: HUB_LOG_LEVEL=INFO",
    ]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("HUB_PROT", "HUB_PROT (environment) is not known. Did you mean HUB_PORT?"),
        ("HUB_PREFECT_API_ULR", "HUB_PREFECT_API_ULR (environment) is not known. Did you mean HUB_PREFECT_API_URL?"),
        ("HUB_STATUSKEY", "HUB_STATUSKEY (environment) is not known. Did you mean HUB_STATUS_KEY?"),
        (
            "HUB_XYZZY",
            "HUB_XYZZY (environment) is not known: no setting and no connection has that name. "
            "Take it out, or see docs/settings.md for the names there are.",
        ),
    ],
)
def test_an_unknown_setting_is_named_with_the_nearest_known_one(name: str, says: str) -> None:
    assert told({name: "x"}) == [says]


def test_the_key_of_a_connection_is_no_unknown_setting() -> None:
    assert load_settings({"HUB_ATELIER_LILA_STRIPE_API_KEY": "x", "PATH": "y"}, NOWHERE) == HubSettings()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (
            lambda path: path.mkdir(),
            "cannot be read (Is a directory). Give the user that runs hub the right to read it.",
        ),
        (lambda path: path.write_bytes(b"\xff"), "is not UTF-8 text. Save it as UTF-8."),
        (lambda path: path.write_bytes(b"#" * 70_000), "has more than 64 KB; settings are short. Is it another file?"),
    ],
    ids=["a folder", "not UTF-8", "too large"],
)
def test_a_dotenv_that_cannot_be_read_is_a_problem(make: Any, says: str, tmp_path: Path) -> None:
    make(tmp_path / ".env")

    assert told({}, tmp_path / ".env") == [f"{tmp_path / '.env'} {says}"]


def test_a_folder_of_secrets_that_is_not_there_is_a_problem() -> None:
    assert told({"HUB_SECRETS_DIR": "/no/such/folder"}) == [
        "HUB_SECRETS_DIR (environment) names no folder that can be read. "
        "Make the folder, or take HUB_SECRETS_DIR out. Example: HUB_SECRETS_DIR=/run/secrets"
    ]


def test_a_connections_settings_come_from_its_variables_and_from_the_mapping() -> None:
    read = stripe({"HUB_ATELIER_LILA_STRIPE_API_KEY": "rk_1", "HUB_ATELIER_LILA_STRIPE_PER_SECOND": "9"}, page="P")

    assert (read.api_key.get_secret_value(), read.per_second, read.page) == ("rk_1", 9, "P")


def test_a_secret_file_holds_a_connections_key(tmp_path: Path) -> None:
    (tmp_path / "hub_atelier_lila_stripe_api_key").write_text("rk_1\n")

    assert stripe({"HUB_SECRETS_DIR": str(tmp_path)}).api_key.get_secret_value() == "rk_1"


def test_a_missing_key_is_named_with_the_place_to_put_it_and_the_place_to_find_it() -> None:
    assert stripe_told({}) == [
        "HUB_ATELIER_LILA_STRIPE_API_KEY is missing. A restricted key, from Stripe > Developers > API keys. "
        "Put it in .env in the working folder, in the environment, or in a file of that name in the secrets folder "
        "(HUB_SECRETS_DIR)."
    ]


def test_a_misspelt_key_is_named_with_the_right_one(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("\nHUB_ATELIER_LILA_STRIPE_APIKEY=rk_1\n")

    misspelt, missing = stripe_told({}, tmp_path / ".env")

    assert misspelt == (
        f"HUB_ATELIER_LILA_STRIPE_APIKEY ({tmp_path / '.env'}, line 2) is not known. "
        "Did you mean HUB_ATELIER_LILA_STRIPE_API_KEY?"
    )
    assert missing.startswith("HUB_ATELIER_LILA_STRIPE_API_KEY is missing.")


def test_a_misspelt_optional_setting_of_a_connection_is_told_too() -> None:
    env = {"HUB_ATELIER_LILA_STRIPE_API_KEY": "rk_1", "HUB_ATELIER_LILA_STRIPE_BASE_ULR": "http://x"}

    assert stripe_told(env) == [
        "HUB_ATELIER_LILA_STRIPE_BASE_ULR (environment) is not known. Did you mean HUB_ATELIER_LILA_STRIPE_BASE_URL?"
    ]


def test_a_wrong_key_is_told_in_the_connectors_words_without_its_value() -> None:
    env = {"HUB_ATELIER_LILA_STRIPE_API_KEY": "hunter2", "HUB_ATELIER_LILA_STRIPE_PER_SECOND": "hunter3"}

    assert stripe_told(env) == [
        "HUB_ATELIER_LILA_STRIPE_API_KEY (environment) does not fit. This is no restricted key: those start with rk_. "
        "A restricted key, from Stripe > Developers > API keys.",
        "HUB_ATELIER_LILA_STRIPE_PER_SECOND (environment) does not fit. The most calls a second.",
    ]


def test_a_connector_that_repeats_the_value_is_not_quoted() -> None:
    assert stripe_told({"HUB_ATELIER_LILA_STRIPE_API_KEY": "repeat-me-1"}) == [
        "HUB_ATELIER_LILA_STRIPE_API_KEY (environment) does not fit. "
        "A restricted key, from Stripe > Developers > API keys."
    ]


def test_the_keys_of_another_business_or_connection_with_a_longer_name_break_nothing() -> None:
    env = {
        "HUB_ATELIER_LILA_STRIPE_API_KEY": "rk_1",
        "HUB_ATELIER_LILA_STRIPE_EU_API_KEY": "x",
        "HUB_ATELIER_LILA_STRIPE_NOTION_TOKEN": "x",
    }

    assert stripe(env).api_key.get_secret_value() == "rk_1"


def test_a_bad_line_of_dotenv_stops_only_the_connection_that_misses_something(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text('HUB_ATELIER_LILA_STRIPE_API_KEY=rk_1\nHUB_OTHER_NOTION_API_KEY="open\nhub oops\n')

    assert stripe({}, dotenv).api_key.get_secret_value() == "rk_1"
    with pytest.raises(ConfigError, match="line 2 cannot be read"):
        connection_settings(StripeLike, "other", "notion", {}, env={}, dotenv=dotenv)


def test_a_variable_that_nothing_reads_is_named_with_the_nearest_that_something_does(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HUB_ATELIER_LILA_STRIP_API_KEY=x\n")
    env = {
        "HUB_ATELIER_LILA_STRIPE_API_KEY": "x",
        "HUB_ATELIER_LILA_STRIPE_EU_API_KEY": "x",
        "HUB_PORT": "x",
        "HUB_STUDIO_NORD_GITHUB_LOGIN": "x",
        "HOME": "x",
    }
    prefixes = {
        connection_prefix("atelier-lila", "stripe"): StripeLike,
        connection_prefix("atelier-lila", "stripe-eu"): StripeLike,
    }

    assert unknown_keys(read_environment(env, tmp_path / ".env").variables, prefixes) == [
        f"HUB_ATELIER_LILA_STRIP_API_KEY ({tmp_path / '.env'}, line 1) is not known. "
        "Did you mean HUB_ATELIER_LILA_STRIPE_API_KEY?",
        "HUB_STUDIO_NORD_GITHUB_LOGIN (environment) is not known: no setting and no connection has that name. "
        "Take it out, or see docs/settings.md for the names there are.",
    ]


def test_values_never_appear_in_what_is_found_or_unknown() -> None:
    env = {"HUB_ATELIER_LILA_STRIPE_API_KYE": "hunter2"}

    assert "hunter2" not in repr(read_environment(env, NOWHERE))
    assert "hunter2" not in str(unknown_keys(env, {}))
    assert "hunter2" not in repr(load_settings({"HUB_DATABASE_URL": "hunter2"}, NOWHERE))


def test_a_dotenv_that_others_may_read_is_worth_a_warning(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.touch(0o600)
    closed = env_warnings(dotenv)
    dotenv.chmod(0o644)

    assert closed == []
    assert env_warnings(NOWHERE) == []
    assert env_warnings(dotenv) == [
        f"{dotenv} holds keys and is open to every user of this machine. Close it: chmod 600 {dotenv}"
    ]


def test_the_hubs_own_key_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    settings_ = HubSettings(data=tmp_path / "new" / "data")

    first, again = fernet_key(settings_), fernet_key(settings_)

    assert first == again
    assert Fernet(first).decrypt(Fernet(again).encrypt(b"x")) == b"x"
    assert [path.name for path in settings_.data.iterdir()] == ["secret.key"]
    assert stat.S_IMODE((settings_.data / "secret.key").stat().st_mode) == 0o600


def test_processes_that_start_together_have_one_key(tmp_path: Path) -> None:
    barrier = threading.Barrier(8)
    keys: list[bytes] = []

    def start() -> None:
        barrier.wait()
        keys.append(fernet_key(HubSettings(data=tmp_path)))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(keys) == 8
    assert len(set(keys)) == 1


def test_a_given_key_is_used_and_no_file_is_made(tmp_path: Path) -> None:
    url_safe = Fernet.generate_key().decode()
    as_openssl_prints_it = url_safe.replace("-", "+").replace("_", "/")
    env = {"HUB_SECRET_KEY": as_openssl_prints_it, "HUB_DATA": str(tmp_path)}

    assert fernet_key(load_settings(env, NOWHERE)) == url_safe.encode()
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_key_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("hunter2")

    with pytest.raises(ConfigError, match=r"does not hold the hub's own key. Put it back from a backup") as caught:
        fernet_key(HubSettings(data=tmp_path))

    assert "hunter2" not in str(caught.value)
    assert (tmp_path / "secret.key").read_text() == "hunter2"


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")

    with pytest.raises(ConfigError, match=r"secret.key cannot be read or made \(.*\). Let the user .* HUB_DATA"):
        fernet_key(HubSettings(data=tmp_path / "data"))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    raw=st.binary(max_size=200),
    env=st.dictionaries(st.text(max_size=9).map(lambda rest: f"HUB_{rest}"), st.text(max_size=9), max_size=4),
)
def test_whatever_stands_in_dotenv_is_settings_or_problems(raw: bytes, env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"HUB_" + raw)

    with contextlib.suppress(ConfigError):  # any other exception fails the test
        assert isinstance(load_settings(env, tmp_path / ".env"), HubSettings)


def test_the_settings_page_lists_every_setting_as_it_is() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = {match[1]: (match[2], match[3]) for match in re.finditer(r"(?m)^\| `(HUB_\w+)` \| (.*?) \| (.*) \|$", page)}

    assert rows == {
        f"HUB_{name.upper()}": ("—" if field.default is None else f"`{field.default}`", field.description)
        for name, field in HubSettings.model_fields.items()
    }


def test_there_is_no_settings_object_in_the_module() -> None:
    assert not [name for name, value in vars(hub.settings).items() if isinstance(value, HubSettings)]
