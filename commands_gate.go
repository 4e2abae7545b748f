package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"rigistry/api/client"
	"rigistry/models"
)

// GateCmd is `rigistry gate`: what a utility asks and tells the gate of a registry.
type GateCmd struct {
	Check   GateCheckCmd   `cmd:"" help:"Ask whether a connection may be energised. Exit 0: permit, 3: deny, 4: refer, 1: no answer."`
	Confirm GateConfirmCmd `cmd:"" help:"Report that a permitted connection was energised."`
	Orders  GateOrdersCmd  `cmd:"" help:"List the utility's disconnection and reconnection orders."`
	Status  GateStatusCmd  `cmd:"" help:"Get the signed status list; refuses one older than was seen before."`
}

// Exit codes of `gate check`, besides the common ones.
const (
	exitDeny  = 3
	exitRefer = 4
)

// exitSaid is an exit code of a command that said all there is to say.
type exitSaid int

// Error gives the code.
func (e exitSaid) Error() string { return "exit " + strconv.Itoa(int(e)) }

// gateClient is how to reach a registry and prove who asks.
type gateClient struct {
	URL        string        `name:"url" required:"" help:"Address of the registry: https, or http on this machine."`
	ClientID   string        `required:"" help:"Id of the API client."`
	Key        string        `help:"File with the client's private key, Ed25519 or P-256: PKCS #8 PEM or JWK." placeholder:"FILE" type:"path" xor:"proof"`
	SecretFile string        `help:"File with the client's secret." placeholder:"FILE" type:"path" xor:"proof"`
	Keys       string        `help:"JWKS file with the registry's public keys, pinned; fetched from the registry when absent." placeholder:"JWKS" type:"path"`
	State      string        `help:"File that remembers the newest answer and status list seen, and the fetched keys: what is older or signed by others is refused." placeholder:"FILE" type:"path"`
	Issuer     string        `help:"Issuer of tokens, when it is not the URL."`
	Lang       string        `help:"Language of reasons: kk, ru or en." default:"en" enum:"kk,ru,en"`
	Operator   string        `help:"Staff number or login of who asks."`
	Timeout    time.Duration `help:"How long one attempt may take." default:"10s"`
	JSON       bool          `name:"json" help:"Print JSON."`
}

// open makes the client. What the caller can mend is CodeInvalid.
func (g *gateClient) open(app *App) (*client.Client, error) {
	cfg := client.Config{URL: g.URL, Issuer: g.Issuer, Now: app.Now, Language: g.Lang, Operator: g.Operator, Timeout: g.Timeout}
	if g.State != "" {
		cfg.Memory = client.FileMemory(g.State)
	}
	var err error
	if cfg.Credentials, err = g.credentials(); err != nil {
		return nil, err
	}
	if cfg.Keys, err = g.registryKeys(app, cfg); err != nil {
		return nil, usage(err)
	}
	c, err := client.New(cfg)
	return c, usage(err)
}

func (g *gateClient) credentials() (client.Credentials, error) {
	switch {
	case g.Key != "":
		content, err := os.ReadFile(g.Key)
		if err != nil {
			return client.Credentials{}, models.Errorf(models.CodeInvalid, "--key: %v", err)
		}
		key, err := client.ParseKey(content)
		if err != nil {
			return client.Credentials{}, models.Errorf(models.CodeInvalid, "--key %s: %v", g.Key, err)
		}
		return client.WithKey(g.ClientID, key), nil
	case g.SecretFile != "":
		secret, err := readSecret(g.SecretFile)
		if err != nil {
			return client.Credentials{}, models.Errorf(models.CodeInvalid, "--secret-file: %v", err)
		}
		return client.WithSecret(g.ClientID, secret), nil
	}
	return client.Credentials{}, models.Errorf(models.CodeInvalid, "Give --key or --secret-file: without one nobody knows who asks.")
}

// registryKeys reads the pinned keys, or fetches them and pins them in the state.
func (g *gateClient) registryKeys(app *App, cfg client.Config) (client.Keys, error) {
	if g.Keys != "" {
		content, err := os.ReadFile(g.Keys)
		if err != nil {
			return nil, models.Errorf(models.CodeInvalid, "--keys: %v", err)
		}
		return client.ParseKeys(content)
	}
	content, err := client.FetchKeys(app.Ctx, cfg)
	if err != nil {
		return nil, err
	}
	keys, err := client.ParseKeys(content)
	if err != nil || cfg.Memory == nil {
		return keys, err
	}
	return keys, pin(cfg.Memory, client.PinKeys(keys))
}

// pin keeps the keys of the first time and refuses others from then on.
func pin(memory client.Memory, pins []string) error {
	seen, err := memory.Load()
	switch {
	case err != nil:
		return &client.Error{Kind: client.KindMemory, Detail: fmt.Sprintf("the state cannot be read: %v", err), Err: err}
	case len(seen.Keys) == 0:
		seen.Keys = pins
		if err := memory.Save(seen); err != nil {
			return &client.Error{Kind: client.KindMemory, Detail: fmt.Sprintf("the state cannot be kept: %v", err), Err: err}
		}
	case strings.Join(seen.Keys, " ") != strings.Join(pins, " "):
		return &client.Error{Kind: client.KindSignature, Detail: "the registry shows other keys than the first time. Ask its operator over another way whether they changed, and give the new ones with --keys"}
	}
	return nil
}

