package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/identity"
	"rigistry/services/store"
)

func (s *Server) identityRoutes() []route {
	return []route{
		handle("POST", "/v1/token", models.ActPublicRead, "Identity", "Get an access token (OAuth 2.0 client credentials)", s.postToken).upTo(16 << 10),
		handle("GET", "/.well-known/jwks.json", models.ActPublicRead, "Identity", "The keys that tokens, permits and checkpoints are signed with", s.getKeys),
		handle("POST", "/v1/session", models.ActPublicRead, "Identity", "Sign in", s.postSession).upTo(16 << 10),
		handle("GET", "/v1/session", models.ActSessionOwn, "Identity", "Who is signed in, and what they may do", s.getSession),
		handle("DELETE", "/v1/session", models.ActSessionOwn, "Identity", "Sign out", s.deleteSession).with(http.StatusNoContent),
		handle("POST", "/v1/session/step-up", models.ActSessionOwn, "Identity", "Prove again who you are, before a signature", s.postStepUp).upTo(16 << 10),
		handle("GET", "/v1/users", models.ActUserAdmin, "Identity", "People", s.listUsers),
		handle("POST", "/v1/users", models.ActUserAdmin, "Identity", "Add a person", s.postUser).with(http.StatusCreated),
		handle("POST", "/v1/users/{id}/disablement", models.ActUserAdmin, "Identity", "Stop an account and end its sessions", s.disableUser),
		handle("POST", "/v1/users/{id}/password-reset", models.ActUserAdmin, "Identity", "Give a person a new random password, shown once", s.resetPassword),
		handle("GET", "/v1/clients", models.ActUserAdmin, "Identity", "API clients", s.listClients),
		handle("POST", "/v1/clients", models.ActUserAdmin, "Identity", "Add an API client; its secret is shown once", s.postClient).with(http.StatusCreated),
		handle("POST", "/v1/clients/{id}/disablement", models.ActUserAdmin, "Identity", "Stop an API client and its tokens", s.disableClient),
	}
}

// tokenInput is the form of RFC 6749, RFC 7521 and RFC 7523.
type tokenInput struct {
	ContentType   string `header:"Content-Type" hidden:"true"`
	Authorization string `header:"Authorization" doc:"Basic, for client_secret_basic"`
	RawBody       []byte `contentType:"application/x-www-form-urlencoded"`
}

func (s *Server) postToken(ctx context.Context, _ models.Actor, in *tokenInput) (*output[TokenWire], error) {
	if media, _, err := mime.ParseMediaType(in.ContentType); err != nil || media != "application/x-www-form-urlencoded" {
		return nil, models.Errorf(models.CodeInvalidRequest, "Send a form: Content-Type application/x-www-form-urlencoded.")
	}
	form, err := url.ParseQuery(string(in.RawBody))
	if err != nil {
		return nil, models.Errorf(models.CodeInvalidRequest, "The form could not be read.")
	}
	for name, values := range form {
		if len(values) > 1 {
			return nil, models.Errorf(models.CodeInvalidRequest, "The field %q stands there %d times.", name, len(values))
		}
	}
	req := identity.TokenRequest{
		GrantType: form.Get("grant_type"), ClientID: form.Get("client_id"),
		AssertionType: form.Get("client_assertion_type"), Assertion: form.Get("client_assertion"), IP: remoteOf(ctx),
	}
	if in.Authorization != "" {
		if req.BasicID, req.BasicSecret, req.HasBasic = basicAuth(in.Authorization); !req.HasBasic {
			return nil, models.Errorf(models.CodeInvalidClient, "The Authorization header is not Basic with an id and a secret.")
		}
	}
	if !storable(req.BasicID) || !storable(req.ClientID) {
		return nil, models.Errorf(models.CodeInvalidClient, "The client id is no text.")
	}
	token, err := s.svc.Identity.Issue(ctx, req)
	if err != nil {
		return nil, err
	}
	return &output[TokenWire]{Body: TokenWire{AccessToken: token.Value, TokenType: "Bearer", ExpiresIn: int(token.ExpiresIn / time.Second)}}, nil
}

