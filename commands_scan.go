package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
)

// MeterScanCmd looks for the units of a gateway.
type MeterScanCmd struct {
	URL     string        `required:"" name:"url" help:"Endpoint, as for: rigistry meter read."`
	Units   string        `default:"1-31" help:"Unit ids: 1-31,100."`
	Timeout time.Duration `default:"500ms" help:"How long to wait for each answer."`
	JSON    bool          `name:"json" help:"Print JSON."`
	MeterTLS
}

// Help says what a scan does to a line.
func (*MeterScanCmd) Help() string {
	return `Asks one unit after the other whether it is there, what it says it is (function 43/14, SunSpec), and by which register
profiles its registers make sense: identity, frequency, power. It only reads, at most one new unit in 300 ms, and takes
some seconds for each unit that answers. A profile that is proposed is a guess until it was compared with the nameplate.
Do not scan a line that a collector is polling: two masters disturb each other.`
}

type scanRow struct {
	Unit      int            `json:"unit"`
	Vendor    string         `json:"vendor"`
	Product   string         `json:"product"`
	Serial    string         `json:"serial"`
	SunSpec   []int          `json:"sunspec_models"`
	Proposals []scanProposal `json:"proposals"`
}

type scanProposal struct {
	Profile string   `json:"profile"`
	Why     []string `json:"why"`
	PowerW  *int64   `json:"power_w"`
}

// Run scans and prints a row for each unit that answers.
func (c *MeterScanCmd) Run(app *App) error {
	if c.Timeout <= 0 {
		return models.Errorf(models.CodeInvalid, "The timeout must be longer than 0.")
	}
	units, err := unitRanges(c.Units)
	if err != nil {
		return err
	}
	rows := []scanRow{}
	if err := c.credentials().Scan(app.Ctx, c.URL, units, c.Timeout, func(f metering.Found) {
		row := scanRow{Unit: int(f.Unit), Vendor: f.Identity.Vendor, Product: f.Identity.Product, SunSpec: []int{}, Proposals: []scanProposal{}}
		if s := f.SunSpec; s != nil {
			row.Vendor, row.Product, row.Serial = s.Maker, s.Model, s.Serial
			for _, m := range s.Models {
				row.SunSpec = append(row.SunSpec, int(m.ID))
			}
		}
		for _, p := range f.Proposals {
			row.Proposals = append(row.Proposals, scanProposal{p.Profile, p.Why, p.Power})
		}
		rows = append(rows, row)
		if !c.JSON {
			_, _ = fmt.Fprintf(app.Stderr, "unit %d answers\n", f.Unit)
		}
	}); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(app.Stdout, rows)
	}
	if len(rows) == 0 {
		_, err := fmt.Fprintln(app.Stdout, "No unit answers. Check the address, the unit ids and, on a serial line, its speed and parity.")
		return err
	}
	return table(app.Stdout, "UNIT\tDEVICE\tPROFILE\tPOWER\tWHY", len(rows), func(i int) string {
		r := rows[i]
		device := strings.TrimSpace(r.Vendor + " " + r.Product + " " + r.Serial)
		if device == "" {
			device = "-"
		}
		if len(r.Proposals) == 0 {
			return strings.Join([]string{strconv.Itoa(r.Unit), device, "-", "-", "no profile makes sense of its registers"}, "\t")
		}
		best, others := r.Proposals[0], []string{}
		for _, p := range r.Proposals[1:] {
			others = append(others, p.Profile)
		}
		why := strings.Join(best.Why, ", ")
		if len(others) > 0 {
			why += "; or " + strings.Join(others, ", ")
		}
		return strings.Join([]string{strconv.Itoa(r.Unit), device, best.Profile, strconv.FormatInt(*best.PowerW, 10) + " W", why}, "\t")
	})
}

// unitRanges reads 1-31,100.
func unitRanges(text string) ([]uint8, error) {
	var out []uint8
	for part := range strings.SplitSeq(text, ",") {
		from, until, ranged := strings.Cut(strings.TrimSpace(part), "-")
		a, err := strconv.Atoi(from)
		b := a
		if err == nil && ranged {
			b, err = strconv.Atoi(until)
		}
		if err != nil || a < 0 || b > 255 || a > b {
			return nil, models.Errorf(models.CodeInvalid, "--units: %q is no range of unit ids. Write 1-31 or 1,5,100; ids go from 0 to 255.", part)
		}
		for u := a; u <= b; u++ {
			if !slices.Contains(out, uint8(u)) {
				out = append(out, uint8(u))
			}
		}
	}
	return out, nil
}
