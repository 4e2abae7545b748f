package api

import "time"

// PartyWire is a party. Power is in kW, dates are RFC 3339.
type PartyWire struct {
	ID       string    `json:"id" readOnly:"true" required:"false"`
	BinOrIin string    `json:"bin_or_iin" example:"210440038887" doc:"BIN or IIN, twelve digits with check digit"`
	Kind     string    `json:"kind" enum:"legal_entity,sole_entrepreneur,joint_entrepreneurs"`
	NameKk   string    `json:"name_kk" minLength:"1" maxLength:"300"`
	NameRu   string    `json:"name_ru" minLength:"1" maxLength:"300"`
	Size     string    `json:"size" enum:"small,medium,large"`
	Resident bool      `json:"resident"`
	Address  string    `json:"address" maxLength:"500"`
	Kato     string    `json:"kato" pattern:"^[0-9]{9}$" example:"551010000"`
	Email    string    `json:"email,omitempty" maxLength:"200"`
	Phone    string    `json:"phone,omitempty" maxLength:"50"`
	State    string    `json:"state,omitempty" enum:"active,in_liquidation,bankrupt,dissolved,merged" doc:"merged only by a merge"`
	Merged   string    `json:"merged_into,omitempty" readOnly:"true" doc:"Id of the party that this one was merged into"`
	Version  int64     `json:"version" readOnly:"true" required:"false"`
	Updated  time.Time `json:"updated_at" readOnly:"true" required:"false"`
}

// SiteWire is a digital mining data centre.
type SiteWire struct {
	ID               string   `json:"id" readOnly:"true" required:"false"`
	Code             string   `json:"code" maxLength:"32" example:"S-00012"`
	Owner            string   `json:"owner" doc:"Party id"`
	NameKk           string   `json:"name_kk" maxLength:"300"`
	NameRu           string   `json:"name_ru" maxLength:"300"`
	Address          string   `json:"address" maxLength:"500"`
	Kato             string   `json:"kato" pattern:"^[0-9]{9}$"`
	GridZone         string   `json:"grid_zone" enum:"north,south,west"`
	HostCapacityKw   float64  `json:"host_capacity_kw" minimum:"0"`
	ConnectionPoints []string `json:"connection_points" nullable:"false" doc:"Codes of its connection points"`
	Version          int64    `json:"version" readOnly:"true" required:"false"`
}

// EquipmentWire is one rig in the register.
type EquipmentWire struct {
	ID           string  `json:"id" readOnly:"true" required:"false"`
	Manufacturer string  `json:"manufacturer" minLength:"1" maxLength:"100"`
	Model        string  `json:"model" minLength:"1" maxLength:"100"`
	Serial       string  `json:"serial" minLength:"1" maxLength:"100"`
	Algorithm    string  `json:"algorithm,omitempty" maxLength:"50"`
	HashrateTh   int64   `json:"hashrate_th,omitempty" minimum:"0"`
	NameplateKw  float64 `json:"nameplate_kw" minimum:"0"`
	Owner        string  `json:"owner" doc:"Party id"`
	Site         string  `json:"site,omitempty" doc:"Site id"`
	License      string  `json:"license,omitempty" doc:"License number"`
	Customs      string  `json:"customs_declaration,omitempty" maxLength:"100"`
	State        string  `json:"state,omitempty" enum:"active,stored,sold,exported,scrapped,seized"`
	Version      int64   `json:"version" readOnly:"true" required:"false"`

	ImportCountry string `json:"import_country,omitempty" pattern:"^([A-Z]{2})?$" example:"CN" doc:"ISO 3166-1, two letters"`
	ImportDate    string `json:"import_date,omitempty" pattern:"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$" doc:"When it crossed the border"`
	Import        string `json:"import,omitempty" readOnly:"true" required:"false" doc:"Id of the import that registered it"`
	OwnerName     string `json:"owner_name,omitempty" readOnly:"true" required:"false"`
	OwnerBin      string `json:"owner_bin,omitempty" readOnly:"true" required:"false" doc:"BIN or IIN"`
	SiteCode      string `json:"site_code,omitempty" readOnly:"true" required:"false"`
	SiteName      string `json:"site_name,omitempty" readOnly:"true" required:"false"`
	// Allowed is empty in what a caller sends.
	Allowed []string `json:"allowed,omitempty" readOnly:"true" required:"false" doc:"What the caller may record now: move store sell seize release remove"`
}

// ApplicationSiteWire is one site asked for.
type ApplicationSiteWire struct {
	Site             string   `json:"site" doc:"Site id or code"`
	SiteCode         string   `json:"site_code" readOnly:"true" required:"false"`
	ConnectionPoints []string `json:"connection_points" nullable:"false" doc:"Codes; none for sub-type II"`
	ApprovedKw       float64  `json:"approved_kw" minimum:"0" doc:"0 while a draft does not say yet"`
}

