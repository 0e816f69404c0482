"""Receivers of what people are told, made of other people's libraries.

A webhook is verified by `standardwebhooks`, mail is taken by `aiosmtpd`, what an Apprise API server
gets goes through `apprise` itself to a sink, and what Slack and ntfy get is held against the fields
of their documents. The first line says the ports as JSON; each line after it is what was taken, or
`refused` and why. Takes: the folder with cert.pem and key.pem of the mail server.
"""

import json
import logging
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import apprise
import jsonschema
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

KEY = "whsec_aHVzaCBodXNoIGh1c2ggaHVzaCBodXNoIGh1c2g="
TEXT = {"type": "string", "minLength": 1}


def fields(required, **properties):
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


# https://api.slack.com/reference/messaging/attachments: the fields of a legacy attachment.
ATTACHMENT = fields(
    ["fallback", "text"],
    color={"type": "string", "pattern": "^(good|warning|danger|#[0-9a-f]{6})$"},
    fallback=TEXT,
    title=TEXT,
    title_link={"type": "string", "pattern": "^https?://"},
    text=TEXT,
    ts={"type": "integer", "minimum": 1},
)
SLACK = fields(
    ["text"],
    text={"type": "string", "minLength": 1, "maxLength": 40_000},
    attachments={"type": "array", "maxItems": 20, "items": ATTACHMENT},
)
# https://docs.ntfy.sh/publish/#publish-as-json
NTFY = fields(
    ["topic"],
    topic={"type": "string", "pattern": "^[-_A-Za-z0-9]{1,64}$"},
    title=TEXT,
    message={"type": "string", "minLength": 1, "maxLength": 4_096},
    priority={"type": "integer", "minimum": 1, "maximum": 5},
    tags={"type": "array", "items": TEXT},
    click={"type": "string", "pattern": "^https?://"},
)
# What the API server of Apprise takes at /notify/{key} and, with `urls`, at /notify/.
APPRISE = fields(
    ["body"],
    title=TEXT,
    body=TEXT,
    type={"enum": ["info", "success", "warning", "failure"]},
    format={"enum": ["text", "markdown", "html"]},
    urls=TEXT,
)

lock = threading.Lock()


def say(**what):
    with lock:
        print(json.dumps(what), flush=True)


class Http(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            status = self.take(body)
        except WebhookVerificationError as error:
            say(refused=f"webhook: {error}")
            status = 401
        except (jsonschema.ValidationError, ValueError) as error:
            say(refused=f"{self.path}: {error}")
            status = 400
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def take(self, body):
        if self.path == "/webhook":
            data = Webhook(KEY).verify(body, dict(self.headers.items()))
            say(took="webhook", id=self.headers["webhook-id"], body=data)
            return 204
        data = json.loads(body)
        if self.path == "/slack":
            jsonschema.validate(data, SLACK)
            say(took="slack", body=data)
        elif self.path == "/":
            jsonschema.validate(data, NTFY)
            if self.headers["authorization"] != "Bearer tk_right":
                return 401
            say(took="ntfy", body=data)
        elif self.path in ("/notify/known", "/notify/"):
            jsonschema.validate(data, APPRISE)
            return self.notify(data)
        elif self.path.startswith("/sink"):
            say(took="apprise", body=data)
        else:
            return 204 if self.path.startswith("/notify/") else 404
        return 200

    def notify(self, data):
        port = self.server.server_address[1]
        told = apprise.Apprise()
        assert ("urls" in data) == (self.path == "/notify/")
        if not told.add(data.get("urls") or f"json://127.0.0.1:{port}/sink"):
            raise ValueError("apprise does not know these addresses")
        kinds = {"title": data["title"], "notify_type": data["type"], "body_format": data["format"]}
        return 200 if told.notify(body=data["body"], **kinds) else 424


class Mail:
    async def handle_DATA(self, _server, session, envelope):
        say(
            took="mail",
            tls=session.ssl is not None,
            user=session.auth_data,
            sender=envelope.mail_from,
            to=envelope.rcpt_tos,
            text=envelope.content.decode(),
        )
        return "250 kept"


def logs_in(_server, session, _envelope, _mechanism, data):
    if (data.login, data.password) == (b"up", b"the right password"):
        session.auth_data = data.login.decode()
        return AuthResult(success=True, auth_data="up")
    return AuthResult(success=False, handled=False)


class Anywhere(Controller):
    """A server at a port that the system chose."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def mail(**more):
    controller = Anywhere(Mail(), hostname="127.0.0.1", port=0, **more)
    controller.start()
    return controller.port


def main():
    folder = sys.argv[1]
    # A stranger's handshake that fails is part of the test, not a fault.
    logging.disable(logging.CRITICAL)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Http)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    login = {"authenticator": logs_in, "auth_required": True}
    say(
        http=server.server_address[1],
        plain=mail(),
        starttls=mail(tls_context=tls, require_starttls=True, **login),
    )
    # Whoever started us is gone when nothing more comes.
    sys.stdin.read()


main()
