package licensing_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// rigFile is a CSV file of n rigs of one owner, with what every makes of a row.
func rigFile(owner string, n int, every func(i int) string) string {
	var b strings.Builder
	b.WriteString("Производитель;Модель;Серийный номер;Мощность, кВт;БИН владельца\n")
	for i := range n {
		row := fmt.Sprintf("Bitmain;S21;SN%07d;3,5;%s", i, owner)
		if every != nil {
			if other := every(i); other != "" {
				row = other
			}
		}
		b.WriteString(row + "\n")
	}
	return b.String()
}

func (r *registry) upload(mode licensing.ImportMode, name, text string) licensing.Import {
	return must(r.UploadImport(r.ctx, clerk, licensing.NewImport{Kind: "equipment", Name: name, Mode: mode}, strings.NewReader(text)))
}

// work runs a worker until there is nothing to do.
func (r *registry) work(w *licensing.ImportWorker) {
	r.t.Helper()
	for {
		worked, err := w.Step(r.ctx)
		if err != nil {
			r.t.Fatal(err)
		}
		if !worked {
			return
		}
	}
}

func (r *registry) get(id string) licensing.Import { return must(r.Import(r.ctx, clerk, id)) }

func (r *registry) rigs(f store.EquipmentFilter) (out []models.Equipment) {
	page := store.Page{Limit: 1000}
	for {
		some, next := must2(r.EquipmentList(r.ctx, clerk, f, page))
		out = append(out, some...)
		if page.After = next; next == "" {
			return out
		}
	}
}

func TestImport_DryRunThenStartThenUndo(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p, q := r.party(nil), r.party(nil)
		text := rigFile(p.BinOrIin, 2500, func(i int) string {
			return map[int]string{7: "Bitmain;S21;1,2E+15;3,5;" + p.BinOrIin, 1200: "Bitmain;S21;SN0001200;-1;" + p.BinOrIin,
				1300: "Bitmain;S21;SN0001300;3,5;123456789012", 2400: "Bitmain;S21;sn-0000003;3,5;" + p.BinOrIin, 2401: "Bitmain;S21;SN00O0004;3,5;" + p.BinOrIin}[i]
		})
		w := r.ImportWorker("w1")
		i := r.upload(licensing.ImportDryRun, "rigs.csv", text)
		if i.State != licensing.ImportUploaded || i.Bytes != int64(len(text)) {
			t.Fatalf("uploaded = %+v", i)
		}
		r.work(w)
		i = r.get(i.ID)
		if i.State != licensing.ImportChecked || i.Total != 2500 || i.Done != 2500 || i.Imported != 2495 || i.Refused != 5 {
			t.Fatalf("checked = %+v", i.ImportJob)
		}
		if n := len(r.rigs(store.EquipmentFilter{})); n != 0 || len(r.entries("equipment.imported")) != 0 {
			t.Fatalf("a dry run left %d rigs", n)
		}
		var codes []string
		for _, e := range must(r.ImportErrors(r.ctx, clerk, i.ID, "", 0, 0, 100)) {
			codes = append(codes, fmt.Sprintf("%d %s %s %q", e.Line, e.Field, e.Code, e.Value))
		}
		want := []string{`9 serial spreadsheet_number "1,2E+15"`, `1202 nameplate_kw range "-1"`, `1302 owner unknown "123456789012"`,
			`2402 serial duplicate_in_file "sn-0000003"`, `2403 serial similar_serial "SN00O0004"`}
		if !slices.Equal(codes, want) {
			t.Errorf("errors\n%s\nwant\n%s", strings.Join(codes, "\n"), strings.Join(want, "\n"))
		}
		if !slices.Equal(i.Allowed, []string{"map", "start", "cancel"}) || i.Columns[2].Field != "serial" || i.Sample[0][2] != "SN0000000" {
			t.Errorf("allowed %v, columns %v, sample %v", i.Allowed, i.Columns, i.Sample[0])
		}
		must(r.StartImport(r.ctx, clerk, i.ID))
		r.work(w)
		i = r.get(i.ID)
		if i.State != licensing.ImportDone || i.Imported != 2495 || i.Refused != 5 || i.Alarms != 1 {
			t.Fatalf("done = %+v", i.ImportJob)
		}
		if n := len(r.entries("equipment.imported")); n != 3 {
			t.Errorf("%d entries for 2,500 rows, want one for each chunk of 1,000", n)
		}
		rigs := r.rigs(store.EquipmentFilter{Import: i.ID})
		if len(rigs) != 2495 || rigs[0].Nameplate != 3500 || rigs[0].Owner != p.ID {
			t.Fatalf("%d rigs, the first %+v", len(rigs), rigs[0])
		}
		// One is sold, one has an alarm about it: the undo keeps both.
		site := r.site(q.ID, "CP9")
		sale := licensing.Declaration{EquipmentAct: models.EquipmentAct{Kind: models.EquipmentSale, To: models.EquipmentPosition{Owner: q.BinOrIin, Site: site.Code}, Document: "7/26"}}
		must(r.RecordEquipment(r.ctx, clerk, rigs[10].ID, 1, sale))
		must(r.UndoImport(r.ctx, clerk, i.ID))
		r.work(w)
		i = r.get(i.ID)
		left := r.rigs(store.EquipmentFilter{})
		if i.State != licensing.ImportUndone || i.Undone != 2493 || i.Kept != 2 || len(left) != 2 {
			t.Fatalf("undone = %+v, %d rigs left", i.ImportJob, len(left))
		}
		kept := must(r.ImportErrors(r.ctx, clerk, i.ID, "", 0, 0, 100))
		if len(kept) != 2 || kept[0].Code != "changed_since" || len(r.entries("equipment.import_undone")) != 3 {
			t.Errorf("kept = %+v, %d entries", kept, len(r.entries("equipment.import_undone")))
		}
		_, err := r.UndoImport(r.ctx, clerk, i.ID)
		wantCode(t, "a second undo", err, models.CodeConflict)
		// What was taken back can be brought again.
		again := r.upload(licensing.ImportWrite, "rigs.csv", text)
		r.work(w)
		if got := r.get(again.ID); got.State != licensing.ImportDone || got.Imported != 2493 || got.Known != 1 {
			t.Errorf("again = %+v", got.ImportJob)
		}
	})
}

