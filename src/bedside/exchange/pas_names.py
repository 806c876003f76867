"""The names that Da Vinci PAS 2.2.1 and DTR 2.2.0 give to what a request and its answer consist of."""

from __future__ import annotations

from uuid import UUID, uuid5

PAS = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/"
DTR = "http://hl7.org/fhir/us/davinci-dtr/StructureDefinition/"
CLAIM, CLAIM_UPDATE = f"{PAS}profile-claim", f"{PAS}profile-claim-update"
CLAIM_INQUIRY = f"{PAS}profile-claim-inquiry"
REQUEST_BUNDLE = f"{PAS}profile-pas-request-bundle"
INQUIRY_BUNDLE = f"{PAS}profile-pas-inquiry-request-bundle"
SUPPORTING = "http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASSupportingInfoType"
REVIEW_ACTION, REVIEW_ACTION_CODE = f"{PAS}extension-reviewAction", f"{PAS}extension-reviewActionCode"
ITEM_PERIOD, ITEM_DETAIL = f"{PAS}extension-itemPreAuthPeriod", f"{PAS}extension-itemAuthorizedDetail"
TRACE, REQUESTED = f"{PAS}extension-itemTraceNumber", f"{PAS}extension-requestedService"
CERTIFICATION = f"{PAS}extension-certificationType"
LEVEL_OF_SERVICE = f"{PAS}extension-levelOfServiceCode"
INFO_CHANGED, INFO_CANCELLED = f"{PAS}extension-infoChanged", f"{PAS}modifierextension-infoCancelled"
ORIGIN, CONTEXT, INTENDED_USE = f"{DTR}information-origin", f"{DTR}qr-context", f"{DTR}intendedUse"

CLAIM_NUMBER, BUNDLE_NUMBER = "urn:bedside:claim", "urn:bedside:claim-bundle"
ORDER_NUMBER, MEMBER, TEST = "urn:bedside:order", "urn:bedside:member", "urn:bedside:test"
NPI = "http://hl7.org/fhir/sid/us-npi"
CODE_SYSTEMS = {
    "cpt": "http://www.ama-assn.org/go/cpt",
    "hcpcs": "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "dex": "urn:bedside:dex-z-code",
}
"""FHIR's address of each system of billing codes."""

_NAMESPACE = UUID("0f6b8a52-7d3f-5e8c-9a41-55c0e2b7a1d9")


def address(claim: str, part: str) -> str:
    """The address of a part of a request within its bundle: the same for the same request."""
    return f"urn:uuid:{uuid5(_NAMESPACE, f'{claim}/{part}')}"
