"""Every operation that the server has, against botocore's service models: the table, answers, wrong requests."""
import copy
import http.client
import json
import uuid

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.serialize import create_serializer
from botocore.utils import percent_encode_sequence

import certificates
from aws_client import REGION, ROLE, serve
from aws_model import answer_differences, model_of, pattern_of, served_operations

# Rows that are no operations of AWS: DESIGN's own resources, and what the tools need.
OURS = {"ListSeenGateways", "ImportWirelessDevices", "GetDeviceSession", "ListDeviceFrames", "ListEvents", "PutCodec",
        "GetCodec", "DeleteCodec", "StartBackup", "GetBackup", "TestTopicRule", "CreateAccessKey", "ListAccessKeys",
        "DeleteAccessKey", "ExplainAuthorization",
        "CreateUser", "UpdateUser", "GetUser", "ListUsers", "DeleteUser",
        # AWS's, but younger than the distribution's botocore: registry_api_test.py
        "ListThingPrincipalsV2", "ListPrincipalThingsV2"}
MODELS = {service: model_of(service) for service in ("iotwireless", "iot")}
# A thing type can be deleted five minutes after its deprecation (tests/bridge/registry), and an authorizer that
# answers is in authorizers_test.py.
ELSEWHERE = {"DeleteThingType", "TestInvokeAuthorizer"}
ROWS = [(service, name) for service, name, *_ in served_operations() if name not in OURS | ELSEWHERE]
KEY = "000102030405060708090a0b0c0d0e0f"  # for tests only


def some_eui():
    return uuid.uuid4().hex[:16]


def test_the_table_says_what_the_model_says():
    for service, name, method, uri, status in served_operations():
        if name in OURS:
            assert name not in MODELS[service].operation_names
            continue
        model = MODELS[service].operation_model(name)
        assert (method, uri) == (model.http["method"], model.http["requestUri"]), name
        if model.output_shape is not None or "responseCode" in model.http:
            assert status == model.http.get("responseCode", 200), name


@pytest.fixture(scope="module")
def target():
    yield from serve("http")


class Raw:
    """Sends what botocore would, or something near it, without botocore's checks."""

    def __init__(self, target):
        self.target = target

    def serialized(self, service, name, arguments):
        model = MODELS[service].operation_model(name)
        return create_serializer("rest-json", include_validation=False).serialize_to_request(arguments, model)

    def send(self, service, request):
        url = f"http://127.0.0.1:{self.target.server.http}{request['url_path']}"
        if request["query_string"]:
            url += "?" + percent_encode_sequence(request["query_string"])
        signed = AWSRequest(request["method"], url, request["headers"], request["body"])
        SigV4Auth(Credentials(self.target.key, self.target.secret), service, REGION).add_auth(signed)
        prepared = signed.prepare()
        connection = http.client.HTTPConnection("127.0.0.1", self.target.server.http, timeout=30)
        connection.request(prepared.method, prepared.url.split(str(self.target.server.http), 1)[1], prepared.body,
                           dict(prepared.headers))
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, answer.headers, text

    def call(self, service, name, arguments):
        """The answer, which must be one that the model allows."""
        return self.judged(service, name, self.serialized(service, name, arguments))

    def judged(self, service, name, request):
        status, headers, text = self.send(service, request)
        found = answer_differences(MODELS[service].operation_model(name), status, headers, text)
        assert not found, f"{name}: {found}\n{request}\n{text}"
        return status, headers.get("x-amzn-ErrorType"), json.loads(text) if text else {}


