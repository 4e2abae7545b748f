package licensing

import (
	"slices"
	"strings"

	"rigistry/models"
	"rigistry/services/store"
)

// rigRefs is what rigs refer to and what is in the register already.
type rigRefs struct {
	parties  map[string]models.Party // by BIN or IIN
	byID     map[string]bool         // ids of parties that exist
	sites    map[string]models.Site  // by id and by code
	licenses map[string]bool
	known    map[store.EquipmentKey]models.Equipment
	similar  map[store.EquipmentKey]models.Equipment // by manufacturer and folded serial number
}

func keyOf(e models.Equipment) store.EquipmentKey {
	m, s := e.Key()
	return store.EquipmentKey{Manufacturer: m, Serial: s}
}

func foldOf(e models.Equipment) store.EquipmentKey {
	m, _ := e.Key()
	return store.EquipmentKey{Manufacturer: m, Serial: models.SerialFold(e.Serial)}
}

// refsOf loads them with a few queries for any number of rigs.
func refsOf(tx *store.Tx, rigs []models.Equipment) (rigRefs, error) {
	r := rigRefs{byID: map[string]bool{}, sites: map[string]models.Site{}, licenses: map[string]bool{},
		known: map[store.EquipmentKey]models.Equipment{}, similar: map[store.EquipmentKey]models.Equipment{}}
	owners, ids, places, numbers := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	folds := make([]string, 0, len(rigs))
	for _, e := range rigs {
		owners[models.NormalizeIdentifier(e.Owner)], ids[e.Owner], places[e.Site] = true, true, true
		numbers[models.NormalizeIdentifier(e.License)] = true
		folds = append(folds, models.SerialFold(e.Serial))
	}
	var err error
	if r.parties, err = tx.PartiesByBin(keys(owners)); err != nil {
		return r, err
	}
	found, err := tx.PartiesByID(keys(ids))
	if err != nil {
		return r, err
	}
	for id, p := range found {
		r.byID[id] = p.MergedInto == "" // who was merged owns nothing
	}
	sites, err := tx.SitesByKey(keys(places))
	if err != nil {
		return r, err
	}
	for _, site := range sites {
		r.sites[site.ID], r.sites[site.Code] = site, site
	}
	licenses, err := tx.LicensesThatExist(keys(numbers))
	if err != nil {
		return r, err
	}
	for _, n := range licenses {
		r.licenses[n] = true
	}
	registered, err := tx.KnownEquipment(distinct(folds))
	for _, e := range registered {
		r.add(e)
	}
	return r, err
}

func keys(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for k := range set {
		if k != "" {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

func distinct(list []string) []string {
	out := slices.Compact(slices.Sorted(slices.Values(list)))
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// add makes a rig one of the register.
func (r rigRefs) add(e models.Equipment) {
	r.known[keyOf(e)] = e
	if _, taken := r.similar[foldOf(e)]; !taken {
		r.similar[foldOf(e)] = e
	}
}

// meets gives the rig of the register that a claim is about: the same one, or one
// whose serial number is easily mistaken for the claim's.
func (r rigRefs) meets(claim models.Equipment) (rig models.Equipment, kind models.AlarmKind, met bool) {
	if rig, met = r.known[keyOf(claim)]; met {
		return rig, models.AlarmSame, true
	}
	rig, met = r.similar[foldOf(claim)]
	return rig, models.AlarmSimilar, met
}

// resolve puts ids in the place of BINs, IINs and codes and checks one rig.
func (r rigRefs) resolve(e models.Equipment) (models.Equipment, error) {
	e.Manufacturer, e.Model, e.Serial = strings.TrimSpace(e.Manufacturer), strings.TrimSpace(e.Model), strings.TrimSpace(e.Serial)
	if e.State == "" {
		e.State = models.EquipmentActive
	}
	var v models.Invalid
	if p, ok := r.parties[models.NormalizeIdentifier(e.Owner)]; ok {
		if e.Owner = p.ID; p.MergedInto != "" {
			v.Add("/owner", "merged", "This party was merged into %s. Name that one as the owner.", p.MergedInto)
		}
	} else if e.Owner != "" && !r.byID[e.Owner] {
		v.Add("/owner", "unknown", "There is no such party.")
	}
	if e.Site != "" {
		if site, ok := r.sites[e.Site]; ok {
			e.Site = site.ID
		} else {
			v.Add("/site", "unknown", "There is no such site.")
		}
	}
	if e.License = models.NormalizeIdentifier(e.License); e.License != "" && !r.licenses[e.License] {
		v.Add("/license", "unknown", "There is no such license.")
	}
	return e, merged(e.Check(), v.Err())
}
