package metering

import (
	"fmt"
	"slices"
	"strings"

	"rigistry/models"
)

// units is what a profile may call a unit: the base unit and how many of it.
var units = map[string]struct {
	base  string
	scale string
}{
	"W": {"W", "1"}, "kW": {"W", "1000"}, "MW": {"W", "1000000"},
	"var": {"var", "1"}, "kvar": {"var", "1000"}, "VA": {"VA", "1"}, "kVA": {"VA", "1000"},
	"Wh": {"Wh", "1"}, "kWh": {"Wh", "1000"}, "MWh": {"Wh", "1000000"},
	"V": {"V", "1"}, "kV": {"V", "1000"}, "A": {"A", "1"}, "mA": {"A", "0.001"},
	"Hz": {"Hz", "1"}, "%": {"%", "1"}, "1": {"1", "1"},
}

func (b *profileBuilder) fc(field string, fc int) uint8 {
	if fc == 0 {
		fc = b.f.Defaults.FC
	}
	switch b.f.AddressBase {
	case 30001:
		fc = 4
	case 40001:
		fc = 3
	}
	if fc != 3 && fc != 4 {
		b.bad(field+".fc", "is %d; only the reading functions 3 and 4 are accepted", fc)
	}
	return uint8(fc)
}

// addr gives the address on the wire.
func (b *profileBuilder) addr(field string, documented, width int) uint16 {
	wire := documented - b.f.AddressBase
	if wire < 0 || wire+max(width, 1) > 65536 {
		b.bad(field, "%d with %d registers lies outside the address space of 0 to 65535", documented, width)
		return 0
	}
	return uint16(wire)
}

// encoding makes the byte order of a value from its own order or the defaults.
func (b *profileBuilder) encoding(field, typ, order string, regs int) models.Encoding {
	e := models.Encoding{Type: models.RegisterType(typ), Order: models.Order(order), Regs: regs}
	if !slices.Contains(models.RegisterTypes(), e.Type) {
		b.bad(field+".type", "%q is not a register type", typ)
		return e
	}
	d := b.f.Defaults
	if !slices.Contains([]string{"msw", "lsw"}, d.WordOrder) || !slices.Contains([]string{"be", "le"}, d.ByteOrder) {
		b.bad("defaults", "word_order is msw or lsw, byte_order is be or le; they are %q and %q", d.WordOrder, d.ByteOrder)
	}
	if order == "" {
		e.Order = defaultOrder(max(1, e.Width()), d.WordOrder == "lsw", d.ByteOrder == "le")
	}
	if !e.Valid() {
		b.bad(field, "type %s, order %q and %d registers do not go together", typ, e.Order, regs)
	}
	return e
}

func defaultOrder(width int, wordSwap, byteSwap bool) models.Order {
	orders := map[int][4]models.Order{
		1: {models.OrderAB, models.OrderAB, models.OrderBA, models.OrderBA},
		2: {models.OrderABCD, models.OrderCDAB, models.OrderBADC, models.OrderDCBA},
		4: {models.OrderABCDEFGH, models.OrderGHEFCDAB, models.OrderBADCFEHG, models.OrderHGFEDCBA},
	}
	row, fixed := orders[width]
	if !fixed {
		row = orders[2]
	}
	i := 0
	if wordSwap {
		i++
	}
	if byteSwap {
		i += 2
	}
	return row[i]
}