class Things:
    """One of each resource with every member set, and for each operation arguments that succeed."""

    def __init__(self, raw):
        self.raw = raw

    def make(self, name, **arguments):
        status, error, body = self.raw.call("iotwireless", name, arguments)
        assert status == 201, (error, body)
        return body

    def fresh(self, name, service):
        """Arguments for `name` that succeed once, with every member that this server does not refuse."""
        tags = [{"Key": "site", "Value": "roof"}]
        token = uuid.uuid4().hex
        profile = {"SupportsClassB": True, "ClassBTimeout": 10, "PingSlotPeriod": 128, "PingSlotDr": 3,
                   "PingSlotFreq": 8695250, "SupportsClassC": True, "ClassCTimeout": 10, "MacVersion": "1.0.3",
                   "RegParamsRevision": "RP002-1.0.1", "RxDelay1": 1, "RxDrOffset1": 1, "RxDataRate2": 3,
                   "RxFreq2": 8695250, "FactoryPresetFreqsList": [8681000], "MaxEirp": 14, "MaxDutyCycle": 1,
                   "RfRegion": "EU868", "SupportsJoin": True, "Supports32BitFCnt": True}
        gateway = {"GatewayEui": some_eui(), "RfRegion": "EU868", "JoinEuiFilters": [["0" * 16, "f" * 16]],
                   "NetIdFilters": ["000000"], "SubBands": [1],
                   "Beaconing": {"DataRate": 3, "Frequencies": [869525000]}}
        fports = {"Fuota": 201, "Multicast": 200, "ClockSync": 202,
                  "Positioning": {"ClockSync": 202, "Stream": 199, "Gnss": 192},
                  "Applications": [{"FPort": 7, "Type": "SemtechGeolocation", "DestinationName": "d"}]}
        create = {
            "CreateWirelessGateway": dict(Name="n", Description="t", LoRaWAN=gateway, Tags=tags,
                                          ClientRequestToken=token),
            "CreateDeviceProfile": dict(Name="n", LoRaWAN=profile, Tags=tags, ClientRequestToken=token),
            "CreateServiceProfile": dict(Name="n", LoRaWAN={"AddGwMetadata": True, "DrMin": 0, "DrMax": 5}, Tags=tags,
                                         ClientRequestToken=token),
            "CreateDestination": dict(Name=f"d-{token}", ExpressionType="RuleName", Expression="r", Description="t",
                                      RoleArn=ROLE, Tags=tags, ClientRequestToken=token),
        }
        if name in create:
            return create[name]
        if service == "iot":
            return self.for_iot(name, token)
        if "WirelessGateway" in name:
            made = self.make("CreateWirelessGateway", **create["CreateWirelessGateway"])
            return {
                "GetWirelessGateway": dict(Identifier=made["Id"], IdentifierType="WirelessGatewayId"),
                "GetWirelessGatewayStatistics": dict(WirelessGatewayId=made["Id"]),
                "UpdateWirelessGateway": dict(Id=made["Id"], Name="m", Description="u", JoinEuiFilters=[],
                                              NetIdFilters=["000001"]),
                "DeleteWirelessGateway": dict(Id=made["Id"]),
                "ListWirelessGateways": dict(MaxResults=1),
            }[name]
        if "Profile" in name:
            kind = "Device" if "DeviceProfile" in name else "Service"
            made = self.make(f"Create{kind}Profile", **create[f"Create{kind}Profile"])
            return dict(MaxResults=1) if name.startswith("List") else dict(Id=made["Id"])
        if name == "GetServiceEndpoint":
            return dict(ServiceType="LNS")
        destination = self.make("CreateDestination", **create["CreateDestination"])
        if "tag" in name.lower():
            more = {"TagResource": {"Tags": tags}, "UntagResource": {"TagKeys": ["site"]}, "ListTagsForResource": {}}
            return dict(ResourceArn=destination["Arn"], **more[name])
        if "Destination" in name:
            return {
                "GetDestination": dict(Name=destination["Name"]),
                "UpdateDestination": dict(Name=destination["Name"], ExpressionType="MqttTopic", Expression="a/b",
                                          Description="u", RoleArn=ROLE),
                "DeleteDestination": dict(Name=destination["Name"]),
                "ListDestinations": dict(MaxResults=1),
            }[name]
        parts = {"DeviceProfileId": self.make("CreateDeviceProfile", **create["CreateDeviceProfile"])["Id"],
                 "ServiceProfileId": self.make("CreateServiceProfile", **create["CreateServiceProfile"])["Id"]}
        device = dict(Type="LoRaWAN", Name="n", Description="t", DestinationName=destination["Name"], Tags=tags,
                      ClientRequestToken=token, Positioning="Disabled", LoRaWAN={
                          "DevEui": some_eui(), **parts, "FPorts": fports,
                          "OtaaV1_0_x": {"AppKey": KEY, "AppEui": some_eui(), "GenAppKey": KEY}})
        if name == "CreateWirelessDevice":
            return device
        abp = copy.deepcopy(device)
        abp["LoRaWAN"].pop("OtaaV1_0_x")
        abp["LoRaWAN"]["AbpV1_0_x"] = {"DevAddr": "01020304", "SessionKeys": {"NwkSKey": KEY, "AppSKey": KEY},
                                       "FCntStart": 3}
        made = self.make("CreateWirelessDevice", **abp)["Id"]
        message = dict(Id=made, TransmitMode=1, PayloadData="AQI=", WirelessMetadata={"LoRaWAN": {"FPort": 9}})
        if "QueuedMessages" in name:
            self.raw.call("iotwireless", "SendDataToWirelessDevice", message)
        return {
            "GetWirelessDevice": dict(Identifier=made, IdentifierType="WirelessDeviceId"),
            "ListWirelessDevices": dict(MaxResults=1, DestinationName=destination["Name"],
                                        WirelessDeviceType="LoRaWAN", **parts),
            "UpdateWirelessDevice": dict(Id=made, Name="m", Description="u", DestinationName=destination["Name"],
                                         Positioning="Enabled", LoRaWAN={
                                             **parts, "AbpV1_0_x": {"FCntStart": 4},
                                             "FPorts": {k: fports[k] for k in ("Positioning", "Applications")}}),
            "DeleteWirelessDevice": dict(Id=made),
            "GetWirelessDeviceStatistics": dict(WirelessDeviceId=made),
            "SendDataToWirelessDevice": message,
            "ListQueuedMessages": dict(Id=made, MaxResults=1, WirelessDeviceType="LoRaWAN"),
            "DeleteQueuedMessages": dict(Id=made, MessageId="*", WirelessDeviceType="LoRaWAN"),
        }[name]

    def for_iot(self, name, token):
        rule = f"r_{token}"
        payload = {"sql": "SELECT * FROM 'a/b'", "description": "t", "ruleDisabled": False,
                   "awsIotSqlVersion": "2016-03-23",
                   "actions": [{"republish": {"roleArn": ROLE, "topic": "c", "qos": 1}}],
                   "errorAction": {"republish": {"roleArn": ROLE, "topic": "e", "qos": 0}}}
        if name == "CreateTopicRule":
            return dict(ruleName=rule, topicRulePayload=payload, tags="site=roof")
        if name == "DescribeEndpoint":
            return dict(endpointType="iot:Data-ATS")
        registered = Registered(self.raw, token).arguments(name)
        if registered is not None:
            return registered
        self.raw.call("iot", "CreateTopicRule", dict(ruleName=rule, topicRulePayload=payload))
        arn = f"arn:aws:iot:us-east-1:123456789012:rule/{rule}"
        return {
            "ReplaceTopicRule": dict(ruleName=rule, topicRulePayload=payload),
            "ListTopicRules": dict(topic="a/b", maxResults=1, ruleDisabled=False),
            "TagResource": dict(resourceArn=arn, tags=[{"Key": "site", "Value": "roof"}]),
            "UntagResource": dict(resourceArn=arn, tagKeys=["site"]),
            "ListTagsForResource": dict(resourceArn=arn),
        }.get(name, dict(ruleName=rule))


