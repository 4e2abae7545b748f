package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"rigistry/models"
	"rigistry/services/store"
)

const (
	defaultData = "./data"
	defaultAddr = "127.0.0.1:8080"
)

// Config is all configuration. Flags come before RIGISTRY_* variables, those
// before the file of --config-file.
type Config struct {
	Data       string `help:"Data folder: database, keys, documents." default:"${data}" env:"RIGISTRY_DATA" type:"path"`
	Addr       string `help:"Address to listen on." default:"${addr}" env:"RIGISTRY_ADDR"`
	Database   string `help:"Store: sqlite:PATH or postgres://URL. Default: rigistry.db in the data folder." env:"RIGISTRY_DATABASE"`
	DatabaseIn string `name:"database-file" help:"File that holds the database URL, for secrets." env:"RIGISTRY_DATABASE_FILE" type:"path"`
	BaseURL    string `name:"base-url" help:"URL under which people reach the server. Default: http://ADDR." env:"RIGISTRY_BASE_URL"`
	// TrustedProxies matter to the limits on sign-in, which count by address.
	TrustedProxies []string `name:"trusted-proxy" help:"Address or network of a proxy in front whose X-Forwarded-For is believed; several with commas." env:"RIGISTRY_TRUSTED_PROXY"`
	// NoClientSecrets leaves private_key_jwt as the only way for API clients.
	NoClientSecrets bool `help:"Refuse client_secret_basic at the token endpoint." env:"RIGISTRY_NO_CLIENT_SECRETS"`
	// StepUp is how fresh the password of a session must be to sign a decision.
	StepUp time.Duration `name:"step-up" help:"How long after the password a session may sign without it." default:"15m" env:"RIGISTRY_STEP_UP"`
	// WebhookAllow opens private networks to webhooks; without it they go to public addresses only.
	WebhookAllow []netip.Prefix `name:"webhook-allow" help:"Private network that webhooks may go to, such as 10.20.0.0/16; several with commas. A loopback network also allows http to this machine." env:"RIGISTRY_WEBHOOK_ALLOW"`
	// TLSCert and TLSKey make the server speak TLS itself; ClientCA lets API clients show certificates.
	TLSCert  string `name:"tls-cert" help:"File with the server's certificate chain, PEM: serve over TLS." env:"RIGISTRY_TLS_CERT" type:"path"`
	TLSKey   string `name:"tls-key" help:"File with the certificate's private key, PEM." env:"RIGISTRY_TLS_KEY" type:"path"`
	ClientCA string `name:"client-ca" help:"File with the authorities, PEM, whose certificates API clients may show; a client is bound to one by its terms." env:"RIGISTRY_CLIENT_CA" type:"path"`
	// ChecksPerMinute and ChecksPerDay hold for clients that have no limits of their own.
	ChecksPerMinute int64           `name:"checks-per-minute" help:"Gate checks of one API client in a minute; 0 for no limit." default:"60000" env:"RIGISTRY_CHECKS_PER_MINUTE"`
	ChecksPerDay    int64           `name:"checks-per-day" help:"Gate checks of one API client in a day; 0 for no limit." default:"0" env:"RIGISTRY_CHECKS_PER_DAY"`
	LogLevel        slog.Level      `help:"debug, info, warn or error." default:"warn" env:"RIGISTRY_LOG_LEVEL"`
	ConfigFile      kong.ConfigFlag `help:"Read flags from a JSON file." env:"RIGISTRY_CONFIG_FILE"`
}

// loadConfigFile reads flags from a JSON object: {"addr": "…", "data": "…"}.
func loadConfigFile(r io.Reader) (kong.Resolver, error) {
	values := map[string]any{}
	d := json.NewDecoder(r)
	if err := d.Decode(&values); err != nil {
		return nil, fmt.Errorf("read the configuration file: %w", err)
	}
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		v, ok := values[flag.Name]
		if !ok {
			v = values[strings.ReplaceAll(flag.Name, "-", "_")]
		}
		return v, nil
	}), nil
}

// databaseURL gives the URL of the store.
func (app *App) databaseURL() (string, error) {
	switch {
	case app.Config.DatabaseIn != "":
		secret, err := readSecret(app.Config.DatabaseIn)
		if err != nil {
			return "", models.Errorf(models.CodeInvalid, "--database-file: %v", err)
		}
		return secret, nil
	case app.Config.Database != "" && app.Config.Database != "sqlite:":
		return app.Config.Database, nil
	}
	return app.ownDatabase(), nil
}

// ownDatabase is the URL of the embedded database in the data folder.
func (app *App) ownDatabase() string {
	return "sqlite:" + filepath.Join(app.Config.Data, "rigistry.db")
}

// listen opens the address. One that can be no address is a fault of the
// configuration.
func (app *App) listen() (net.Listener, error) {
	addr := app.Config.Addr
	l, err := net.Listen("tcp", addr)
	var (
		wrong   *net.AddrError
		unknown *net.DNSError
	)
	switch {
	case errors.As(err, &wrong), errors.As(err, &unknown):
		return nil, models.Errorf(models.CodeInvalid, "--addr %q is no address to listen on: write host:port, like %s. (%v)", addr, defaultAddr, err)
	case err != nil:
		return nil, fmt.Errorf("listen on %s: %w (choose another with --addr)", addr, err)
	}
	if app.Config.TLSCert == "" && app.Config.TLSKey == "" && app.Config.ClientCA == "" {
		return l, nil
	}
	secured, err := app.secure(l)
	if err != nil {
		_ = l.Close()
	}
	return secured, err
}

// embedded tells whether the store is the default database in the data folder.
func (app *App) embedded() bool {
	url, err := app.databaseURL()
	return err == nil && strings.HasPrefix(url, "sqlite:")
}

// databaseExists refuses to look at an embedded database that nobody has made.
func (app *App) databaseExists() error {
	url, err := app.databaseURL()
	if err != nil {
		return err
	}
	path, embedded := strings.CutPrefix(url, "sqlite:")
	if !embedded {
		return nil
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return models.Errorf(models.CodeInvalid, "There is no database at %s. `rigistry migrate up` makes it; --data and --database name another.", path)
	}
	return nil
}

// openAny opens the store whatever its schema.
func (app *App) openAny(ctx context.Context) (*store.Store, error) {
	url, err := app.databaseURL()
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, url, app.Now)
}

// OpenStore opens the store and refuses one with pending migrations.
func (app *App) OpenStore() (*store.Store, error) {
	s, err := app.openAny(app.Ctx)
	if err != nil {
		return nil, err
	}
	if err := s.RequireMigrated(app.Ctx); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

func (app *App) baseURL(addr string) string {
	if app.Config.BaseURL != "" {
		return strings.TrimSuffix(app.Config.BaseURL, "/")
	}
	if app.Config.TLSCert != "" {
		return "https://" + addr
	}
	return "http://" + addr
}
