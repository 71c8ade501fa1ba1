package incident

import "shipmate/integrations/pagerduty"

// Ref names something on PagerDuty.
type Ref struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	URL  string `json:"url,omitempty"`
}

func ref(r pagerduty.Ref) Ref { return Ref(r) }