// DeclaredEquipmentWire is a line of declared equipment.
type DeclaredEquipmentWire struct {
	Manufacturer string  `json:"manufacturer" maxLength:"100"`
	Model        string  `json:"model" maxLength:"100"`
	Units        int64   `json:"units" minimum:"0" maximum:"1000000" doc:"0 while a draft does not say yet"`
	NameplateKw  float64 `json:"nameplate_kw" minimum:"0" doc:"kW of one unit; 0 while a draft does not say yet"`
}

// ApplicationInput is what an applicant or a clerk writes. A draft may leave out what
// is not known yet; GET /v1/applications/{id}/tasks says what is missing.
type ApplicationInput struct {
	Kind         string                  `json:"kind" enum:"issue,reissue,appendix_change,renewal,duplicate,termination" default:"issue" required:"false"`
	BaseLicense  string                  `json:"base_license,omitempty" maxLength:"32" doc:"Number of the license that it is about; not for issue"`
	Reason       string                  `json:"reason,omitempty" maxLength:"64" doc:"Code of /v1/reference/application-reasons"`
	SubType      string                  `json:"sub_type,omitempty" enum:"I,II" doc:"That of the base license when absent, else I"`
	Applicant    string                  `json:"applicant,omitempty" doc:"Party id or BIN/IIN; an applicant's own party when absent"`
	Language     string                  `json:"language,omitempty" enum:"kk,ru,en"`
	SupplyBasis  string                  `json:"supply_basis,omitempty" enum:"auction,import,own_generation,own_res,ppa_res"`
	Sites        []ApplicationSiteWire   `json:"sites,omitempty" nullable:"false" doc:"For a re-issue and a renewal: none when they stay as on the base license. For an appendix change: all of them as they are to be"`
	Host         string                  `json:"host_license,omitempty" doc:"License number of the host, for sub-type II"`
	HostContract *HostContractWire       `json:"host_contract,omitempty"`
	Documents    string                  `json:"documents,omitempty" enum:"attached,paper" default:"paper" doc:"attached: each requirement with needs_file has a file before filing. paper: they are shown to the office, which looks at them in the completeness check"`
	Equipment    []DeclaredEquipmentWire `json:"equipment,omitempty" nullable:"false"`
	FeePaidKzt   float64                 `json:"fee_paid_kzt,omitempty" minimum:"0"`
	FeeDocument  string                  `json:"fee_document,omitempty" maxLength:"100"`
	Note         string                  `json:"note,omitempty" maxLength:"2000"`
}

// HostContractWire is the hosting contract of sub-type II. Dates are legal dates.
type HostContractWire struct {
	Number string `json:"number" maxLength:"100"`
	Date   string `json:"date" maxLength:"10" example:"2026-02-01"`
	Until  string `json:"until,omitempty" maxLength:"10" doc:"Last day; absent while it has no end"`
}

// ClockWire is the statutory clock of an application.
type ClockWire struct {
	Due             string     `json:"due,omitempty" doc:"Legal date (Asia/Almaty)"`
	WorkingDaysUsed int        `json:"working_days_used"`
	WorkingDaysLeft int        `json:"working_days_left" doc:"Negative when overdue"`
	TermDays        int        `json:"term_days"`
	Standing        bool       `json:"standing" doc:"The clock stands still"`
	Provisional     bool       `json:"provisional" doc:"The due date lies in a year whose days off are not decreed yet, so it may move"`
	StartedAt       *time.Time `json:"started_at,omitempty"`
	LegalRef        string     `json:"legal_ref,omitempty"`
}

// ChecklistItemWire is one requirement and what was found.
type ChecklistItemWire struct {
	Code     string `json:"code"`
	TextKk   string `json:"text_kk"`
	TextRu   string `json:"text_ru"`
	TextEn   string `json:"text_en"`
	LegalRef string `json:"legal_ref"`
	Result   string `json:"result,omitempty" enum:"met,not_met,not_applicable" doc:"Absent while nobody has looked"`
	Note     string `json:"note,omitempty"`
	By       string `json:"by,omitempty"`
}

// DecisionWire is a drafted or signed decision.
type DecisionWire struct {
	Outcome     string     `json:"outcome" enum:"grant,refuse"`
	Reasons     []string   `json:"reasons" nullable:"false"`
	Note        string     `json:"note,omitempty"`
	Drafter     string     `json:"drafter"`
	DrafterName string     `json:"drafter_name"`
	DraftedAt   *time.Time `json:"drafted_at,omitempty"`
	Signer      string     `json:"signer,omitempty"`
	SignerName  string     `json:"signer_name,omitempty"`
	SignedAt    *time.Time `json:"signed_at,omitempty"`
	Order       string     `json:"order,omitempty"`
}

