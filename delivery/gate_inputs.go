package delivery

// inputsGate asks that what was given for the workflow is what the configuration lets be given, and that nothing is missing. A
// service that asks for nothing and is given nothing has no such gate.
func inputsGate(f *Facts) *Gate {
	deploy := &f.Service.Deploy
	if len(deploy.Asked()) == 0 && len(f.Inputs) == 0 {
		return nil
	}
	g := &Gate{Verdict: Passed, At: f.Config.At("services." + f.Service.Name + ".deploy.inputs")}
	_, wrong := deploy.Accept(f.Inputs)
	for _, m := range wrong {
		g.Verdict, g.Code = Closed, InvalidInputs
		g.Mistakes = append(g.Mistakes, m.Sentence)
	}
	return g
}

// takeInputs decides what the workflow is given. What is wrong is refused before anything is asked of GitHub; whoever is asking
// is told by the gate.
func (p *planned) takeInputs(w Want) error {
	deploy := &p.facts.Service.Deploy
	right, wrong := deploy.Accept(w.Inputs)
	p.Inputs, p.Decided.Inputs, p.facts.Inputs = right, deploy.Sent(right), w.Inputs
	if len(wrong) == 0 || w.asking {
		return nil
	}
	return &Refused{Code: InvalidInputs, Service: p.Service, Environment: p.Environment, Inputs: wrong}
}
