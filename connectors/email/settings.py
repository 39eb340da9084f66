"""What the e-mail connector must be told. The hub reads it from the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

Port = Annotated[int, Field(ge=1, le=65535)]
Tls = Literal["implicit", "starttls"]


class EmailSettings(BaseModel):
    """The address, the servers and the keys of one mail account. Sending, reading and webhooks can each be left out."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    address: str = Field(
        description=(
            "The address that the hub writes from and that answers and bounces come back to, such as "
            "hub@atelier-lila.fr. Its domain's DKIM and SPF must cover the sending server."
        )
    )
    from_name: str = Field(default="", description="The name beside the address in From, such as Atelier Lila.")
    reply_address: str | None = Field(
        default=None,
        description=(
            "The address that answers shall go to, where it is another one than `address`: for instance the inbound "
            "address at Postmark or Mailgun. NAME+TOKEN@ at this address and at `address` is read as an answer."
        ),
    )
    smtp_host: str | None = Field(
        default=None, description="The submission server that mails are sent through. Without it, nothing can be sent."
    )
    smtp_port: Port = Field(
        default=465,
        description="465 (TLS from the start) or 587 (STARTTLS), or another port together with smtp_tls. Never 25.",
    )
    smtp_tls: Tls | None = Field(
        default=None,
        description="implicit or starttls, only for a port of your own; 465 and 587 say it by themselves.",
    )
    smtp_user: str | None = Field(
        default=None, description="The login at the submission server. Usually the whole address."
    )
    smtp_password: SecretStr | None = Field(
        default=None,
        description="The password of smtp_user: an app password or an SMTP key, where the provider makes such.",
    )
    imap_host: str | None = Field(
        default=None, description="The IMAP server that mails are read from. Without it, no mailbox is read."
    )
    imap_port: Port = Field(
        default=993, description="993 (TLS from the start) or 143 (STARTTLS), or another port together with imap_tls."
    )
    imap_tls: Tls | None = Field(
        default=None,
        description="implicit or starttls, only for a port of your own; 993 and 143 say it by themselves.",
    )
    imap_user: str | None = Field(
        default=None, description="The login at the IMAP server, where it is another one than smtp_user."
    )
    imap_password: SecretStr | None = Field(
        default=None, description="The password of imap_user, where it is another one than smtp_password."
    )
    webhook_secrets: tuple[SecretStr, ...] = Field(
        default=(),
        description=(
            "What proves inbound webhooks, separated by commas: for Postmark the USER:PASSWORD that stands in the "
            "webhook's address, for Mailgun the HTTP webhook signing key. While one is changed, the old and the new."
        ),
    )
    ca_file: Path | None = Field(
        default=None,
        description="A file of certificates (PEM) to trust instead of the system's, for mail servers of your own.",
    )
    mails_per_minute: Annotated[int, Field(ge=1, le=10_000)] = Field(
        default=30,
        description="At most so many mails a minute, all processes of the hub together; see your provider's limit.",
    )

    @field_validator("address", "reply_address")
    @classmethod
    def _one_address(cls, given: str | None) -> str | None:
        if given is None:
            return None
        local, at, domain = given.strip().rpartition("@")
        if not at or not local or not domain or any(c.isspace() or c in '<>,;:"@' for c in local + domain):
            raise ValueError("this is not one plain address, such as hub@example.com")
        return given.strip()

    @field_validator("from_name")
    @classmethod
    def _one_line(cls, given: str) -> str:
        if not given.isprintable():
            raise ValueError("a name is one line of printable text")
        return given.strip()

    @field_validator("webhook_secrets", mode="before")
    @classmethod
    def _split(cls, given: object) -> object:
        if isinstance(given, str):
            return tuple(part.strip() for part in given.split(",") if part.strip())
        return given

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.smtp_port == 25:
            raise ValueError(
                "smtp_port 25 is for mail between servers: networks block it, and it may carry a password in clear; "
                "use 465 or 587"
            )
        for kind, port, tls, known in (
            ("smtp", self.smtp_port, self.smtp_tls, (465, 587)),
            ("imap", self.imap_port, self.imap_tls, (993, 143)),
        ):
            if getattr(self, f"{kind}_host") and tls is None and port not in known:
                raise ValueError(
                    f"{kind}_port is neither {known[0]} nor {known[1]}: set {kind}_tls to implicit or starttls"
                )
        if (self.smtp_user is None) != (self.smtp_password is None):
            raise ValueError("smtp_user and smtp_password go together")
        if self.imap_host and not (self.imap_login[0] and self.imap_login[1]):
            raise ValueError("with imap_host there must be imap_user and imap_password, or smtp_user and smtp_password")
        return self

    @property
    def smtp_implicit(self) -> bool:
        """Whether the submission server speaks TLS from the first byte."""
        return self.smtp_tls == "implicit" if self.smtp_tls else self.smtp_port == 465

    @property
    def imap_implicit(self) -> bool:
        """Whether the IMAP server speaks TLS from the first byte."""
        return self.imap_tls == "implicit" if self.imap_tls else self.imap_port == 993

    @property
    def imap_login(self) -> tuple[str, str]:
        """User and password at the IMAP server; "" for what is missing."""
        user = self.imap_user or self.smtp_user or ""
        password = self.imap_password or (self.smtp_password if self.imap_user in (None, self.smtp_user) else None)
        return user, password.get_secret_value() if password else ""

    @property
    def addresses(self) -> tuple[str, ...]:
        """The hub's own addresses, in lower case."""
        return tuple(each.lower() for each in (self.address, self.reply_address) if each)
