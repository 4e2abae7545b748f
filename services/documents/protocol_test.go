package documents

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rigistry/models"
)

// visited is a visit with something of everything that a device records.
func visited(t *testing.T) ProtocolFacts {
	t.Helper()
	at := time.Date(2026, 11, 20, 5, 0, 0, 0, time.UTC)
	events := []models.FieldEvent{}
	add := func(kind, body string) {
		var fields map[string]any
		d := json.NewDecoder(strings.NewReader(body))
		d.UseNumber()
		if err := d.Decode(&fields); err != nil {
			t.Fatal(err)
		}
		n := len(events)
		events = append(events, models.FieldEvent{ID: "e" + whole(n), Kind: kind, At: at.Add(time.Duration(n) * time.Minute), Body: fields})
	}
	add("visit.started", `{}`)
	add("answer.set", `{"question":"bypass","value":"yes","note":"қалқан артында"}`)
	add("answer.set", `{"question":"load","value":412.5}`)
	add("answer.set", `{"question":"earlier","value":"kept"}`)
	add("serial.scanned", `{"serial":"S21-00001","rack":"A1"}`)
	add("serial.scanned", `{"serial":"S21-99999","rack":"A2"}`)
	add("rack.counted", `{"rack":"A1","units":20,"running":18}`)
	add("photo.taken", `{"sha256":"`+strings.Repeat("ab", 32)+`","shot":"meter","source":"camera","position":{"lat":52.285,"lon":76.967,"accuracy_m":6.5}}`)
	add("reading.taken", `{"meter":"41790401","how":"clamp","quantity":"current","value":611.5,"unit":"A","phase":"L1"}`)
	add("seal.checked", `{"seal":"ПЛ-7","state":"broken","where":"ВРУ"}`)
	add("equipment.seized", `{"serials":["S21-99999"],"note":""}`)
	add("note.added", `{"text":"шу қатты 🔌 \u0007"}`)
	add("note.added", `{"text":"бұл жазба қате"}`)
	add("event.voided", `{"event":"e12","reason":"қате"}`)
	add("signature.made", `{"who":"inspector","name":"Ержан Төлегенов","role":"инспектор","image_sha256":"`+strings.Repeat("cd", 32)+`"}`)
	add("signature.refused", `{"who":"subject","reason":"не согласен"}`)
	add("visit.finished", `{"summary":"Айналма қосылу табылды","language":"kk"}`)
	protocol := models.FoldProtocol(events)
	question := func(id, kind, unit, kk, ru string) models.ChecklistQuestion {
		return models.ChecklistQuestion{ID: id, Kind: kind, Unit: unit, Text: models.Text{Kk: kk, Ru: ru}}
	}
	return ProtocolFacts{
		Language: "kk", Protocol: protocol, CaseNumber: "EC-2026-000001", SiteName: "Солтүстік зал", PointCode: "PS12-F03-CP002", PartyName: "ТОО «Береке»",
		Inspection: models.Inspection{Number: "IN-2026-000007", Kind: models.InspectionOutOfTurn, Title: "Артық тұтыну", PlannedOn: "2026-11-20", Address: "Павлодар, Торайғыров 12",
			State: models.InspectionSubmitted, Lead: "u1", Members: []string{"u2"}, Agencies: []string{"police"}, License: "KZ18DMA00000042",
			Legal: map[string]string{models.LegalActNumber: "А-118", models.LegalActDate: "2026-11-19"}, Submitted: at.Add(time.Hour), SubmittedBy: "u1"},
		Checklist: models.VisitChecklist{Sections: []models.ChecklistSection{{Title: models.Text{Kk: "Электрмен жабдықтау", Ru: "Электроснабжение"}, Questions: []models.ChecklistQuestion{
			question("bypass", "yes_no", "", "Айналма қосылу бар ма?", "Есть ли обход счётчика?"), question("load", "number", "kW", "Өлшенген жүктеме", "Измеренная нагрузка"),
			question("safety", "yes_no", "", "Өрт қауіпсіздігі сақталған ба?", "Пожарная безопасность соблюдена?")}}},
			Shots: []models.ChecklistShot{{ID: "meter", Title: models.Text{Kk: "Есептегіш пен пломбалар", Ru: "Счётчик и пломбы"}}}},
		Rigs: models.CompareRigs([]models.Equipment{{Serial: "S21-00001", Model: "S21"}, {Serial: "S21-00002", Model: "S21"}}, protocol.Scans, nil),
		Missing: []models.MissingField{{Text: models.Text{Kk: "Инспектор куәлігі", Ru: "Удостоверение инспектора"}, Why: models.Text{Kk: "Кіргізбеуге құқылы.", Ru: "Вправе не допустить."},
			LegalRef: "ПК РК, ст. 147"}},
		Orders:  []models.RemedyOrder{{Number: "IN-2026-000007-1", Text: "Айналма қосылуды алып тастау", Article: "Заң, 14-бап", Due: "2026-12-20"}},
		Devices: []ProtocolDevice{{Name: "Телефон 3", Events: len(events), Seq: 1017, Hash: strings.Repeat("ef", 32)}},
		Arrived: map[string]bool{}, Conflicts: 1, Absent: 2, People: map[string]string{"u1": "Ержан Төлегенов", "u2": "Марат Жүнісов"}, AsAt: at.Add(2 * time.Hour),
	}
}