// A worker is killed between chunks and in the middle of them, at random; another
// one with another name goes on. Whatever happens, each good row is in the register
// once, each bad row has one error, and the entries of the ledger hold all of it.
func TestImport_KilledAtAnyMomentGoesOnWithoutDuplicatesOrGaps(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		const rows = 12_000
		text := rigFile(p.BinOrIin, rows, func(i int) string {
			if i%100 == 50 {
				return fmt.Sprintf("Bitmain;S21;SN%07d;much;%s", i, p.BinOrIin)
			}
			return ""
		})
		i := r.upload(licensing.ImportWrite, "rigs.csv", text)
		random := rand.New(rand.NewPCG(7, 7))
		kills := 0
		for life := 0; r.get(i.ID).State != licensing.ImportDone; life++ {
			if life > 2000 {
				t.Fatalf("it does not end: %+v", r.get(i.ID).ImportJob)
			}
			r.clock.Advance(16 * time.Second) // the lease of who was killed runs out
			w := r.ImportWorker(fmt.Sprintf("w%d", life))
			ctx, kill := context.WithCancel(r.ctx)
			for range random.IntN(3) {
				if _, err := w.Step(ctx); err != nil {
					t.Fatal(err)
				}
			}
			before := r.get(i.ID).Done
			done := make(chan error, 1)
			go func() { _, err := w.Step(ctx); done <- err }()
			timer := time.AfterFunc(time.Duration(random.IntN(60_000))*time.Microsecond, kill)
			if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			timer.Stop()
			kill()
			if r.get(i.ID).Done == before {
				kills++
			}
		}
		i = r.get(i.ID)
		if i.Imported != rows-rows/100 || i.Refused != rows/100 || i.Done != rows {
			t.Errorf("done = %+v", i.ImportJob)
		}
		if n := len(r.rigs(store.EquipmentFilter{Import: i.ID})); n != rows-rows/100 {
			t.Errorf("%d rigs in the register, want %d", n, rows-rows/100)
		}
		if n := len(must(r.ImportErrors(r.ctx, clerk, i.ID, "", 0, 0, 1000))); n != rows/100 {
			t.Errorf("%d errors, want %d", n, rows/100)
		}
		if n := len(r.entries("equipment.imported")); n != rows/1000 {
			t.Errorf("%d entries, want one for each of the %d chunks", n, rows/1000)
		}
		if kills == 0 {
			t.Error("nothing was ever cut off, so the test shows nothing")
		}
	})
}

