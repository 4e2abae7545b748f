package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
)

// MeterCmd is about meters and their registers, without a database.
type MeterCmd struct {
	Read     MeterReadCmd     `cmd:"" help:"Read one meter once over Modbus."`
	Decode   MeterDecodeCmd   `cmd:"" help:"Decode registers by hand."`
	Plan     MeterPlanCmd     `cmd:"" help:"Show the requests that a poll would make."`
	Profiles MeterProfilesCmd `cmd:"" help:"List the register profiles."`
	Scan     MeterScanCmd     `cmd:"" help:"Look for the units of a gateway and propose their profiles; slow, reads only."`
}

// MeterReadCmd reads one meter once.
type MeterReadCmd struct {
	URL     string        `required:"" name:"url" help:"Endpoint: tcp://host:502, tcp+tls://host:802, udp://host:502, rtuovertcp://host:port, rtuoverudp://host:port or rtu:///dev/ttyS0?baud=19200&parity=even."`
	Unit    uint8         `default:"1" help:"Modbus unit id."`
	Profile string        `required:"" help:"Register profile, see: rigistry meter profiles."`
	Timeout time.Duration `default:"1s" help:"How long to wait for the connection and for each answer."`
	JSON    bool          `name:"json" help:"Print JSON."`
	MeterTLS
}

// MeterTLS is what is shown to meters that are read over TLS.
type MeterTLS struct {
	Cert string `name:"meter-cert" type:"path" help:"Certificate for tcp+tls endpoints, with its Modbus role, PEM."`
	Key  string `name:"meter-key" type:"path" help:"Its key, PEM."`
	CA   string `name:"meter-ca" type:"path" help:"Who signs the meters' certificates, PEM."`
}

func (t MeterTLS) credentials() metering.Credentials {
	return metering.Credentials{Cert: t.Cert, Key: t.Key, CA: t.CA}
}

type meterRow struct {
	Quantity  string   `json:"quantity"`
	Value     *float64 `json:"value"`
	Unit      string   `json:"unit"`
	Quality   string   `json:"quality"`
	Registers string   `json:"registers"`
}

// Run reads the meter and prints a row for each quantity.
func (c *MeterReadCmd) Run(app *App) error {
	if c.Timeout <= 0 {
		return models.Errorf(models.CodeInvalid, "The timeout must be longer than 0.")
	}
	rows, err := c.credentials().ReadOnce(app.Ctx, c.URL, c.Unit, c.Profile, c.Timeout)
	if err != nil {
		return err
	}
	out := make([]meterRow, len(rows))
	for i, r := range rows {
		out[i] = meterRow{r.Quantity.String(), r.Value, r.Unit, r.Quality.String(), r.Registers}
	}
	if c.JSON {
		return printJSON(app.Stdout, out)
	}
	return table(app.Stdout, "QUANTITY\tVALUE\tUNIT\tQUALITY\tREGISTERS", len(out), func(i int) string {
		value := "-"
		if out[i].Value != nil {
			value = strconv.FormatFloat(*out[i].Value, 'f', -1, 64)
		}
		return strings.Join([]string{out[i].Quantity, value, out[i].Unit, out[i].Quality, out[i].Registers}, "\t")
	})
}

// MeterDecodeCmd decodes registers given as hex.
type MeterDecodeCmd struct {
	Type          string   `required:"" enum:"u16,i16,u32,i32,u64,i64,f32,f64,bcd16,bcd32,mod10k,ascii" help:"Register type: ${enum}."`
	Order         string   `enum:",AB,BA,ABCD,CDAB,BADC,DCBA,ABCDEFGH,GHEFCDAB,BADCFEHG,HGFEDCBA" default:"" help:"Order of the bytes on the wire; most significant first when absent."`
	Scale         string   `default:"1" help:"What to multiply by: 0.1, 1000, …"`
	NA            []string `name:"na" help:"Bit patterns, in hex, that mean not available."`
	Overflow      []string `help:"Bit patterns, in hex, that mean too large to show."`
	ScaleRegister string   `help:"SunSpec exponent of ten, as four hex digits."`
	Registers     []string `arg:"" help:"Registers in the order of the wire, four hex digits each."`
}

// Run prints the value alone, or the word for what there is instead.
func (c *MeterDecodeCmd) Run(app *App) error {
	scale, err := models.ParseRatio(c.Scale)
	if err != nil {
		return err
	}
	var regs []uint16
	for _, text := range c.Registers {
		if err := hexWords(text, &regs); err != nil {
			return err
		}
	}
	enc := models.Encoding{Type: models.RegisterType(c.Type), Order: models.Order(c.Order)}
	if enc.Type.Width() == 0 {
		enc.Regs = len(regs)
	}
	if enc.NA, err = patterns("--na", c.NA); err != nil {
		return err
	}
	if enc.Overflow, err = patterns("--overflow", c.Overflow); err != nil {
		return err
	}
	raw := models.Decode(regs, enc)
	if c.ScaleRegister != "" && raw.State == models.ValueOK {
		var sf []uint16
		if err := hexWords(c.ScaleRegister, &sf); err != nil {
			return err
		}
		exponent, ok := models.ScaleExponent(sf[0])
		if ok {
			scale, ok = scale.Pow10(exponent)
		}
		if !ok || len(sf) != 1 {
			raw.State = models.ValueBadScale
		}
	}
	_, err = fmt.Fprintln(app.Stdout, raw.Decimal(scale))
	return err
}

