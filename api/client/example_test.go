package client_test

import (
	"context"
	"fmt"
	"time"

	"rigistry/api/client"
)

// May a connection be energised? Whatever fails on the way, the answer is no.
func Example() {
	mayEnergise := func(ctx context.Context, jwks []byte) (bool, error) {
		keys, err := client.ParseKeys(jwks) // the registry's keys, handed over once and pinned
		if err != nil {
			return false, err
		}
		c, err := client.New(client.Config{URL: "https://registry.example.kz", Credentials: client.WithSecret("client-id", "client-secret"),
			Keys: keys, Now: time.Now, Memory: client.FileMemory("/var/lib/utility/rigistry-seen.json")})
		if err != nil {
			return false, err
		}
		a, err := c.Check(ctx, client.Request{Reference: "WO-2026-118", ConnectionPoint: "PS12-F03-CP007", Applicant: "210440038887",
			Watts: 900_000, Purpose: "mining", Event: "new_connection"})
		return a.Permits(time.Now()), err // with an error, a is the zero Answer and permits nothing
	}
	energise, err := mayEnergise(context.Background(), []byte(`{"keys":[]}`))
	fmt.Println(energise, client.KindOf(err))
	// Output: false config
}
