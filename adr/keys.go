package adr

import (
	"fmt"
	"math"

	"shipmate/store"
)

// The keys of this package:
//
//	adr/proposal/<id>                the record of a proposal (Proposal)
//	adr/open/<id>                    the ID of a proposal that has not ended: what lists of them read
//	adr/ended/<-time>/<id>           the ID of a proposal that has ended: their order is newest first
//	adr/number/<scope>/<number>      the ID of the proposal that has, or had, that number in a log; it stays when that ends, so that it is not given again
//	adr/turn/<scope>                 the ID of the proposal that is given a number there now
//	adr/line/<scope>/<since>/<id>    a proposal that waits for its number; empty
//	adr/change/<scope>/<number>      the ID of the proposal that changes the status of that record now
//	adr/asked/<request>              the ID of the proposal that a request changed
//	adr/pull/<repo>/<number>         the ID of the proposal with that pull request
const (
	proposalPrefix = Proposals + "/proposal/"
	openPrefix     = Proposals + "/open/"
	endedPrefix    = Proposals + "/ended/"
	linePrefix     = Proposals + "/line/"
	askedPrefix    = Proposals + "/asked/"
	pullPrefix     = Proposals + "/pull/"
)

func proposalKey(id string) string { return proposalPrefix + store.Key(id) }
func openKey(id string) string     { return openPrefix + store.Key(id) }

// endedKey sorts the newest first.
func endedKey(p *Proposal) string {
	return endedPrefix + store.Key(fmt.Sprintf("%019d", math.MaxInt64-p.Ended.UnixNano()), p.ID)
}
func numberKey(scope string, n int) string {
	return store.Key(Proposals, "number", scope, fmt.Sprintf("%04d", n))
}
func changeKey(scope string, n int) string {
	return store.Key(Proposals, "change", scope, fmt.Sprintf("%04d", n))
}
func turnKey(scope string) string    { return store.Key(Proposals, "turn", scope) }
func lineOf(scope string) string     { return linePrefix + store.Key(scope) + "/" }
func lineKey(p *Proposal) string     { return lineOf(p.Scope) + store.Key(store.Stamp(p.Created), p.ID) }
func askedKey(request string) string { return askedPrefix + store.Key(request) }
func pullKey(repo string, n int) string {
	return pullPrefix + store.Key(repo, fmt.Sprint(n))
}
