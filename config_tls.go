package main

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"

	"rigistry/models"
)

// secure puts TLS on a listener. With --client-ca an API client may show a
// certificate of one of the authorities; whether it must, its terms decide.
func (app *App) secure(l net.Listener) (net.Listener, error) {
	pair, err := tls.LoadX509KeyPair(app.Config.TLSCert, app.Config.TLSKey)
	if err != nil {
		return nil, models.Errorf(models.CodeInvalid, "--tls-cert and --tls-key: %v.", err)
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	if app.Config.ClientCA != "" {
		text, err := os.ReadFile(app.Config.ClientCA)
		if err != nil {
			return nil, models.Errorf(models.CodeInvalid, "--client-ca: %v.", err)
		}
		cfg.ClientCAs, cfg.ClientAuth = x509.NewCertPool(), tls.VerifyClientCertIfGiven
		if !cfg.ClientCAs.AppendCertsFromPEM(text) {
			return nil, models.Errorf(models.CodeInvalid, "--client-ca %s holds no certificate in PEM form.", app.Config.ClientCA)
		}
	}
	return tls.NewListener(l, cfg), nil
}
