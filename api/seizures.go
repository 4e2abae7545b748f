package api

import (
	"context"

	"rigistry/models"
)

func (s *Server) seizureRoutes() []route {
	return []route{
		handle("GET", "/v1/equipment/{id}/seizures", models.ActCaseRead, "Cases", "The seizures of a rig in cases that the caller may know of", s.listRigSeizures),
	}
}

// SeizedRigWire is a machine that was seized, and what became of it.
type SeizedRigWire struct {
	Serial string `json:"serial"`
	Rig    string `json:"rig,omitempty" doc:"Id in the register of equipment; absent when the register does not know it"`
	Was    string `json:"was,omitempty" enum:"active,stored,sold,exported,scrapped,seized" doc:"What the register said of it before"`
	Number string `json:"number" doc:"Number of the record of seizure"`
	Place  string `json:"place" doc:"Where it is stored"`
	On     string `json:"on" format:"date"`
	Fate   string `json:"fate" enum:"held,returned,confiscated"`
	Until  string `json:"until,omitempty" format:"date" doc:"Legal date of the decision about it"`
}

// RigSeizureWire is a seizure of a rig with its case.
type RigSeizureWire struct {
	SeizedRigWire
	Case string `json:"case" doc:"Number of the case"`
}

func seizedWire(x models.SeizedRig) SeizedRigWire {
	return SeizedRigWire{Serial: x.Serial, Rig: x.Rig, Was: string(x.Was), Number: x.Number, Place: x.Place, On: x.On, Fate: string(x.Fate), Until: x.Until}
}

func (s *Server) listRigSeizures(ctx context.Context, actor models.Actor, in *ByID) (*listOutput[RigSeizureWire], error) {
	found, err := s.svc.Enforcement.RigSeizures(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &listOutput[RigSeizureWire]{}
	out.Body.Items = make([]RigSeizureWire, 0, len(found))
	for _, x := range found {
		out.Body.Items = append(out.Body.Items, RigSeizureWire{SeizedRigWire: seizedWire(x.Seized), Case: x.CaseNumber})
	}
	return out, nil
}
