package delivery

import (
	"cmp"
	"slices"
	"strconv"
)

// incidentGate keeps the services of an incident as they are while it is bad and nobody has mitigated it, so that what is being
// looked into holds still. Of several the one that may be spoken of is told first.
// Going back is never kept waiting by one: it is how many of them end.
func incidentGate(f *Facts) *Gate {
	switch {
	case f.Rollback != nil:
		return nil
	case len(f.Holds) == 0:
		return &Gate{Verdict: Passed}
	}
	all := slices.Clone(f.Holds)
	slices.SortStableFunc(all, func(a, b Hold) int { return cmp.Compare(a.rank(), b.rank()) })
	return &Gate{Verdict: Closed, Code: IncidentOpen, By: all[0].By, Holds: all, At: f.severityAt(all[0].Severity)}
}

// severityAt is the line of the configuration by which incidents of a severity keep deployments out; empty for those that there
// are without one.
func (f *Facts) severityAt(name string) string {
	_, rank, known := f.Config.Incidents.Severity(name)
	if !known || len(f.Config.Incidents.Severities) == 0 {
		return ""
	}
	return f.Config.At("incidents.severities[" + strconv.Itoa(rank) + "].freeze")
}
