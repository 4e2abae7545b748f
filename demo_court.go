package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"time"

	"rigistry/models"
)

// courtStory goes the way from a finding to the court through the registry's own API:
// a case from what detection found at the holder whose license is suspended, a visit
// that a device signs, machines that are seized, and what was handed on.
type courtStory struct {
	base        string
	credentials credentials
	point       string // where the finding is
	license     string
	inspector   string   // user ids
	colleague   string   // of the team
	declared    []string // serial numbers of the holder's rigs
	now         func() time.Time
	people      map[string]*http.Client // signed in, by role
}

const (
	courtPause  = 2 * time.Second  // between looks for the finding
	courtWait   = 30 * time.Minute // after which there is no story
	courtSeized = 3                // machines of the register that are seized; as many are not in it
)

// court prepares the story while its people are known.
func (d *demo) court(cast *demoCast) error {
	site := cast.sites[stoppedHolder]
	d.trial = &courtStory{credentials: d.credentials, point: site.ConnectionCode[0], license: cast.licenses[stoppedHolder],
		inspector: cast.actors["inspector"].ID, colleague: cast.actors["officer2"].ID, now: d.app.Now, people: map[string]*http.Client{}}
	bin := cast.parties[stoppedHolder].BinOrIin
	for i := range courtSeized {
		d.trial.declared = append(d.trial.declared, fmt.Sprintf("S21-%s-%05d", bin[6:], i+1))
	}
	return nil
}

// tellCourt lives the story beside the server. A story that breaks off ends nothing but
// itself: the registry is whole without it.
func (d *demo) tellCourt(ctx context.Context, base string) error {
	if d.trial == nil { // the demonstration goes on from before
		return nil
	}
	d.trial.base = base
	ctx, stop := context.WithTimeout(ctx, courtWait)
	defer stop()
	number, err := d.trial.live(ctx)
	switch {
	case err == nil:
		d.say("case %s went from a finding to a seizure: export its package on its page", number)
	case ctx.Err() == nil:
		d.app.Log.Warn("the story of the case broke off", "case", number, "error", err)
	}
	return nil
}

// live gives the number of the case.
func (s *courtStory) live(ctx context.Context) (number string, err error) {
	finding, err := s.awaited(ctx)
	if err != nil {
		return "", err
	}
	var c struct{ ID, Number string }
	err = s.ask(ctx, "officer", "POST", "/v1/cases", "", map[string]any{"source": "finding", "title": "Лицензия тоқтатылған, тұтыну жалғасуда",
		"summary": "Лицензия тоқтатыла тұрса да, есептегіш майнингке тән тұрақты жүктемені көрсетеді.", "estimated_kw": finding.Kw,
		"subjects": []map[string]string{{"kind": "finding", "ref": finding.ID}, {"kind": "connection_point", "ref": s.point}, {"kind": "license", "ref": s.license}}}, &c)
	if err == nil {
		err = s.ask(ctx, "officer", "POST", "/v1/cases/"+c.ID+"/lead", "*", map[string]any{}, nil)
	}
	if err == nil {
		err = s.visit(ctx, c.ID)
	}
	if err == nil {
		err = s.acts(ctx, c.ID)
	}
	return c.Number, err
}

// courtFinding is what the story begins with.
type courtFinding struct {
	ID string
	Kw float64
}

// awaited waits until detection has found it.
func (s *courtStory) awaited(ctx context.Context) (courtFinding, error) {
	ticker := time.NewTicker(courtPause)
	defer ticker.Stop()
	for {
		var found struct {
			Items []struct {
				ID, Rule, Target string
				EstimatedKw      float64 `json:"estimated_kw"`
			}
		}
		if err := s.ask(ctx, "officer", "GET", "/v1/findings?limit=100", "", nil, &found); err != nil {
			return courtFinding{}, err
		}
		for _, f := range found.Items {
			if f.Target == s.point && f.Rule == string(models.RuleSuspended) {
				return courtFinding{f.ID, f.EstimatedKw}, nil
			}
		}
		select {
		case <-ctx.Done():
			return courtFinding{}, ctx.Err()
		case <-ticker.C:
		}
	}
}

