package identity

// ThumbprintForTest names a public key.
func ThumbprintForTest(jwk string) string {
	name, err := thumbprint(jwk)
	if err != nil {
		panic(err)
	}
	return name
}
