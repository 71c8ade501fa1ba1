package sandbox

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io/fs"
	"net/http"
)

//go:embed web
var webFiles embed.FS

var pageTemplate = template.Must(template.ParseFS(webFiles, "web/page.html"))

// Handler is the page, what it asks, and the clock that the bot follows.
func (s *Stage) Handler() http.Handler {
	mux := http.NewServeMux()
	files, _ := fs.Sub(webFiles, "web")
	mux.Handle("GET /static/", http.StripPrefix("/static/", static(http.FileServerFS(files))))
	mux.HandleFunc("GET /{$}", s.servePage)
	mux.Handle("/clock", s.clocks)
	mux.HandleFunc("GET /github/{owner}/{repo}/{rest...}", s.serveGitHub)
	mux.HandleFunc("GET /github/{owner}/{repo}", s.serveGitHub)
	mux.HandleFunc("GET /pagerduty/{rest...}", s.servePagerDuty)
	s.serveAPI(mux)
	return guard(s.opts.Listen, mux)
}

// static lets the browser ask each time whether a file is still the same: a newer binary may serve other ones.
func static(next http.Handler) http.Handler {
	version := `"` + webVersion() + `"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("ETag", version)
		next.ServeHTTP(w, r)
	})
}

// webVersion is a fingerprint of everything the page is made of.
func webVersion() string {
	sum := sha256.New()
	fs.WalkDir(webFiles, "web", func(path string, d fs.DirEntry, err error) error {
		if data, err := webFiles.ReadFile(path); err == nil {
			sum.Write(data)
		}
		return nil
	})
	return hex.EncodeToString(sum.Sum(nil))[:12]
}

func (s *Stage) servePage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	err := pageTemplate.Execute(w, map[string]string{"Team": "Acme", "Version": webVersion(), "Person": employees[0].name, "Channel": employees[0].team})
	if err != nil {
		s.opts.Log.Debug("the page was not sent", "err", err)
	}
}