// ApplicationWire is an application.
type ApplicationWire struct {
	ID            string                  `json:"id"`
	Number        string                  `json:"number"`
	Kind          string                  `json:"kind" enum:"issue,reissue,appendix_change,renewal,duplicate,termination"`
	BaseLicense   string                  `json:"base_license,omitempty" doc:"Number of the license that it is about"`
	Reason        string                  `json:"reason,omitempty" doc:"Code of /v1/reference/application-reasons"`
	HostContract  *HostContractWire       `json:"host_contract,omitempty"`
	Documents     string                  `json:"documents" enum:"attached,paper"`
	LawOf         string                  `json:"law_of,omitempty" doc:"Legal date of the filing: the case stands under the law of that day"`
	Receipt       *ReceiptWire            `json:"receipt,omitempty" doc:"In the answer to a submission"`
	SubType       string                  `json:"sub_type"`
	State         string                  `json:"state" enum:"draft,submitted,registered,returned,in_review,decision_drafted,granted,refused,withdrawn"`
	Applicant     string                  `json:"applicant" doc:"Party id"`
	ApplicantBin  string                  `json:"applicant_bin"`
	ApplicantName string                  `json:"applicant_name"`
	Region        string                  `json:"region,omitempty" doc:"Two digits of KATO of the first site"`
	Language      string                  `json:"language"`
	SupplyBasis   string                  `json:"supply_basis"`
	DeclaredKw    float64                 `json:"declared_kw"`
	Sites         []ApplicationSiteWire   `json:"sites" nullable:"false"`
	Host          string                  `json:"host_license,omitempty"`
	Equipment     []DeclaredEquipmentWire `json:"equipment" nullable:"false"`
	FeePaidKzt    float64                 `json:"fee_paid_kzt"`
	FeeDocument   string                  `json:"fee_document,omitempty"`
	Note          string                  `json:"note,omitempty"`
	SubmittedAt   *time.Time              `json:"submitted_at,omitempty"`
	RegisteredAt  *time.Time              `json:"registered_at,omitempty"`
	Missing       []string                `json:"missing" nullable:"false" doc:"What was missing when it was returned"`
	Officer       string                  `json:"officer,omitempty"`
	OfficerName   string                  `json:"officer_name,omitempty"`
	Clock         ClockWire               `json:"clock"`
	Checklist     []ChecklistItemWire     `json:"checklist" nullable:"false"`
	Decision      *DecisionWire           `json:"decision,omitempty"`
	Appeal        *AppealRouteWire        `json:"appeal,omitempty" doc:"How a refusal is appealed"`
	License       string                  `json:"license,omitempty"`
	Allowed       []string                `json:"allowed" nullable:"false" doc:"What the caller may do now: edit submit register completeness_check assign check_item draft_decision sign withdraw ask correct"`
	Version       int64                   `json:"version"`
	UpdatedAt     time.Time               `json:"updated_at"`
}

// CompletenessInput is the result of the completeness check.
type CompletenessInput struct {
	Complete bool     `json:"complete"`
	Missing  []string `json:"missing,omitempty" doc:"What is missing, in words; required when not complete"`
}

// CheckItemInput is what was found for a requirement.
type CheckItemInput struct {
	Result string `json:"result" enum:"met,not_met,not_applicable"`
	Note   string `json:"note,omitempty" maxLength:"2000" doc:"Required for not_met"`
}

// DecisionInput drafts a decision.
type DecisionInput struct {
	Outcome string   `json:"outcome" enum:"grant,refuse"`
	Reasons []string `json:"reasons,omitempty" doc:"Codes of the catalogue /v1/reference/grounds; required for refuse"`
	Note    string   `json:"note,omitempty" maxLength:"4000"`
}

// LicensedSiteWire is an appendix of a license.
type LicensedSiteWire struct {
	Appendix         string   `json:"appendix"`
	Site             string   `json:"site"`
	SiteCode         string   `json:"site_code"`
	ConnectionPoints []string `json:"connection_points" nullable:"false"`
	ApprovedKw       float64  `json:"approved_kw"`
}