// visit plans an inspection as the law demands, makes it with a device, and ends it.
func (s *courtStory) visit(ctx context.Context, caseID string) error {
	today := models.LegalDate(s.now())
	var i struct{ ID string }
	err := s.ask(ctx, "head", "POST", "/v1/inspections", "", map[string]any{"kind": "unscheduled", "title": "Тоқтатылған лицензия бойынша тұтыну", "case": caseID, "planned_on": today,
		"lead": s.inspector, "members": []string{s.colleague}, "legal": map[string]string{models.LegalActNumber: "А-121", models.LegalActDate: today,
			models.LegalRegistrationNumber: "КПСиСУ-2611-0121", models.LegalRegistrationDate: today, models.LegalNoticeException: "Хабарлама жабдықты жасыруға уақыт береді",
			models.LegalInspectorCard: "ИН-0042", models.LegalEntryPower: "ҚР КК, 152-бап"}}, &i)
	if err != nil {
		return err
	}
	phone, err := newDemoPhone()
	if err != nil {
		return err
	}
	key, err := phone.public()
	if err != nil {
		return err
	}
	var device struct{ ID string }
	if err := s.ask(ctx, "inspector", "POST", "/v1/field/devices", "", map[string]any{"name": "Ержанның телефоны", "public_key": key}, &device); err != nil {
		return err
	}
	phone.id = device.ID
	events, originals, err := s.recorded(phone, i.ID)
	if err != nil {
		return err
	}
	var answer struct{ Refused []json.RawMessage }
	if err := s.ask(ctx, "inspector", "POST", "/v1/field/events", "", map[string]any{"events": events}, &answer); err != nil {
		return err
	}
	if len(answer.Refused) > 0 {
		return fmt.Errorf("an event was refused: %s", answer.Refused[0])
	}
	for _, photo := range originals {
		sum := sha256.Sum256(photo)
		if err := s.send(ctx, "inspector", "PUT", "/v1/field/blobs/"+hex.EncodeToString(sum[:]), "", "image/jpeg", photo, nil); err != nil {
			return err
		}
	}
	err = s.ask(ctx, "inspector", "POST", "/v1/inspections/"+i.ID+"/submission", "*", map[string]any{"device": phone.id, "last_seq": phone.seq, "last_hash": phone.prev}, nil)
	if err == nil {
		err = s.ask(ctx, "inspector", "POST", "/v1/inspections/"+i.ID+"/finalization", "*", nil, nil)
	}
	return err
}

// recorded is what the device recorded with no signal: answers, serial numbers, photos,
// readings and seals, what was seized, and who signed.
func (s *courtStory) recorded(phone *demoPhone, inspection string) (events []signedEvent, originals [][]byte, err error) {
	at := s.now()
	add := func(kind string, body map[string]any) {
		if err == nil {
			var e signedEvent
			at = at.Add(time.Second)
			if e, err = phone.record(inspection, kind, at.Add(-time.Minute), body); err == nil {
				events = append(events, e)
			}
		}
	}
	picture := func() (name string, size int) {
		photo, pictureErr := demoPicture(len(originals))
		if err == nil {
			err = pictureErr
		}
		sum := sha256.Sum256(photo)
		originals = append(originals, photo)
		return hex.EncodeToString(sum[:]), len(photo)
	}
	add("visit.started", map[string]any{})
	for _, a := range []struct {
		question string
		value    any
	}{{"papers_shown", true}, {"subject_present", "representative"}, {"license_shown", "yes"}, {"meter_serial", "52100401"}, {"seals_intact", true}, {"bypass_found", false},
		{"load_kw", 154}, {"rigs_total", 52}, {"rigs_running", 46}, {"other_owner", true}, {"safety", true}, {"residential", false}} {
		add("answer.set", map[string]any{"question": a.question, "value": a.value, "note": ""})
	}
	for _, shot := range []string{"entrance", "meter", "hall"} {
		name, size := picture()
		add("photo.taken", map[string]any{"sha256": name, "bytes": size, "type": "image/jpeg", "shot": shot, "width": 640, "height": 480, "source": "camera",
			"position": map[string]any{"lat": 52.2871, "lon": 76.9674, "accuracy_m": 8}, "note": ""})
	}
	seized := []string{}
	for i, serial := range s.declared {
		add("serial.scanned", map[string]any{"serial": serial, "rack": "A1", "symbology": "qr", "match": "declared"})
		stranger := fmt.Sprintf("S19XP-77%04d", 118+i)
		add("serial.scanned", map[string]any{"serial": stranger, "rack": "B2", "symbology": "code128", "match": "unknown"})
		seized = append(seized, serial, stranger)
	}
	add("reading.taken", map[string]any{"meter": "52100401", "how": "clamp", "quantity": "p_total", "value": 154.2, "unit": "kW"})
	add("seal.checked", map[string]any{"seal": "KEGOC-118204", "state": "intact", "where": "есептегіш"})
	add("equipment.seized", map[string]any{"serials": seized, "note": "Хаттама бойынша алынды"})
	name, _ := picture()
	add("signature.made", map[string]any{"who": "inspector", "name": "Ержан Төлегенов", "role": "инспектор", "image_sha256": name})
	add("signature.refused", map[string]any{"who": "subject", "reason": "Адвокатсыз қол қоюдан бас тартты"})
	add("visit.finished", map[string]any{"summary": "Лицензия тоқтатыла тұра 46 аппарат жұмыс істеп тұр.", "language": "kk"})
	return events, originals, err
}

