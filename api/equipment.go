package api

import (
	"context"
	"encoding/csv"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

// equipmentRoutes are the register of rigs, what happened to them, and the alarms.
func (s *Server) equipmentRoutes() []route {
	const rigs, base = "Equipment", "/v1/equipment"
	return []route{
		handle("GET", base, models.ActEquipmentRead, rigs, "Rigs of the register; an applicant sees its own", s.listEquipment),
		handle("POST", base, models.ActEquipmentWrite, rigs, "Register a rig; one that is registered elsewhere raises an alarm", s.postEquipment).with(http.StatusCreated),
		handle("GET", base+"/export", models.ActEquipmentRead, rigs, "The rigs of a filter as CSV that an import reads again", s.exportEquipment),
		handle("GET", base+"/alarms", models.ActAlarmRead, rigs, "Rigs claimed at two places, the newest first", s.listAlarms),
		handle("GET", base+"/alarms/{id}", models.ActAlarmRead, rigs, "One alarm with both claims", s.getAlarm),
		handle("POST", base+"/alarms/{id}/resolution", models.ActAlarmResolve, rigs, "Decide who is right", s.postResolution),
		handle("GET", base+"/{id}", models.ActEquipmentRead, rigs, "One rig; as at a date, where its events put it", s.getEquipment),
		handle("PUT", base+"/{id}", models.ActEquipmentWrite, rigs, "Correct what the register says of a rig; manufacturer and serial number stay", s.putEquipment),
		handle("GET", base+"/{id}/events", models.ActEquipmentRead, rigs, "What happened to a rig, in order", s.listEquipmentEvents),
		handle("POST", base+"/{id}/moves", models.ActEquipmentWrite, rigs, "Record that a rig moved to a site; declared by another owner, it raises an alarm", s.postMove),
		handle("POST", base+"/{id}/storage", models.ActEquipmentWrite, rigs, "Record that a rig was put into storage", s.postStorage),
		handle("POST", base+"/{id}/sales", models.ActEquipmentWrite, rigs, "Record a sale to another party of the register", s.postSale),
		handle("POST", base+"/{id}/seizures", models.ActEquipmentWrite, rigs, "Record a seizure", s.postSeizure),
		handle("POST", base+"/{id}/releases", models.ActEquipmentWrite, rigs, "Record the release of a seized rig", s.postRelease),
		handle("POST", base+"/{id}/removals", models.ActEquipmentWrite, rigs, "Record that a rig was scrapped, exported, or sold out of the register", s.postRemoval),
	}
}

type equipmentQuery struct {
	ListQuery
	EquipmentFilters
}

// EquipmentFilters narrow a list of rigs.
type EquipmentFilters struct {
	Q       string `query:"q" maxLength:"100" doc:"The beginning of a serial number, in any spelling: O and 0, I, L and 1 are alike"`
	Owner   string `query:"owner" maxLength:"64" doc:"Party id, BIN or IIN"`
	Site    string `query:"site" maxLength:"64" doc:"Site id or code"`
	License string `query:"license" maxLength:"32"`
	State   string `query:"state" enum:"active,stored,sold,exported,scrapped,seized"`
	Import  string `query:"import" maxLength:"64" doc:"Id of the import that registered them"`
}

func (f EquipmentFilters) filter() store.EquipmentFilter {
	return store.EquipmentFilter{Owner: f.Owner, Site: f.Site, License: models.NormalizeIdentifier(f.License), State: f.State, Import: f.Import, Query: f.Q}
}

func (s *Server) listEquipment(ctx context.Context, actor models.Actor, in *equipmentQuery) (*listOutput[EquipmentWire], error) {
	found, next, err := s.svc.Licensing.EquipmentList(ctx, actor, in.filter(), in.page())
	if err != nil {
		return nil, err
	}
	wires, err := s.equipmentWires(ctx, actor, found...)
	return &listOutput[EquipmentWire]{Body: list[EquipmentWire]{Items: wires, Next: next}}, err
}

// equipmentWires names owners and sites beside rigs.
func (s *Server) equipmentWires(ctx context.Context, actor models.Actor, rigs ...models.Equipment) ([]EquipmentWire, error) {
	positions := make([]models.EquipmentPosition, 0, len(rigs))
	for _, e := range rigs {
		positions = append(positions, e.Position())
	}
	names, err := s.svc.Licensing.EquipmentNames(ctx, positions...)
	out := make([]EquipmentWire, 0, len(rigs))
	for _, e := range rigs {
		w := equipmentWire(e)
		p := positionWire(e.Position(), names, languageOf(ctx))
		w.OwnerName, w.OwnerBin, w.SiteCode, w.SiteName, w.Allowed = p.OwnerName, p.OwnerBin, p.SiteCode, p.SiteName, e.AllowedActs(actor)
		out = append(out, w)
	}
	return out, err
}

type exportQuery struct {
	EquipmentFilters
}

// exportEquipment streams the rigs page by page, so that a million of them need no
// memory. The headings are the names that an import knows.
func (s *Server) exportEquipment(ctx context.Context, actor models.Actor, in *exportQuery) (*huma.StreamResponse, error) {
	page := store.Page{Limit: exportPage}
	rigs, next, err := s.svc.Licensing.EquipmentList(ctx, actor, in.filter(), page)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", "text/csv; charset=utf-8")
		c.SetHeader("Content-Disposition", `attachment; filename="equipment.csv"`)
		out := csv.NewWriter(c.BodyWriter())
		_, _ = c.BodyWriter().Write([]byte("\xef\xbb\xbf")) // so that Excel reads UTF-8; a lost client shows in Error below
		_ = out.Write(exportHeadings)
		for {
			wires, err := s.equipmentWires(ctx, actor, rigs...)
			if err == nil {
				for _, w := range wires {
					_ = out.Write(exportRow(w))
				}
				out.Flush()
				err = out.Error()
			}
			if err == nil && next != "" {
				page.After = next
				rigs, next, err = s.svc.Licensing.EquipmentList(ctx, actor, in.filter(), page)
				if err == nil {
					continue
				}
			}
			if err != nil && ctx.Err() == nil {
				s.log.WarnContext(ctx, "an export of equipment broke off", "error", err)
				panic(http.ErrAbortHandler) // so that the client sees that it is not whole
			}
			return
		}
	}}, nil
}

