"""A real mail server for tests: keeps what it accepts, and fails in the ways real ones do.

It prints `listening PORT`, then `stored NAME` for each message it accepted. A message is
DIR/NNNN.eml with its envelope on top, and DIR/NNNN.json as Python's own parser reads it.
DIR/seen lists the SMTP commands received. Writing DIR/mode changes the mode from then on.
"""

import argparse
import asyncio
import email
import email.policy
import json
import logging
import pathlib
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

MODES = ["ok", "450", "550", "drop-after-data", "greylist", "slow", "inject"]

# What someone on the way could add in the clear: all the answers a whole delivery waits for.
INJECTED = b"\r\n250 8BITMIME\r\n250 OK\r\n250 OK\r\n354 go on\r\n250 accepted"


class Desk:
    """Answers each step of a delivery according to the mode."""

    def __init__(self, folder, login):
        self.folder, self.login = folder, login
        self.stored, self.met = 0, set()

    def mode(self):
        return (self.folder / "mode").read_text().strip()

    def saw(self, command):
        with (self.folder / "seen").open("a") as seen:
            seen.write(command + "\n")

    def authenticate(self, server, session, envelope, mechanism, data):
        self.saw("AUTH")
        given = (data.login + b":" + data.password).decode()
        return AuthResult(success=given == self.login, handled=False)

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.saw("EHLO")
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.saw("MAIL")
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.saw("RCPT")
        first_time = (envelope.mail_from, address) not in self.met
        self.met.add((envelope.mail_from, address))
        match self.mode():
            case "450":
                return f"450 4.2.0 <{address}> try later"
            case "550":
                return f"550 5.1.1 <{address}> no such mailbox"
            case "greylist" if first_time:
                return "451 4.7.1 Greylisted, come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.saw("DATA")
        if self.mode() == "drop-after-data":
            (self.folder / "dropped").write_bytes(envelope.content)
            server.transport.abort()
            return "451 never sent"
        self.store(envelope)
        return "250 OK"

    def store(self, envelope):
        self.stored += 1
        path = self.folder / f"{self.stored:04}.eml"
        head = f"X-Envelope-From: {envelope.mail_from}\r\n"
        head += "".join(f"X-Envelope-To: {to}\r\n" for to in envelope.rcpt_tos)
        path.write_bytes(head.encode() + envelope.content)
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        written = path.with_suffix(".new")
        written.write_text(json.dumps({
            "envelope_from": envelope.mail_from,
            "envelope_to": envelope.rcpt_tos,
            "headers": [[name, str(value)] for name, value in parsed.items()],
            # Lines end in CR LF on the wire (RFC 5322 §2.1), in LF for a reader.
            "text": parsed.get_body(["plain"]).get_content().replace("\r\n", "\n"),
            "calendars": [
                {"type": part["Content-Type"], "text": part.get_content()}
                for part in parsed.walk()
                if part.get_content_type() == "text/calendar"
            ],
        }))
        # Whoever looks meanwhile finds all of it or nothing.
        written.rename(path.with_suffix(".json"))
        print("stored", path.name, flush=True)


class Peer(SMTP):
    """The server, which in slow mode answers one byte a second."""

    async def push(self, status):
        reply = status.encode() if isinstance(status, str) else status
        mode = self.event_handler.mode()
        if mode == "inject" and reply == b"220 Ready to start TLS":
            reply += INJECTED
        if mode != "slow":
            return await super().push(reply)
        for byte in reply + b"\r\n":
            self._writer.write(bytes([byte]))
            await self._writer.drain()
            await asyncio.sleep(1)


def context(certificate_and_key):
    if not certificate_and_key:
        return None
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*certificate_and_key)
    return made


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--dir", type=pathlib.Path, required=True)
    parser.add_argument("--mode", choices=MODES, default="ok")
    parser.add_argument("--starttls", nargs=2, metavar=("CERT", "KEY"))
    parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
    parser.add_argument("--login", metavar="USER:PASSWORD", help="required before any mail")
    parser.add_argument("--with-stdin", action="store_true", help="end when standard input does")
    return parser.parse_args()


async def serve(chosen):
    # Handshakes that are meant to fail are no news.
    logging.getLogger("mail").setLevel(logging.CRITICAL)
    warnings.simplefilter("ignore")
    desk = Desk(chosen.dir, chosen.login)
    chosen.dir.mkdir(parents=True, exist_ok=True)
    (chosen.dir / "mode").write_text(chosen.mode)

    def peer():
        return Peer(
            desk,
            hostname="peer.example",
            enable_SMTPUTF8=True,
            tls_context=context(chosen.starttls),
            require_starttls=bool(chosen.starttls),
            authenticator=desk.authenticate,
            auth_required=bool(chosen.login),
            # With TLS from the first byte aiosmtpd does not know that it is encrypted.
            auth_require_tls=not chosen.tls,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(peer, "127.0.0.1", chosen.port, ssl=context(chosen.tls))
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    if chosen.with_stdin:
        await loop.run_in_executor(None, sys.stdin.read)
        server.close()
    else:
        await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(serve(options()))
    except KeyboardInterrupt:
        pass
