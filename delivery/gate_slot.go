package delivery

// slotGate lets one deployment at a time into an environment of a service, and one at a time wait for the same commit.
func slotGate(f *Facts) *Gate {
	switch {
	case f.Slot == nil && f.Twin == nil:
		return &Gate{Verdict: Passed}
	case f.Slot == nil:
		return &Gate{Verdict: Closed, Code: AlreadyWaiting, Deployment: f.Twin, By: f.Twin.By, Since: f.Twin.Created}
	}
	if f.Rollback != nil && f.Rollback.Of == f.Slot.ID && f.Rollback.Cancels {
		return &Gate{Verdict: NotYet, Code: StillCancelling, Deployment: f.Slot, By: f.Slot.By, Since: f.Slot.Created}
	}
	return &Gate{Verdict: Closed, Code: SlotTaken, Deployment: f.Slot, By: f.Slot.By, Since: f.Slot.Created}
}

// runningGate asks before what already runs there is deployed once more.
func runningGate(f *Facts) *Gate {
	if f.Before.SHA != f.Commit.SHA || f.Before.Doubtful || f.Anyway {
		return nil
	}
	return &Gate{Verdict: Closed, Code: AlreadyRunning, By: f.Ledger.By, Since: f.Ledger.Since}
}
