//go:build !linux

package metering

import (
	"net/url"

	"rigistry/models"
)

// openSerial says that there is none.
func openSerial(u *url.URL) (stream, error) {
	return nil, models.Errorf(models.CodeInvalid, "%s: serial lines are read on Linux only. Put the meters behind a gateway: rtuovertcp://host:port.", u)
}