// hexWords appends the registers written in text: four hex digits each, with or
// without 0x.
func hexWords(text string, into *[]uint16) error {
	digits := strings.TrimPrefix(strings.TrimPrefix(text, "0x"), "0X")
	if len(digits) == 0 || len(digits)%4 != 0 {
		return models.Errorf(models.CodeInvalid, "%q is no register. Write four hex digits for each.", text)
	}
	for ; digits != ""; digits = digits[4:] {
		v, err := strconv.ParseUint(digits[:4], 16, 16)
		if err != nil {
			return models.Errorf(models.CodeInvalid, "%q is no register. Write four hex digits for each.", text)
		}
		*into = append(*into, uint16(v))
	}
	return nil
}

func patterns(flag string, texts []string) ([]uint64, error) {
	var out []uint64
	for _, text := range texts {
		v, err := strconv.ParseUint(strings.TrimPrefix(strings.TrimPrefix(text, "0x"), "0X"), 16, 64)
		if err != nil {
			return nil, models.Errorf(models.CodeInvalid, "%s %q is no bit pattern. Write up to 16 hex digits.", flag, text)
		}
		out = append(out, v)
	}
	return out, nil
}

// MeterPlanCmd shows the requests of a poll.
type MeterPlanCmd struct {
	Profile string   `required:"" help:"Register profile."`
	Want    []string `help:"Quantities to read; all but the extras when absent."`
	JSON    bool     `name:"json" help:"Print JSON."`
}

type planRow struct {
	Function uint8  `json:"function"`
	Address  uint16 `json:"address"`
	Count    uint16 `json:"count"`
}

// Run prints the requests.
func (c *MeterPlanCmd) Run(app *App) error {
	profiles, err := metering.ShippedProfiles()
	if err != nil {
		return err
	}
	p, err := profiles.Find(c.Profile)
	if err != nil {
		return err
	}
	var want []models.Quantity
	for _, name := range c.Want {
		q, ok := models.ParseQuantity(name)
		if !ok {
			return models.Errorf(models.CodeInvalid, "%q is not a quantity.", name)
		}
		want = append(want, q)
	}
	requests, err := metering.PlanProfile(p, want)
	if err != nil {
		return err
	}
	out := make([]planRow, len(requests))
	for i, r := range requests {
		out[i] = planRow{r.FC, r.Addr, r.Count}
	}
	if c.JSON {
		return printJSON(app.Stdout, out)
	}
	return table(app.Stdout, "FUNCTION\tADDRESS\tCOUNT", len(out), func(i int) string {
		return fmt.Sprintf("%d\t%d (0x%04X)\t%d", out[i].Function, out[i].Address, out[i].Address, out[i].Count)
	})
}

// MeterProfilesCmd lists the register profiles.
type MeterProfilesCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

type profileRow struct {
	ID         string          `json:"id"`
	Vendor     string          `json:"vendor"`
	Models     []string        `json:"models"`
	Evidence   profileEvidence `json:"evidence"`
	Quantities []string        `json:"quantities"`
}

type profileEvidence struct {
	Grade   string          `json:"grade"`
	Sources []profileSource `json:"sources"`
}

type profileSource struct {
	Title string `json:"title"`
	Rev   string `json:"rev,omitempty"`
	Page  string `json:"page,omitempty"`
}

// Run prints the profiles with what they rest on.
func (c *MeterProfilesCmd) Run(app *App) error {
	profiles, err := metering.ShippedProfiles()
	if err != nil {
		return err
	}
	var out []profileRow
	for _, p := range profiles.All() {
		row := profileRow{ID: p.ID, Vendor: p.Vendor, Models: p.Models, Evidence: profileEvidence{Grade: string(p.Evidence.Grade), Sources: []profileSource{}}}
		for _, s := range p.Evidence.Sources {
			row.Evidence.Sources = append(row.Evidence.Sources, profileSource(s))
		}
		for _, q := range p.Quantities() {
			row.Quantities = append(row.Quantities, q.String())
		}
		out = append(out, row)
	}
	if c.JSON {
		return printJSON(app.Stdout, out)
	}
	return table(app.Stdout, "PROFILE\tVENDOR\tMODELS\tEVIDENCE\tSOURCES", len(out), func(i int) string {
		var sources []string
		for _, s := range out[i].Evidence.Sources {
			sources = append(sources, strings.TrimSpace(s.Title+" "+s.Rev))
		}
		return strings.Join([]string{out[i].ID, out[i].Vendor, strings.Join(out[i].Models, ", "), out[i].Evidence.Grade, strings.Join(sources, "; ")}, "\t")
	})
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// table prints n rows under a heading; cells are separated by tabs.
func table(w io.Writer, heading string, n int, row func(i int) string) error {
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(tw, heading)
	for i := range n {
		_, _ = fmt.Fprintln(tw, row(i))
	}
	return tw.Flush()
}
