package config

// Site is where what was deployed is to be seen; empty when that is not known.
func (d *Deploy) Site(service, environment string) string {
	return fill(d.EnvironmentURL, service, environment)
}

// Records tells whether deployments are written on GitHub, one way or the other.
func (d *Deploy) Records() bool { return d.Deployment || d.Record }

// deploy checks that there is one way to deploy, and that what is given belongs to it.
func (k *checker) deploy(path string, d *Deploy) {
	_, workflow := k.places[path+".workflow"]
	switch {
	case d.Deployment && workflow:
		k.at(path+".deployment", "does not go with workflow: a service is deployed by one of them; remove the other")
	case d.Deployment && d.Record:
		k.at(path+".record", "does not go with deployment, which is a deployment on GitHub already; remove it")
	}
	if d.EnvironmentURL != "" && !d.Record {
		k.at(path+".environment_url", "needs record: true; whoever carries out a deployment says its address there")
	}
	if d.Deployment {
		d.Workflow = "" // what stands there is the default of the other way
	}
}
