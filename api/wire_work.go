package api

import (
	"time"

	"rigistry/models"
	"rigistry/services/metering"
)

// WorkAskWire is a collector that asks for work.
type WorkAskWire struct {
	Collector string   `json:"collector" minLength:"1" maxLength:"64"`
	Endpoints []string `json:"endpoints" maxItems:"5000" nullable:"false" doc:"Its links, at which it may be asked"`
}

// WorkOfferWire is what a collector is to do and to read.
type WorkOfferWire struct {
	Job    *WorkJobWire    `json:"job,omitempty"`
	Meters []WorkMeterWire `json:"meters" nullable:"false" doc:"Commissioned for this collector"`
}

// WorkJobWire is a job as its collector needs it.
type WorkJobWire struct {
	ID       string `json:"id"`
	Lease    string `json:"lease" doc:"To be named in progress and answer"`
	Task     string `json:"task" enum:"scan,read"`
	Endpoint string `json:"endpoint"`
	Units    []int  `json:"units" nullable:"false"`
	Profile  string `json:"profile,omitempty"`
}

// WorkMeterWire is a meter as a collector's configuration file has it.
type WorkMeterWire struct {
	Code      string `json:"code"`
	Profile   string `json:"profile"`
	URL       string `json:"url"`
	Unit      int    `json:"unit"`
	Role      string `json:"role"`
	IntervalS int    `json:"interval_s"`
	CtNum     int64  `json:"ct_num"`
	CtDen     int64  `json:"ct_den"`
	VtNum     int64  `json:"vt_num"`
	VtDen     int64  `json:"vt_den"`
}

func workMeterWire(m *models.Meter) WorkMeterWire {
	return WorkMeterWire{Code: m.Code, Profile: m.Profile, URL: m.URL, Unit: int(m.Unit), Role: string(m.Role), IntervalS: int(max(1, m.PollInterval/time.Second)),
		CtNum: m.CTNum, CtDen: m.CTDen, VtNum: m.VTNum, VtDen: m.VTDen}
}

// WorkProgressWire says that a job goes on.
type WorkProgressWire struct {
	Collector string `json:"collector" minLength:"1" maxLength:"64"`
	Lease     string `json:"lease" minLength:"1" maxLength:"64"`
	Progress  int    `json:"progress" minimum:"0" maximum:"256" doc:"Units that were asked already"`
}

// WorkAnswerWire is the answer to a job: exactly one of the three.
type WorkAnswerWire struct {
	Collector string    `json:"collector" minLength:"1" maxLength:"64"`
	Lease     string    `json:"lease" minLength:"1" maxLength:"64"`
	Failure   string    `json:"failure,omitempty" maxLength:"1000"`
	Scan      *ScanWire `json:"scan,omitempty"`
	Read      *ReadWire `json:"read,omitempty"`
}

// WorkKept says that it was kept.
type WorkKept struct {
	Kept bool `json:"kept"`
}

func (w *WorkAnswerWire) answer() (a metering.CommissionAnswer, err error) {
	a.Failure = w.Failure
	if w.Scan != nil {
		a.Scan = w.Scan.scan()
	}
	if w.Read != nil {
		a.Read, err = w.Read.read()
	}
	return a, err
}

// WorkAnswerOf puts an answer on the wire; an edge collector sends it.
func WorkAnswerOf(collector, lease string, a metering.CommissionAnswer) WorkAnswerWire {
	w := WorkAnswerWire{Collector: collector, Lease: lease, Failure: a.Failure}
	if a.Scan != nil {
		w.Scan = scanWire(a.Scan)
	}
	if a.Read != nil {
		w.Read = readWire(a.Read)
	}
	return w
}
