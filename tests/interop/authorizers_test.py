"""Custom authorizers with real clients: JSON Web Tokens, somebody's HTTP server, somebody's JavaScript;
their answers in the form of AWS Lambda authorizers; the API operations with boto3."""
import base64
import json
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import botocore.exceptions
import paho.mqtt.client as paho
import pytest

from authorizer_world import ALLOW, Issuer, issuer, world
from mqtt_client import PATIENCE, RUN, VERSIONS, Broker, Client, Refused
from server import BIN, running

each_version = pytest.mark.parametrize("version", VERSIONS, ids=["3.1.1", "5"])
NOT_AUTHORIZED = {paho.MQTTv311: 5, paho.MQTTv5: 0x87}


@pytest.fixture(scope="module")
def server(issuer, world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("authorizers")
    (folder / "key.pem").write_bytes(issuer.pem())
    (folder / "policy.json").write_text(json.dumps(ALLOW))
    (folder / "script.js").write_text("""
        exports.handler = async (event) => {
            const mqtt = event.protocolData.mqtt;
            if (mqtt.username.startsWith('hang')) for (;;) {}
            const password = Buffer.from(mqtt.password, 'base64').toString('utf8');
            return {isAuthenticated: password === 'right', principalId: 'script', disconnectAfterInSeconds: 86400,
                    refreshAfterInSeconds: 86400, policyDocuments: [JSON.stringify(%s)]};
        };""" % json.dumps(ALLOW))
    world.pages["/keys"] = issuer.jwks("r", "e", "d")
    world.pages["/.well-known/openid-configuration"] = {"issuer": world.url, "jwks_uri": world.url + "/keys"}
    jwt = {"type": "jwt", "issuer": "https://id.example", "audience": "hub", "policy": folder / "policy.json"}
    tables = {
        "file": {**jwt, "key_file": folder / "key.pem"},
        "jwks": {**jwt, "jwks_url": world.url + "/keys", "token_key": "token"},
        "oidc": {**jwt, "issuer": world.url},
        "lists": {**jwt, "key_file": folder / "key.pem", "policy": "editors"},
        "http": {"type": "http", "url": world.url + "/authorize"},
        "signed": {"type": "http", "url": world.url + "/authorize", "token_key": "token",
                   "signature_key_file": folder / "key.pem"},
        "script": {"type": "javascript", "file": folder / "script.js"},
    }
    settings = {f"authorizer.{name}.{key}": value for name, table in tables.items() for key, value in table.items()}
    with running(**settings) as server:
        yield server


@pytest.fixture(autouse=True)
def fresh(world):
    world.events.clear()
    world.asked.clear()


def user(authorizer, **values):
    return "u?" + urllib.parse.urlencode({"x-amz-customauthorizer-name": authorizer, **values})


def come_in(server, authorizer, password=None, version=paho.MQTTv5, name="sensor", **values):
    return Client(Broker(server.mqtt, user(authorizer, **values), password), name, version)


def refused(server, authorizer, password=None, version=paho.MQTTv5, **values):
    with pytest.raises(Refused) as error:
        come_in(server, authorizer, password, version, **values)
    return error.value.code


@each_version
def test_a_token_as_password_lets_in_and_a_forged_one_does_not(server, issuer, version):
    with come_in(server, "file", issuer.token(), version) as client:
        client.hears_nothing_before("jwt", 1)
    assert refused(server, "file", issuer.token()[:-4] + "AAAA", version) == NOT_AUTHORIZED[version]
    assert refused(server, "file", Issuer().token(), version) == NOT_AUTHORIZED[version]
    assert refused(server, "file", None, version) == NOT_AUTHORIZED[version]


@pytest.mark.parametrize("algorithm, key_id", [("RS256", "r"), ("ES256", "e"), ("EdDSA", "d")])
def test_keys_of_an_address_check_tokens_of_each_algorithm(server, issuer, algorithm, key_id):
    with come_in(server, "jwks", token=issuer.token(algorithm, key_id)) as client:
        client.hears_nothing_before("jwks")
    # The key of another kind does not.
    other = {"r": "e", "e": "d", "d": "r"}[key_id]
    assert refused(server, "jwks", token=issuer.token(algorithm, other)) == 0x87


def test_openid_connect_finds_the_keys_of_an_issuer(server, issuer, world):
    with come_in(server, "oidc", issuer.token("ES256", "e", iss=world.url)) as client:
        client.hears_nothing_before("oidc")
    assert refused(server, "oidc", issuer.token("ES256", "e")) == 0x87  # of another issuer


def test_a_changed_key_is_found_without_a_restart(server, issuer, world):
    changed = Issuer()
    with come_in(server, "jwks", token=issuer.token("ES256", "e")):
        pass
    world.pages["/keys"] = {"keys": issuer.jwks("r", "e", "d")["keys"] + changed.jwks("r2", "e2", "d2")["keys"]}
    deadline = time.monotonic() + 60  # a key that is not known is asked for at most twice a minute
    while True:
        try:
            with come_in(server, "jwks", token=changed.token("ES256", "e2")):
                break
        except Refused:
            assert time.monotonic() < deadline
            time.sleep(1)  # between two tries


@pytest.mark.parametrize("claims", [
    {"exp": 1}, {"nbf": 4_000_000_000}, {"aud": "another"}, {"aud": None}, {"iss": "https://evil.example"},
    {"exp": "soon"}, {"sub": ""}, {"header": {"crit": ["exp"]}}, {"header": {"alg": "none"}}, {"header": {"alg": "HS256"}},
], ids=str)
def test_a_token_that_is_not_for_here_and_now_is_refused(server, issuer, claims):
    assert refused(server, "file", issuer.token(**claims)) == 0x87


@each_version
def test_an_http_authorizer_gets_the_event_and_lets_in(server, world, version):
    with come_in(server, "http", "secret", version) as client:
        client.hears_nothing_before("http")
    (event,) = world.events
    assert event["protocols"] == ["mqtt"] and event["signatureVerified"] is False and "token" not in event
    mqtt = event["protocolData"]["mqtt"]
    assert base64.b64decode(mqtt["password"]) == b"secret" and mqtt["username"] == user("http")
    assert mqtt["clientId"].endswith("-sensor")
    assert len(event["connectionMetadata"]["id"]) == 36


@pytest.mark.parametrize("answer", [
    {"isAuthenticated": False}, {}, [], {"isAuthenticated": True, "principalId": "no-dash", "policyDocuments": [ALLOW]},
    b"[" * 60_000, b'{"isAuthenticated":true,' + b'"a":' * 10_000, b"x" * 2_000_000,
], ids=lambda a: str(a)[:24])
def test_an_answer_that_is_no_yes_lets_nobody_in(server, world, answer):
    before, world.answer = world.answer, lambda event: answer
    try:
        assert refused(server, "http", "secret") == 0x87
    finally:
        world.answer = before


def test_a_signature_is_checked_before_the_authorizer_hears_of_it(server, issuer, world):
    good = base64.b64encode(issuer.sign("RS256", b"my-token")).decode()
    name = "x-amz-customauthorizer-signature"
    assert refused(server, "signed", token="my-token") == 0x87
    assert refused(server, "signed", token="my-token", **{name: base64.b64encode(b"x" * 256).decode()}) == 0x87
    assert refused(server, "signed", token="another", **{name: good}) == 0x87
    assert world.events == []
    with come_in(server, "signed", token="my-token", **{name: good}):
        assert world.events[0]["token"] == "my-token" and world.events[0]["signatureVerified"] is True


@each_version
def test_a_script_decides_and_may_hang_without_harm(server, version):
    with come_in(server, "script", "right", version) as client:
        client.hears_nothing_before("script")
    assert refused(server, "script", "wrong", version) == NOT_AUTHORIZED[version]
    with pytest.raises(Refused):
        Client(Broker(server.mqtt, "hang" + user("script"), "right"), "hangs", version)
    with come_in(server, "script", "right", version) as client:
        client.hears_nothing_before("script")


def test_lists_of_a_token_decide_and_the_live_connection_is_explained(server, issuer, tmp_path):
    document = tmp_path / "editors.json"
    statement = lambda action, resource, **more: {"Effect": "Allow", "Action": action, "Resource": f"arn:aws:iot:*:*:{resource}", **more}
    editors = {"ForAnyValue:StringEquals": {"jwt:groups": ["admins", "editors"]}}
    document.write_text(json.dumps({"Version": "2012-10-17", "Statement": [
        statement("iot:Connect", "client/*"), statement("iot:Publish", "topic/pages/*", Condition=editors),
        statement("iot:Publish", "topic/first/${jwt:groups.0}")]}))
    server.ctl("policy", "create", "editors", document)

    def explain(resource):
        return subprocess.run([BIN / "helioctl", "--endpoint", f"http://127.0.0.1:{server.http}", "--credentials",
                               server.data / "credentials", "policy", "explain", "iot:Publish", resource,
                               "--connection", f"{RUN}-lists"], capture_output=True, text=True, timeout=PATIENCE).stdout

    with come_in(server, "lists", issuer.token(groups=["users", "editors"]), name="lists"):
        assert explain("topic/pages/1").startswith("ALLOWED by statement 2 of editors")
        assert "jwt:groups = users, editors" in explain("topic/pages/1")
        assert explain("topic/first/users").startswith("ALLOWED by statement 3")
        assert explain("topic/first/editors").startswith("IMPLICIT_DENY")
        # What the policy becomes counts for who is there already.
        document.write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement("iot:Connect", "client/*")]}))
        server.ctl("policy", "create", "editors", document, "--replace")
        assert explain("topic/pages/1").startswith("IMPLICIT_DENY")


