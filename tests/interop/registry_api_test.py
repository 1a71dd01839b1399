"""The API of certificates, CAs, policies, things, groups, types and authorizers as a stranger with boto3 tries it: pages,
tags, conflicts, and each documented error for its own reason."""
import json
import urllib.parse
import uuid

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

import certificates
from aws_client import REGION, refused, serve
from mqtt_client import RUN, Broker, Client, topic

POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]})
ARN = "arn:aws:iot:us-east-1:123456789012:"
NOBODY = ARN + "cert/" + "0" * 64


@pytest.fixture(scope="module")
def target():
    yield from serve("http")


@pytest.fixture(scope="module")
def iot(target):
    return target.client("iot")


@pytest.fixture
def name():
    return "n-" + uuid.uuid4().hex


def newer(target, path, service="iot", headers=None):
    """Of an operation that is younger than the distribution's botocore: status and answer."""
    signed = AWSRequest("GET", target.endpoint + path, headers=headers or {})
    SigV4Auth(Credentials(target.key, target.secret), service, REGION).add_auth(signed)
    answer = URLLib3Session().send(signed.prepare())
    return answer.status_code, json.loads(answer.text)


def ca_of(iot, common_name, **options):
    ca = certificates.authority(common_name)
    made = iot.register_ca_certificate(caCertificate=ca.pem, certificateMode="SNI_ONLY", **options)
    return ca, made


class Lists:
    """Makers of five resources each, and the list that shows them."""

    def policies(iot, name):
        for i in range(5):
            iot.create_policy(policyName=f"{name}-{i}", policyDocument=POLICY)
        return iot.list_policies, "policies", "policyName", lambda key: iot.delete_policy(policyName=key)

    def cas(iot, name):
        for i in range(5):
            ca_of(iot, f"{name}-{i}")
        return iot.list_ca_certificates, "certificates", "certificateId", lambda key: iot.delete_ca_certificate(certificateId=key)

    def certificates(iot, name):
        for _ in range(5):
            iot.create_keys_and_certificate()
        return iot.list_certificates, "certificates", "certificateId", lambda key: iot.delete_certificate(certificateId=key)

    def authorizers(iot, name):
        for i in range(5):
            iot.create_authorizer(authorizerName=f"{name}-{i}", authorizerFunctionArn="http://127.0.0.1:9/",
                                  signingDisabled=True)
        return iot.list_authorizers, "authorizers", "authorizerName", lambda key: iot.delete_authorizer(authorizerName=key)


def walk(call, member, key, between=lambda rows: None, size=2, **arguments):
    found = []
    while True:
        page = call(pageSize=size, **arguments)
        rows = [row[key] for row in page[member]]
        assert len(rows) <= size
        found += rows
        if not page.get("nextMarker"):
            return found
        between(rows)
        arguments["marker"] = page["nextMarker"]


@pytest.mark.parametrize("make", [Lists.policies, Lists.cas, Lists.certificates, Lists.authorizers], ids=lambda f: f.__name__)
def test_a_list_is_walked_in_pages_both_ways_and_while_its_rows_are_deleted(iot, name, make):
    call, member, key, delete = make(iot, name)
    up = walk(call, member, key, ascendingOrder=True)
    assert len(up) >= 5 and len(up) == len(set(up))
    assert walk(call, member, key, ascendingOrder=False) == up[::-1]
    assert walk(call, member, key, size=250) == up
    gone = []

    def delete_page(rows):
        for row in rows:
            delete(row)
            gone.append(row)

    # What a clean-up script does: the row where a page ended is not there when the next is asked for.
    assert walk(call, member, key, delete_page, ascendingOrder=True) == up
    assert walk(call, member, key) == up[len(gone):]


def test_a_marker_that_nobody_gave_is_refused(iot):
    for call in (iot.list_policies, iot.list_certificates, iot.list_ca_certificates):
        refused(400, "InvalidRequestException", call, marker="eA==")
        refused(400, "InvalidRequestException", call, marker="%%%")


TAGGED = {
    "policy": lambda iot, name, **more: iot.create_policy(policyName=name, policyDocument=POLICY, **more)["policyArn"],
    "thinggroup": lambda iot, name, **more: iot.create_thing_group(thingGroupName=name, **more)["thingGroupArn"],
    "thingtype": lambda iot, name, **more: iot.create_thing_type(thingTypeName=name, **more)["thingTypeArn"],
    "cacert": lambda iot, name, **more: ca_of(iot, name, **more)[1]["certificateArn"],
    "authorizer": lambda iot, name, **more: iot.create_authorizer(
        authorizerName=name, authorizerFunctionArn="http://127.0.0.1:9/", signingDisabled=True, **more)["authorizerArn"],
}


