package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"rigistry/web"
)

// historyOf gives the versions of a license for its public page, the newest first.
func (p *publicPages) historyOf(ctx context.Context, number string) ([]web.Version, error) {
	versions, err := p.svc.Licensing.PublicVersions(ctx, number)
	out := make([]web.Version, 0, len(versions))
	for _, v := range slices.Backward(versions) {
		out = append(out, web.Version{Version: v.Version, State: string(v.State), ApprovedW: int64(v.Approved),
			EffectiveAt: v.EffectiveAt, RecordedAt: v.RecordedAt, Entry: v.Entry})
	}
	return out, err
}

// check shows how to check a license, a file, the download and the ledger, with the
// fingerprints of the keys that sign them.
func (p *publicPages) check(c *gin.Context) {
	head, err := p.svc.Ledger.Head(c.Request.Context())
	if err != nil {
		p.show(c, 0, nil, err)
		return
	}
	keys, err := fingerprints(p.svc.Identity.JWKS())
	if err != nil {
		p.show(c, 0, nil, err)
		return
	}
	state := web.LedgerState{Size: head.Size, At: head.At}
	if head.Size > 0 {
		state.Root = head.Root.String()
	}
	page, err := p.pages.Check(p.frame(c), web.Check{BaseURL: p.cfg.BaseURL, Ledger: state, Keys: keys})
	p.show(c, http.StatusOK, page, err)
}

// fingerprints gives the SHA-256 of each published key that signs what people check,
// in groups of four hexadecimal digits.
func fingerprints(jwks []byte) ([]web.Key, error) {
	var set struct {
		Keys []struct {
			X       string `json:"x"`
			Purpose string `json:"purpose"`
		} `json:"keys"`
	}
	if err := json.Unmarshal(jwks, &set); err != nil {
		return nil, fmt.Errorf("read the key set: %w", err)
	}
	var out []web.Key
	for _, k := range set.Keys {
		if k.Purpose == "token" {
			continue // signs nothing that people keep
		}
		raw, err := base64.RawURLEncoding.DecodeString(k.X)
		if err != nil {
			return nil, fmt.Errorf("read a key: %w", err)
		}
		sum := sha256.Sum256(raw)
		text := hex.EncodeToString(sum[:])
		var groups []string
		for i := 0; i < len(text); i += 4 {
			groups = append(groups, text[i:i+4])
		}
		out = append(out, web.Key{Purpose: k.Purpose, Fingerprint: strings.Join(groups, " ")})
	}
	return out, nil
}