// acts writes down the seizure that the visit made and hands the matter on.
func (s *courtStory) acts(ctx context.Context, caseID string) error {
	var c struct {
		Found []string `json:"taken_on_visits"`
	}
	if err := s.ask(ctx, "officer", "GET", "/v1/cases/"+caseID, "", nil, &c); err != nil {
		return err
	}
	today := models.LegalDate(s.now())
	for _, act := range []map[string]any{
		{"kind": "seizure", "on": today, "number": "ХТ-121/1", "agency": "financial_monitoring", "criminal_case": "265500031000118", "serials": c.Found,
			"place": "Павлодар, Ломов көшесі 7, № 3 қойма", "money_kzt": 1_250_000},
		{"kind": "referral", "on": today, "number": "12-4/118", "agency": "financial_monitoring", "criminal_case": "265500031000118",
			"text": "Тексеру хаттамасы мен алу туралы акт қоса беріледі."},
	} {
		if err := s.ask(ctx, "officer", "POST", "/v1/cases/"+caseID+"/acts", "", act, nil); err != nil {
			return err
		}
	}
	return nil
}

// ask sends JSON as somebody and reads the answer into out, where there is one. match
// "*" changes whatever version there is.
func (s *courtStory) ask(ctx context.Context, role, method, path, match string, body, out any) error {
	var content []byte
	if body != nil {
		var err error
		if content, err = json.Marshal(body); err != nil {
			return err
		}
	}
	return s.send(ctx, role, method, path, match, "application/json", content, out)
}

func (s *courtStory) send(ctx context.Context, role, method, path, match, kind string, content []byte, out any) error {
	who, err := s.signedIn(ctx, role)
	if err != nil {
		return err
	}
	return exchange(ctx, who, method, s.base+path, map[string]string{"Content-Type": kind, "Idempotency-Key": rand.Text(), "If-Match": match}, content, out)
}

// exchange makes one request; an answer that is no success is an error with its text.
func exchange(ctx context.Context, who *http.Client, method, address string, headers map[string]string, content []byte, out any) error {
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(content))
	if err != nil {
		return err
	}
	for name, value := range headers {
		if value != "" && (name != "Content-Type" || content != nil) {
			request.Header.Set(name, value)
		}
	}
	answer, err := who.Do(request)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil {
		return err
	}
	if answer.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %d %s", method, request.URL.Path, answer.StatusCode, text)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}

// signedIn is the session of the first person of a role.
func (s *courtStory) signedIn(ctx context.Context, role string) (*http.Client, error) {
	if who := s.people[role]; who != nil {
		return who, nil
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	who := &http.Client{Jar: jar, Timeout: time.Minute}
	for _, u := range s.credentials.Users {
		if u.Role != role {
			continue
		}
		content, err := json.Marshal(map[string]string{"login": u.Login, "password": u.Password})
		if err != nil {
			return nil, err
		}
		if err := exchange(ctx, who, "POST", s.base+"/v1/session", map[string]string{"Content-Type": "application/json"}, content, nil); err != nil {
			return nil, err
		}
		s.people[role] = who
		return who, nil
	}
	return nil, fmt.Errorf("the demonstration has no %s", role)
}
