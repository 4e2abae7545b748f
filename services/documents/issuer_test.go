package documents

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

const (
	holderBin = "210440038887"
	otherBin  = "990840003334"
	point     = "PS12-F03-CP007"
	freePoint = "PS12-F03-CP008"
)

// world is a register with a license that was suspended and lifted, a refused
// application and a disconnection order.
type world struct {
	t       *testing.T
	store   *store.Store
	clock   *storetest.Clock
	issuer  *Issuer
	key     ed25519.PrivateKey
	license models.License
}

var (
	officer   = models.Actor{ID: "u-officer", Kind: "person", Name: "Ә. Қожахметов", Roles: []models.Role{models.RoleOfficer}}
	applicant = models.Actor{ID: "u-holder", Kind: "person", Name: "Holder", Roles: []models.Role{models.RoleApplicant}, Party: "party1"}
	stranger  = models.Actor{ID: "u-other", Kind: "person", Name: "Other", Roles: []models.Role{models.RoleApplicant}, Party: "party2"}
)

func each(t *testing.T, test func(w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := &world{t: t, store: s, clock: clock, key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, 32))}
		w.issuer = NewIssuer(New(texts(t)), s, w.key, "https://registry.example")
		w.build()
		test(w)
	})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) update(steps ...func(tx *store.Tx) error) {
	w.t.Helper()
	w.must(w.store.Update(w.t.Context(), func(tx *store.Tx) error {
		for _, step := range steps {
			if err := step(tx); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (w *world) build() {
	w.t.Helper()
	now := w.clock.Now()
	party := models.Party{ID: "party1", BinOrIin: holderBin, Kind: models.PartyLegalEntity, NameKk: "«Қуат Майнинг» ЖШС", NameRu: "ТОО «Куат Майнинг»", Size: models.SizeLarge,
		Resident: true, Address: "Павлодар облысы, Екібастұз қаласы, Әуезов көшесі, 12", Kato: "551610000", State: models.PartyActive, Version: 1, Created: now, Updated: now}
	app := models.Application{ID: "app1", Number: "A-2026-00001", Kind: models.ApplicationIssue, SubType: models.SubTypeI, State: models.ApplicationDraft,
		Applicant: "party1", ApplicantBin: holderBin, Language: "kk", SubmittedAt: now, Version: 1}
	refused := app
	refused.ID, refused.Number, refused.State = "app2", "A-2026-00002", models.ApplicationRefused
	refused.Decision = &models.Decision{Outcome: "refuse", Reasons: []string{"NO_METER"}, Note: "Есептеуіштердің тізбесі берілмеген. Перечень счётчиков не представлен.",
		Drafter: "u-officer", Signer: "u-head", DraftedAt: now, SignedAt: now, Order: "DM-2026-00007"}
	number, err := models.NewLicenseNumber("DMA", 42)
	w.must(err)
	w.license = models.License{Number: number, Version: 1, SubType: models.SubTypeI, State: models.LicenseActive, Holder: "party1", HolderBin: holderBin,
		HolderName: "ТОО «Куат Майнинг»", Application: "app1", Approved: 1_184_500, FirstIssued: "2026-03-02", Issued: "2026-03-02", ValidFrom: now,
		ValidUntil: time.Date(2029, 3, 2, 19, 0, 0, 0, time.UTC), Order: "DM-2026-00001", Verification: "7K3M-9QWX-A2BC", Drafter: "u-officer", Signer: "u-head",
		EffectiveAt: now, RecordedAt: now,
		Sites: []models.LicensedSite{{Appendix: "001", Site: "site1", SiteCode: "S-00012", ConnectionPoints: []string{point}, Approved: 1_184_500}}}
	ground := models.Ground{LegalRef: "Закон РК № 193-VII «О цифровых активах», ст. 9, п. 4", Grade: "R", ValidFrom: "2023-04-01"}
	suspend, refuse := ground, ground
	suspend.Kind, suspend.Code, suspend.Text = models.GroundSuspend, "REPORTS", models.Text{Kk: "Есептілік мерзімінде тапсырылмаған", Ru: "Отчётность не представлена в срок", En: "late"}
	refuse.Kind, refuse.Code, refuse.Text = models.GroundRefuse, "NO_METER", models.Text{Kk: "Есепке алу жүйесі жоқ", Ru: "Отсутствует система учёта электроэнергии", En: "no meter"}
	w.update(
		func(tx *store.Tx) error { return tx.InsertParty(party) },
		func(tx *store.Tx) error {
			return tx.InsertSite(models.Site{ID: "site1", Code: "S-00012", Owner: "party1", NameKk: "Солтүстік деректерді өңдеу орталығы", NameRu: "Северный центр обработки данных",
				Address: "Екібастұз, Өнеркәсіп аймағы, 4", Kato: "551610000", Region: "55", GridZone: "north", Version: 1})
		},
		func(tx *store.Tx) error { return tx.InsertApplication(app) },
		func(tx *store.Tx) error { return tx.InsertApplication(refused) },
		func(tx *store.Tx) error { return tx.InsertLicense(w.license) },
		func(tx *store.Tx) error {
			_, err := tx.AddReference(store.Reference{Grounds: []models.Ground{suspend, refuse}})
			return err
		},
		func(tx *store.Tx) error {
			return tx.InsertUser(models.User{ID: "u-head", Login: "head", Name: "Г. Сәрсенова", Roles: []models.Role{models.RoleHead}, Version: 1}, "x")
		},
		func(tx *store.Tx) error {
			return tx.InsertUtility(models.Utility{ID: "ut1", Code: "PRES", NameKk: "«Павлодар РЭК» АҚ", NameRu: "АО «Павлодарская РЭК»", NameEn: "PRES", Bin: otherBin, Version: 1})
		},
		func(tx *store.Tx) error {
			return tx.InsertSubstation(models.Substation{ID: "ss1", Code: "PS12", Name: "PS12", Utility: "ut1", VoltKV: 110, Limit: 25_000_000, Version: 1})
		},
		func(tx *store.Tx) error {
			return tx.InsertFeeder(models.Feeder{ID: "f1", Code: "PS12-F03", Substation: "ss1", Utility: "ut1", VoltKV: 10, Limit: 6_000_000, Version: 1})
		},
	)
	for i, code := range []string{point, freePoint} {
		w.update(func(tx *store.Tx) error {
			return tx.InsertConnectionPoint(models.ConnectionPoint{ID: "cp" + string(rune('1'+i)), Code: code, Feeder: "f1", Utility: "ut1", State: models.ConnectionEnergised, Version: 1})
		})
	}
	w.clock.Advance(10 * 24 * time.Hour)
	suspended, err := w.license.Suspend(models.Act{Order: "DM-2026-00002", Ground: "REPORTS", Note: "І тоқсан", Signer: "u-head"}, 3, w.clock.Now())
	w.must(err)
	w.update(func(tx *store.Tx) error { return tx.InsertLicense(suspended) }, func(tx *store.Tx) error {
		return tx.InsertOrder(models.DisconnectionOrder{ID: "o1", Kind: models.OrderDisconnect, Source: "license:" + number, Number: "DO-000001", Utility: "ut1", Point: "cp1", PointCode: point, License: number, LicenseVersion: 2,
			Ground: "license.suspended", State: models.OrderIssued, Issued: tx.Now, Deadline: tx.Now.Add(72 * time.Hour), Version: 1})
	}, func(tx *store.Tx) error {
		return tx.InsertOrder(models.DisconnectionOrder{ID: "o2", Kind: models.OrderDisconnect, Source: "standing:f1", Number: "DO-000002", Utility: "ut1", Point: "cp1", PointCode: point,
			Ground: models.GroundHold, State: models.OrderIssued, Issued: tx.Now, Deadline: tx.Now.Add(72 * time.Hour), Version: 1})
	})
	w.clock.Advance(24 * time.Hour)
}

func (w *world) issue(r models.DocumentRequest) (models.Document, []byte, string) {
	w.t.Helper()
	d, err := w.issuer.Issue(w.t.Context(), officer, r)
	w.must(err)
	_, file, err := w.issuer.File(w.t.Context(), officer, d.Number)
	w.must(err)
	if dir := os.Getenv("RIGISTRY_KEEP_DOCUMENTS"); dir != "" {
		w.must(os.WriteFile(filepath.Join(dir, string(r.Kind)+".pdf"), file, 0o600))
	}
	return d, file, strings.Join(strings.Fields(pdfText(w.t, file)), " ") // Fields takes a no-break space for a space
}

func TestIssue_EveryKindSaysItsFactsInBothLanguagesAndIsRecorded(t *testing.T) {
	each(t, func(w *world) {
		n := w.license.Number
		for i, c := range []struct {
			r       models.DocumentRequest
			subject models.Ref
			says    []string
		}{
			{models.DocumentRequest{Kind: models.DocumentLicense, License: n}, models.Ref{Kind: "license", ID: n}, []string{"ЛИЦЕНЗИЯ", n, "«Қуат Майнинг» ЖШС", "Г. Сәрсенова"}},
			{models.DocumentRequest{Kind: models.DocumentAppendix, License: n, Appendix: "001"}, models.Ref{Kind: "license", ID: n},
				[]string{"ЛИЦЕНЗИЯҒА ҚОСЫМША", "ПРИЛОЖЕНИЕ К ЛИЦЕНЗИИ", "№ 001", point, "1 184,5 кВт", "Солтүстік деректерді өңдеу", "Северный центр", "Өнеркәсіп", "https://registry.example/v/7K3M-9QWX-A2BC"}},
			{models.DocumentRequest{Kind: models.DocumentRefusal, Application: "A-2026-00002"}, models.Ref{Kind: "application", ID: "app2"},
				[]string{"ДӘЛЕЛДІ БАС ТАРТУ", "МОТИВИРОВАННЫЙ ОТКАЗ", "Есепке алу жүйесі жоқ", "Отсутствует система учёта", "ст. 9, п. 4", "DM-2026-00007", "шағым", "обжаловано", "https://registry.example/register"}},
			{models.DocumentRequest{Kind: models.DocumentSuspension, License: n}, models.Ref{Kind: "license", ID: n},
				[]string{"ТОҚТАТА ТҰРУ ТУРАЛЫ БҰЙРЫҚ", "ПРИКАЗ О ПРИОСТАНОВЛЕНИИ", "DM-2026-00002", "12.03.2026", "12.06.2026", "Есептілік мерзімінде", "Отчётность не представлена", "І тоқсан", "Г. Сәрсенова"}},
			{models.DocumentRequest{Kind: models.DocumentDisconnection, Order: "DO-000001"}, models.Ref{Kind: "disconnection_order", ID: "o1"},
				[]string{"АЖЫРАТУ ТУРАЛЫ ӨКІМ", "РАСПОРЯЖЕНИЕ ОБ ОТКЛЮЧЕНИИ", "DO-000001", "«Павлодар РЭК» АҚ", "АО «Павлодарская РЭК»", "15.03.2026 09:00 UTC+5", "Лицензия тоқтатыла тұрды"}},
			{models.DocumentRequest{Kind: models.DocumentDisconnection, Order: "DO-000002"}, models.Ref{Kind: "disconnection_order", ID: "o2"},
				[]string{"РАСПОРЯЖЕНИЕ ОБ ОТКЛЮЧЕНИИ", "DO-000002", point, "15.03.2026 09:00 UTC+5", "https://registry.example/register"}},
			{models.DocumentRequest{Kind: models.DocumentAbsence, BinOrIin: otherBin, From: "2026-03-01", To: "2026-03-12"}, models.Ref{Kind: "bin_or_iin", ID: otherBin},
				[]string{"ЖОҚТЫҒЫ ТУРАЛЫ АНЫҚТАМА", "СПРАВКА ОБ ОТСУТСТВИИ", otherBin, "01.03.2026 – 12.03.2026", "Тізілімде мұндай тұлға жоқ", "запечатано записей: 0"}},
			{models.DocumentRequest{Kind: models.DocumentExtract, AsOn: "2026-03-05"}, models.Ref{Kind: "register", ID: "2026-03-05"},
				[]string{"ТІЗІЛІМНЕН ҮЗІНДІ", "ВЫПИСКА ИЗ РЕЕСТРА", n, "Күшінде", "Действует", "05.03.2026", "1 184,5", "05.03.2026 23:59 UTC+5"}},
		} {
			d, file, text := w.issue(c.r)
			for _, want := range c.says {
				if !strings.Contains(text, want) {
					w.t.Errorf("%s does not say %q: %s", c.r.Kind, want, text)
				}
			}
			sum := sha256.Sum256(file)
			if d.SHA256 != hex.EncodeToString(sum[:]) || d.Bytes != int64(len(file)) || d.Subject != c.subject || d.Number != "DOC-2026-0000"+string(rune('1'+i)) {
				w.t.Errorf("%s is recorded as %+v", c.r.Kind, d)
			}
			s, err := VerifyFile(file, []ed25519.PublicKey{w.key.Public().(ed25519.PublicKey)})
			if err != nil || s.Number != d.Number || s.Kind != string(c.r.Kind) || !s.AsAt.Equal(d.AsAt) {
				w.t.Errorf("%s: verified as %+v (%v)", c.r.Kind, s, err)
			}
			w.inLedger(d)
		}
	})
}

// inLedger checks the entry of a document: the digest is there, whom it is about is
// not.
func (w *world) inLedger(d models.Document) {
	w.t.Helper()
	w.must(w.store.View(w.t.Context(), func(tx *store.Tx) error {
		entries, err := tx.UnsealedEntries(1000)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.Kind != "document.issued" || e.Subject.ID != d.ID {
				continue
			}
			if !strings.Contains(e.Body, d.SHA256) || strings.Contains(e.Body, holderBin) || strings.Contains(e.Body, otherBin) || e.ActorID != d.CreatedBy {
				w.t.Errorf("the ledger says of %s by %s: %s", d.Number, e.ActorID, e.Body)
			}
			return nil
		}
		w.t.Errorf("document %s is not in the ledger", d.Number)
		return nil
	}))
}

func TestIssue_AnAbsenceIsCertifiedOnlyForDaysWithoutALicense(t *testing.T) {
	each(t, func(w *world) {
		// The license is in force from Monday 2 March 2026, 09:00 in Astana, and suspended
		// from 12 March: it counts all the same.
		for _, c := range []struct {
			name, bin, point, from, to string
			want                       models.Code
		}{
			{"the holder, before the license", holderBin, "", "2025-01-01", "2026-03-01", ""},
			{"the holder, with the day of issue", holderBin, "", "2025-01-01", "2026-03-02", models.CodeConflict},
			{"the holder, while suspended", holderBin, "", "2026-03-13", "2026-03-13", models.CodeConflict},
			{"somebody else", otherBin, "", "2025-01-01", "2026-03-13", ""},
			{"the point", "", point, "2026-03-05", "2026-03-05", models.CodeConflict},
			{"another point", "", freePoint, "2026-03-05", "2026-03-05", ""},
			{"an unknown point", "", "PS99-F01-CP001", "2026-03-05", "2026-03-05", models.CodeInvalid},
			{"a wrong number", "210440038880", "", "2026-03-05", "2026-03-05", models.CodeInvalid},
			{"tomorrow", otherBin, "", "2026-03-05", "2026-03-14", models.CodeInvalid},
			{"backwards", otherBin, "", "2026-03-05", "2026-03-04", models.CodeInvalid},
			{"both", otherBin, point, "2026-03-05", "2026-03-05", models.CodeInvalid},
		} {
			_, err := w.issuer.Issue(w.t.Context(), officer, models.DocumentRequest{Kind: models.DocumentAbsence, BinOrIin: c.bin, ConnectionPoint: c.point, From: c.from, To: c.to})
			if err != nil && c.want == "" || models.CodeOf(err) != c.want {
				w.t.Errorf("%s: %v, want %q", c.name, err, c.want)
			}
		}
	})
}

func TestIssue_NothingIsPutOnPaperThatTheRegisterDoesNotHold(t *testing.T) {
	each(t, func(w *world) {
		for _, c := range []struct {
			r    models.DocumentRequest
			want models.Code
		}{
			{models.DocumentRequest{Kind: models.DocumentRefusal, Application: "A-2026-00001"}, models.CodeConflict},
			{models.DocumentRequest{Kind: models.DocumentRefusal, Application: "A-2026-09999"}, models.CodeInvalid},
			{models.DocumentRequest{Kind: models.DocumentAppendix, License: w.license.Number, Appendix: "009"}, models.CodeInvalid},
			{models.DocumentRequest{Kind: models.DocumentLicense, License: w.license.Number, Order: "DO-000001"}, models.CodeInvalid},
			{models.DocumentRequest{Kind: models.DocumentDisconnection, Order: "DO-000099"}, models.CodeInvalid},
			{models.DocumentRequest{Kind: models.DocumentExtract, BinOrIin: otherBin}, models.CodeInvalid},
			{models.DocumentRequest{Kind: "diploma"}, models.CodeInvalid},
		} {
			if _, err := w.issuer.Issue(w.t.Context(), officer, c.r); models.CodeOf(err) != c.want {
				w.t.Errorf("%+v: %v, want %s", c.r, err, c.want)
			}
		}
		if _, err := w.issuer.Issue(w.t.Context(), applicant, models.DocumentRequest{Kind: models.DocumentExtract}); models.CodeOf(err) != models.CodeForbidden {
			w.t.Errorf("an applicant issued an extract: %v", err)
		}
		if all, _, err := w.issuer.Documents(w.t.Context(), officer, store.DocumentFilter{}, store.Page{}); err != nil || len(all) != 0 {
			w.t.Errorf("%d documents were recorded (%v), want none", len(all), err)
		}
	})
}

func TestDocuments_AnApplicantSeesThoseAboutItself(t *testing.T) {
	each(t, func(w *world) {
		own, _, _ := w.issue(models.DocumentRequest{Kind: models.DocumentLicense, License: w.license.Number})
		extract, _, _ := w.issue(models.DocumentRequest{Kind: models.DocumentExtract})
		for _, c := range []struct {
			actor models.Actor
			list  int
			own   models.Code
		}{{officer, 2, ""}, {applicant, 1, ""}, {stranger, 0, models.CodeNotFound}} {
			list, _, err := w.issuer.Documents(w.t.Context(), c.actor, store.DocumentFilter{}, store.Page{})
			if err != nil || len(list) != c.list {
				w.t.Errorf("%s lists %d (%v), want %d", c.actor.Name, len(list), err, c.list)
			}
			if _, _, err := w.issuer.File(w.t.Context(), c.actor, own.ID); err != nil && c.own == "" || models.CodeOf(err) != c.own {
				w.t.Errorf("%s opens the license: %v, want %q", c.actor.Name, err, c.own)
			}
		}
		if _, err := w.issuer.Document(w.t.Context(), applicant, extract.ID); models.CodeOf(err) != models.CodeNotFound {
			w.t.Errorf("an applicant opens an extract of the whole register: %v", err)
		}
		first, cursor, err := w.issuer.Documents(w.t.Context(), officer, store.DocumentFilter{}, store.Page{Limit: 1})
		w.must(err)
		rest, _, err := w.issuer.Documents(w.t.Context(), officer, store.DocumentFilter{}, store.Page{Limit: 1, After: cursor})
		w.must(err)
		if len(first) != 1 || len(rest) != 1 || first[0].ID != extract.ID || rest[0].ID != own.ID {
			w.t.Errorf("pages are %v, then %v", first, rest)
		}
	})
}

func TestVerifyFile_AnyChangedByteFails(t *testing.T) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, 32))
	keys := []ed25519.PublicKey{key.Public().(ed25519.PublicKey)}
	pdf, err := New(texts(t)).LicensePDF(facts())
	if err != nil {
		t.Fatal(err)
	}
	file, err := sign(pdf, Statement{ID: "d1", Number: "DOC-2026-00001", Kind: "license", AsAt: facts().MadeAt, LedgerSize: 7}, key)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := VerifyFile(file, keys); err != nil || s.LedgerSize != 7 {
		t.Fatalf("control: %+v, %v", s, err)
	}
	checked := 0
	for at := 0; at < len(file); at++ {
		if at > 64 && at < len(file)-600 && at%101 != 0 {
			continue // the pages lie under one hash: a sample shows it; the ends are tried whole
		}
		changed := bytes.Clone(file)
		changed[at] ^= 1 << (at % 8)
		if _, err := VerifyFile(changed, keys); err == nil {
			t.Errorf("byte %d of %d changed, and the file passes", at, len(file))
		}
		checked++
	}
	if checked < 900 {
		t.Errorf("only %d bytes were tried", checked)
	}
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, 32)).Public().(ed25519.PublicKey)
	for name, c := range map[string]struct {
		file []byte
		keys []ed25519.PublicKey
	}{
		"another registry's key": {file, []ed25519.PublicKey{other}}, "no key": {file, nil}, "no signature": {pdf, keys},
		"a byte after the end": {append(bytes.Clone(file), '\n'), keys}, "the last byte missing": {file[:len(file)-1], keys},
		"a second block": {append(bytes.Clone(file), file[bytes.LastIndex(file, []byte(signatureMark)):]...), keys},
	} {
		if _, err := VerifyFile(c.file, c.keys); err == nil {
			t.Errorf("%s: the file passes", name)
		}
	}
}
