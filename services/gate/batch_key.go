package gate

import (
	"fmt"
	"strings"
)

// The checks of a batch are kept under its key and their places. The key stands for
// the whole batch nevertheless: a part of it, or more than it, is another request.

// after gives the key under which a check would stand that is one more than the
// batch has, "" for a single check.
func (c *call) after() string {
	if c.items[0].pointer == "" {
		return ""
	}
	return fmt.Sprintf("%s#%d", c.batchKey(), len(c.items))
}

// batchKey is the key that a batch was sent under.
func (c *call) batchKey() string { return strings.TrimSuffix(c.items[0].key, "#0") }

// whole refuses a batch that was answered before with fewer or more checks.
func (b *batch) whole(c *call) error {
	beyond := c.after()
	if beyond == "" {
		return nil
	}
	before := 0
	for _, item := range c.items {
		if b.taken(c.actor.Utility, item.key) {
			before++
		}
	}
	if before > 0 && (before < len(c.items) || b.taken(c.actor.Utility, beyond)) {
		return errKeyUsed(c.batchKey())
	}
	return nil
}

// taken tells whether a key has an answer, recorded or about to be.
func (b *batch) taken(utility, key string) bool {
	key = recentKey(utility, key)
	_, known := b.known[key]
	return known || b.byKey[key] != nil
}