const exportPage = 1000

var exportHeadings = []string{"manufacturer", "model", "serial", "algorithm", "hashrate_th", "nameplate_w", "owner", "site", "license", "customs_declaration",
	"import_country", "import_date", "state"}

func exportRow(w EquipmentWire) []string {
	cells := []string{w.Manufacturer, w.Model, w.Serial, w.Algorithm, strconv.FormatInt(w.HashrateTh, 10), strconv.FormatInt(int64(watts(w.NameplateKw)), 10), w.OwnerBin,
		w.SiteCode, w.License, w.Customs, w.ImportCountry, w.ImportDate, w.State}
	for i := range cells {
		cells[i] = licensing.SafeCell(cells[i])
	}
	return cells
}

type equipmentBody struct {
	Idempotent
	Body EquipmentWire
}

func (s *Server) postEquipment(ctx context.Context, actor models.Actor, in *equipmentBody) (*created[EquipmentWire], error) {
	e, err := s.svc.Licensing.RegisterEquipment(ctx, actor, equipmentOf(in.Body))
	if err != nil {
		return nil, err
	}
	wires, err := s.equipmentWires(ctx, actor, e)
	if err != nil {
		return nil, err
	}
	return &created[EquipmentWire]{Location: "/v1/equipment/" + e.ID, ETag: etag(e.Version), Body: wires[0]}, nil
}

func (s *Server) getEquipment(ctx context.Context, actor models.Actor, in *ByID) (*output[EquipmentWire], error) {
	e, err := s.svc.Licensing.Equipment(ctx, actor, in.ID)
	return s.equipmentOutput(ctx, actor, e, err)
}

type equipmentPut struct {
	ByID
	IfMatch
	Body EquipmentWire
}

func (s *Server) putEquipment(ctx context.Context, actor models.Actor, in *equipmentPut) (*output[EquipmentWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	e, err := s.svc.Licensing.UpdateEquipment(ctx, actor, in.ID, version, equipmentOf(in.Body))
	return s.equipmentOutput(ctx, actor, e, err)
}

func (s *Server) equipmentOutput(ctx context.Context, actor models.Actor, e models.Equipment, err error) (*output[EquipmentWire], error) {
	if err != nil {
		return nil, err
	}
	wires, err := s.equipmentWires(ctx, actor, e)
	if err != nil {
		return nil, err
	}
	return &output[EquipmentWire]{ETag: etag(e.Version), Body: wires[0]}, nil
}
