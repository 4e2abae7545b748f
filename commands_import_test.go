package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"rigistry/models"
)

// importOffice is a data folder with an up-to-date, empty registry.
type importOffice struct {
	t    *testing.T
	data string
}

func newImportOffice(t *testing.T) *importOffice {
	t.Helper()
	o := &importOffice{t: t, data: t.TempDir()}
	if code, out := o.run("migrate", "up"); code != exitDone {
		t.Fatalf("migrate: %d %s", code, out)
	}
	return o
}

func (o *importOffice) run(args ...string) (int, string) {
	var out, errs bytes.Buffer
	code := run(context.Background(), append(args, "--data", o.data), strings.NewReader(""), &out, &errs, time.Now)
	return code, out.String() + errs.String()
}

func (o *importOffice) file(name, text string) string {
	o.t.Helper()
	path := filepath.Join(o.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		o.t.Fatal(err)
	}
	return path
}

// want runs an import and looks for texts in what it printed.
func (o *importOffice) want(code int, args []string, texts ...string) {
	o.t.Helper()
	got, out := o.run(append([]string{"import"}, args...)...)
	if got != code {
		o.t.Errorf("import %v: exit %d, want %d\n%s", args, got, code, out)
	}
	for _, text := range texts {
		if !strings.Contains(out, text) {
			o.t.Errorf("import %v does not say %q:\n%s", args, text, out)
		}
	}
}

func TestImport_PartiesAndEquipmentFromCSVWithAnErrorForEachBadRow(t *testing.T) {
	o := newImportOffice(t)
	parties := o.file("parties.csv", "\xef\xbb\xbfBIN or IIN;Name ru;Size;Resident\n210440038887;ТОО «Тест»;large;да\n210440038880;ТОО «Ошибка»;large;да\n;;;\n210440038887;ТОО «Тест»;large;perhaps\n")
	o.want(exitFailed, []string{"parties", parties}, parties+":3: /bin_or_iin: The last digit", parties+":5: /resident:", "3 rows, 1 added, 0 known already, 2 failed")

	var rigs strings.Builder
	rigs.WriteString("manufacturer,model,serial,nameplate_kw,hashrate_th,owner\n")
	for i := range 700 {
		fmt.Fprintf(&rigs, "Bitmain,S21,SN%05d,3.5,200,210440038887\n", i)
	}
	rigs.WriteString("Bitmain,S21,sn-00001,3.5,200,210440038887\nBitmain,S21,SNX,much,fast,210440038887\n")
	equipment := o.file("rigs.csv", rigs.String())
	o.want(exitFailed, []string{"equipment", equipment, "--dry-run"}, "702 rows, 700 would be added, 0 known already, 2 failed")
	o.want(exitFailed, []string{"equipment", equipment}, equipment+":702: /serial", equipment+":703: /hashrate_th:", "/nameplate_kw", "700 added")
	good := o.file("good.csv", strings.Join(strings.Split(rigs.String(), "\n")[:701], "\n"))
	o.want(exitDone, []string{"equipment", good}, "700 rows, 0 added, 700 known already, 0 failed", "rows/s")
}

func TestImport_SpreadsheetKeepsLongNumbersAndLeadingZeros(t *testing.T) {
	o := newImportOffice(t)
	bin := ""
	for serial := 1; bin == ""; serial++ {
		bin, _ = models.CompleteBin(fmt.Sprintf("00114%06d", serial)) // "" while no such number exists
		if _, err := models.CheckBin(bin); err != nil {
			bin = ""
		}
	}
	f := excelize.NewFile()
	var asNumber int64
	if _, err := fmt.Sscan(strings.TrimLeft(bin, "0"), &asNumber); err != nil {
		t.Fatal(err)
	}
	for cell, v := range map[string]any{"A1": "bin_or_iin", "B1": "name_kk", "C1": "size", "A2": asNumber, "B2": "«Өңір» ЖШС", "C2": "medium", "A3": int64(210440038887), "B3": "x", "C3": "large"} {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "parties.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	o.want(exitDone, []string{"parties", path}, "2 rows, 2 added, 0 known already, 0 failed")
	o.want(exitUsage, []string{"parties", path, "--sheet", "Nowhere"}, "no readable sheet")
}

func TestImport_WrongFilesAreBadUsage(t *testing.T) {
	o := newImportOffice(t)
	o.want(exitUsage, []string{"equipment", o.file("a.csv", "manufacturer,model\n")}, `No column is read as serial, owner, nameplate_kw`)
	o.want(exitUsage, []string{"equipment", o.file("a.csv", "")}, "is empty")
	o.want(exitUsage, []string{"equipment", o.file("a.csv", "manufacturer,model,serial,s/n,bin,kw\n")}, "two columns that are read as serial")
	o.want(exitUsage, []string{"equipment", o.file("a.csv", "a,b\n\"x\n")}, "no readable CSV")
	o.want(exitUsage, []string{"equipment", o.file("a.xlsx", "not a spreadsheet")}, "no readable XLSX")
	o.want(exitUsage, []string{"equipment", o.file("a.doc", "x")}, "neither .csv nor .xlsx")
	o.want(exitUsage, []string{"equipment", filepath.Join(t.TempDir(), "none.csv")})
	o.want(exitUsage, []string{"cats", o.file("a.csv", "x")})
}

func TestImport_GridMetersAndReadings(t *testing.T) {
	o := newImportOffice(t)
	grid := o.file("grid.csv", "utility,substation,substation_name,feeder,substation_kv,feeder_kv,substation_limit_kw,feeder_limit_kw,kato,connection_point,declared_use,permitted_kw\n"+
		"PRES,PS12,Ertis,PS12-F03,110,10,16 MW,4000,551610000,PS12-F03-CP007,mining,1200\n")
	o.want(exitFailed, []string{"grid", grid}, grid+":2:") // the utility is not known
	o.want(exitFailed, []string{"meters", o.file("m.csv", "code,role,node\nM1,revenue,NOWHERE\n")}, `/node: No substation`)
	o.want(exitFailed, []string{"readings", o.file("r.csv", "at,meter,p_total,colour\n2026-03-02T04:00:00Z,M1,100,red\n")}, `/colour: There is no quantity`)
}