func TestImport_TwoWorkersTakeNothingTwice(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		i := r.upload(licensing.ImportWrite, "rigs.csv", rigFile(p.BinOrIin, 5000, nil))
		a, b := r.ImportWorker("a"), r.ImportWorker("b")
		for r.get(i.ID).State != licensing.ImportDone {
			r.clock.Advance(16 * time.Second) // each believes that the other is gone
			for _, w := range []*licensing.ImportWorker{a, b} {
				if _, err := w.Step(r.ctx); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got := r.get(i.ID); got.Imported != 5000 || len(r.rigs(store.EquipmentFilter{})) != 5000 || len(r.entries("equipment.imported")) != 5 {
			t.Errorf("done = %+v", got.ImportJob)
		}
	})
}

func TestImport_CancelKeepsWhatIsThereAndItCanBeUndone(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		w := r.ImportWorker("w")
		i := r.upload(licensing.ImportWrite, "rigs.csv", rigFile(p.BinOrIin, 3000, nil))
		for range 2 { // the headings, and one chunk
			if _, err := w.Step(r.ctx); err != nil {
				t.Fatal(err)
			}
		}
		must(r.CancelImport(r.ctx, officer, i.ID))
		r.work(w)
		i = r.get(i.ID)
		if i.State != licensing.ImportCancelled || i.Imported != 1000 || len(r.rigs(store.EquipmentFilter{})) != 1000 || !slices.Equal(i.Allowed, []string{"undo"}) {
			t.Errorf("cancelled = %+v, allowed %v", i.ImportJob, i.Allowed)
		}
		must(r.UndoImport(r.ctx, officer, i.ID))
		r.work(w)
		if n := len(r.rigs(store.EquipmentFilter{})); n != 0 {
			t.Errorf("%d rigs after the undo", n)
		}
		_, err := r.CancelImport(r.ctx, head, i.ID)
		wantCode(t, "a head who imports", err, models.CodeForbidden)
	})
}

