"""The clients of the transport tests: MQTT.js, the AWS IoT Device SDK, and bare TLS."""
import contextlib
import json
import os
import pathlib
import socket
import ssl
import subprocess
import urllib.error
import urllib.request

import paho.mqtt.client as paho
import pytest

from mqtt_client import PATIENCE, VERSIONS, topic
from mqtt_wire import text
from server import free_port, running

ROOT = pathlib.Path(__file__).parents[2]
CLIENTS = pathlib.Path(os.environ.get("HELIO_CLIENTS", ROOT / "build/clients"))
SCRIPTS = pathlib.Path(__file__).parent / "clients"

each_version = pytest.mark.parametrize("version", VERSIONS, ids=["3.1.1", "5"])


@contextlib.contextmanager
def running_with_tls(**settings):
    tls, https, shared = free_port(), free_port(), free_port()
    with running(**{"mqtt.tls": f"127.0.0.1:{tls}", "http.tls": f"127.0.0.1:{https}",
                    "edge443.mux": f"127.0.0.1:{shared}", **settings}) as server:
        server.tls, server.https, server.shared = tls, https, shared
        server.ca = server.data / "ca.pem"
        yield server


def run_client(command, job):
    program = pathlib.Path(command[0])
    assert not program.is_absolute() or program.exists(), f"{program} is missing: tools/setup test installs it"
    run = subprocess.run([*command, json.dumps(job)], capture_output=True, text=True, timeout=3 * PATIENCE,
                         env={**os.environ, "NODE_PATH": str(CLIENTS / "node_modules")})
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def mqtt_js(url, server, version, **more):
    assert (CLIENTS / "node_modules/mqtt").is_dir(), "MQTT.js is missing: tools/setup test installs it"
    options = {"username": server.key, "password": server.secret, "keepalive": 1, "ca": server.ca.read_text(),
               "protocolVersion": {paho.MQTTv311: 4, paho.MQTTv5: 5}[version], **more}
    return run_client(["node", SCRIPTS / "mqtt_js.cjs"],
                      {"url": url, "options": options, "topic": topic(f"js/{version}"), "size": 200_000,
                       "idle_ms": 2500})


def sdk(server, version, way, port, **more):
    job = {"way": way, "version": {paho.MQTTv311: 3, paho.MQTTv5: 5}[version], "host": "localhost", "port": port,
           "ca": str(server.ca), "client_id": f"sdk-{version}", "topic": topic(f"sdk/{version}"), **more}
    if way == "sigv4":
        job = {"key": server.key, "secret": server.secret, **job}
    return run_client([CLIENTS / "venv/bin/python", SCRIPTS / "aws_iot_sdk.py"], job)


def context_of(server, device=None, alpn=(), version=None):
    out = ssl.create_default_context(cafile=server.ca)
    if device:
        out.load_cert_chain(device.certificate, device.key)
    if alpn:
        out.set_alpn_protocols(list(alpn))
    if version:
        out.minimum_version = out.maximum_version = version
    return out


def connect_packet(client_id, user=None, password=None):
    flags = 2 | (0xC0 if user else 0)
    body = text("MQTT") + bytes([4, flags, 0, 60]) + text(client_id)
    if user:
        body += text(user) + text(password)
    return bytes([0x10, len(body)]) + body


CONNACK_OK, CONNACK_NOT_AUTHORIZED = b"\x20\x02\x00\x00", b"\x20\x02\x00\x05"


def connack(stream):
    out = b""
    while len(out) < 4:
        piece = stream.recv(4 - len(out))
        if not piece:
            break
        out += piece
    return out


@contextlib.contextmanager
def tls(server, port, context, session=None):
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as plain:
        with context.wrap_socket(plain, server_hostname="localhost", session=session) as stream:
            yield stream


def post(url, body, context=None, **headers):
    request = urllib.request.Request(url, body, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE, context=context) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)
