package identity

import (
	"sync"
	"time"

	"rigistry/models"
)

// maxCachedTokens bounds the memory of tokens; a full cache starts anew, which
// costs one signature check each.
const maxCachedTokens = 4096

// cachedToken is a token whose signature and claims were good.
type cachedToken struct {
	client  string
	role    models.Role
	utility string
	key     string // the credential it was made with
	expires time.Time
	actor   models.Actor
	checked time.Time // when the client's row was read
}

// tokenCache remembers good tokens by SHA-256. The mutex owns the fields.
type tokenCache struct {
	mu     sync.Mutex
	most   int
	seen   map[[32]byte]cachedToken
	purges int64
}

func newTokenCache(most int) *tokenCache {
	return &tokenCache{most: most, seen: map[[32]byte]cachedToken{}}
}

func (c *tokenCache) get(key [32]byte) (cachedToken, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok := c.seen[key]
	return t, ok
}

// generation counts the clients forgotten. A row read before one was forgotten
// may be the row as it was before.
func (c *tokenCache) generation() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.purges
}

// put remembers the token, unless a client was forgotten since the generation.
func (c *tokenCache) put(key [32]byte, t cachedToken, generation int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.purges != generation {
		return
	}
	if len(c.seen) >= c.most {
		clear(c.seen)
	}
	c.seen[key] = t
}

func (c *tokenCache) drop(key [32]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.seen, key)
}

// forget drops every token of a client.
func (c *tokenCache) forget(client string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.purges++
	for key, t := range c.seen {
		if t.client == client {
			delete(c.seen, key)
		}
	}
}