// SuspensionWire is a suspension.
type SuspensionWire struct {
	Ground string    `json:"ground"`
	Months int       `json:"months"`
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`
	Note   string    `json:"note,omitempty"`
}

// LicenseWire is one version of a license.
type LicenseWire struct {
	Number           string             `json:"number"`
	Version          int64              `json:"version"`
	SubType          string             `json:"sub_type" enum:"I,II"`
	State            string             `json:"state" enum:"active,suspended,revoked,expired,terminated,superseded"`
	Holder           string             `json:"holder"`
	HolderBin        string             `json:"holder_bin"`
	HolderName       string             `json:"holder_name"`
	Application      string             `json:"application"`
	Sites            []LicensedSiteWire `json:"sites" nullable:"false"`
	ApprovedKw       float64            `json:"approved_kw"`
	Host             string             `json:"host_license,omitempty"`
	HostState        string             `json:"host_state,omitempty" doc:"State of the host's license, sub-type II"`
	Supersedes       string             `json:"supersedes,omitempty" doc:"Number that this one took the place of at a re-issue; on one license only, not in lists"`
	SupersededBy     string             `json:"superseded_by,omitempty" doc:"Number that took the place of this one; on one license only, not in lists"`
	FirstIssued      string             `json:"first_issued_on"`
	Issued           string             `json:"issued_on"`
	ValidFrom        time.Time          `json:"valid_from"`
	ValidUntil       time.Time          `json:"valid_until" doc:"Half-open: not valid at this instant any more"`
	Suspension       *SuspensionWire    `json:"suspension,omitempty"`
	Order            string             `json:"order"`
	Ground           string             `json:"ground,omitempty"`
	VerificationCode string             `json:"verification_code"`
	VerificationURL  string             `json:"verification_url"`
	Drafter          string             `json:"drafter,omitempty"`
	Signer           string             `json:"signer,omitempty"`
	EffectiveAt      time.Time          `json:"effective_at" doc:"From when this version holds; before recorded_at where it corrects an earlier one"`
	RecordedAt       time.Time          `json:"recorded_at"`
	HostSince        *time.Time         `json:"host_since,omitempty" doc:"Since when the host's license is not active"`
	HostGround       string             `json:"host_ground,omitempty" doc:"Code of the ground on which it is not"`
	Provisional      *ProvisionalWire   `json:"provisional,omitempty" doc:"An urgent suspension that another person still has to confirm"`
	Act              string             `json:"act,omitempty" doc:"Id of the act behind this version"`
	Corrects         int64              `json:"corrects,omitempty" doc:"Version whose facts this one states anew"`
	Allowed          []string           `json:"allowed" nullable:"false" doc:"What the caller may bring about now: suspend suspend_now extend lift revoke terminate correct. All but suspend_now are signed by another person"`
}

// ProvisionalWire is an urgent suspension that waits to be confirmed.
type ProvisionalWire struct {
	Act       string    `json:"act,omitempty" doc:"Id of the act, for those who may see it"`
	Number    string    `json:"number,omitempty"`
	ConfirmBy time.Time `json:"confirm_by" doc:"It falls at this instant"`
}

// PublicLicenseWire is what anybody may see: no personal data.
type PublicLicenseWire struct {
	Number     string    `json:"number"`
	Version    int64     `json:"version"`
	SubType    string    `json:"sub_type"`
	State      string    `json:"state"`
	HolderName string    `json:"holder_name" doc:"Name of a legal entity; sole entrepreneurs are not named"`
	HolderBin  string    `json:"holder_bin,omitempty" doc:"Of a legal entity only"`
	ApprovedKw float64   `json:"approved_kw"`
	Regions    []string  `json:"regions" nullable:"false"`
	IssuedOn   string    `json:"issued_on"`
	ValidUntil time.Time `json:"valid_until"`
	CheckedAt  time.Time `json:"checked_at"`
}

// SuspensionInput suspends a license.
type SuspensionInput struct {
	Ground string `json:"ground" doc:"Code of the catalogue /v1/reference/grounds?act=suspend" example:"FALSE_INFORMATION"`
	Months int    `json:"months" doc:"1 to 6 (Law 193-VII, Art. 9)" example:"3"`
	Note   string `json:"note,omitempty" maxLength:"2000"`
}

// GroundInput is the ground of an act without a term: lift, revoke, terminate.
type GroundInput struct {
	Ground string `json:"ground" doc:"Code of the catalogue /v1/reference/grounds"`
	Note   string `json:"note,omitempty" maxLength:"2000"`
}

// GroundWire is one ground or reason of the dated catalogue.
type GroundWire struct {
	Code     string `json:"code"`
	Act      string `json:"act" enum:"suspend,lift,revoke,terminate,refuse"`
	TextKk   string `json:"text_kk"`
	TextRu   string `json:"text_ru"`
	TextEn   string `json:"text_en"`
	LegalRef string `json:"legal_ref"`
}
