package api

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"rigistry/web"
)

// fieldApp serves the field app. Its decoder of labels is WebAssembly from our own
// host, which its policy allows and no other page's does; inline scripts and other
// hosts stay forbidden.
func fieldApp() gin.HandlerFunc {
	files := web.App("field")
	return func(c *gin.Context) {
		h := c.Writer.Header()
		h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), "script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'", 1)+"; worker-src 'self'")
		h.Set("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
		files.ServeHTTP(c.Writer, c.Request)
	}
}

// toField leads the address without its slash, which people type, to the app.
func toField(c *gin.Context) { c.Redirect(http.StatusMovedPermanently, "/field/") }
