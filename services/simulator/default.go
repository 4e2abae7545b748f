package simulator

import (
	"fmt"
	"time"

	"rigistry/models"
)

// The rules that an offence breaks, by the names that detection uses.
const (
	offenceUnlicensed = "unlicensed_draw"
	offenceOverdraw   = "license_overdraw"
	offenceSuspended  = "draw_while_suspended"
	offenceBalance    = "feeder_balance"
)

// DefaultGrid is the substation of the demo: four 10 kV feeders with honest
// customers of every awkward kind, a licensed farm, one that draws more than its
// license, a suspended one that goes on, a farm behind a workshop and a tap ahead
// of a meter. start is the beginning of its energy registers; what is hidden
// begins four to nine days later. One meter is there that nobody has commissioned. The same seed and start give the same world.
func DefaultGrid(seed uint64, start time.Time) Grid {
	b := &builder{Grid: Grid{Seed: seed, Start: start.UTC().Truncate(time.Hour), Code: "PS12"}}
	b.endpoint("GW-PS12", 15, BehaviourNormal)
	b.meter("PS12", models.MeterSubstation, "siemens/pac3200", "GW-PS12", "0.2S")
	b.residential()
	b.industrial()
	b.mining()
	b.mixed()
	b.meter("PS12-F01-CP003", models.MeterCheck, "carlo-gavazzi/em340", "GW-PS12", "1").Uncommissioned = true
	return b.Grid
}

// builder numbers what it adds.
type builder struct {
	Grid
	feeder string
	points int
}

func (b *builder) after(days, hours int) time.Time {
	return b.Start.Add(time.Duration(24*days+hours) * time.Hour)
}

func (b *builder) endpoint(name string, delayMS int, behaviour Behaviour) {
	b.Endpoints = append(b.Endpoints, Endpoint{Name: name, Address: "127.0.0.1:0", DelayMS: delayMS, Behaviour: behaviour})
}

// meter adds a meter as the next unit of its endpoint.
func (b *builder) meter(node string, role models.MeterRole, profile, endpoint, class string) *Meter {
	unit := uint8(1)
	for _, m := range b.Meters {
		if m.Endpoint == endpoint {
			unit++
		}
	}
	code := "M-" + node
	if role == models.MeterCheck {
		code += "-K"
	}
	b.Meters = append(b.Meters, Meter{Code: code, Node: node, Role: role, Profile: profile, Endpoint: endpoint,
		Unit: unit, Class: class, Serial: fmt.Sprintf("%08d", 41_700_000+mix(b.Seed+uint64(len(b.Meters)))%100_000)})
	return &b.Meters[len(b.Meters)-1]
}

// addFeeder adds a feeder of so many kW with the losses of a network of that
// size: 0.18 % of it without load, 1.8 % at full load.
func (b *builder) addFeeder(number int, limit float64, profile string) {
	b.feeder, b.points = fmt.Sprintf("%s-F%02d", b.Code, number), 0
	b.Nodes = append(b.Nodes, Node{Code: b.feeder, Kind: "feeder", Parent: b.Code, LimitKW: limit,
		LossA: 0.0018 * limit, LossB: 0.018 / limit})
	b.meter(b.feeder, models.MeterFeeder, profile, "GW-PS12", "0.5S")
}

// point adds a connection point and gives its code.
func (b *builder) point(use, name string, permitted float64, loads ...Load) string {
	b.points++
	code := fmt.Sprintf("%s-CP%03d", b.feeder, b.points)
	b.Nodes = append(b.Nodes, Node{Code: code, Kind: "connection_point", Parent: b.feeder, Name: name, Use: use,
		PermittedKW: permitted, Loads: loads})
	return code
}

// license gives the last connection point a license in the story.
func (b *builder) license(approved float64, state string) {
	b.Nodes[len(b.Nodes)-1].License = &License{ApprovedKW: approved, State: state}
}

// pdu adds a PDU with its own meter on an address of its own.
func (b *builder) pdu(point string, n, rigs int, behaviour Behaviour) {
	code := fmt.Sprintf("%s-PDU%d", point, n)
	b.Nodes = append(b.Nodes, Node{Code: code, Kind: "pdu", Parent: point, Use: "mining",
		Loads: []Load{{Kind: "rigs", Count: rigs, KW: 3.4}}})
	b.endpoint("IP-"+code, 5, behaviour)
	b.meter(code, models.MeterPDU, "raritan/xerus-inlet", "IP-"+code, "1")
}

// residential is F01: homes, a bakery, a mast, a school, and a tap ahead of the
// school's meter. All its meters live.
func (b *builder) residential() {
	b.endpoint("GW-F01", 30, BehaviourNormal)
	b.addFeeder(1, 400, "janitza/umg96rm")
	b.meter(b.point("household", "Abai street 1-60", 180, Load{Kind: "households", Count: 60}), models.MeterRevenue, "eastron/sdm630", "GW-F01", "1")
	b.meter(b.point("household", "Satpaev street 2-40", 120, Load{Kind: "households", Count: 40}), models.MeterRevenue, "carlo-gavazzi/em340", "GW-F01", "1")
	b.meter(b.point("bakery", "Bakery Nan", 60, Load{Kind: "bakery", KW: 38}), models.MeterRevenue, "abb/b23", "GW-F01", "1")
	b.meter(b.point("telecom", "Mast 114", 6, Load{Kind: "telecom", KW: 4}), models.MeterRevenue, "eastron/sdm120", "GW-F01", "1")
	b.meter(b.point("office", "School 7", 70, Load{Kind: "office", KW: 55},
		Load{Kind: "rigs", Count: 7, KW: 3.4, From: b.after(20, 3), AheadOfTap: true, Offence: offenceBalance,
			Description: "tap ahead of the meter"}), models.MeterRevenue, "schneider/iem3000", "GW-F01", "1")
}