// basicAuth reads a client's id and secret; both are form-encoded inside (RFC
// 6749 section 2.3.1).
func basicAuth(header string) (id, secret string, ok bool) {
	scheme, encoded, _ := strings.Cut(header, " ")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if !strings.EqualFold(scheme, "Basic") || err != nil {
		return "", "", false
	}
	id, secret, ok = strings.Cut(string(raw), ":")
	if !ok {
		return "", "", false
	}
	for _, part := range []*string{&id, &secret} {
		if *part, err = url.QueryUnescape(*part); err != nil {
			return "", "", false
		}
	}
	return id, secret, true
}

// KeyWire is a public key (RFC 8037) with what it signs.
type KeyWire struct {
	Kty     string `json:"kty"`
	Crv     string `json:"crv"`
	X       string `json:"x"`
	Kid     string `json:"kid"`
	Alg     string `json:"alg"`
	Use     string `json:"use"`
	Purpose string `json:"purpose" enum:"token,permit,ledger,document,test"`
}

// KeySetWire is a JSON Web Key Set (RFC 7517).
type KeySetWire struct {
	Keys []KeyWire `json:"keys" nullable:"false"`
}

func (s *Server) getKeys(context.Context, models.Actor, *struct{}) (*output[KeySetWire], error) {
	out := &output[KeySetWire]{}
	return out, json.Unmarshal(s.svc.Identity.JWKS(), &out.Body)
}

// sessionInput is a sign-in with the cookies that the browser sent along.
type sessionInput struct {
	Cookies string `header:"Cookie" hidden:"true"`
	Body    SessionInput
}

// sessionOutput sets the cookie.
type sessionOutput struct {
	SetCookie string `header:"Set-Cookie"`
	Body      SessionWire
}

func (s *Server) postSession(ctx context.Context, _ models.Actor, in *sessionInput) (*sessionOutput, error) {
	session, err := s.svc.Identity.SignIn(ctx, identity.SignIn{
		Login: in.Body.Login, Password: in.Body.Password, IP: remoteOf(ctx), Cookie: s.cookieIn(in.Cookies), RequestID: requestIDOf(ctx),
	})
	if err != nil {
		return nil, err
	}
	maxAge := int(session.Until.Sub(s.now()) / time.Second)
	return &sessionOutput{SetCookie: s.cookie(session.Value, maxAge).String(), Body: sessionWire(session)}, nil
}

// cookieIn gives the session's value in a Cookie header, "" without one.
func (s *Server) cookieIn(header string) string {
	cookies, err := http.ParseCookie(header)
	if err != nil {
		return ""
	}
	for _, c := range cookies {
		if c.Name == s.sessionCookie() {
			return c.Value
		}
	}
	return ""
}

// withCookies is a request without a body.
type withCookies struct {
	Cookies string `header:"Cookie" hidden:"true"`
}

func (s *Server) getSession(ctx context.Context, _ models.Actor, in *withCookies) (*output[SessionWire], error) {
	session, err := s.svc.Identity.Session(ctx, s.cookieIn(in.Cookies))
	if err != nil {
		return nil, err
	}
	return &output[SessionWire]{Body: sessionWire(session)}, nil
}

// signedOut takes the cookie away.
type signedOut struct {
	SetCookie string `header:"Set-Cookie"`
}

func (s *Server) deleteSession(ctx context.Context, _ models.Actor, in *withCookies) (*signedOut, error) {
	if err := s.svc.Identity.SignOut(ctx, s.cookieIn(in.Cookies)); err != nil {
		return nil, err
	}
	return &signedOut{SetCookie: s.cookie("", -1).String()}, nil
}

func sessionWire(session identity.Session) SessionWire {
	out := SessionWire{User: userWire(session.User), Permissions: []string{}, ExpiresAt: session.Until, FreshUntil: session.FreshUntil}
	actor := session.User.Actor()
	for _, action := range models.Actions() {
		if models.Can(actor, action, models.Scope{}) == nil {
			out.Permissions = append(out.Permissions, string(action))
		}
	}
	slices.Sort(out.Permissions)
	return out
}

func userWire(u models.User) UserWire {
	roles := make([]string, 0, len(u.Roles))
	for _, r := range u.Roles {
		roles = append(roles, string(r))
	}
	return UserWire{
		ID: u.ID, Name: u.Name, Login: u.Login, Roles: roles, Unit: u.Unit, Party: u.Party, Utility: u.Utility,
		Disabled: !u.Disabled.IsZero(), Version: u.Version,
	}
}