def test_http_publish_passes_its_token_in_headers_or_in_the_query(server, issuer):
    listener = server.listen("sensors/#")

    def publish(query, **headers):
        request = urllib.request.Request(
            f"http://127.0.0.1:{server.http}/topics/sensors%2Fa?qos=1{query}", data=b'{"t":1}',
            headers={name.replace("_", "-"): value for name, value in headers.items()})
        return urllib.request.urlopen(request, timeout=PATIENCE)

    token = issuer.token("ES256", "e")
    with publish("", X_Amz_CustomAuthorizer_Name="jwks", Token=token) as answer:
        assert json.load(answer)["message"] == "OK"
    with publish("", x_amz_customauthorizer_name="jwks", Authorization="Bearer " + token):
        pass
    with publish(f"&x-amz-customauthorizer-name=jwks&token={token}"):
        pass
    login = base64.b64encode(b"sensor-1:" + token.encode()).decode()
    with publish("&x-amz-customauthorizer-name=jwks", Authorization="Basic " + login):  # curl -u sensor-1:TOKEN
        pass
    for _ in range(4):
        assert listener.next() == {"t": 1}
    for headers in [{"x_amz_customauthorizer_name": "jwks"}, {"x_amz_customauthorizer_name": "jwks", "token": "x"},
                    {"x_amz_customauthorizer_name": "nobody", "token": token}]:
        with pytest.raises(urllib.error.HTTPError) as error:
            publish("", **headers)
        assert error.value.code == 403
    listener.close()


