package documents

import (
	"fmt"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// maxExtract is how many licenses an extract lists at most, some 150 pages.
const maxExtract = 5000

// absence certifies that no license was in force, on no day from From to To, for a
// holder or at a connection point.
func (g gatherer) absence() (draft, error) {
	from, err := models.StartOfDay(g.request.From)
	if err != nil {
		return draft{}, err
	}
	until, err := models.StartOfDay(models.AddDays(g.request.To, 1))
	if err != nil {
		return draft{}, err
	}
	if until.After(g.tx.Now) {
		until = g.tx.Now // the rest of today is not known yet
	}
	about, found, matches, err := g.aboutAbsence()
	if err != nil {
		return draft{}, err
	}
	for len(found) > 0 {
		n := 1
		for n < len(found) && found[n].Number == found[0].Number {
			n++
		}
		if spans := models.HeldSpans(found[:n], matches, from, until); len(spans) > 0 {
			return draft{}, models.Errorf(models.CodeConflict, "License %s was in force from %s until %s, so its absence cannot be certified. Issue an extract from the register instead.",
				found[0].Number, spans[0].From.Format(time.RFC3339), spans[0].Until.Format(time.RFC3339))
		}
		found = found[n:]
	}
	days := map[string]any{"from": paperDate(g.request.From), "to": paperDate(g.request.To)}
	about.letter.lead = [][2]string{g.text("documents.letter.absence.lead", days)}
	about.letter.rows = append(about.letter.rows, row{"documents.letter.row.period", g.text("documents.letter.period", days), "B"})
	about.letter.closing = [][2]string{g.text("documents.letter.absence.closing", nil)}
	about.asAt = g.tx.Now
	return about, nil
}

// aboutAbsence gives whom or what a certificate of absence is about, every version
// of the licenses that could contradict it, and which of the versions would.
func (g gatherer) aboutAbsence() (draft, []models.License, func(models.License) bool, error) {
	if code := g.request.ConnectionPoint; code != "" {
		p, err := g.tx.ConnectionPoint(code)
		if err != nil {
			return draft{}, nil, nil, pointed("/connection_point", err)
		}
		found, err := g.tx.LicensesEverAt(p.Code)
		return draft{subject: models.Ref{Kind: "connection_point", ID: p.Code}, letter: &letter{url: g.issuer.baseURL + "/register",
			rows: []row{{"documents.letter.row.point", same(p.Code), "B"}}}}, found, func(l models.License) bool { return covers(l, p.Code) }, err
	}
	bin := g.request.BinOrIin
	party, known, err := g.party(bin)
	if err != nil {
		return draft{}, nil, nil, err
	}
	w := draft{subject: models.Ref{Kind: "bin_or_iin", ID: bin}, letter: &letter{url: g.registerPage(party, known),
		rows: []row{{"documents.license.bin", same(bin), "B"}}}}
	if known {
		w.party = party.ID
		w.letter.rows = append(w.letter.rows, row{"documents.letter.row.name", names(party), "B"}, row{"documents.license.address", same(party.Address), ""})
	} else {
		w.letter.rows = append(w.letter.rows, row{"documents.letter.row.name", g.text("documents.letter.unknown_party", nil), ""})
	}
	found, err := g.tx.LicensesEverOf(bin)
	return w, found, func(l models.License) bool { return l.HolderBin == bin }, err
}

func (g gatherer) party(bin string) (models.Party, bool, error) {
	found, err := g.tx.PartiesByBin([]string{bin})
	p, known := found[bin]
	return p, known, err
}

func covers(l models.License, code string) bool {
	for _, s := range l.Sites {
		for _, point := range s.ConnectionPoints {
			if point == code {
				return true
			}
		}
	}
	return false
}

// extract lists the licenses of the register, or of one holder, as they were at the
// end of a legal date.
func (g gatherer) extract() (draft, error) {
	today, filter := models.LegalDate(g.tx.Now), store.LicenseFilter{}
	date, at := g.request.AsOn, g.tx.Now
	if date == "" {
		date = today
	}
	if date != today {
		end, err := models.StartOfDay(models.AddDays(date, 1))
		if err != nil {
			return draft{}, err
		}
		at = end.Add(-time.Microsecond)
		filter.AsAt = at
	}
	w := draft{subject: models.Ref{Kind: "register", ID: date}, asAt: at, letter: &letter{url: g.issuer.baseURL + "/register"}}
	if bin := g.request.BinOrIin; bin != "" {
		party, known, err := g.party(bin)
		if err != nil {
			return draft{}, err
		}
		if !known {
			return draft{}, pointed("/bin_or_iin", models.NotFound("party", bin))
		}
		filter.Holder, w.party, w.subject = party.ID, party.ID, models.Ref{Kind: "bin_or_iin", ID: bin}
		w.letter.url = g.registerPage(party, known)
		w.letter.rows = []row{{"documents.license.holder", names(party), "B"}, {"documents.license.bin", same(bin), ""}}
	}
	list, err := g.everyLicense(filter)
	if err != nil {
		return draft{}, err
	}
	if w.letter.table, err = g.lines(list, at); err != nil {
		return draft{}, err
	}
	w.letter.lead = [][2]string{g.text("documents.letter.extract.lead", map[string]any{"date": paperDate(date), "count": len(list)})}
	return w, nil
}

func (g gatherer) everyLicense(f store.LicenseFilter) (list []models.License, err error) {
	page := store.Page{Limit: 1000}
	for {
		found, err := g.tx.Licenses(f, page)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
		if len(list) > maxExtract {
			return nil, models.Errorf(models.CodeTooLarge, "The register has more than %d licenses, too many for paper. Name one holder, or take the register as CSV.", maxExtract)
		}
		if len(found) < page.Size() {
			return list, nil
		}
		page.After = found[len(found)-1].Number
	}
}

func (g gatherer) lines(list []models.License, at time.Time) ([]tableLine, error) {
	holders := map[string][2]string{}
	out := make([]tableLine, 0, len(list))
	for _, l := range list {
		if _, seen := holders[l.Holder]; !seen {
			party, err := g.tx.Party(l.Holder)
			if err != nil {
				return nil, fmt.Errorf("holder of license %s: %w", l.Number, err)
			}
			holders[l.Holder] = names(party)
		}
		name, state := holders[l.Holder], g.text("state.license."+string(l.StateAt(at)), nil)
		holder := []string{name[0]}
		if name[1] != name[0] {
			holder = append(holder, name[1])
		}
		power := strings.TrimSuffix(g.kilowatts(l.Approved)[0], "\u00a0"+g.text("documents.unit.kw", nil)[0])
		out = append(out, tableLine{{l.Number, string(l.SubType) + " · v" + fmt.Sprint(l.Version)}, holder, {l.HolderBin}, state[:], {power},
			{paperDate(l.Issued), paperDate(models.LastDay(l.ValidUntil))}})
	}
	return out, nil
}