func TestProtocolPDF_SaysWhatWasFoundInEachLanguage(t *testing.T) {
	both := []string{"IN-2026-000007", "EC-2026-000001", "PS12-F03-CP002", "ТОО «Береке»", "KZ18DMA00000042", "А-118", "19.11.2026", "Ержан Төлегенов", "Марат Жүнісов", "қалқан артында", "412,5 кВт",
		"earlier", "kept", "S21-00001 (A1)", "S21-99999 (A2)", "S21-00002", "41790401", "611,5 А", "ПЛ-7", "шу қатты \uFFFD", strings.Repeat("ab", 32), strings.Repeat("cd", 32),
		strings.Repeat("ef", 32), "52,28500° / 76,96700° ± 6,5 м", "не согласен", "Айналма қосылу табылды", "IN-2026-000007-1", "20.12.2026", "Телефон 3", "20.11.2026 12:00 UTC+5"}
	for lang, own := range map[string][]string{
		"kk": {"Тексеру хаттамасы", "түпкілікті емес", "Жоспардан тыс тексеру", "Айналма қосылу бар ма?", "Иә", "жауап берілмеген", "Жетіспейді: Инспектор куәлігі", "Бұзылған",
			"файл әлі келмеген", "қол қоюдан бас тартты", "Кейін жойылған жазбалар: 1", "екі түрлі мәтіні бар жазбалар: 1", "келмеген жазбалар: 2", "Полиция", "Қысқыш"},
		"ru": {"Протокол проверки", "не окончательный", "Внеплановая проверка", "Есть ли обход счётчика?", "Да", "без ответа", "Недостаёт: Удостоверение инспектора", "Сорвана",
			"файл ещё не поступил", "от подписи отказался", "отменённых позже: 1", "с двумя разными текстами: 1", "Не поступивших с устройств записей: 2", "Полиция", "Клещи"},
	} {
		t.Run(lang, func(t *testing.T) {
			f := visited(t)
			f.Language = lang
			pdf, err := New(texts(t)).ProtocolPDF(f)
			if err != nil {
				t.Fatal(err)
			}
			if dir := os.Getenv("RIGISTRY_KEEP_DOCUMENTS"); dir != "" {
				if err := os.WriteFile(filepath.Join(dir, "protocol-"+lang+".pdf"), pdf, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			said := strings.ToLower(strings.Join(strings.Fields(pdfText(t, pdf)), " "))
			for _, want := range append(own, both...) {
				if !strings.Contains(said, strings.ToLower(want)) {
					t.Errorf("the protocol does not say %q", want)
				}
			}
			if strings.Contains(said, "бұл жазба қате") {
				t.Error("it shows a note that was voided")
			}
			again, err := New(texts(t)).ProtocolPDF(f)
			if err != nil || !bytes.Equal(pdf, again) {
				t.Errorf("the same facts give other bytes: %v", err)
			}
		})
	}
}

func TestProtocolPDF_SaysThatNobodyWasLetIn(t *testing.T) {
	f := visited(t)
	f.Inspection.State, f.Language = models.InspectionFinalized, "ru"
	f.Protocol = models.FoldProtocol([]models.FieldEvent{{ID: "e1", Kind: "access.refused", At: f.AsAt, Body: map[string]any{"reason": "danger: собака", "who": "сторож"}}})
	pdf, err := New(texts(t)).ProtocolPDF(f)
	if err != nil {
		t.Fatal(err)
	}
	said := strings.Join(strings.Fields(pdfText(t, pdf)), " ")
	if !strings.Contains(said, "Инспекторы не допущены: сторож. Причина: Опасно · собака") {
		t.Error("it does not say who refused entry, and why")
	}
	for _, wrong := range []string{"не окончательный", "без ответа"} {
		if strings.Contains(said, wrong) {
			t.Errorf("it says %q of a finalized visit that was refused entry", wrong)
		}
	}
}

func TestProtocolPDF_WithThousandsOfRigsAndLongNotesGoesOnToFurtherPages(t *testing.T) {
	f := visited(t)
	for n := range 3000 {
		f.Rigs = append(f.Rigs, models.RigLine{Serial: "LONG-" + whole(n), Match: models.RigMissing})
	}
	f.Protocol.Summary = strings.Repeat("Ұзын қорытынды. ", 1200)
	pdf, err := New(texts(t)).ProtocolPDF(f)
	if err != nil {
		t.Fatal(err)
	}
	said := pdfText(t, pdf)
	for _, want := range []string{"LONG-0,", "LONG-2999", strings.Repeat("ef", 32)} {
		if !strings.Contains(said, want) {
			t.Errorf("the protocol does not say %q", want)
		}
	}
	if pages := bytes.Count(pdf, []byte("/Type /Page\n")); pages < 10 {
		t.Errorf("%d pages", pages)
	}
}

func TestProtocolPDF_IsRefusedBeforeAnythingCameInAndInOtherLanguages(t *testing.T) {
	f := visited(t)
	f.Devices = nil
	if _, err := New(texts(t)).ProtocolPDF(f); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("without events: %v", err)
	}
	f = visited(t)
	f.Language = "en"
	if _, err := New(texts(t)).ProtocolPDF(f); models.CodeOf(err) != models.CodeInvalid {
		t.Errorf("in English: %v", err)
	}
}