def test_authorizers_are_made_tested_and_set_as_default_through_the_api(server, issuer, world):
    iot = server.client("iot")
    made = iot.create_authorizer(authorizerName="mine", authorizerFunctionArn=world.url + "/mine", tokenKeyName="tok",
                                 tokenSigningPublicKeys={"k1": issuer.pem().decode()}, status="ACTIVE")
    assert made["authorizerArn"].endswith(":authorizer/mine")
    described = iot.describe_authorizer(authorizerName="mine")["authorizerDescription"]
    assert described["authorizerFunctionArn"] == world.url + "/mine" and described["signingDisabled"] is False
    assert {a["authorizerName"] for a in iot.list_authorizers()["authorizers"]} >= {"mine", "http", "jwks"}

    signature = base64.b64encode(issuer.sign("RS256", b"t")).decode()
    tried = iot.test_invoke_authorizer(authorizerName="mine", token="t", tokenSignature=signature,
                                       mqttContext={"username": "u", "password": b"p", "clientId": "c"})
    assert tried["isAuthenticated"] and tried["principalId"] == "p1" and tried["refreshAfterInSeconds"] == 300
    assert json.loads(tried["policyDocuments"][0]) == ALLOW
    assert world.events[0]["protocolData"]["mqtt"]["password"] == base64.b64encode(b"p").decode()
    assert not iot.test_invoke_authorizer(authorizerName="mine", token="x", tokenSignature=signature)["isAuthenticated"]

    iot.update_authorizer(authorizerName="mine", status="INACTIVE")
    assert refused(server, "mine", token="t", **{"x-amz-customauthorizer-signature": signature}) == 0x87

    iot.create_authorizer(authorizerName="open", authorizerFunctionArn=world.url + "/open", signingDisabled=True)
    iot.set_default_authorizer(authorizerName="open")
    assert iot.describe_default_authorizer()["authorizerDescription"]["authorizerName"] == "open"
    with Client(Broker(server.mqtt, "whoever", "secret"), "default"):
        pass
    iot.clear_default_authorizer()
    with pytest.raises(Refused):
        Client(Broker(server.mqtt, "whoever", "secret"), "default")
    iot.delete_authorizer(authorizerName="mine")
    with pytest.raises(botocore.exceptions.ClientError) as error:
        iot.describe_authorizer(authorizerName="mine")
    assert error.value.response["Error"]["Code"] == "ResourceNotFoundException"
    with pytest.raises(botocore.exceptions.ClientError) as error:
        iot.create_authorizer(authorizerName="bad", authorizerFunctionArn="file:../x.js", signingDisabled=True)
    assert error.value.response["Error"]["Code"] == "InvalidRequestException"
