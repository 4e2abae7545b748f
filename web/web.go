// Package web is the browser side as the program carries it: the built console,
// the public pages as templates without JavaScript, and the catalogues of texts.
//
// It promises: files are served from memory, by exact name, never by a path a
// visitor chose on disk; a hashed file may be kept for ever, everything else is
// asked for again; a page that was not built says so and how to build it.
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"
)

// dist is what `make build` leaves: app/ is the console, field/ the inspectors' app. On a clone where
// nothing was built it holds a .gitkeep.
//
//go:embed all:dist
var dist embed.FS

//go:embed pages
var pages embed.FS

//go:embed locales/*.json
var locales embed.FS

// hashed are file names with a content hash in them, as Vite writes them:
// assets/index-B1x9_kQ2.js.
var hashed = regexp.MustCompile(`^assets/.+-[A-Za-z0-9_-]{8}\.[a-z0-9.]+$`)

// types are the media types we serve, independent of the machine's own table.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".json": "application/json", ".woff2": "font/woff2",
	".png": "image/png", ".ico": "image/x-icon", ".txt": "text/plain; charset=utf-8", ".webmanifest": "application/manifest+json",
	".wasm": "application/wasm",
}

// App serves a built browser program under its prefix ("/app/"): files by name,
// and index.html for every other path, because the program routes itself.
func App(name string) http.Handler { return app(dist, name) }

func app(files fs.FS, name string) http.Handler {
	folder, err := fs.Sub(files, path.Join("dist", name))
	prefix := "/" + name + "/"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "This path takes GET.", http.StatusMethodNotAllowed)
			return
		}
		file := strings.TrimPrefix(r.URL.Path, prefix)
		if err == nil && fs.ValidPath(file) && file != "." && !strings.HasPrefix(file, ".") && !strings.Contains(file, "/.") &&
			!isCompressed(file) && serveFile(w, r, folder, file) {
			return
		}
		// A missing script must not get HTML: the browser would say something else.
		if path.Ext(file) != "" && path.Ext(file) != ".html" {
			http.Error(w, "There is no such file. Load the page again: a newer version may have been installed.", http.StatusNotFound)
			return
		}
		if err != nil || !serveFile(w, r, folder, "index.html") {
			notBuilt(w)
		}
	})
}

func isCompressed(file string) bool {
	return strings.HasSuffix(file, ".br") || strings.HasSuffix(file, ".gz")
}

// Assets serves the style and the mark of the public pages under /public/.
func Assets() http.Handler {
	folder, err := fs.Sub(pages, "pages/assets")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file := strings.TrimPrefix(r.URL.Path, "/public/")
		if err != nil || !fs.ValidPath(file) || file == "." || !serveFile(w, r, folder, file) {
			http.Error(w, "There is no such file.", http.StatusNotFound)
		}
	})
}

// serveFile answers with the file, compressed when there is such a copy and the
// browser takes it. It gives false when there is no such file.
func serveFile(w http.ResponseWriter, r *http.Request, folder fs.FS, file string) bool {
	content, err := fs.ReadFile(folder, file)
	if err != nil {
		return false
	}
	h := w.Header()
	if media := types[path.Ext(file)]; media != "" {
		h.Set("Content-Type", media)
	} else {
		h.Set("Content-Type", "application/octet-stream")
	}
	for _, c := range []struct{ encoding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}} {
		compressed, err := fs.ReadFile(folder, file+c.suffix)
		if err != nil {
			continue
		}
		h.Set("Vary", "Accept-Encoding")
		if accepts(r.Header.Get("Accept-Encoding"), c.encoding) {
			content = compressed
			h.Set("Content-Encoding", c.encoding)
			break
		}
	}
	if hashed.MatchString(file) {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
		sum := sha256.Sum256(content)
		h.Set("ETag", `"`+base64.RawURLEncoding.EncodeToString(sum[:12])+`"`)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	return true
}

// accepts tells whether an Accept-Encoding header takes the encoding: named, and
// not with q=0.
func accepts(header, encoding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), encoding) {
			continue
		}
		return !refusedQuality.MatchString(strings.TrimSpace(params))
	}
	return false
}

var refusedQuality = regexp.MustCompile(`^q=0(\.0{1,3})?$`)

func notBuilt(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write([]byte(`<!doctype html><html lang="en"><meta charset="utf-8"><title>The web has not been built</title>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:15vh auto;padding:0 1rem">
<h1 style="font-size:1.25rem">The web has not been built</h1>
<p>This program was compiled without the console. Run <code>make build</code> and start it again.
The API and the <a href="/">public pages</a> work without it.</p></body></html>`))
}
