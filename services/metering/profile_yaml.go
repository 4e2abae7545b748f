package metering

import "gopkg.in/yaml.v3"

// The profile file as written. Numbers whose digits matter (scale) stay text.
type fileProfile struct {
	Schema      string         `yaml:"schema"`
	ID          string         `yaml:"id"`
	Vendor      string         `yaml:"vendor"`
	Models      []string       `yaml:"models"`
	Evidence    fileEvidence   `yaml:"evidence"`
	AddressBase int            `yaml:"address_base"`
	Defaults    fileDefaults   `yaml:"defaults"`
	Limits      fileLimits     `yaml:"limits"`
	Identify    []fileIdentify `yaml:"identify"`
	Options     []fileOption   `yaml:"options"`
	Points      []filePoint    `yaml:"points"`
}

type fileEvidence struct {
	Grade      string       `yaml:"grade"`
	Sources    []fileSource `yaml:"sources"`
	VerifiedOn []string     `yaml:"verified_on"`
}

type fileSource struct {
	Title string `yaml:"title"`
	Rev   string `yaml:"rev"`
	Page  string `yaml:"page"`
}

type fileDefaults struct {
	FC        int    `yaml:"fc"`
	WordOrder string `yaml:"word_order"` // msw, lsw
	ByteOrder string `yaml:"byte_order"` // be, le
	Access    string `yaml:"access"`     // ro only
}

type fileLimits struct {
	MaxRegs         int       `yaml:"max_regs"`
	QtyMultiple     int       `yaml:"qty_multiple"`
	MaxGap          yaml.Node `yaml:"max_gap"` // auto or a number
	NoGapRanges     [][2]int  `yaml:"no_gap_ranges"`
	AtomicBlocks    [][2]int  `yaml:"atomic_blocks"`
	MinDelay        string    `yaml:"min_delay"`
	AfterConnect    string    `yaml:"after_connect"`
	ResponseTimeout string    `yaml:"response_timeout"`
	MaxConns        int       `yaml:"max_conns"`
}

type fileIdentify struct {
	FC    int     `yaml:"fc"`
	Addr  int     `yaml:"addr"`
	Type  string  `yaml:"type"`
	Order string  `yaml:"order"`
	AnyOf []int64 `yaml:"any_of"`

	Optional bool `yaml:"optional"`
}

type fileOption struct {
	Name  string           `yaml:"name"`
	FC    int              `yaml:"fc"`
	Addr  int              `yaml:"addr"`
	Type  string           `yaml:"type"`
	Order string           `yaml:"order"`
	Map   map[int64]string `yaml:"map"`
}

type filePoint struct {
	Q        string            `yaml:"q"`
	FC       int               `yaml:"fc"`
	Addr     int               `yaml:"addr"`
	Type     string            `yaml:"type"`
	Order    string            `yaml:"order"`
	Regs     int               `yaml:"regs"`
	Scale    string            `yaml:"scale"`
	Unit     string            `yaml:"unit"`
	Range    []float64         `yaml:"range"` // in the quantity's base unit
	NA       []uint64          `yaml:"na"`
	Overflow []uint64          `yaml:"overflow"`
	Canary   bool              `yaml:"canary"`
	Extra    bool              `yaml:"extra"`
	ScaleReg *fileScaleReg     `yaml:"scale_reg"`
	SignReg  *fileSignReg      `yaml:"sign_reg"`
	Mul      []string          `yaml:"mul"`
	When     map[string]string `yaml:"when"`
	Rollover int64             `yaml:"rollover"`
	Access   string            `yaml:"access"`
}

type fileScaleReg struct {
	Addr int      `yaml:"addr"`
	NA   []uint64 `yaml:"na"`
}

type fileSignReg struct {
	Addr         int    `yaml:"addr"`
	NegativeWhen uint16 `yaml:"negative_when"`
}
