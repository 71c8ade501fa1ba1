package sandbox

import (
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// guard lets only the stage's own page use it. A page of another site cannot read from it nor act in it, also when its
// name is made to resolve to this machine (DNS rebinding): the name in Host must be an address, localhost, or the host
// that the stage was told to listen on.
func guard(listen string, next http.Handler) http.Handler {
	own, _, _ := net.SplitHostPort(listen)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !knownHost(r.Host, own):
			http.Error(w, "The stage does not answer under this name.", http.StatusMisdirectedRequest)
		case !sameOrigin(r):
			http.Error(w, "The stage answers only its own page.", http.StatusForbidden)
		default:
			h := w.Header()
			h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: http://127.0.0.1:*; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Referrer-Policy", "no-referrer")
			h.Set("Cross-Origin-Resource-Policy", "same-origin")
			next.ServeHTTP(w, r)
		}
	})
}

func knownHost(host, own string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.Trim(name, "[]")
	return net.ParseIP(name) != nil || strings.EqualFold(name, "localhost") || own != "" && strings.EqualFold(name, own)
}

// sameOrigin refuses what a browser sends for another site's page: by Origin, by Sec-Fetch-Site, and by the kind of body
// that a plain form can send. The bot's clock comes without any of these.
func sameOrigin(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" {
		u, err := url.Parse(origin)
		if err != nil || u.Host != r.Host {
			return false
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin":
	case "none": // typed or bookmarked
		return r.Method == http.MethodGet
	default: // following a link to the page is fine, anything else is not
		return r.Method == http.MethodGet && r.URL.Path == "/" && r.Header.Get("Sec-Fetch-Mode") == "navigate"
	}
	if r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/api/") {
		kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		return err == nil && kind == "application/json"
	}
	return true
}