def tags_of(iot, arn):
    return {tag["Key"]: tag["Value"] for tag in iot.list_tags_for_resource(resourceArn=arn)["tags"]}


@pytest.mark.parametrize("kind", TAGGED)
def test_what_can_be_tagged_is_tagged_at_its_creation_and_later(iot, name, kind):
    arn = TAGGED[kind](iot, name, tags=[{"Key": "site", "Value": "roof"}])
    assert arn.split(":", 5)[5].split("/")[0] == kind
    assert tags_of(iot, arn) == {"site": "roof"}
    iot.tag_resource(resourceArn=arn, tags=[{"Key": "site", "Value": "cellar"}, {"Key": "größe", "Value": ""}])
    assert tags_of(iot, arn) == {"site": "cellar", "größe": ""}
    iot.untag_resource(resourceArn=arn, tagKeys=["site", "never there"])
    assert tags_of(iot, arn) == {"größe": ""}
    refused(410, "LimitExceededException", iot.tag_resource, resourceArn=arn,
            tags=[{"Key": f"k{i}", "Value": "v"} for i in range(50)])
    assert tags_of(iot, arn) == {"größe": ""}


def test_what_is_not_there_has_no_tags(iot):
    for arn in [ARN + f"{kind}/nothing" for kind in TAGGED] + [NOBODY, "arn:aws:iot:us-east-1:999999999999:policy/x"]:
        refused(404, "ResourceNotFoundException", iot.list_tags_for_resource, resourceArn=arn)
        refused(404, "ResourceNotFoundException", iot.tag_resource, resourceArn=arn, tags=[{"Key": "a", "Value": "b"}])
        refused(404, "ResourceNotFoundException", iot.untag_resource, resourceArn=arn, tagKeys=["a"])


def groups_of(iot, thing):
    return {row["groupName"] for row in iot.list_thing_groups_for_thing(thingName=thing)["thingGroups"]}


def test_the_groups_of_a_thing_are_changed_together_or_not_at_all(iot, name):
    iot.create_thing(thingName=name)
    for group, parent in (("a", None), ("b", None), ("c", None), ("a1", "a"), ("a2", "a")):
        iot.create_thing_group(thingGroupName=f"{name}-{group}", **({"parentGroupName": f"{name}-{parent}"} if parent else {}))
    change = lambda **groups: dict(thingName=name, **{k: [f"{name}-{g}" for g in v] for k, v in groups.items()})
    iot.update_thing_groups_for_thing(**change(thingGroupsToAdd=["a1", "b"]))
    assert groups_of(iot, name) == {f"{name}-a1", f"{name}-b"}
    # A move within one tree is one step.
    iot.update_thing_groups_for_thing(**change(thingGroupsToAdd=["a2", "c"], thingGroupsToRemove=["a1"]))
    assert groups_of(iot, name) == {f"{name}-a2", f"{name}-b", f"{name}-c"}
    refused(400, "InvalidRequestException", iot.update_thing_groups_for_thing,
            **change(thingGroupsToAdd=["a1"], thingGroupsToRemove=["b"]))
    refused(404, "ResourceNotFoundException", iot.update_thing_groups_for_thing,
            **change(thingGroupsToAdd=["none"], thingGroupsToRemove=["b"]))
    refused(404, "ResourceNotFoundException", iot.update_thing_groups_for_thing, thingName="nothing", thingGroupsToAdd=[])
    assert groups_of(iot, name) == {f"{name}-a2", f"{name}-b", f"{name}-c"}


def test_a_thing_and_its_principals_say_whether_they_are_each_others_only(target, iot, name):
    arn = iot.create_keys_and_certificate()["certificateArn"]
    iot.create_thing(thingName=name)
    iot.attach_thing_principal(thingName=name, principal=arn)
    header = {"x-amzn-principal": arn}
    assert newer(target, f"/things/{name}/principals-v2") == (200, {
        "thingPrincipalObjects": [{"principal": arn, "thingPrincipalType": "NON_EXCLUSIVE_THING"}]})
    assert newer(target, "/principals/things-v2", headers=header) == (200, {
        "principalThingObjects": [{"thingName": name, "thingPrincipalType": "NON_EXCLUSIVE_THING"}]})
    none = newer(target, f"/things/{name}/principals-v2?thingPrincipalType=EXCLUSIVE_THING")
    assert none == (200, {"thingPrincipalObjects": []})
    assert newer(target, f"/things/{name}/principals-v2?thingPrincipalType=x")[0] == 400
    refused(404, "ResourceNotFoundException", iot.list_principal_things, principal=NOBODY)


