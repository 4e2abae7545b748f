package main

import "testing"

func TestImport_AFileOfAMeteringSystemIsReadWithItsMappingAndItsBadRowsAreNamed(t *testing.T) {
	o := newImportOffice(t)
	mapping := o.file("mapping.json", `{"decimal_comma": true, "meter": "Meter", "time": "Time", "zone": "kz", "value": "kWh", "kind": "kwh", "length_min": 30}`)
	file := o.file("askue.csv", "Meter;Time;kWh\nA1;01.02.2026 00:00;12,5\nA1;01.02.2026 00:30;many\n")
	o.want(exitFailed, []string{"readings", file, "--mapping", mapping, "--dry-run"}, "askue.csv:2: There is no meter", "askue.csv:3: ", "2 failed")
	wrong := o.file("wrong.json", `{"meter": "Meter", "columns": 3}`)
	o.want(exitUsage, []string{"readings", file, "--mapping", wrong}, "rigistry import --help")
}
