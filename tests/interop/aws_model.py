"""What botocore's service models say, held against the bytes that a server answers."""
import json
import pathlib
import re

import botocore.session
from botocore.model import ServiceModel

TABLE = pathlib.Path(__file__).parents[2] / "bridge/api/operation_table.cpp"
# Members that this server adds to AWS's, as DESIGN's "own resources beside them".
OUR_MEMBERS = {
    "GetWirelessGatewayStatistics": {"LastSeenAt", "Address", "Uplinks", "Downlinks", "DownlinksRefused",
                                     "RoundTripMs"},
    "DownlinkQueueMessage": {"PayloadData", "Attempts", "AwaitingAck"},
}


def served_operations():
    """(service, operation, method, uri, status) of each row of the server's table."""
    rows = re.findall(r'\{k(Wireless|Iot),\s*"(\w+)",\s*"(\w+)",\s*"([^"]+)",\s*(\d+),', TABLE.read_text())
    names = {"Wireless": "iotwireless", "Iot": "iot"}
    return [(names[service], name, method, uri, int(status)) for service, name, method, uri, status in rows]


def model_of(service):
    return ServiceModel(botocore.session.get_session().get_component("data_loader").load_service_model(
        service, "service-2"), service)


def pattern_of(text):
    """Java's classes of letters, spaces and numbers are Python's near enough; what is no pattern fits everything."""
    text = text.replace("\\p{L}", r"\w").replace("\\p{Z}", r"\s").replace("\\p{N}", r"\d")
    text = text.replace("\\p{Graph}", "!-~")
    try:
        return re.compile(text)
    except re.error:  # AWS's pattern of certificates
        return re.compile(".*", re.DOTALL)


TYPES = {"string": str, "blob": str, "boolean": bool, "integer": int, "long": int, "list": list, "structure": dict, "map": dict,
         "double": (int, float), "float": (int, float), "timestamp": (int, float)}


def differences(shape, value, where, operation):
    """How `value`, JSON as it came, differs from what the model allows; empty where it does not."""
    if isinstance(value, bool) != (shape.type_name == "boolean") or not isinstance(value, TYPES[shape.type_name]):
        return [f"{where} is {value!r}, not a {shape.type_name}"]
    found = []
    rule = shape.metadata
    if shape.type_name in ("string", "list"):
        if not rule.get("min", 0) <= len(value) <= rule.get("max", len(value)):
            found.append(f"{where} has the length {len(value)}, outside {rule}")
    elif shape.type_name in ("integer", "long", "double"):
        if not rule.get("min", value) <= value <= rule.get("max", value):
            found.append(f"{where} is {value}, outside {rule}")
    if rule.get("enum") and value not in rule["enum"]:
        found.append(f"{where} is {value!r}, not one of {rule['enum']}")
    if "pattern" in rule and not pattern_of(rule["pattern"]).fullmatch(value):
        found.append(f"{where} is {value!r}, which does not match {rule['pattern']}")
    if shape.type_name == "structure":
        ours = OUR_MEMBERS.get(operation, set()) | OUR_MEMBERS.get(shape.name, set())
        for name, inner in value.items():
            if name in shape.members:
                found += differences(shape.members[name], inner, f"{where}.{name}", operation)
            elif name not in ours:
                found.append(f"{where}.{name} is no member of {shape.name}")
        found += [f"{where}.{name} is missing" for name in shape.required_members if name not in value]
    elif shape.type_name == "list":
        for i, inner in enumerate(value):
            found += differences(shape.member, inner, f"{where}[{i}]", operation)
    return found


# Errors that every AWS service may answer; no model names them.
COMMON_ERRORS = {"MissingAuthenticationTokenException", "IncompleteSignatureException", "UnrecognizedClientException",
                 "InvalidSignatureException", "RequestExpired", "UnknownOperationException", "SerializationException",
                 "ServiceUnavailableException", "RequestEntityTooLargeException", "ResourceNotFoundException",
                 "AccessDeniedException"}


def answer_differences(model, status, headers, text):
    """What is wrong with one answer to the operation `model`."""
    found = []
    if not headers.get("x-amzn-RequestId"):
        found.append("there is no request id")
    if status < 300:
        wanted = model.http.get("responseCode", 200)
        if status != wanted:
            found.append(f"the status is {status}, not {wanted}")
        if status == 204 or model.output_shape is None:
            return found
        return found + differences(model.output_shape, json.loads(text), model.name, model.name)
    code, body = headers.get("x-amzn-ErrorType"), json.loads(text)
    shapes = {shape.name: shape for shape in model.error_shapes}
    if code in shapes:
        wanted = shapes[code].metadata["error"]["httpStatusCode"]
        if status != wanted:
            found.append(f"{code} came with {status}, not {wanted}")
        # The model's spelling is Message or message; botocore reads both.
        found += differences(shapes[code], body, code, model.name)
    elif code not in COMMON_ERRORS:
        found.append(f"{code} is no error of {model.name}")
    return found


class Watch:
    """Checks each answer that a client gets against the model; keeps which operations succeeded."""

    def __init__(self):
        self.succeeded = set()

    def attach(self, client):
        client.meta.events.register("after-call", self.judge)

    def judge(self, http_response, model, **_):
        status, text = http_response.status_code, http_response.content
        found = answer_differences(model, status, http_response.headers, text)
        assert not found, f"{model.name}: {found}\n{text}"
        if status < 300:
            self.succeeded.add((model.service_model.service_name, model.name))