def test_each_documented_error_has_its_reason(iot, name):
    missing, exists = (404, "ResourceNotFoundException"), (409, "ResourceAlreadyExistsException")
    conflict, invalid = (409, "DeleteConflictException"), (400, "InvalidRequestException")
    state = (406, "CertificateStateException")
    made = iot.create_keys_and_certificate(setAsActive=True)
    cert, arn = made["certificateId"], made["certificateArn"]
    ca, authority = ca_of(iot, name, setAsActive=True)
    iot.create_policy(policyName=name, policyDocument=POLICY)
    iot.create_thing(thingName=name, attributePayload={"attributes": {"a": "1"}})
    iot.create_thing_type(thingTypeName=name, thingTypeProperties={"thingTypeDescription": "d"})
    iot.create_thing_group(thingGroupName=name)
    iot.create_thing_group(thingGroupName=name + "-child", parentGroupName=name)
    iot.attach_policy(policyName=name, target=arn)
    iot.attach_thing_principal(thingName=name, principal=arn)
    function = dict(authorizerFunctionArn="http://127.0.0.1:9/", signingDisabled=True)
    iot.create_authorizer(authorizerName=name, status="ACTIVE", **function)
    iot.set_default_authorizer(authorizerName=name)

    cases = [
        (missing, iot.describe_certificate, dict(certificateId="0" * 64)),
        (missing, iot.update_certificate, dict(certificateId="0" * 64, newStatus="ACTIVE")),
        (missing, iot.delete_certificate, dict(certificateId="0" * 64)),
        (state, iot.delete_certificate, dict(certificateId=cert)),
        (invalid, iot.update_certificate, dict(certificateId=cert, newStatus="PENDING_ACTIVATION")),
        (exists, iot.register_ca_certificate, dict(caCertificate=ca.pem, certificateMode="SNI_ONLY")),
        (state, iot.delete_ca_certificate, dict(certificateId=authority["certificateId"])),
        (missing, iot.describe_ca_certificate, dict(certificateId="0" * 64)),
        (missing, iot.update_ca_certificate, dict(certificateId="0" * 64, newStatus="ACTIVE")),
        ((400, "RegistrationCodeValidationException"), iot.register_ca_certificate,
         (lambda other: dict(caCertificate=other.pem, verificationCertificate=other.sign("no code").pem))(certificates.authority("x"))),
        ((400, "CertificateValidationException"), iot.register_certificate,
         dict(certificatePem=certificates.authority("stranger").sign("d").pem)),
        ((400, "CertificateValidationException"), iot.register_certificate_without_ca, dict(certificatePem="no certificate")),
        (exists, iot.create_policy, dict(policyName=name, policyDocument=POLICY)),
        ((400, "MalformedPolicyException"), iot.create_policy, dict(policyName=name + "x", policyDocument="{}")),
        ((400, "MalformedPolicyException"), iot.create_policy_version, dict(policyName=name, policyDocument="[")),
        (missing, iot.create_policy_version, dict(policyName="nothing", policyDocument=POLICY)),
        (missing, iot.get_policy, dict(policyName="nothing")),
        (missing, iot.get_policy_version, dict(policyName=name, policyVersionId="9")),
        (missing, iot.set_default_policy_version, dict(policyName=name, policyVersionId="9")),
        (invalid, iot.delete_policy_version, dict(policyName=name, policyVersionId="1")),
        (missing, iot.delete_policy_version, dict(policyName=name, policyVersionId="9")),
        (missing, iot.delete_policy, dict(policyName="nothing")),
        (conflict, iot.delete_policy, dict(policyName=name)),
        (missing, iot.attach_policy, dict(policyName="nothing", target=arn)),
        (missing, iot.attach_policy, dict(policyName=name, target=NOBODY)),
        (invalid, iot.attach_policy, dict(policyName=name, target="nobody")),
        (missing, iot.detach_policy, dict(policyName="nothing", target=arn)),
        (missing, iot.list_policy_versions, dict(policyName="nothing")),
        (missing, iot.list_targets_for_policy, dict(policyName="nothing")),
        (missing, iot.list_attached_policies, dict(target=NOBODY)),
        (exists, iot.create_thing, dict(thingName=name, attributePayload={"attributes": {"a": "2"}})),
        (missing, iot.create_thing, dict(thingName=name + "x", thingTypeName="nothing")),
        (missing, iot.describe_thing, dict(thingName="nothing")),
        (missing, iot.update_thing, dict(thingName="nothing")),
        ((409, "VersionConflictException"), iot.update_thing, dict(thingName=name, expectedVersion=7)),
        ((409, "VersionConflictException"), iot.delete_thing, dict(thingName=name, expectedVersion=7)),
        (invalid, iot.delete_thing, dict(thingName=name)),
        (missing, iot.attach_thing_principal, dict(thingName="nothing", principal=arn)),
        (missing, iot.attach_thing_principal, dict(thingName=name, principal=NOBODY)),
        (missing, iot.list_thing_principals, dict(thingName="nothing")),
        (exists, iot.create_thing_group, dict(thingGroupName=name, thingGroupProperties={"thingGroupDescription": "other"})),
        (missing, iot.create_thing_group, dict(thingGroupName=name + "x", parentGroupName="nothing")),
        (missing, iot.describe_thing_group, dict(thingGroupName="nothing")),
        (missing, iot.update_thing_group, dict(thingGroupName="nothing", thingGroupProperties={})),
        ((409, "VersionConflictException"), iot.update_thing_group,
         dict(thingGroupName=name, thingGroupProperties={}, expectedVersion=7)),
        (invalid, iot.delete_thing_group, dict(thingGroupName=name)),
        (missing, iot.add_thing_to_thing_group, dict(thingGroupName="nothing", thingName=name)),
        (missing, iot.add_thing_to_thing_group, dict(thingGroupName=name, thingName="nothing")),
        (missing, iot.list_things_in_thing_group, dict(thingGroupName="nothing")),
        (missing, iot.list_thing_groups, dict(parentGroup="nothing")),
        (exists, iot.create_thing_type, dict(thingTypeName=name, thingTypeProperties={"thingTypeDescription": "other"})),
        (missing, iot.describe_thing_type, dict(thingTypeName="nothing")),
        (missing, iot.deprecate_thing_type, dict(thingTypeName="nothing")),
        (invalid, iot.delete_thing_type, dict(thingTypeName=name)),
        (exists, iot.create_authorizer, dict(authorizerName=name, **function)),
        (invalid, iot.create_authorizer, dict(authorizerName=name + "x", authorizerFunctionArn="http://127.0.0.1:9/")),
        (missing, iot.describe_authorizer, dict(authorizerName="nothing")),
        (missing, iot.update_authorizer, dict(authorizerName="nothing", status="ACTIVE")),
        (missing, iot.delete_authorizer, dict(authorizerName="nothing")),
        (conflict, iot.delete_authorizer, dict(authorizerName=name)),
        (missing, iot.set_default_authorizer, dict(authorizerName="nothing")),
        (missing, iot.test_invoke_authorizer, dict(authorizerName="nothing")),
        (missing, iot.test_authorization, dict(principal=NOBODY, authInfos=[dict(actionType="CONNECT", resources=["*"])])),
    ]
    for (status, code), call, arguments in cases:
        refused(status, code, lambda: call(**arguments))
    iot.update_certificate(certificateId=cert, newStatus="INACTIVE")
    refused(*conflict, iot.delete_certificate, certificateId=cert)  # a policy and a thing
    iot.detach_policy(policyName=name, target=arn)
    refused(*conflict, iot.delete_certificate, certificateId=cert)  # a thing
    iot.detach_thing_principal(thingName=name, principal=arn)
    iot.delete_certificate(certificateId=cert)
    for _ in range(4):
        iot.create_policy_version(policyName=name, policyDocument=POLICY)
    refused(409, "VersionsLimitExceededException", iot.create_policy_version, policyName=name, policyDocument=POLICY)
    refused(*conflict, iot.delete_policy, policyName=name)  # more than one version