func TestImport_FilesAsPeopleHaveThem(t *testing.T) {
	r := open(t, storetest.SQLite(t, storetest.NewClock().Now), storetest.NewClock())
	p := r.party(nil)
	sheet := excelize.NewFile()
	for i, row := range [][]any{{"Реестр АПК"}, {}, {"Өндіруші", "Үлгісі", "Сериялық нөмірі", "Қуаты, Вт", "Иесінің БСН", "Әкелінген елі", "Әкелінген күні"},
		{"Bitmain", "S21", "XL-1", 3500, p.BinOrIin, "Қытай", 45366}} {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			t.Fatal(err)
		}
		if err := sheet.SetSheetRow("Sheet1", cell, &row); err != nil {
			t.Fatal(err)
		}
	}
	var xlsx bytes.Buffer
	if err := sheet.Write(&xlsx); err != nil {
		t.Fatal(err)
	}
	const kazakh = "Өндіруші;Үлгісі;Сериялық нөмірі;Қуаты, кВт;БСН;Алаң\n"
	for _, c := range []struct{ name, file, text, encoding, serial string }{
		{"UTF-8 with a mark", "a.csv", "\xef\xbb\xbfmanufacturer,model,serial,nameplate_kw,owner\nBitmain,S21,A-1,3.5," + p.BinOrIin + "\n", "utf-8", "A-1"},
		{"tabs and a quoted heading", "a.tsv", "Serial No.\tModel\tMaker\t\"Power, kW\"\tBIN/IIN\nB-1\tS21\tBitmain\t3,5\t" + p.BinOrIin + "\n", "utf-8", "B-1"},
		{"Windows-1251 with Kazakh letters", "a.csv", windows(kazakh + "Bitmain;S21;C-1;3,5;" + p.BinOrIin + ";\n"), "windows-1251", "C-1"},
		{"UTF-16", "a.txt", utf16le(kazakh + "Bitmain;S21;D-1;3,5;" + p.BinOrIin + ";\n"), "utf-16", "D-1"},
		{"a spreadsheet with a title", "a.xlsx", xlsx.String(), "xlsx", "XL-1"},
	} {
		i := r.upload(licensing.ImportWrite, c.file, c.text)
		r.work(r.ImportWorker("w"))
		got := r.get(i.ID)
		rigs := r.rigs(store.EquipmentFilter{Query: c.serial})
		if got.State != licensing.ImportDone || got.Encoding != c.encoding || len(rigs) != 1 || rigs[0].Nameplate != 3500 || rigs[0].Owner != p.ID {
			t.Errorf("%s: %+v, rigs %+v, errors %+v", c.name, got.ImportJob, rigs, must(r.ImportErrors(r.ctx, clerk, i.ID, "", 0, 0, 10)))
		}
		if c.serial == "XL-1" && len(rigs) == 1 && (rigs[0].ImportCountry != "CN" || rigs[0].ImportDate != "2024-03-15") {
			t.Errorf("imported from %q on %q", rigs[0].ImportCountry, rigs[0].ImportDate)
		}
	}
}

// windows writes a text in the one-byte Kazakh of Windows (KZ-1048).
func windows(text string) string {
	special := map[rune]byte{'Қ': 0x8D, 'қ': 0x9D, 'Ө': 0xA5, 'ө': 0xB4, 'Ү': 0xAF, 'ү': 0xBF, 'і': 0xB3, 'Ң': 0xBD, 'ң': 0xBE, 'ғ': 0xBA, 'ә': 0xBC, 'ұ': 0xA2}
	var out []byte
	for _, r := range text {
		switch b, ok := special[r]; {
		case ok:
			out = append(out, b)
		case r >= 'А' && r <= 'я':
			out = append(out, byte(r-'А')+0xC0)
		default:
			out = append(out, byte(r))
		}
	}
	return string(out)
}

func utf16le(text string) string {
	out := []byte{0xff, 0xfe}
	for _, r := range text {
		out = append(out, byte(r), byte(r>>8))
	}
	return string(out)
}

