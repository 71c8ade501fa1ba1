package github

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/bradleyfalzon/ghinstallation/v2"
)

// auth adds the credentials, and only to requests for the API's own host: a redirect or a mistaken address never
// carries them elsewhere.
type auth struct {
	api    *url.URL
	signed http.RoundTripper // adds the token
	asApp  http.RoundTripper // signs as the App itself; nil with a token
	plain  http.RoundTripper
}

func newAuth(cfg Config, api *url.URL, base http.RoundTripper, secrets *redactor) (*auth, error) {
	a := &auth{api: api, plain: base}
	watched := watchCredentials{base, secrets}
	switch {
	case cfg.Token != "" && cfg.App.ID != 0:
		return nil, fmt.Errorf("github: both a token and a GitHub App are given; give one")
	case cfg.Token != "":
		a.signed = tokenTransport{strings.TrimSpace(cfg.Token), watched}
		return a, nil
	case cfg.App.ID == 0 || cfg.App.InstallationID == 0:
		return nil, fmt.Errorf("github: no token and no GitHub App (its ID and installation ID) given")
	}
	asApp, err := ghinstallation.NewAppsTransport(watched, cfg.App.ID, cfg.App.PrivateKeyPEM)
	if err != nil {
		// The parser's own words may quote the key.
		return nil, fmt.Errorf("github: the App's private key is not an RSA key in PEM form")
	}
	// Not made from asApp: an installation writes to the App transport it was made from whenever it renews its token.
	installation, err := ghinstallation.New(watched, cfg.App.ID, cfg.App.InstallationID, cfg.App.PrivateKeyPEM)
	if err != nil {
		return nil, fmt.Errorf("github: the App's private key is not an RSA key in PEM form")
	}
	installation.BaseURL = strings.TrimSuffix(api.String(), "/")
	a.asApp, a.signed = asApp, installation
	return a, nil
}

// RoundTrip sends req, signed when it goes to the API.
func (a *auth) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme == a.api.Scheme && req.URL.Host == a.api.Host {
		return a.signed.RoundTrip(req)
	}
	return a.plain.RoundTrip(req)
}

type tokenTransport struct {
	token string
	next  http.RoundTripper
}

func (t tokenTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "Bearer "+t.token)
	return t.next.RoundTrip(req)
}

// watchCredentials tells the redactor every credential that leaves, so that also a renewed installation token is
// known by its exact text.
type watchCredentials struct {
	next    http.RoundTripper
	secrets *redactor
}

func (w watchCredentials) RoundTrip(req *http.Request) (*http.Response, error) {
	if _, secret, found := strings.Cut(req.Header.Get("Authorization"), " "); found {
		w.secrets.learn(secret)
	}
	return w.next.RoundTrip(req)
}

// sameHostReads follows a moved repository (301, 302, 307, 308; GitHub REST: Best practices) but never to another
// host, and never turns a change into a read, which net/http does for 301 and 302.
func sameHostReads(req *http.Request, via []*http.Request) error {
	first := via[0]
	if len(via) >= 5 || req.URL.Host != first.URL.Host || req.URL.Scheme != first.URL.Scheme || req.Method != first.Method {
		return http.ErrUseLastResponse
	}
	return nil
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// stopAtFound follows a moved repository but not a 302, whose address is what was asked for.
func stopAtFound(req *http.Request, via []*http.Request) error {
	if req.Response != nil && req.Response.StatusCode == http.StatusFound {
		return http.ErrUseLastResponse
	}
	return sameHostReads(req, via)
}