def test_a_connection_is_described_and_its_subscriptions_are_listed(target):
    broker = Broker(target.server.mqtt, target.key, target.secret)
    name = f"{RUN}-seen"
    assert newer(target, f"/connections/{name}", "iotdata")[0] == 404
    with Client(broker, "seen") as client:
        client.subscribe("b", 1)
        client.subscribe("a/#", 0)
        status, found = newer(target, f"/connections/{name}?includeSocketInformation=true", "iotdata")
        assert (status, found["clientId"], found["connected"], found["cleanSession"]) == (200, name, True, True)
        assert found["sourceIp"] == "127.0.0.1" and found["sourcePort"] > 0 and found["connectedSince"] > 1.7e12
        assert "sourceIp" not in newer(target, f"/connections/{name}", "iotdata")[1]
        status, page = newer(target, f"/connections/{name}/subscriptions?maxResults=1", "iotdata")
        assert status == 200 and len(page["subscriptions"]) == 1 and page["nextToken"]
        token = urllib.parse.quote(page["nextToken"], safe="")
        rest = newer(target, f"/connections/{name}/subscriptions?nextToken={token}", "iotdata")[1]
        rows = page["subscriptions"] + rest["subscriptions"]
        assert [(row["topicFilter"], row["qos"]) for row in rows] == [(topic("a/#"), 0), (topic("b"), 1)]


def test_a_live_connection_is_explained_as_it_is(target, iot, name):
    with Client(Broker(target.server.mqtt, target.key, target.secret), "live"):
        found = target.post("iot", "/authorization-explanation", {
            "connection": f"{RUN}-live", "action": "iot:Publish", "resource": "topic/a"})
        assert found["authDecision"] == "ALLOWED" and found["unlimited"]