func (b *profileBuilder) point(i int, p *models.Profile) (models.ProfilePoint, bool) {
	f := b.f.Points[i]
	field := fmt.Sprintf("points[%d]", i)
	q, known := models.ParseQuantity(f.Q)
	if !known {
		b.bad(field+".q", "%q is not a quantity", f.Q)
		return models.ProfilePoint{}, false
	}
	field += " (" + f.Q + ")"
	pt := models.ProfilePoint{Q: q, FC: b.fc(field, f.FC), Canary: f.Canary, Extra: f.Extra, Rollover: f.Rollover}
	if f.Access != "" && f.Access != "ro" {
		b.bad(field+".access", "is %q; only ro is accepted", f.Access)
	}
	pt.Enc = b.encoding(field, f.Type, f.Order, f.Regs)
	pt.Enc.NA, pt.Enc.Overflow = f.NA, f.Overflow
	if pt.Enc.Type == models.RegASCII || pt.Enc.Type == models.RegSunSF {
		b.bad(field+".type", "%s is no quantity", f.Type)
	}
	pt.Addr = b.addr(field+".addr", f.Addr, pt.Enc.Width())
	if pt.Enc.Width() > int(p.Limits.MaxRegs) {
		b.bad(field+".type", "takes %d registers, a request takes %d", pt.Enc.Width(), p.Limits.MaxRegs)
	}
	pt.Scale = b.scale(field, f, q)
	switch {
	case len(f.Range) == 2 && f.Range[0] < f.Range[1]:
		pt.Min, pt.Max = f.Range[0], f.Range[1]
	case len(f.Range) != 0:
		b.bad(field+".range", "must be [least, greatest]")
	case f.Canary:
		b.bad(field+".canary", "a canary needs a range")
	}
	if f.ScaleReg != nil {
		pt.ScaleReg = &models.ScaleReg{Addr: b.addr(field+".scale_reg.addr", f.ScaleReg.Addr, 1), NA: f.ScaleReg.NA}
	}
	if f.SignReg != nil {
		pt.SignReg = &models.SignReg{Addr: b.addr(field+".sign_reg.addr", f.SignReg.Addr, 1), NegativeWhen: f.SignReg.NegativeWhen}
	}
	for _, name := range f.Mul {
		m, ok := models.ParseQuantity(name)
		if !ok || (m != models.QCTRatio && m != models.QPTRatio) {
			b.bad(field+".mul", "%q is not ct_ratio or pt_ratio", name)
			continue
		}
		pt.Mul = append(pt.Mul, m)
	}
	pt.When = b.conditions(field, f.When, p)
	return pt, true
}

func (b *profileBuilder) scale(field string, f filePoint, q models.Quantity) models.Ratio {
	unit, known := units[f.Unit]
	if !known {
		b.bad(field+".unit", "%q is not a unit", f.Unit)
		return models.RatioOne
	}
	if unit.base != q.Unit() {
		b.bad(field+".unit", "%s is measured in %s, not in %s", q, q.Unit(), f.Unit)
	}
	text := f.Scale
	if text == "" {
		text = "1"
	}
	own, err := models.ParseRatio(text)
	if err != nil {
		b.bad(field+".scale", "%v", err)
		return models.RatioOne
	}
	of, err := models.ParseRatio(unit.scale)
	if err != nil {
		b.bad(field+".unit", "%v", err)
		return models.RatioOne
	}
	r, ok := own.Times(of)
	if !ok {
		b.bad(field+".scale", "%s of %s cannot be held exactly", text, f.Unit)
	}
	return r
}

func (b *profileBuilder) conditions(field string, when map[string]string, p *models.Profile) []models.PointCondition {
	var out []models.PointCondition
	for name, value := range when {
		found := false
		for _, o := range p.Options {
			for _, v := range o.Values {
				found = found || (o.Name == name && v == value)
			}
		}
		if !found {
			b.bad(field+".when", "no option %q can be %q", name, value)
		}
		out = append(out, models.PointCondition{Option: name, Value: value})
	}
	slices.SortFunc(out, func(a, c models.PointCondition) int { return strings.Compare(a.Option, c.Option) })
	return out
}

// together checks what only shows between points: two points of one quantity,
// and registers that two points read differently, unless their conditions
// exclude each other.
func (b *profileBuilder) together(p *models.Profile) {
	for i := range p.Points {
		a := &p.Points[i]
		for _, m := range a.Mul {
			if _, ok := p.Point(m); !ok {
				b.bad(fmt.Sprintf("points[%d] (%s).mul", i, a.Q), "there is no point for %s", m)
			}
		}
		for j := range i {
			c := &p.Points[j]
			if exclusive(a.When, c.When) {
				continue
			}
			if a.Q == c.Q {
				b.bad(fmt.Sprintf("points[%d] (%s).q", i, a.Q), "points[%d] gives it too", j)
			}
			if a.FC == c.FC && int(a.Addr) < int(c.Addr)+c.Enc.Width() && int(c.Addr) < int(a.Addr)+a.Enc.Width() {
				b.bad(fmt.Sprintf("points[%d] (%s).addr", i, a.Q), "its registers are also read by points[%d] (%s)", j, c.Q)
			}
		}
	}
}

func exclusive(a, b []models.PointCondition) bool {
	for _, x := range a {
		for _, y := range b {
			if x.Option == y.Option && x.Value != y.Value {
				return true
			}
		}
	}
	return false
}
