package pagerduty

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	pd "github.com/PagerDuty/go-pagerduty"
)

type wireService struct {
	full
	Status       string            `json:"status"`
	Policy       pd.APIObject      `json:"escalation_policy"`
	Teams        []pd.APIObject    `json:"teams"`
	Integrations []wireIntegration `json:"integrations"`
}

// wireIntegration is an integration; of a mere reference the key is missing.
type wireIntegration struct {
	pd.APIObject
	Key string `json:"integration_key"`
}

func (s wireService) service() Service {
	return Service{Ref: s.named(), Status: s.Status, Policy: refOf(s.Policy), Teams: refsOf(s.Teams)}
}

// Service returns the service with an ID.
func (c *Client) Service(ctx context.Context, id string) (Service, error) {
	s, err := c.service(ctx, id, nil)
	return s.service(), err
}

func (c *Client) service(ctx context.Context, id string, query url.Values) (wireService, error) {
	var out struct {
		Service *wireService `json:"service"`
	}
	k := get("read a service", about("service", id), []string{"services", id}, query, &out)
	if err := c.do(ctx, k); err != nil {
		return wireService{}, err
	}
	if out.Service == nil {
		return wireService{}, undocumented(k)
	}
	return *out.Service, nil
}

// Services returns all services, at most 10,000.
func (c *Client) Services(ctx context.Context) ([]Service, error) {
	list, err := all[wireService](ctx, c, get("list services", "", []string{"services"}, nil, nil), "services")
	if err != nil {
		return nil, err
	}
	var out []Service
	for _, s := range list {
		out = append(out, s.service())
	}
	return out, nil
}

// keyring remembers routing keys by service.
type keyring struct {
	mu   sync.Mutex
	keys map[string]foundKey
}

type foundKey struct {
	key   string
	until time.Time
}

// eventsV2 is the type of an integration that takes events ("PagerDuty: Events API v2 overview").
const eventsV2 = "events_api_v2_inbound_integration"

// RoutingKey returns the key events for a service need: the configured one, else that of the service's first Events API v2
// integration, remembered for ten minutes. It is a secret: whoever has it can page.
func (c *Client) RoutingKey(ctx context.Context, service string) (string, error) {
	const op = "find a routing key"
	if key := strings.TrimSpace(c.keys[service]); key != "" {
		return key, nil
	}
	if key, ok := c.keysFound.find(service, c.clock.Now()); ok {
		return key, nil
	}
	s, err := c.service(ctx, service, url.Values{"include[]": {"integrations"}})
	if err != nil {
		return "", err
	}
	for _, i := range s.Integrations {
		if strings.TrimSuffix(i.Type, "_reference") != eventsV2 {
			continue
		}
		if i.Key == "" {
			if i.Key, err = c.integrationKey(ctx, service, i.ID); err != nil {
				return "", err
			}
		}
		if i.Key != "" {
			c.secrets.learn(i.Key)
			c.keysFound.learn(service, i.Key, c.clock.Now())
			return i.Key, nil
		}
	}
	return "", &Error{Op: op, about: about("service", service), kind: kindMissing, Message: "this service has no Events API v2 integration",
		advice: fmt.Sprintf("PagerDuty's service %s takes no events yet; add an Events API v2 integration to it in PagerDuty.", s.named().Name)}
}

// integrationKey asks for an integration by itself: inside a service PagerDuty may give a reference only, without the key.
func (c *Client) integrationKey(ctx context.Context, service, id string) (string, error) {
	var out struct {
		Integration wireIntegration `json:"integration"`
	}
	err := c.do(ctx, get("read an integration", about("service", service), []string{"services", service, "integrations", id}, nil, &out))
	return out.Integration.Key, err
}

func (r *keyring) find(service string, now time.Time) (string, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k, ok := r.keys[service]
	return k.key, ok && now.Before(k.until)
}

func (r *keyring) learn(service, key string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keys == nil {
		r.keys = map[string]foundKey{}
	}
	r.keys[service] = foundKey{key, now.Add(remembered)}
}

func (r *keyring) forget(service string) {
	r.mu.Lock()
	delete(r.keys, service)
	r.mu.Unlock()
}
