"""A small mail server for tests: it takes mails over SMTP, refuses, or falls silent."""

import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage

SILENCE = "silence"
HANGING_UP = "hanging up"


class MailServer:
    """Listens on a port of its own while it is entered.

    *answers* are given to the mails that come, one each; after the last all are taken.
    SILENCE takes a mail without an answer, HANGING_UP ends the line instead of one.
    """

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.refused_recipients: dict[str, str] = {}
        self.taken: list[EmailMessage] = []
        self.is_over = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Conversation)
        self._server.owner = self
        self.port = self._server.server_address[1]

    def __enter__(self) -> "MailServer":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.is_over.set()
        self._server.shutdown()
        self._server.server_close()

    def take(self, mail: bytes) -> str:
        """Return the answer to a mail."""
        answer = self.answers.pop(0) if self.answers else "250 taken"
        if answer in ("250 taken", SILENCE, HANGING_UP):
            self.taken.append(message_from_bytes(mail, policy=policy.default))
        return answer


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        owner = self.server.owner
        self._say("220 ready")
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "QUIT":
                self._say("221 bye")
                return
            if verb == "RCPT":
                address = line.split("<")[1].split(">")[0]
                self._say(owner.refused_recipients.get(address, "250 ok"))
            elif verb == "DATA":
                self._say("354 go on")
                answer = owner.take(self._read_mail())
                if answer == SILENCE:
                    owner.is_over.wait()
                if answer in (SILENCE, HANGING_UP):
                    return
                self._say(answer)
            else:
                self._say("250 ok")

    def _read_mail(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        return b"".join(lines)

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())