// industrial is F02: two workshops, one of which hides a farm, homes, a pump and
// a mast whose meter refuses connections.
func (b *builder) industrial() {
	b.endpoint("GW-F02", 40, BehaviourNormal)
	b.endpoint("IP-MAST", 0, BehaviourRefuse)
	b.addFeeder(2, 500, "janitza/umg96rm")
	b.meter(b.point("workshop", "Joinery Agash", 60, Load{Kind: "workshop", KW: 45}), models.MeterRevenue, "socomec/countis-e", "GW-F02", "1")
	b.meter(b.point("workshop", "Metal workshop Temir", 80, Load{Kind: "workshop", KW: 28},
		Load{Kind: "rigs", Count: 12, KW: 3.43, From: b.after(18, 9), Offence: offenceUnlicensed,
			Description: "farm behind a workshop"}), models.MeterRevenue, "schneider/pm5000", "GW-F02", "1")
	b.meter(b.point("household", "Jibek Joly 1-30", 100, Load{Kind: "households", Count: 30}), models.MeterRevenue, "inepro/pro380", "GW-F02", "1")
	b.meter(b.point("water_pump", "Pumping station 3", 40, Load{Kind: "pump", KW: 22}), models.MeterRevenue, "chint/dtsu666", "GW-F02", "1")
	b.meter(b.point("telecom", "Mast 121", 6, Load{Kind: "telecom", KW: 4.2}), models.MeterRevenue, "eastron/sdm120", "IP-MAST", "1")
}

// mining is F03: a licensed farm with PDUs, one that draws more than approved, a
// data centre and homes. One PDU accepts and never answers.
func (b *builder) mining() {
	b.endpoint("GW-F03", 20, BehaviourNormal)
	b.addFeeder(3, 1600, "janitza/umg96rm")
	farm := b.point("mining", "Data centre Jarqyn", 700, Load{Kind: "cooling", KW: 22})
	b.license(600, "active")
	b.meter(farm, models.MeterRevenue, "siemens/pac3200", "GW-F03", "0.5S")
	b.meter(farm, models.MeterCheck, "schneider/pm5000", "GW-F03", "0.5S").Silent = true
	for n := 1; n <= 4; n++ {
		behaviour := BehaviourNormal
		if n == 4 {
			behaviour = BehaviourSilent
		}
		b.pdu(farm, n, 40, behaviour)
	}
	over := b.point("mining", "Data centre Bereke", 360, Load{Kind: "cooling", KW: 11},
		Load{Kind: "rigs", Count: 14, KW: 3.4, From: b.after(23, 5), Offence: offenceOverdraw, Description: "rigs beyond the license"})
	b.license(300, "active")
	b.meter(over, models.MeterRevenue, "janitza/umg96rm", "GW-F03", "0.5S")
	b.pdu(over, 1, 40, BehaviourNormal)
	b.pdu(over, 2, 43, BehaviourNormal)
	b.meter(b.point("household", "Ertis street 1-20", 70, Load{Kind: "households", Count: 20}), models.MeterRevenue, "wirenboard/map3e", "GW-F03", "1")
	b.meter(b.point("data_centre", "Data centre of a bank", 140, Load{Kind: "data_centre", KW: 105}), models.MeterRevenue, "sunspec/meter-203", "GW-F03", "0.5")
}

// mixed is F04, behind a slow gateway that drops a connection now and then: a
// suspended licensee that goes on, homes, a bakery and an office.
func (b *builder) mixed() {
	b.endpoint("GW-F04", 300, BehaviourNormal)
	b.Endpoints[len(b.Endpoints)-1].DropEvery = 97
	b.addFeeder(4, 500, "janitza/umg96rm")
	stopped := b.point("mining", "Data centre Sary-Arka", 200, Load{Kind: "cooling", KW: 6, Offence: offenceSuspended},
		Load{Kind: "rigs", Count: 45, KW: 3.4, Offence: offenceSuspended, Description: "goes on while suspended"})
	b.license(180, "suspended")
	b.meter(stopped, models.MeterRevenue, "schneider/iem3000", "GW-F04", "0.5S")
	b.meter(b.point("household", "Tole Bi 3-47", 140, Load{Kind: "households", Count: 45}), models.MeterRevenue, "carlo-gavazzi/em24-e1", "GW-F04", "1")
	b.meter(b.point("bakery", "Bakery Bauyrsaq", 45, Load{Kind: "bakery", KW: 30}), models.MeterRevenue, "acrel/adw300", "GW-F04", "1")
	b.meter(b.point("household", "Kazybek Bi 1-25", 80, Load{Kind: "households", Count: 25}), models.MeterRevenue, "eastron/sdm630", "GW-F04", "1")
	b.meter(b.point("office", "Clinic 2", 50, Load{Kind: "office", KW: 36}), models.MeterRevenue, "abb/b23", "GW-F04", "1")
}
