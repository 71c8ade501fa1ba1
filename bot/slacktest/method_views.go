package slacktest

func viewMethods() map[string]method {
	return map[string]method{
		"views.open":    {run: (*Server).viewOpen, perMin: tier4},
		"views.push":    {run: (*Server).viewPush, perMin: tier4},
		"views.update":  {run: (*Server).viewUpdate, perMin: tier4},
		"views.publish": {run: (*Server).viewPublish, perMin: tier4},
	}
}

// exchange uses up a trigger.
func (s *Server) exchange(c *call) (*trigger, error) {
	t, ok := s.lines.triggers.get(c.str("trigger_id"))
	switch {
	case !ok:
		return nil, refuse("invalid_trigger_id")
	case t.used:
		return nil, refuse("exchanged_trigger_id")
	case !s.now().Before(t.expires):
		return nil, refuse("expired_trigger_id")
	}
	return t, nil
}

// sentView checks a view before the trigger is used up for it.
func (s *Server) sentView(c *call, on surface) (*view, error) {
	if !c.has("view") {
		return nil, refuse("invalid_arguments", "[ERROR] missing required field: view")
	}
	v, refused := s.parseView(c.raw("view"), on)
	if refused != nil {
		return nil, refused
	}
	return v, nil
}

func (s *Server) viewOpen(c *call) (obj, error) {
	t, err := s.exchange(c)
	if err != nil {
		return nil, err
	}
	v, err := s.sentView(c, inModal)
	if err != nil {
		return nil, err
	}
	if refused := s.openView(v, t.user); refused != nil {
		return nil, refused
	}
	t.used = true
	return obj{"view": s.viewWire(v)}, nil
}

func (s *Server) viewPush(c *call) (obj, error) {
	t, err := s.exchange(c)
	if err != nil {
		return nil, err
	}
	if t.view == "" || len(s.world.stacks[t.user]) == 0 {
		return nil, refuse("invalid_trigger_id", "the trigger does not come from an open modal")
	}
	v, err := s.sentView(c, inModal)
	if err != nil {
		return nil, err
	}
	if refused := s.pushView(v, t.user); refused != nil {
		return nil, refused
	}
	t.used = true
	return obj{"view": s.viewWire(v)}, nil
}

func (s *Server) viewUpdate(c *call) (obj, error) {
	v := s.world.views[c.str("view_id")]
	if c.str("view_id") == "" && c.str("external_id") != "" {
		v = s.world.external[c.str("external_id")]
	}
	if v == nil {
		return nil, refuse("not_found")
	}
	if hash := c.str("hash"); hash != "" && hash != v.Hash {
		return nil, refuse("hash_conflict")
	}
	on := inModal
	if v.Type == "home" {
		on = inHome
	}
	fresh, err := s.sentView(c, on)
	if err != nil {
		return nil, err
	}
	if refused := s.replaceView(v, fresh); refused != nil {
		return nil, refused
	}
	return obj{"view": s.viewWire(v)}, nil
}

func (s *Server) viewPublish(c *call) (obj, error) {
	u := s.world.users[c.str("user_id")]
	switch {
	case !s.world.app.HomeTab:
		return nil, refuse("not_enabled")
	case u == nil || u.IsBot:
		return nil, refuse("user_not_found")
	}
	old := s.world.homes[u.ID]
	if hash := c.str("hash"); hash != "" && (old == nil || old.Hash != hash) {
		return nil, refuse("hash_conflict")
	}
	v, err := s.sentView(c, inHome)
	if err != nil {
		return nil, err
	}
	refused := (*apiError)(nil)
	if old != nil {
		refused = s.replaceView(old, v)
		v = old
	} else {
		refused = s.keepView(v, u.ID)
	}
	if refused != nil {
		return nil, refused
	}
	s.world.homes[u.ID] = v
	s.changed()
	return obj{"view": s.viewWire(v)}, nil
}
