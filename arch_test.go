package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// owners says which folder may import a driver. A prefix of the import path
// stands for everything below it.
var owners = map[string][]string{
	"gorm.io/":                            {"services/store"},
	"github.com/pressly/goose":            {"services/store"},
	"github.com/jackc/pgx":                {"services/store", "services/store/storetest"},
	"modernc.org/sqlite":                  {"services/store"},
	"database/sql":                        {"services/store", "services/store/storetest"},
	"github.com/gin-gonic/gin":            {"api"},
	"github.com/danielgtaylor/huma":       {"api"},
	"github.com/golang-jwt/jwt":           {"services/identity"},
	"github.com/simonvetter/modbus":       {"services/metering", "services/simulator"},
	"codeberg.org/go-pdf/fpdf":            {"services/documents"},
	"rsc.io/qr":                           {"services/documents"},
	"gopkg.in/yaml.v3":                    {"services/metering"},
	"github.com/alecthomas/kong":          {"."},
	"github.com/xuri/excelize":            {".", "services/licensing"},
	"golang.org/x/mod/sumdb":              {"services/ledger"},
	"golang.org/x/crypto/argon2":          {"services/identity"},
	"github.com/prometheus/client_golang": {"api"},
}

// topLevel is every folder that may stand at the top.
var topLevel = []string{"api", "models", "services", "web", "migrations", "testdata", ".ci"}

// violations checks every Go file of the tree against the dependency rule and
// the owners of drivers.
func violations(tree fs.FS) ([]string, error) {
	var bad []string
	err := fs.WalkDir(tree, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); name == "node_modules" || name == ".git" || name == "testdata" && file != "." {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") {
			return nil
		}
		source, err := fs.ReadFile(tree, file)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if why := refuse(path.Dir(file), imported, strings.HasSuffix(file, "_test.go")); why != "" {
				bad = append(bad, fmt.Sprintf("%s imports %s: %s", file, imported, why))
			}
		}
		return nil
	})
	return bad, err
}

// refuse says why a file of the folder may not import the path, or "".
func refuse(dir, imported string, isTest bool) string {
	for prefix, folders := range owners {
		if strings.HasPrefix(imported, prefix) && !slices.Contains(folders, dir) && !isTest {
			return "it belongs to " + strings.Join(folders, ", ")
		}
	}
	inner, ours := strings.CutPrefix(imported, "rigistry/")
	if imported == "rigistry" {
		return "nothing may see main"
	}
	if !ours {
		if (dir == "models" || dir == "api/client") && strings.Contains(strings.Split(imported, "/")[0], ".") && !isTest {
			return dir + " uses the standard library only"
		}
		return ""
	}
	return refuseOwn(dir, inner, isTest)
}

func refuseOwn(dir, inner string, isTest bool) string {
	service, isService := strings.CutPrefix(dir, "services/")
	service, _, _ = strings.Cut(service, "/")
	switch {
	case dir == ".":
		return ""
	case isTest && inner == dir: // a test from outside its own package
		return ""
	case dir == "models":
		return "models see nothing of ours"
	case dir == "api/client" && inner != "models" && !isTest:
		return "the client is for programs that have nothing else of ours"
	case dir == "migrations":
		return "migrations see nothing of ours"
	case dir == "web":
		return "web sees nothing of ours"
	case inner == "api":
		return "only main may see api"
	case isService && inner == "web":
		return "services do not see web"
	case inner == "migrations" && service != "store" && !isTest:
		return "only the store may see migrations"
	}
	other, otherIsService := strings.CutPrefix(inner, "services/")
	other, _, _ = strings.Cut(other, "/")
	if !isService || !otherIsService || other == service || other == "store" || other == "ledger" || isTest {
		return ""
	}
	return "a service never sees a sibling; work that spans both is one transaction or a follower of the ledger"
}

func TestArchitecture_TheDependencyRuleHolds(t *testing.T) {
	bad, err := violations(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range bad {
		t.Error(v)
	}
}

func TestArchitecture_PlantedViolationsAreFound(t *testing.T) {
	file := func(imports ...string) *fstest.MapFile {
		text := "package x\n"
		for _, i := range imports {
			text += "import _ " + strconv.Quote(i) + "\n"
		}
		return &fstest.MapFile{Data: []byte(text)}
	}
	planted := fstest.MapFS{
		"models/a.go":               file("gorm.io/gorm"),
		"models/b.go":               file("rigistry/services/store"),
		"models/c.go":               file("github.com/google/uuid"),
		"services/gate/a.go":        file("rigistry/services/licensing"),
		"services/gate/b.go":        file("rigistry/api"),
		"services/gate/c.go":        file("github.com/gin-gonic/gin"),
		"services/licensing/a.go":   file("gorm.io/driver/postgres"),
		"services/detection/a.go":   file("github.com/simonvetter/modbus"),
		"services/store/a.go":       file("rigistry/services/gate"),
		"api/a.go":                  file("github.com/golang-jwt/jwt/v5"),
		"api/client/a.go":           file("rigistry/services/gate", "github.com/golang-jwt/jwt/v5"),
		"web/a.go":                  file("rigistry/models"),
		"services/metering/fine.go": file("rigistry/services/store", "rigistry/services/ledger", "github.com/simonvetter/modbus", "rigistry/models"),
		"main.go":                   file("rigistry/api", "rigistry/services/gate"),
	}
	bad, err := violations(planted)
	if err != nil {
		t.Fatal(err)
	}
	if want := 13; len(bad) != want {
		t.Errorf("found %d violations, want %d:\n%s", len(bad), want, strings.Join(bad, "\n"))
	}
	for _, v := range bad {
		if strings.HasPrefix(v, "services/metering/fine.go") || strings.HasPrefix(v, "main.go") {
			t.Errorf("a file that keeps the rule was accused: %s", v)
		}
	}
}

func TestArchitecture_TheTopLevelIsThePlan(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && e.Name() != ".git" && e.Name() != "data" && !slices.Contains(topLevel, e.Name()) {
			t.Errorf("top-level folder %s is not in the plan %v", e.Name(), topLevel)
		}
	}
}