// usage makes of a fault of the configuration one of the command line.
func usage(err error) error {
	if client.KindOf(err) == client.KindConfig {
		return models.Errorf(models.CodeInvalid, "%v", err)
	}
	return err
}

// GateCheckCmd is `rigistry gate check`.
type GateCheckCmd struct {
	gateClient
	ConnectionPoint string    `required:"" help:"Code of the connection point."`
	Applicant       string    `required:"" help:"BIN or IIN of who is to be connected."`
	Kw              float64   `name:"kw" required:"" help:"Power asked for, kW."`
	License         string    `help:"Number of the license."`
	Purpose         string    `help:"mining, other or unknown." default:"mining" enum:"mining,other,unknown"`
	Event           string    `help:"new_connection, reconnection, uprate or change_of_consumer." default:"new_connection" enum:"new_connection,reconnection,uprate,change_of_consumer"`
	Reference       string    `help:"The utility's work order; made of the key when absent."`
	PlannedAt       time.Time `help:"When it is to be energised (RFC 3339)." placeholder:"INSTANT"`
	IdempotencyKey  string    `help:"Ask again with the key of a lost answer: the gate gives that answer, and holds no power twice."`
}

// noAnswer is what to do when there is none.
const noAnswer = "Do not energise. Do not disconnect a live load because of this."

// Run asks and prints the answer; the exit code is the answer too.
func (c *GateCheckCmd) Run(app *App) error {
	watts := math.Round(c.Kw * 1000)
	if !(watts > 0 && watts < 1e13) || math.Abs(watts-c.Kw*1000) > 1e-6 {
		return models.Errorf(models.CodeInvalid, "--kw must be above 0, with at most three decimals.")
	}
	a, err := c.ask(app, int64(watts))
	switch {
	case models.CodeOf(err) == models.CodeInvalid:
		return err
	case err != nil:
		return c.sayNothing(app, err)
	case c.JSON:
		_, err = fmt.Fprintf(app.Stdout, "%s\n", strings.TrimSpace(string(a.Raw)))
	default:
		err = c.say(app, a)
	}
	if err != nil {
		return err
	}
	switch {
	case a.Permits(app.Now()):
		return nil
	case a.Outcome == client.Denied:
		return exitSaid(exitDeny)
	case a.Outcome == client.Referred:
		return exitSaid(exitRefer)
	}
	return exitSaid(exitFailed)
}

func (c *GateCheckCmd) ask(app *App, watts int64) (client.Answer, error) {
	gate, err := c.open(app)
	if err != nil {
		return client.Answer{}, err
	}
	r := client.Request{Reference: c.Reference, ConnectionPoint: c.ConnectionPoint, Applicant: c.Applicant, License: c.License, Watts: watts,
		Purpose: c.Purpose, Event: c.Event, PlannedAt: c.PlannedAt, IdempotencyKey: c.IdempotencyKey}
	if r.IdempotencyKey != "" {
		r.FirstAsked = time.Unix(1, 0) // it may have been answered long ago; a permit that is over is refused
	} else {
		r.IdempotencyKey = client.NewKey()
	}
	if r.Reference == "" {
		r.Reference = "cli-" + r.IdempotencyKey
	}
	a, err := gate.Check(app.Ctx, r)
	if err != nil && client.KindOf(err) != client.KindConfig {
		_, _ = fmt.Fprintf(app.Stderr, "to ask for this answer again: --idempotency-key %s --reference %s\n", r.IdempotencyKey, r.Reference)
	}
	return a, usage(err)
}

func (c *GateCheckCmd) say(app *App, a client.Answer) error {
	var b strings.Builder
	word := map[client.Outcome]string{client.Permitted: "P E R M I T", client.Denied: "D E N Y", client.Referred: "R E F E R"}[a.Outcome]
	line := strings.Repeat("=", len(word)+8)
	fmt.Fprintf(&b, "%s\n    %s\n%s\n%s, %s kW asked\n", line, word, line, c.ConnectionPoint, strconv.FormatFloat(c.Kw, 'f', -1, 64))
	if a.Outcome == client.Permitted {
		fmt.Fprintf(&b, "at most      %s kW\nvalid until  %s (%s from now)\nlicense      %s\n", a.Permit.MaxKW,
			a.ValidUntil.Format(time.RFC3339), a.ValidUntil.Sub(app.Now()).Round(time.Second), licenseOf(a.Permit.License, a.Permit.LicenseVersion))
	}
	for _, r := range a.Reasons {
		fmt.Fprintf(&b, "%-6s %s: %s\n", r.Severity, r.Code, r.Text)
		if r.Cure != "" {
			fmt.Fprintf(&b, "       %s\n", r.Cure)
		}
	}
	fmt.Fprintf(&b, "check        %s, decided %s\n", a.ID, a.DecidedAt.Format(time.RFC3339))
	if a.Outcome != client.Permitted {
		b.WriteString("Do not energise. This answer switches nothing off by itself.\n")
	}
	_, err := fmt.Fprint(app.Stdout, b.String())
	return err
}

