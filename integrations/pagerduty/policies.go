package pagerduty

import (
	"context"
	"strings"
	"time"

	pd "github.com/PagerDuty/go-pagerduty"
)

type wirePolicy struct {
	full
	Loops int            `json:"num_loops"`
	Teams []pd.APIObject `json:"teams"`
	Rules []struct {
		Delay   int            `json:"escalation_delay_in_minutes"`
		Targets []pd.APIObject `json:"targets"`
	} `json:"escalation_rules"`
}

func (p wirePolicy) policy() Policy {
	out := Policy{Ref: p.named(), Loops: p.Loops, Teams: refsOf(p.Teams)}
	for _, rule := range p.Rules {
		level := PolicyLevel{Delay: time.Duration(rule.Delay) * time.Minute}
		for _, t := range rule.Targets {
			kind, _, _ := strings.Cut(t.Type, "_") // user_reference, schedule_v3_reference
			level.Targets = append(level.Targets, Target{Kind: kind, Ref: refOf(t)})
		}
		out.Levels = append(out.Levels, level)
	}
	return out
}

// Policy returns the escalation policy with an ID.
func (c *Client) Policy(ctx context.Context, id string) (Policy, error) {
	var out struct {
		Policy *wirePolicy `json:"escalation_policy"`
	}
	k := get("read an escalation policy", about("escalation policy", id), []string{"escalation_policies", id}, nil, &out)
	if err := c.do(ctx, k); err != nil {
		return Policy{}, err
	}
	if out.Policy == nil {
		return Policy{}, undocumented(k)
	}
	return out.Policy.policy(), nil
}

// Policies returns all escalation policies, at most 10,000.
func (c *Client) Policies(ctx context.Context) ([]Policy, error) {
	list, err := all[wirePolicy](ctx, c, get("list escalation policies", "", []string{"escalation_policies"}, nil, nil), "escalation_policies")
	if err != nil {
		return nil, err
	}
	var out []Policy
	for _, p := range list {
		out = append(out, p.policy())
	}
	return out, nil
}
