#!/usr/bin/env python3
"""Makes vectors.txt beside this file with botocore's signer.  All keys in it are for tests only.

One vector is a block of lines "name value", ended by an empty line:
  name, time (unix seconds), key, secret, region, service, method, path, query, header (name:value,
  any number), body (hexadecimal), authorization (headers form) or presigned query in `query`.
"""
import datetime
import pathlib
from unittest import mock
from urllib.parse import urlsplit

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

KEY = "HELIOTESTONLY0000001"
SECRET = "test-only+secret/0123456789abcdefABCDEF00"
NOW = datetime.datetime(2026, 1, 31, 23, 59, 58)

CASES = [
    ("get without a query", "iotwireless", "GET", "/wireless-gateways", {}, b""),
    ("get at the root", "iot", "GET", "/", {}, b""),
    ("query is sorted", "iotwireless", "GET", "/wireless-devices?nextToken=b%2Fc%3D&maxResults=10", {}, b""),
    ("repeated names sort by value", "iotwireless", "DELETE",
     "/tags?tagKeys=z&tagKeys=a&resourceArn=arn%3Aaws%3Aiotwireless%3Aeu-west-1%3A1%3ADestination%2Fx", {}, b""),
    ("path with an encoded colon and slash", "iot", "GET",
     "/target-policies/arn%3Aaws%3Aiot%3Aeu-west-1%3A1%3Acert%2Fab", {}, b""),
    ("path with a space and an umlaut", "iotwireless", "GET", "/destinations/a%20b%C3%BC", {}, b""),
    ("path with dot segments and double slashes", "iot", "GET", "/rules/./x/..//y/", {}, b""),
    ("post with a body", "iotwireless", "POST", "/destinations",
     {"Content-Type": "application/json"}, b'{"Name": "d"}'),
    ("header values are trimmed and collapsed", "iotwireless", "POST", "/tags",
     {"X-Amz-Tagging": "  a=b   c=d  "}, b"{}"),
    ("a session token", "iotdata", "POST", "/topics/a/b?qos=1", {"X-Amz-Security-Token": "tok+en=="}, b"\x00\xff"),
    ("an unsigned payload", "iotwireless", "POST", "/tags",
     {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}, b"{}"),
    ("empty query value", "iotwireless", "GET", "/events?after=&limit=5", {}, b""),
]


def fixed_now():
    return mock.patch("botocore.auth.datetime.datetime", mock.Mock(wraps=datetime.datetime, utcnow=lambda: NOW))


def block(name, service, request, url, body, authorization):
    parts = urlsplit(url)
    lines = [f"name {name}", f"time {int(NOW.replace(tzinfo=datetime.timezone.utc).timestamp())}",
             f"key {KEY}", f"secret {SECRET}", "region eu-west-1", f"service {service}",
             f"method {request.method}", f"path {parts.path}", f"query {parts.query}"]
    for header, value in request.headers.items():
        if header.lower() != "authorization":
            lines.append(f"header {header}:{value}")
    lines.append(f"header Host:{parts.netloc}")
    lines.append(f"body {body.hex()}")
    lines.append(f"authorization {authorization}")
    return "\n".join(line.rstrip() for line in lines) + "\n\n"


def main():
    out = "# Made by make_vectors.py with botocore's signer.  The keys are for tests only.\n\n"
    credentials = Credentials(KEY, SECRET)
    with fixed_now():
        for name, service, method, target, headers, body in CASES:
            url = "http://127.0.0.1:8080" + target
            request = AWSRequest(method=method, url=url, data=body, headers=dict(headers))
            botocore.auth.SigV4Auth(credentials, service, "eu-west-1").add_auth(request)
            out += block(name, service, request, url, body, request.headers["Authorization"])
        for expires in (60, 604800):
            request = AWSRequest(method="GET", url="http://127.0.0.1:8080/mqtt")
            botocore.auth.SigV4QueryAuth(credentials, "iotdevicegateway", "eu-west-1", expires=expires).add_auth(request)
            out += block(f"presigned for {expires} s", "iotdevicegateway", request, request.url, b"", "")
    pathlib.Path(__file__).with_name("vectors.txt").write_text(out)


if __name__ == "__main__":
    main()