func TestImport_WhatEndsAFileAndWhatMendsIt(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		w := r.ImportWorker("w")
		for _, c := range []struct{ name, file, text, problem string }{
			{"no rows", "a.csv", "manufacturer,model,serial,kw,owner\n", "no_rows"},
			{"no spreadsheet", "a.xlsx", "x", "no readable XLSX"},
			{"a quote that does not end", "a.csv", "manufacturer,model,serial,kw,owner\n\"x\n", "no readable CSV"},
			{"the same field twice", "a.csv", "maker,model,serial,s/n,kw,owner\na,b,c,d,1,e\n", "columns_twice: serial"},
		} {
			i := r.upload(licensing.ImportWrite, c.file, c.text)
			r.work(w)
			if got := r.get(i.ID); got.State != licensing.ImportFailed || !strings.Contains(got.Problem, c.problem) {
				t.Errorf("%s: %s %q, want %q", c.name, got.State, got.Problem, c.problem)
			}
		}
		_, err := r.UploadImport(r.ctx, clerk, licensing.NewImport{Kind: "equipment", Name: "a.xls"}, strings.NewReader("x"))
		wantCode(t, "an old spreadsheet", err, models.CodeInvalid)
		_, err = r.UploadImport(r.ctx, clerk, licensing.NewImport{Kind: "equipment", Name: "a.csv"}, strings.NewReader(""))
		wantCode(t, "an empty file", err, models.CodeInvalid)
		// Headings that nobody knows are named by a person, and the file is checked again.
		i := r.upload(licensing.ImportDryRun, "a.csv", "x,y,z,p,o,remark\nBitmain,S21,Q-1,3.5,"+p.BinOrIin+",hello\n")
		r.work(w)
		if got := r.get(i.ID); got.State != licensing.ImportFailed || !strings.HasPrefix(got.Problem, "columns_missing: manufacturer") {
			t.Fatalf("unknown headings: %s %q", got.State, got.Problem)
		}
		_, err = r.MapImport(r.ctx, clerk, i.ID, []string{"manufacturer", "model", "serial", "", "owner", ""})
		wantCode(t, "a mapping without power", err, models.CodeInvalid)
		must(r.MapImport(r.ctx, clerk, i.ID, []string{"manufacturer", "model", "serial", "nameplate_kw", "owner", ""}))
		r.work(w)
		if got := r.get(i.ID); got.State != licensing.ImportChecked || got.Imported != 1 {
			t.Errorf("mapped = %+v", got.ImportJob)
		}
		// The same key and file are one import; another file is refused.
		n := licensing.NewImport{Kind: "equipment", Name: "k.csv", Key: "k1"}
		first := must(r.UploadImport(r.ctx, clerk, n, strings.NewReader("a,b\n1,2\n")))
		second := must(r.UploadImport(r.ctx, clerk, n, strings.NewReader("a,b\n1,2\n")))
		if first.ID != second.ID {
			t.Error("a repeated upload is another import")
		}
		_, err = r.UploadImport(r.ctx, clerk, n, strings.NewReader("a,b\n1,3\n"))
		wantCode(t, "the key with another file", err, models.CodeIdempotency)
	})
}

// BenchmarkImport imports 100,000 rigs from CSV with their checkpoints, search keys
// and ledger; rows/s is of the whole, reading included.
func BenchmarkImport(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		for _, format := range []string{"csv", "xlsx"} {
			b.Run(engine+"/"+format, func(b *testing.B) {
				for range b.N {
					b.StopTimer()
					clock := storetest.NewClock()
					engines := map[string]func(testing.TB, func() time.Time) *store.Store{"sqlite": storetest.SQLite, "postgres": storetest.Postgres}
					r := open(b, engines[engine](b, clock.Now), clock)
					p := r.party(nil)
					site := r.site(p.ID, "CP1")
					text := strings.ReplaceAll(rigFile(p.BinOrIin, 100_000, nil), p.BinOrIin, p.BinOrIin+";"+site.Code)
					text = strings.Replace(text, "БИН владельца", "БИН владельца;Площадка", 1)
					if format == "xlsx" {
						text = workbook(b, text)
					}
					b.StartTimer()
					started := time.Now()
					i := r.upload(licensing.ImportWrite, "rigs."+format, text)
					r.work(r.ImportWorker("w"))
					if got := r.get(i.ID); got.Imported != 100_000 {
						b.Fatalf("imported %+v", got.ImportJob)
					}
					b.ReportMetric(100_000/time.Since(started).Seconds(), "rows/s")
				}
			})
		}
	}
}

// workbook is a CSV with semicolons as a spreadsheet.
func workbook(b *testing.B, text string) string {
	b.Helper()
	f := excelize.NewFile()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		b.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			b.Fatal(err)
		}
		var row []any
		for _, c := range strings.Split(line, ";") {
			row = append(row, c)
		}
		if err := w.SetRow(cell, row); err != nil {
			b.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := errors.Join(w.Flush(), f.Write(&out)); err != nil {
		b.Fatal(err)
	}
	return out.String()
}
