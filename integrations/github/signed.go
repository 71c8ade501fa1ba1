package github

import (
	"context"
	"net/http"
	"net/url"
)

// addressOf asks for the signed address of what is kept elsewhere, such as a log. It is good for a few minutes and is itself a secret.
func (c *Client) addressOf(ctx context.Context, op, repo string, rest ...string) (*url.URL, error) {
	path, err := repoPath(op, repo, rest...)
	if err != nil {
		return nil, err
	}
	k := get(op, repo, path, nil, nil)
	k.redirect = new(string)
	if _, err := c.do(ctx, k); err != nil {
		return nil, err
	}
	address, err := c.requests.BaseURL.Parse(*k.redirect)
	if err != nil || *k.redirect == "" || address.Scheme != "https" && address.Scheme != c.requests.BaseURL.Scheme {
		return nil, &Error{Op: op, about: repo, Message: "GitHub gave no usable address for it"}
	}
	return address, nil
}

// fetch calls a signed address, without credentials, which storage refuses beside its signature. Headers are a name and a value each.
func (c *Client) fetch(ctx context.Context, address *url.URL, headers ...string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", c.requests.UserAgent)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return c.plain.Do(req)
}