class Registered:
    """Certificates, policies, things and groups: for each operation arguments that succeed once."""

    POLICY = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iot:Connect", "Resource": "*"}]})
    TAGS = [{"Key": "site", "Value": "roof"}]

    def __init__(self, raw, token):
        self.raw, self.name = raw, f"n-{token}"

    def iot(self, operation, **arguments):
        status, error, body = self.raw.call("iot", operation, arguments)
        assert status == 200, (operation, error, body)
        return body

    def certificate(self, active=False):
        return self.iot("CreateKeysAndCertificate", setAsActive=active)

    def policy(self):
        self.iot("CreatePolicy", policyName=self.name, policyDocument=self.POLICY)
        return self.name

    def attached(self):
        arn = self.certificate()["certificateArn"]
        self.iot("AttachPolicy", policyName=self.policy(), target=arn)
        return arn

    def thing(self):
        self.iot("CreateThing", thingName=self.name, attributePayload={"attributes": {"a": "b"}})
        return self.name

    def group(self):
        self.iot("CreateThingGroup", thingGroupName=self.name)
        return self.name

    def grouped(self):
        self.iot("AddThingToThingGroup", thingName=self.thing(), thingGroupName=self.group())
        return dict(thingName=self.name, thingGroupName=self.name)

    def principal(self):
        arn = self.certificate()["certificateArn"]
        self.iot("AttachThingPrincipal", thingName=self.thing(), principal=arn)
        return arn

    def authority(self, active=False):
        ca = certificates.authority(self.name)
        made = self.iot("RegisterCACertificate", caCertificate=ca.pem, certificateMode="SNI_ONLY", setAsActive=active)
        return ca, made["certificateId"]

    def authority_arguments(self):
        ca = certificates.authority(self.name)
        code = self.iot("GetRegistrationCode")["registrationCode"]
        return dict(caCertificate=ca.pem, verificationCertificate=ca.sign(code).pem, setAsActive=True,
                    allowAutoRegistration=True, certificateMode="DEFAULT", tags=self.TAGS,
                    registrationConfig=dict(templateBody="{}", roleArn=ROLE, templateName="t"))

    def arguments(self, name):
        """Absent where the operation is about something else."""
        row = getattr(self, "for_" + name, None)
        return row() if row else None

    PAGE = dict(pageSize=1, ascendingOrder=True)
    PROPERTIES = dict(thingGroupDescription="d", attributePayload=dict(attributes={"a": "b"}, merge=True))

    for_CreateKeysAndCertificate = lambda self: dict(setAsActive=True)
    for_CreateCertificateFromCsr = lambda self: dict(certificateSigningRequest=certificates.request(self.name),
                                                     setAsActive=True)
    for_ListCertificates = lambda self: self.certificate() and self.PAGE
    for_DescribeCertificate = lambda self: dict(certificateId=self.certificate()["certificateId"])
    for_UpdateCertificate = lambda self: dict(certificateId=self.certificate()["certificateId"], newStatus="ACTIVE")
    for_DeleteCertificate = lambda self: dict(certificateId=self.certificate()["certificateId"], forceDelete=True)
    for_ListCertificatesByCA = lambda self: dict(caCertificateId=self.authority()[1], **self.PAGE)

    def for_RegisterCertificate(self):
        ca, _ = self.authority(active=True)
        return dict(certificatePem=ca.sign(self.name).pem, caCertificatePem=ca.pem, status="ACTIVE")

    for_RegisterCertificateWithoutCA = lambda self: dict(
        certificatePem=certificates.authority("x").sign(self.name).pem, status="ACTIVE")
    for_RegisterCACertificate = authority_arguments
    for_DescribeCACertificate = lambda self: dict(certificateId=self.authority()[1])
    for_UpdateCACertificate = lambda self: dict(
        certificateId=self.authority()[1], newStatus="ACTIVE", newAutoRegistrationStatus="ENABLE",
        registrationConfig=dict(templateBody="{}", roleArn=ROLE, templateName="t"), removeAutoRegistration=False)
    for_DeleteCACertificate = lambda self: dict(certificateId=self.authority()[1])
    for_ListCACertificates = lambda self: self.authority() and self.PAGE
    for_GetRegistrationCode = lambda self: {}
    for_DeleteRegistrationCode = lambda self: self.iot("GetRegistrationCode") and {}

    for_CreatePolicy = lambda self: dict(policyName=self.name, policyDocument=self.POLICY, tags=self.TAGS)
    for_GetPolicy = lambda self: dict(policyName=self.policy())
    for_DeletePolicy = for_GetPolicy
    for_ListPolicies = lambda self: self.policy() and self.PAGE
    for_CreatePolicyVersion = lambda self: dict(policyName=self.policy(), policyDocument=self.POLICY, setAsDefault=True)
    for_ListPolicyVersions = for_GetPolicy
    for_GetPolicyVersion = lambda self: dict(policyName=self.policy(), policyVersionId="1")
    for_SetDefaultPolicyVersion = for_GetPolicyVersion

    def for_DeletePolicyVersion(self):
        self.iot("CreatePolicyVersion", policyName=self.policy(), policyDocument=self.POLICY)
        return dict(policyName=self.name, policyVersionId="2")

    for_AttachPolicy = lambda self: dict(policyName=self.policy(), target=self.certificate()["certificateArn"])
    for_DetachPolicy = lambda self: dict(target=self.attached(), policyName=self.name)
    for_AttachPrincipalPolicy = lambda self: dict(policyName=self.policy(),
                                                  principal=self.certificate()["certificateArn"])
    for_DetachPrincipalPolicy = lambda self: dict(principal=self.attached(), policyName=self.name)
    for_ListAttachedPolicies = lambda self: dict(target=self.attached(), recursive=True, pageSize=1)
    for_ListTargetsForPolicy = lambda self: self.attached() and dict(policyName=self.name, pageSize=1)
    for_ListPolicyPrincipals = lambda self: self.attached() and dict(policyName=self.name, **self.PAGE)
    for_ListPrincipalPolicies = lambda self: dict(principal=self.attached(), **self.PAGE)
    for_TestAuthorization = lambda self: dict(principal=self.attached(), clientId="c", policyNamesToAdd=[self.name],
                                              authInfos=[dict(actionType="CONNECT", resources=["*"])])
    for_GetEffectivePolicies = lambda self: dict(principal=self.attached(), thingName=self.thing())

    def for_CreateThing(self):
        self.iot("CreateThingType", thingTypeName=self.name)
        return dict(thingName=self.name, thingTypeName=self.name,
                    attributePayload=dict(attributes={"a": "b"}, merge=False))

    def for_UpdateThing(self):
        self.iot("CreateThingType", thingTypeName=self.name)
        return dict(thingName=self.thing(), thingTypeName=self.name, expectedVersion=1, removeThingType=False,
                    attributePayload=dict(attributes={"a": "c"}, merge=True))

    for_DescribeThing = lambda self: dict(thingName=self.thing())
    for_DeleteThing = lambda self: dict(thingName=self.thing(), expectedVersion=1)
    for_ListThings = lambda self: self.thing() and dict(maxResults=1, attributeName="a", attributeValue="b",
                                                        usePrefixAttributeValue=True)
    for_AttachThingPrincipal = lambda self: dict(thingName=self.thing(),
                                                 principal=self.certificate()["certificateArn"])
    for_DetachThingPrincipal = lambda self: dict(principal=self.principal(), thingName=self.name)
    for_ListThingPrincipals = lambda self: self.principal() and dict(thingName=self.name, maxResults=1)
    for_ListPrincipalThings = lambda self: dict(principal=self.principal(), maxResults=1)
    for_ListThingGroupsForThing = lambda self: self.grouped() and dict(thingName=self.name, maxResults=1)

    def for_AddThingToThingGroup(self):
        place = "arn:aws:iot:us-east-1:123456789012"
        return dict(thingName=self.thing(), thingGroupName=self.group(), overrideDynamicGroups=False,
                    thingGroupArn=f"{place}:thinggroup/{self.name}", thingArn=f"{place}:thing/{self.name}")

    for_RemoveThingFromThingGroup = lambda self: self.grouped()

    def for_UpdateThingGroupsForThing(self):
        self.iot("CreateThingGroup", thingGroupName=self.name + "b")
        return dict(self.grouped() and {}, thingName=self.name, thingGroupsToAdd=[self.name + "b"],
                    thingGroupsToRemove=[self.name], overrideDynamicGroups=False)

    for_CreateThingGroup = lambda self: dict(thingGroupName=self.name + "b", parentGroupName=self.group(),
                                             thingGroupProperties=self.PROPERTIES, tags=self.TAGS)
    for_DescribeThingGroup = lambda self: dict(thingGroupName=self.group())
    for_UpdateThingGroup = lambda self: dict(thingGroupName=self.group(), expectedVersion=1,
                                             thingGroupProperties=self.PROPERTIES)
    for_DeleteThingGroup = lambda self: dict(thingGroupName=self.group(), expectedVersion=1)
    for_ListThingGroups = lambda self: dict(parentGroup=self.group(), namePrefixFilter="n", recursive=True,
                                            maxResults=1)
    for_ListThingsInThingGroup = lambda self: self.grouped() and dict(thingGroupName=self.name, recursive=True,
                                                                      maxResults=1)
    for_CreateThingType = lambda self: dict(thingTypeName=self.name, tags=self.TAGS, thingTypeProperties=dict(
        thingTypeDescription="d", searchableAttributes=["a"]))

    def for_DescribeThingType(self):
        self.iot("CreateThingType", thingTypeName=self.name)
        return dict(thingTypeName=self.name)

    def authorizer_arguments(self):
        return dict(authorizerName=self.name[:60], authorizerFunctionArn="http://127.0.0.1:9/never", tokenKeyName="token",
                    tokenSigningPublicKeys={"k": certificates.public_pem(certificates.rsa_key())}, status="ACTIVE",
                    enableCachingForHttp=True)

    def authorizer(self, **changes):
        arguments = dict(self.authorizer_arguments(), **changes)
        self.iot("CreateAuthorizer", **arguments)
        return dict(authorizerName=arguments["authorizerName"])

    for_CreateAuthorizer = lambda self: dict(self.authorizer_arguments(), tags=self.TAGS, signingDisabled=False)
    for_UpdateAuthorizer = lambda self: dict(self.authorizer_arguments(), **self.authorizer())
    for_DescribeAuthorizer = lambda self: self.authorizer()
    for_ListAuthorizers = lambda self: self.authorizer() and dict(self.PAGE, status="ACTIVE")
    for_DeleteAuthorizer = lambda self: self.authorizer(status="INACTIVE")
    for_SetDefaultAuthorizer = lambda self: self.authorizer()

    def for_DescribeDefaultAuthorizer(self):
        self.iot("SetDefaultAuthorizer", **self.authorizer())
        return {}

    for_ClearDefaultAuthorizer = for_DescribeDefaultAuthorizer

    for_ListThingTypes = lambda self: dict(self.for_DescribeThingType(), maxResults=1)
    for_DeprecateThingType = lambda self: dict(self.for_DescribeThingType(), undoDeprecate=False)