// sayNothing says that there is no answer, and what that means.
func (c *GateCheckCmd) sayNothing(app *App, cause error) error {
	if c.JSON {
		what := map[string]any{"decision": nil, "error": string(client.KindOf(cause)), "detail": cause.Error(), "advice": noAnswer}
		content, err := json.Marshal(what)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(app.Stdout, "%s\n", content)
		return exitSaid(exitFailed)
	}
	_, _ = fmt.Fprintf(app.Stdout, "===================\n    NO ANSWER\n===================\n%s\n%v\n", noAnswer, cause)
	var e *client.Error
	if errors.As(cause, &e) && e.Status == http.StatusForbidden {
		_, _ = fmt.Fprintln(app.Stdout, "The client must be one of a utility.")
	}
	return exitSaid(exitFailed)
}

// GateConfirmCmd is `rigistry gate confirm`.
type GateConfirmCmd struct {
	gateClient
	Check          string    `arg:"" help:"Id of the check that permitted it."`
	Kw             float64   `name:"kw" required:"" help:"Power energised, kW."`
	At             time.Time `help:"When it was energised (RFC 3339); now when absent." placeholder:"INSTANT"`
	MeterSerial    string    `required:"" help:"Serial number of the meter."`
	SwitchingOrder string    `required:"" help:"Number of the switching order."`
}

// Run sends the confirmation.
func (c *GateConfirmCmd) Run(app *App) error {
	gate, err := c.open(app)
	if err != nil {
		return err
	}
	if c.At.IsZero() {
		c.At = app.Now()
	}
	r, err := gate.Confirm(app.Ctx, c.Check, client.Confirmation{EnergisedAt: c.At.Truncate(time.Microsecond), Watts: int64(math.Round(c.Kw * 1000)),
		MeterSerial: c.MeterSerial, SwitchingOrder: c.SwitchingOrder})
	if err != nil {
		return usage(err)
	}
	if c.JSON {
		return printJSON(app.Stdout, r)
	}
	_, err = fmt.Fprintf(app.Stdout, "confirmed: %s is energised\n", r.ConnectionPoint)
	return err
}

// GateOrdersCmd is `rigistry gate orders`.
type GateOrdersCmd struct {
	gateClient
	OrderState string `help:"issued, delivered, acknowledged, executed, verified or closed; all when absent."`
}

// Run lists the orders, oldest first.
func (c *GateOrdersCmd) Run(app *App) error {
	gate, err := c.open(app)
	if err != nil {
		return err
	}
	all := []client.Order{}
	for after := ""; ; {
		page, next, err := gate.Orders(app.Ctx, c.OrderState, after)
		if err != nil {
			return usage(err)
		}
		if all = append(all, page...); next == "" || next == after {
			break
		}
		after = next
	}
	if c.JSON {
		return printJSON(app.Stdout, all)
	}
	return table(app.Stdout, "ORDER\tPOINT\tSTATE\tDEADLINE\tGROUND\tID", len(all), func(i int) string {
		o, state := all[i], all[i].State
		if o.Overdue {
			state += ", OVERDUE"
		}
		if o.Objected {
			state += ", objected"
		}
		return strings.Join([]string{o.Number, o.ConnectionPoint, state, o.Deadline.Format(time.RFC3339), o.Ground, o.ID}, "\t")
	})
}

// GateStatusCmd is `rigistry gate status`.
type GateStatusCmd struct {
	gateClient
	License         string `help:"Say the status of this license."`
	ConnectionPoint string `help:"Say the status of this connection point."`
}

// Run gets the list, checks it and says what was asked.
func (c *GateStatusCmd) Run(app *App) error {
	gate, err := c.open(app)
	if err != nil {
		return err
	}
	l, err := gate.StatusList(app.Ctx, nil)
	if err != nil {
		return usage(err)
	}
	now := app.Now()
	licenses, connections := l.Counts()
	out := map[string]any{"version": l.Version, "issued_at": l.IssuedAt, "expires_at": l.ExpiresAt, "licenses": licenses, "connections": connections}
	lines := fmt.Sprintf("status list version %d: %d licenses, %d connections, valid until %s\n", l.Version, licenses, connections, l.ExpiresAt.Format(time.RFC3339))
	if c.License != "" {
		out["license"] = l.License(c.License, now).String()
		lines += fmt.Sprintf("license %s: %s\n", c.License, out["license"])
	}
	if c.ConnectionPoint != "" {
		out["connection_point"] = l.Connection(c.ConnectionPoint, now).String()
		lines += fmt.Sprintf("connection point %s: %s\n", c.ConnectionPoint, out["connection_point"])
	}
	if c.JSON {
		return printJSON(app.Stdout, out)
	}
	_, err = fmt.Fprint(app.Stdout, lines)
	return err
}
