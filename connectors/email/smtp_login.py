"""How a connection to a submission server begins: TLS first, then the login, or an error in words."""

from __future__ import annotations

import smtplib
import socket
import ssl

from connectors.email.settings import EmailSettings
from hub.core.errors import ConfigError, HubError, TransientError

RETRY = 60.0


def connect(settings: EmailSettings, context: ssl.SSLContext, seconds: float) -> smtplib.SMTP:
    """A connection that is encrypted and logged in.

    ConfigError when there is no such server, no TLS, no trust in its certificate, or no such login; TransientError when
    it does not answer or is busy.
    """
    host = settings.smtp_host or ""
    where = f"{host}:{settings.smtp_port}"
    try:
        if settings.smtp_implicit:
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, settings.smtp_port, timeout=seconds, context=context)
        else:
            server = smtplib.SMTP(host, settings.smtp_port, timeout=seconds)
    except (OSError, smtplib.SMTPException) as error:
        raise unreachable(error, where, "smtp") from None
    try:
        if not settings.smtp_implicit:
            server.starttls(context=context)
        server.ehlo()
        _log_in(server, settings, where)
    except HubError:
        server.close()
        raise
    except (OSError, smtplib.SMTPException, ValueError) as error:
        server.close()
        raise unreachable(error, where, "smtp") from None
    return server


def _log_in(server: smtplib.SMTP, settings: EmailSettings, where: str) -> None:
    if settings.smtp_user is None or settings.smtp_password is None:
        return
    try:
        server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
    except smtplib.SMTPAuthenticationError as error:
        if 400 <= error.smtp_code < 500:
            raise TransientError(
                f"{where} cannot check the login just now ({error.smtp_code}).", retry_after=RETRY
            ) from None
        raise ConfigError(
            f"{where} refuses the login of {settings.smtp_user} ({error.smtp_code}). Set smtp_user and smtp_password "
            "anew; many providers want an app password, made in the account's security settings."
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise ConfigError(f"{where} offers no login that the hub knows (PLAIN, LOGIN or CRAM-MD5).") from None


def unreachable(error: Exception, where: str, kind: str) -> HubError:
    """What to do about a connection that did not come about. `kind`: smtp or imap, as in the names of the settings."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return ConfigError(
            f"{where} shows a certificate that is not to be trusted: {error.verify_message}. Correct {kind}_host, or "
            "set ca_file to the file of the authority of your own server."
        )
    if isinstance(error, ssl.SSLError):
        return ConfigError(
            f"{where} does not begin with TLS as it should ({error.reason}). 465 and 993 speak TLS from the start, 587 "
            f"and 143 by STARTTLS; for another port set {kind}_tls."
        )
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return ConfigError(f"{where} offers no STARTTLS. The hub sends neither passwords nor mails unencrypted.")
    if isinstance(error, socket.gaierror):
        return ConfigError(f"There is no mail server {where}: its name is not known. Correct {kind}_host.")
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500:
        return ConfigError(f"{where} does not want us: {error.smtp_code}.")
    return TransientError(f"{where} does not answer ({type(error).__name__}).", retry_after=RETRY)