@pytest.fixture(scope="module")
def raw(target):
    return Raw(target)


@pytest.fixture(scope="module")
def things(raw):
    return Things(raw)


@pytest.mark.parametrize("service,name", ROWS)
def test_an_operation_with_all_its_members_answers_as_the_model_says(raw, things, service, name):
    status, error, body = raw.call(service, name, things.fresh(name, service))
    assert status < 300, (error, body)


@pytest.mark.parametrize("kind", ["WirelessGateway", "DeviceProfile", "ServiceProfile", "Destination",
                                  "WirelessDevice"])
def test_what_was_given_comes_back(raw, things, kind):
    """Each member of a create that the get has as well, with the same value."""
    service, name = "iotwireless", f"Get{kind}"
    given = things.fresh(f"Create{kind}", service)
    made = things.make(f"Create{kind}", **given)
    key = {"GetDestination": {"Name": made.get("Name")}, "GetWirelessGateway": {
        "Identifier": made.get("Id"), "IdentifierType": "WirelessGatewayId"}, "GetWirelessDevice": {
        "Identifier": made.get("Id"), "IdentifierType": "WirelessDeviceId"}}.get(name, {"Id": made.get("Id")})
    shown = raw.call(service, name, key)[2]
    for member in given:
        if member in MODELS[service].operation_model(name).output_shape.members:
            if isinstance(given[member], dict):
                assert {k: shown[member].get(k) for k in given[member]} == given[member]
            else:
                assert shown[member] == given[member]


