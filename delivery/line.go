package delivery

import (
	"context"
	"slices"
	"strings"
	"time"

	"shipmate/config"
	"shipmate/store"
)

// line are the people who want to be told when a place, a service in an environment, is free: first come, first told, one at a
// time. It deploys nothing.
type line struct {
	People []inLine `json:"people"`
	// Told is until when it is the turn of the first; zero while nobody has been told.
	Told time.Time `json:"told,omitzero"`
}

// inLine is one of them.
type inLine struct {
	By      string    `json:"by"` // Slack ID
	At      time.Time `json:"at"`
	Ref     string    `json:"ref,omitempty"` // what they want to deploy
	Request string    `json:"request"`       // that put them there

	Inputs map[string]string `json:"inputs,omitempty"` // what the workflow is to be given
	Turns  int               `json:"turns,omitempty"`
}

// turnLasts is how long a person has to deploy what they waited for before the next is told.
const turnLasts = 10 * time.Minute

// The reasons to refuse that are about lines.
const (
	NothingInTheWay Code = "nothing_in_the_way" // it is free, so there is nothing to wait for
	NotInLine       Code = "not_in_line"        // the person does not wait there
	NotYourTurn     Code = "not_your_turn"      // the person has not been told that it is free, or too long ago
)

// LineWant asks for a place in a line, or for the end of it.
type LineWant struct {
	// Request is the ID of the request; asking again with the same gives the same answer.
	Request string
	At      time.Time
	By      string // Slack ID
	// Service and Environment are names or aliases.
	Service     string
	Environment string
	// Ref is the branch, tag or commit they want to deploy; empty is the default branch.
	Ref string
	// Inputs are what the workflow is to be given, by name, as people typed it. One that is missing is asked for when it is deployed.
	Inputs map[string]string
}

// Spot is somebody's place in a line.
type Spot struct {
	Service     string `json:"service"`
	Environment string `json:"environment"`
	Ref         string `json:"ref,omitempty"`
	N           int    `json:"n"` // counted from 1; 0 when they have left
}

// Turn is that it is somebody's turn to deploy, until a moment.
type Turn struct {
	Service     string
	Environment string
	Ref         string
	Inputs      map[string]string
	Until       time.Time
}

// Join puts a person at the end of the line, or leaves them where they are in it, with what they want to deploy now. It returns
// their place, or a *Refused.
func (s *Service) Join(ctx context.Context, w LineWant) (*Spot, error) {
	return s.aboutLine(ctx, w, func(tx store.Tx, w LineWant, l *line) (*Spot, error) {
		i := l.find(w.By)
		if i < 0 && len(l.People) == 0 {
			shut, _, err := s.shutFor(tx, w.Service, w.Environment)
			if err != nil {
				return nil, err
			}
			if !shut {
				return nil, &Refused{Code: NothingInTheWay, Service: w.Service, Environment: w.Environment, Ref: w.Ref, Given: w.Inputs}
			}
		}
		if i < 0 {
			i = len(l.People)
			l.People = append(l.People, inLine{By: w.By, At: w.At.UTC(), Request: w.Request})
		}
		l.People[i].Ref, l.People[i].Inputs = w.Ref, w.Inputs
		return &Spot{Service: w.Service, Environment: w.Environment, Ref: w.Ref, N: i + 1}, nil
	})
}

// Quit takes a person from the line; when it was their turn the next is told. It returns the place they had with N zero, or a
// *Refused.
func (s *Service) Quit(ctx context.Context, w LineWant) (*Spot, error) {
	return s.aboutLine(ctx, w, func(_ store.Tx, w LineWant, l *line) (*Spot, error) {
		if l.find(w.By) < 0 {
			return nil, &Refused{Code: NotInLine, Service: w.Service, Environment: w.Environment}
		}
		l.remove(w.By)
		return &Spot{Service: w.Service, Environment: w.Environment}, nil
	})
}

// aboutLine answers a request about a line, once, and has the line looked at. fn is given the wish with names for aliases.
func (s *Service) aboutLine(ctx context.Context, w LineWant, fn func(store.Tx, LineWant, *line) (*Spot, error)) (*Spot, error) {
	service, environment, err := place(s.current(), w.Service, w.Environment)
	if err != nil {
		return nil, err
	}
	if w.Inputs, err = heldInputs(service, environment, w.Inputs); err != nil {
		return nil, err
	}
	w.Service, w.Environment, w.Ref = service.Name, environment.Name, strings.TrimSpace(w.Ref)
	return once(ctx, s, lineRequestKey(w.Request), "waiting in line", func(tx store.Tx) (*Spot, error) {
		l, _, err := store.Load[line](tx, lineKey(w.Service, w.Environment))
		if err != nil {
			return nil, err
		}
		p, err := fn(tx, w, &l)
		if err != nil {
			return nil, err
		}
		return p, saveLine(tx, w.Service, w.Environment, &l)
	})
}

// heldInputs are what is right of inputs that are to be given later, or a *Refused when some of them cannot be given at all.
func heldInputs(service *config.Service, environment *config.Environment, given map[string]string) (map[string]string, error) {
	right, wrong := service.Deploy.Accept(given)
	wrong = slices.DeleteFunc(wrong, func(m config.InputMistake) bool { return m.Missing })
	if len(wrong) > 0 {
		return nil, &Refused{Code: InvalidInputs, Service: service.Name, Environment: environment.Name, Inputs: wrong}
	}
	return right, nil
}

// InLine returns what a request about a line was answered with, or ErrNotFound.
func (s *Service) InLine(ctx context.Context, request string) (*Spot, error) {
	return answeredBefore[Spot](ctx, s, lineRequestKey(request))
}

// TurnOf returns the person's turn to deploy a service to an environment, or a *Refused when it is not
// theirs now, with the Ref they wait for and what is Given if they do.
func (s *Service) TurnOf(ctx context.Context, person, serviceName, environmentName string) (*Turn, error) {
	service, environment, err := place(s.current(), serviceName, environmentName)
	if err != nil {
		return nil, err
	}
	var l line
	err = s.db.View(ctx, func(snap store.Snapshot) (err error) {
		l, _, err = store.Load[line](snap, lineKey(service.Name, environment.Name))
		return err
	})
	if err != nil {
		return nil, err
	}
	i, waits := l.find(person), inLine{}
	if i >= 0 {
		waits = l.People[i]
	}
	if i != 0 || !s.clock.Now().Before(l.Told) {
		return nil, &Refused{Code: NotYourTurn, Service: service.Name, Environment: environment.Name, Ref: waits.Ref, Given: waits.Inputs}
	}
	return &Turn{Service: service.Name, Environment: environment.Name, Ref: waits.Ref, Inputs: waits.Inputs, Until: l.Told}, nil
}

// find is where a person stands in the line, -1 when they do not.
func (l *line) find(person string) int {
	return slices.IndexFunc(l.People, func(p inLine) bool { return p.By == person })
}

// remove takes a person from the line; the turn of the first goes with them.
func (l *line) remove(person string) {
	switch i := l.find(person); {
	case i == 0:
		l.People, l.Told = l.People[1:], time.Time{}
	case i > 0:
		l.People = slices.Delete(l.People, i, i+1)
	}
}
