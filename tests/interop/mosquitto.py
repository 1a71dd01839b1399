"""A real Mosquitto on free ports: plain, TLS, and TLS that demands a client certificate."""
import pathlib
import shutil
import signal
import socket
import subprocess
import time

from certificates import ExtendedKeyUsageOID, authority
from mqtt_client import PATIENCE
from server import free_port

PROGRAM = shutil.which("mosquitto") or "/usr/sbin/mosquitto"

LISTENERS = """
per_listener_settings false
user root
allow_anonymous true
persistence true
persistence_location {folder}/
max_queued_messages 100000
log_dest file {folder}/log
listener {plain} 127.0.0.1
listener {tls} 127.0.0.1
cafile {folder}/ca.pem
certfile {folder}/server.pem
keyfile {folder}/server.key
listener {mutual} 127.0.0.1
cafile {folder}/ca.pem
certfile {folder}/server.pem
keyfile {folder}/server.key
require_certificate true
"""


class Mosquitto:
    def __init__(self, folder, more=""):
        assert pathlib.Path(PROGRAM).exists(), "mosquitto is missing: tools/setup test installs it"
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.plain, self.tls, self.mutual = free_port(), free_port(), free_port()
        self.authority = authority("CA of the other broker")
        self.ca = self.write("ca.pem", self.authority.pem)
        self.identity("server", self.authority.sign("localhost", names=["localhost"],
                                                    purpose=ExtendedKeyUsageOID.SERVER_AUTH))
        ports = {"plain": self.plain, "tls": self.tls, "mutual": self.mutual}
        self.write("mosquitto.conf", LISTENERS.format(folder=self.folder, **ports) + more)
        self.start()

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def identity(self, name, certificate):
        """The files of a certificate and its key."""
        return self.write(f"{name}.pem", certificate.pem), self.write(f"{name}.key", certificate.key_pem)

    def start(self):
        self.process = subprocess.Popen([PROGRAM, "-c", self.folder / "mosquitto.conf"], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.mutual), PATIENCE).close()
                return
            except ConnectionRefusedError:
                assert self.process.poll() is None, (self.folder / "log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.05)  # between two tries

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """In good order: it writes its sessions down."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0