# Members that AWS requires and this server does not: a role means nothing here.
OPTIONAL_HERE = {"RoleArn", "roleArn"}


def faults(shape, value, path=()):
    """(path in the body, kind, wrong value) for what the model forbids at or below `value`."""
    wrong_type = {"string": 7, "boolean": "yes", "integer": "7", "long": "7", "list": "x", "structure": "x",
                  "double": "x", "map": "x"}
    if path:
        yield path, "wrong type", wrong_type[shape.type_name]
    rule = shape.metadata
    if shape.type_name == "string":
        if "max" in rule:
            yield path, "too long", "a" * (rule["max"] + 1)
        if rule.get("min", 0) > 0:
            yield path, "too short", "a" * (rule["min"] - 1)
        if "pattern" in rule and not pattern_of(rule["pattern"]).fullmatch("?!"):
            yield path, "against the pattern", "?!"
        if rule.get("enum"):
            yield path, "none of the enum", "Nonsense"
    elif shape.type_name in ("integer", "long"):
        if "max" in rule:
            yield path, "too large", rule["max"] + 1
        if "min" in rule:
            yield path, "too small", rule["min"] - 1
        yield path, "a fraction", 1.5
        yield path, "huge", 10 ** 30
    elif shape.type_name == "list":
        if "max" in rule and value:
            yield path, "too many", [value[0]] * (rule["max"] + 1)
        if value:
            yield from faults(shape.member, value[0], path + (0,))
    elif shape.type_name == "map":
        for name, inner in value.items():
            yield from faults(shape.value, inner, path + (name,))
    elif shape.type_name == "structure":
        for name, inner in value.items():
            yield from faults(shape.members[name], inner, path + (name,))
        for name in shape.required_members:
            if name in value and name not in OPTIONAL_HERE:
                yield path + (name,), "missing", None


