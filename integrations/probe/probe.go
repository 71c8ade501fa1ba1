// Package probe asks an address over HTTP whether what answers there is well. Addresses come from the configuration, so
// they may be inside the operator's network. No credentials, cookies or tokens of any kind are sent.
package probe

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

const (
	// maxBody is how much of an answer is read, in bytes. What a health check says stands at its beginning.
	maxBody = 64 << 10
	// maxHeader bounds an answer's header, in bytes.
	maxHeader = 64 << 10
	// maxRedirects is how many redirects within the same host are followed.
	maxRedirects = 3
)

// Config is what a Client stands on.
type Config struct {
	// UserAgent says who asks. Default shipmate.
	UserAgent string
}

// Client asks addresses. It is safe for concurrent use.
type Client struct {
	http  *http.Client
	agent string
}

// New makes a client. Every question takes a connection of its own, so that it finds what a new user would find.
func New(cfg Config) *Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableKeepAlives = true
	t.MaxResponseHeaderBytes = maxHeader
	if cfg.UserAgent == "" {
		cfg.UserAgent = "shipmate"
	}
	return &Client{http: &http.Client{Transport: t, CheckRedirect: sameHost}, agent: cfg.UserAgent}
}

// Check is what an address must answer to count as well.
type Check struct {
	URL     string        // http or https
	Status  int           // the status it must answer with
	Body    string        // what its answer must contain; anything when empty
	Latency time.Duration // within which the whole answer must be there, on the machine's clock
}

// Look asks once, with GET. wrong says in a few words, such as "it answered 503, not 200", what was not as it must be, and is
// empty when all was well; it holds nothing of the answer but its status. err is only that ctx has ended.
func (c *Client) Look(ctx context.Context, check Check) (wrong string, err error) {
	timed, cancel := context.WithTimeout(ctx, check.Latency)
	defer cancel()
	status, body, err := c.get(timed, check)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err() // it is we who stop
	case err != nil:
		return describe(err, check.Latency), nil
	case status != check.Status:
		return fmt.Sprintf("it answered %d, not %d", status, check.Status), nil
	case !strings.Contains(body, check.Body):
		return fmt.Sprintf("its answer does not contain %q", check.Body), nil
	}
	return "", nil
}

func (c *Client) get(ctx context.Context, check Check) (status int, body string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, check.URL, nil)
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("User-Agent", c.agent)
	req.Header.Set("Cache-Control", "no-cache")
	client := *c.http
	if check.Status/100 == 3 { // the redirect itself is what is wanted
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	return resp.StatusCode, string(data), err
}

var (
	errElsewhere = errors.New("redirects to another host")
	errScheme    = errors.New("redirects between http and https")
	errPort      = errors.New("redirects to another port")
	errAround    = errors.New("redirects without end")
)

// sameHost follows redirects only to where the operator said: an answer must not send us through the network.
func sameHost(req *http.Request, via []*http.Request) error {
	switch first := via[0].URL; {
	case req.URL.Hostname() != first.Hostname():
		return errElsewhere
	case req.URL.Scheme != first.Scheme:
		return errScheme
	case req.URL.Host != first.Host:
		return errPort
	case len(via) > maxRedirects:
		return errAround
	}
	return nil
}

// describe puts an error of the connection into words for people. Its own words hold addresses and are for developers.
func describe(err error, latency time.Duration) string {
	var name *net.DNSError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("it did not answer within %s", latency)
	case errors.Is(err, errElsewhere):
		return "it redirects to another host"
	case errors.Is(err, errScheme):
		return "it redirects between http and https"
	case errors.Is(err, errPort):
		return "it redirects to another port of its host"
	case errors.Is(err, errAround):
		return "it redirects without end"
	case errors.As(err, &name) && name.IsNotFound:
		return "its host's name is not known"
	case errors.As(err, &name):
		return "its host's name could not be looked up"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there"
	case errors.As(err, &unknown), errors.As(err, &host), errors.As(err, &invalid):
		return "its certificate is not valid"
	}
	return "it could not be reached"
}