// pageQuery is the query of a list without history.
type pageQuery struct {
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"How many items at most"`
	After string `query:"after" maxLength:"100" doc:"Cursor: the value of next from the page before"`
}

func (q pageQuery) page() store.Page { return store.Page{Limit: q.Limit, After: q.After} }

func (s *Server) listUsers(ctx context.Context, actor models.Actor, in *pageQuery) (*listOutput[UserWire], error) {
	users, err := s.svc.Identity.Users(ctx, actor, in.page())
	if err != nil {
		return nil, err
	}
	out := &listOutput[UserWire]{Body: list[UserWire]{Items: make([]UserWire, 0, len(users))}}
	for _, u := range users {
		out.Body.Items = append(out.Body.Items, userWire(u))
	}
	if len(users) == in.page().Size() {
		out.Body.Next = users[len(users)-1].Login
	}
	return out, nil
}

func (s *Server) postUser(ctx context.Context, actor models.Actor, in *struct{ Body UserInput }) (*created[UserWire], error) {
	n := identity.NewUser{
		Login: in.Body.Login, Name: in.Body.Name, Password: in.Body.Password, Unit: in.Body.Unit, Party: in.Body.Party, Utility: in.Body.Utility,
	}
	for _, r := range in.Body.Roles {
		n.Roles = append(n.Roles, models.Role(r))
	}
	u, _, err := s.svc.Identity.CreateUser(ctx, actor, n)
	if err != nil {
		return nil, err
	}
	return &created[UserWire]{Location: "/v1/users/" + u.ID, Body: userWire(u)}, nil
}

func (s *Server) disableUser(ctx context.Context, actor models.Actor, in *ByID) (*output[UserWire], error) {
	u, err := s.svc.Identity.DisableUser(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[UserWire]{Body: userWire(u)}, nil
}

// PasswordWire is a new password.
type PasswordWire struct {
	Password string `json:"password" doc:"Shown once"`
}

func (s *Server) resetPassword(ctx context.Context, actor models.Actor, in *ByID) (*output[PasswordWire], error) {
	password, err := s.svc.Identity.SetPassword(ctx, actor, in.ID, "")
	if err != nil {
		return nil, err
	}
	return &output[PasswordWire]{Body: PasswordWire{Password: password}}, nil
}

func clientWire(c models.Client) ClientWire {
	return ClientWire{
		ID: c.ID, ClientID: c.ID, Name: c.Name, Role: string(c.Role), Utility: c.Utility, Collector: c.Collector,
		Disabled: !c.Disabled.IsZero(), Version: c.Version,
	}
}

func (s *Server) listClients(ctx context.Context, actor models.Actor, in *pageQuery) (*listOutput[ClientWire], error) {
	clients, err := s.svc.Identity.Clients(ctx, actor, in.page())
	if err != nil {
		return nil, err
	}
	out := &listOutput[ClientWire]{Body: list[ClientWire]{Items: make([]ClientWire, 0, len(clients))}}
	for _, c := range clients {
		out.Body.Items = append(out.Body.Items, clientWire(c))
	}
	if len(clients) == in.page().Size() {
		out.Body.Next = clients[len(clients)-1].ID
	}
	return out, nil
}

func (s *Server) postClient(ctx context.Context, actor models.Actor, in *struct{ Body ClientInput }) (*created[ClientWire], error) {
	n := identity.NewClient{Name: in.Body.Name, Role: models.Role(in.Body.Role), Utility: in.Body.Utility, Collector: in.Body.Collector}
	if in.Body.Key != nil {
		key, err := json.Marshal(in.Body.Key)
		if err != nil {
			return nil, err
		}
		n.PublicJWK = string(key)
	}
	c, err := s.svc.Identity.CreateClient(ctx, actor, n)
	if err != nil {
		return nil, err
	}
	wire := clientWire(c.Client)
	wire.Secret = c.Secret
	return &created[ClientWire]{Location: "/v1/clients/" + c.Client.ID, Body: wire}, nil
}

func (s *Server) disableClient(ctx context.Context, actor models.Actor, in *ByID) (*output[ClientWire], error) {
	c, err := s.svc.Identity.DisableClient(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[ClientWire]{Body: clientWire(c)}, nil
}