def changed(body, path, kind, wrong):
    body = copy.deepcopy(body)
    place = body
    for step in path[:-1]:
        place = place[step]
    if kind == "missing":
        del place[path[-1]]
    else:
        place[path[-1]] = wrong
    return body


def in_body(shape, arguments):
    """The members that stand in the body, and the shape of it where one member is the body."""
    payload = shape.serialization.get("payload")
    if payload:
        return shape.members[payload], arguments[payload]
    return shape, {n: v for n, v in arguments.items() if not shape.members[n].serialization.get("location")}


def has_body(service, name):
    model = MODELS[service].operation_model(name)
    return model.http["method"] in ("POST", "PATCH", "PUT") and not all(
        member.serialization.get("location") for member in model.input_shape.members.values())


@pytest.mark.parametrize("service,name", [row for row in ROWS if has_body(*row)])
def test_each_member_against_the_model_is_refused(raw, things, service, name):
    model = MODELS[service].operation_model(name)
    arguments = things.fresh(name, service)
    request = raw.serialized(service, name, arguments)
    body, (shape, value) = json.loads(request["body"]), in_body(model.input_shape, arguments)
    accepted = []
    for path, kind, wrong in faults(shape, value):
        request["body"] = json.dumps(changed(body, path, kind, wrong)).encode()
        status, error, answer = raw.judged(service, name, request)
        if status != 400:
            accepted.append((".".join(map(str, path)), kind, status))
            if status < 300:
                arguments = things.fresh(name, service)
                request = raw.serialized(service, name, arguments)
                body = json.loads(request["body"])
    assert not accepted, "\n".join(map(str, accepted))
