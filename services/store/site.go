package store

import "rigistry/models"

type siteRow struct {
	ID              string `gorm:"column:id"`
	Code            string `gorm:"column:code"`
	Owner           string `gorm:"column:owner"`
	NameKk          string `gorm:"column:name_kk"`
	NameRu          string `gorm:"column:name_ru"`
	Address         string `gorm:"column:address"`
	Kato            string `gorm:"column:kato"`
	Region          string `gorm:"column:region"`
	GridZone        string `gorm:"column:grid_zone"`
	HostCapacityW   int64  `gorm:"column:host_capacity_w"`
	ConnectionCodes string `gorm:"column:connection_codes"`
	Search          string `gorm:"column:search"`
	Version         int64  `gorm:"column:version"`
	CreatedAt       int64  `gorm:"column:created_at;autoCreateTime:false"`
	UpdatedAt       int64  `gorm:"column:updated_at;autoUpdateTime:false"`
}

func (r siteRow) site() (models.Site, error) {
	s := models.Site{ID: r.ID, Code: r.Code, Owner: r.Owner, NameKk: r.NameKk, NameRu: r.NameRu, Address: r.Address, Kato: r.Kato,
		Region: r.Region, GridZone: r.GridZone, HostCapacity: models.Watts(r.HostCapacityW), Version: r.Version,
		Created: instant(r.CreatedAt), Updated: instant(r.UpdatedAt)}
	return s, parse(r.ConnectionCodes, &s.ConnectionCode)
}

func sites(rows []siteRow, err error) ([]models.Site, error) {
	out := make([]models.Site, 0, len(rows))
	for _, r := range rows {
		s, parseErr := r.site()
		if err == nil {
			err = parseErr
		}
		out = append(out, s)
	}
	return out, err
}

// InsertSite adds a site. A second one with the code is a conflict.
func (tx *Tx) InsertSite(s models.Site) error {
	codes, err := text(nonNil(s.ConnectionCode))
	if err != nil {
		return err
	}
	err = insert(tx, "sites", &siteRow{ID: s.ID, Code: s.Code, Owner: s.Owner, NameKk: s.NameKk, NameRu: s.NameRu, Address: s.Address,
		Kato: s.Kato, Region: s.Region, GridZone: s.GridZone, HostCapacityW: int64(s.HostCapacity), ConnectionCodes: codes,
		Search: siteSearch(s), Version: s.Version, CreatedAt: micros(s.Created), UpdatedAt: micros(s.Updated)})
	if err != nil {
		return err
	}
	return tx.addTerms(siteTerms(s))
}

// UpdateSite saves everything of a site but its code and owner, when it still has
// the version before s.Version.
func (tx *Tx) UpdateSite(s models.Site) error {
	codes, err := text(nonNil(s.ConnectionCode))
	if err != nil {
		return err
	}
	err = updateVersion(tx, "sites", s.ID, s.Version-1, map[string]any{
		"name_kk": s.NameKk, "name_ru": s.NameRu, "address": s.Address, "kato": s.Kato, "region": s.Region, "grid_zone": s.GridZone,
		"host_capacity_w": int64(s.HostCapacity), "connection_codes": codes, "search": siteSearch(s), "updated_at": micros(s.Updated)})
	if err != nil {
		return err
	}
	return tx.replaceTerms(siteTerms(s))
}

func siteSearch(s models.Site) string {
	return models.Fold(s.Code + " " + s.NameKk + " " + s.NameRu + " " + s.Address)
}

func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Site finds a site by id or code.
func (tx *Tx) Site(key string) (models.Site, error) {
	r, err := one[siteRow](tx, "site", key, "SELECT * FROM sites WHERE id = ? OR code = ?", key, key)
	if err != nil {
		return models.Site{}, err
	}
	return r.site()
}

// SitesByKey gives the sites that have one of the ids or codes.
func (tx *Tx) SitesByKey(keys []string) ([]models.Site, error) {
	keys = orNothing(keys)
	return sites(many[siteRow](tx, "SELECT * FROM sites WHERE id IN ? OR code IN ?", keys, keys))
}

// SiteFilter narrows a list of sites; "" does not narrow.
type SiteFilter struct {
	Owner string // party id
	Query string // part of code, name or address
}

// Sites lists sites in the order of their registration, after the id.
func (tx *Tx) Sites(f SiteFilter, page Page) ([]models.Site, error) {
	w := where{}
	w.equal("owner", f.Owner)
	w.search("search", []string{"code"}, f.Query)
	w.after("id", page.After)
	return sites(many[siteRow](tx, "SELECT * FROM sites"+w.sql()+" ORDER BY id LIMIT ?", append(w.args, page.Size())...))
}
