package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"rigistry/models"
	"rigistry/services/detection/stream"
)

// printParameters prints the numbers of the rules and ends the program, whatever else
// is asked.
type printParameters bool

// BeforeReset is called by the parser before it asks for required flags.
func (printParameters) BeforeReset(app *kong.Kong) error {
	out, err := json.MarshalIndent(stream.Begun().Values(), "", "  ")
	if err == nil {
		_, err = fmt.Fprintf(app.Stdout, "%s\n", out)
	}
	if err != nil {
		return fmt.Errorf("print the parameters: %w", err)
	}
	app.Exit(exitDone)
	return nil
}

// readParameters reads a table from a file that names some of its numbers. A name that
// is none, and a number out of its bounds, are refused by name.
func readParameters(path string) ([]stream.Dated, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, models.Errorf(models.CodeInvalid, "--parameters: %v", err)
	}
	var values map[string]float64
	decoder := json.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&values); err != nil || decoder.More() {
		return nil, models.Errorf(models.CodeInvalid, "--parameters: %s is no JSON object of names and numbers, like {\"rig_kw\": 2.4}", path)
	}
	err = models.CheckParameters(stream.Table(), "", values)
	var bad *models.Error
	if errors.As(err, &bad) {
		said := make([]string, len(bad.Fields))
		for i, f := range bad.Fields {
			said[i] = f.Detail
		}
		return nil, models.Errorf(models.CodeInvalid, "--parameters: %s", strings.Join(said, " "))
	}
	table, err := stream.Begun().With("--parameters", values)
	if err != nil {
		return nil, models.Errorf(models.CodeInvalid, "--parameters: %v", err)
	}
	return []stream.Dated{{Params: table}}, nil
}
