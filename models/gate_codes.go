package models

// ReasonCode is the closed list of reasons that the gate gives; the same in code,
// texts and documentation.
type ReasonCode string

// The codes.
const (
	ReasonCPUnknown                  ReasonCode = "CP_UNKNOWN"
	ReasonCPNotInServiceArea         ReasonCode = "CP_NOT_IN_SERVICE_AREA"
	ReasonCPClaimed                  ReasonCode = "CP_CLAIMED"
	ReasonIDInvalid                  ReasonCode = "ID_INVALID"
	ReasonLicenseNumberInvalid       ReasonCode = "LICENSE_NUMBER_INVALID"
	ReasonHolderUnknown              ReasonCode = "HOLDER_UNKNOWN"
	ReasonHolderInactive             ReasonCode = "HOLDER_INACTIVE"
	ReasonHolderMismatch             ReasonCode = "HOLDER_MISMATCH"
	ReasonLicenseNotFound            ReasonCode = "LICENSE_NOT_FOUND"
	ReasonLicensePending             ReasonCode = "LICENSE_PENDING"
	ReasonLicenseNotYetValid         ReasonCode = "LICENSE_NOT_YET_VALID"
	ReasonLicenseSuspended           ReasonCode = "LICENSE_SUSPENDED"
	ReasonLicenseExpired             ReasonCode = "LICENSE_EXPIRED"
	ReasonLicenseRevoked             ReasonCode = "LICENSE_REVOKED"
	ReasonLicenseTerminated          ReasonCode = "LICENSE_TERMINATED"
	ReasonHostSuspended              ReasonCode = "HOST_SUSPENDED"
	ReasonSubtypeHasNoGridRight      ReasonCode = "SUBTYPE_HAS_NO_GRID_RIGHT"
	ReasonSiteNotOnLicense           ReasonCode = "SITE_NOT_ON_LICENSE"
	ReasonTechnicalConditionsMissing ReasonCode = "TECHNICAL_CONDITIONS_MISSING"
	ReasonTechnicalConditionsExpired ReasonCode = "TECHNICAL_CONDITIONS_EXPIRED"
	ReasonTechnicalConditionsPurpose ReasonCode = "TECHNICAL_CONDITIONS_PURPOSE"
	ReasonCapacityExceeded           ReasonCode = "CAPACITY_EXCEEDED"
	ReasonSupplyContractMissing      ReasonCode = "SUPPLY_CONTRACT_MISSING"
	ReasonDelineationActMissing      ReasonCode = "DELINEATION_ACT_MISSING"
	ReasonMeterNotRegistered         ReasonCode = "METER_NOT_REGISTERED"
	ReasonMeterNotLinked             ReasonCode = "METER_NOT_LINKED"
	ReasonMeterDataStale             ReasonCode = "METER_DATA_STALE"
	ReasonEmergencyAutomationMissing ReasonCode = "EMERGENCY_AUTOMATION_MISSING"
	ReasonNoSupplyBasis              ReasonCode = "NO_SUPPLY_BASIS"
	ReasonCurtailed                  ReasonCode = "CURTAILED"
	ReasonLegalHold                  ReasonCode = "LEGAL_HOLD"
	ReasonOpenRemedyOrder            ReasonCode = "OPEN_REMEDY_ORDER"
	ReasonEquipmentMismatch          ReasonCode = "EQUIPMENT_MISMATCH"
	ReasonSuspectPremises            ReasonCode = "SUSPECT_PREMISES"
	ReasonDeclaredUseCheck           ReasonCode = "DECLARED_USE_CHECK"
	ReasonRegistryStale              ReasonCode = "REGISTRY_STALE"
)

// Severity says what a failing rule does to the decision.
type Severity string

// The severities: deny wins over refer, and a note changes nothing.
const (
	SeverityDeny  Severity = "deny"
	SeverityRefer Severity = "refer"
	SeverityNote  Severity = "note"
)

// GateCode is a row of the closed list. Ruled tells that a rule of the table gives it.
type GateCode struct {
	Code     ReasonCode
	Severity Severity
	Ruled    bool
}

// GateCodes gives the closed list in the order of the documentation.
// CP_NOT_IN_SERVICE_AREA is about points of the caller's own that went over to
// another grid company. A point that never was the caller's answers exactly as an
// unknown one, so that nothing leaks.
func GateCodes() []GateCode {
	return []GateCode{
		{ReasonCPUnknown, SeverityDeny, true},
		{ReasonCPNotInServiceArea, SeverityDeny, true},
		{ReasonCPClaimed, SeverityDeny, true},
		{ReasonIDInvalid, SeverityDeny, true},
		{ReasonLicenseNumberInvalid, SeverityDeny, true},
		{ReasonHolderUnknown, SeverityDeny, true},
		{ReasonHolderInactive, SeverityDeny, true},
		{ReasonHolderMismatch, SeverityDeny, true},
		{ReasonLicenseNotFound, SeverityDeny, true},
		{ReasonLicensePending, SeverityDeny, true},
		{ReasonLicenseNotYetValid, SeverityDeny, true},
		{ReasonLicenseSuspended, SeverityDeny, true},
		{ReasonLicenseExpired, SeverityDeny, true},
		{ReasonLicenseRevoked, SeverityDeny, true},
		{ReasonLicenseTerminated, SeverityDeny, true},
		{ReasonHostSuspended, SeverityDeny, true},
		{ReasonSubtypeHasNoGridRight, SeverityDeny, true},
		{ReasonSiteNotOnLicense, SeverityDeny, true},
		{ReasonTechnicalConditionsMissing, SeverityDeny, true},
		{ReasonTechnicalConditionsExpired, SeverityDeny, true},
		{ReasonTechnicalConditionsPurpose, SeverityDeny, true},
		{ReasonCapacityExceeded, SeverityDeny, true},
		{ReasonSupplyContractMissing, SeverityDeny, true},
		{ReasonDelineationActMissing, SeverityDeny, true},
		{ReasonMeterNotRegistered, SeverityDeny, true},
		{ReasonMeterNotLinked, SeverityDeny, true},
		{ReasonMeterDataStale, SeverityRefer, true},
		{ReasonEmergencyAutomationMissing, SeverityDeny, true},
		{ReasonNoSupplyBasis, SeverityDeny, true},
		{ReasonCurtailed, SeverityDeny, true},
		{ReasonLegalHold, SeverityDeny, true},
		{ReasonOpenRemedyOrder, SeverityRefer, true},
		{ReasonEquipmentMismatch, SeverityRefer, true},
		{ReasonSuspectPremises, SeverityRefer, true},
		{ReasonDeclaredUseCheck, SeverityRefer, true},
		{ReasonRegistryStale, SeverityRefer, true},
	}
}
