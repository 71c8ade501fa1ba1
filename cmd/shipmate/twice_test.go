package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"regexp"
	"testing"
	"time"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
	"shipmate/integrations/github/githubtest"
	"shipmate/store"
)

// twice are requests of every command. before makes what the command works on and may complete the arguments. varies says
// that the numbers in the answer may differ, since they count what is asked meanwhile.
var twice = map[string]struct {
	args   bot.Args
	before func(*idle, bot.Args)
	varies bool
}{
	"deploy":         {args: bot.Args{"service": "checkout", "environment": "staging", "reason": "a demo"}},
	"deploy promote": {args: bot.Args{"service": "checkout", "source environment": "production", "environment": "staging"}, before: func(i *idle, _ bot.Args) { i.succeeds("production") }},
	"deploy cancel":  {args: bot.Args{"service": "checkout", "environment": "staging"}, before: func(i *idle, _ bot.Args) { i.deploys() }},
	"deploy retry":   {args: bot.Args{"answer": "confirmed"}, before: func(i *idle, a bot.Args) { a["deployment"] = i.fails() }},
	"deploy rollback": {args: bot.Args{"service": "checkout", "environment": "staging", "answer": "confirmed"}, before: func(i *idle, a bot.Args) {
		a["ref"] = i.ships("Good").Commit.SHA
		a["bad"] = "from:" + i.ships("Bad").Commit.SHA
	}},
	"deploy unveto": {args: bot.Args{"service": "checkout", "environment": "staging"}, before: func(i *idle, a bot.Args) { a["sha"] = i.rollsBack() }},
	"deploy break-glass": {args: bot.Args{"service": "checkout", "environment": "guarded", "answer": "confirmed", "reason": "orders are lost"},
		before: func(i *idle, a bot.Args) { a["ref"] = i.checkout().Head("main") }},
	"deploy review":  {args: bot.Args{"reason": "seen"}, before: func(i *idle, a bot.Args) { a["deployment"] = i.breaks() }},
	"deploy reviews": {args: bot.Args{}, before: func(i *idle, _ bot.Args) { i.breaks() }},
	"deploy approve": {args: bot.Args{}, before: func(i *idle, a bot.Args) { a["deployment"] = i.waits("guarded").ID }},
	"deploy reject":  {args: bot.Args{"reason": "no"}, before: func(i *idle, a bot.Args) { a["deployment"] = i.waits("guarded").ID }},
	"deploy start":   {args: bot.Args{}, before: func(i *idle, a bot.Args) { a["deployment"] = i.startable() }},
	"deploy why":     {args: bot.Args{"service": "checkout", "environment": "staging"}},
	"deploy diff":    {args: bot.Args{"service": "checkout", "environment": "production"}, before: func(i *idle, _ bot.Args) { i.succeeds("production") }},
	"deploy where":   {args: bot.Args{"service": "checkout", "number": "1"}, before: func(i *idle, _ bot.Args) { i.succeeds("production") }},
	"deploy lock":    {args: bot.Args{"service or all": "checkout", "environment": "staging", "duration": "2h", "reason": "a move"}},
	"deploy unlock":  {args: bot.Args{"service or all": "checkout", "environment": "staging", "answer": "anyway"}, before: func(i *idle, _ bot.Args) { i.locks() }},
	"deploy locks":   {args: bot.Args{}, before: func(i *idle, _ bot.Args) { i.locks() }},
	"deploy freeze":  {args: bot.Args{"environment or all": "staging", "duration": "2h", "reason": "a sale"}},
	"deploy thaw":    {args: bot.Args{"environment or all": "staging", "answer": "anyway"}, before: func(i *idle, _ bot.Args) { i.freezes() }},
	"deploy freezes": {args: bot.Args{}, before: func(i *idle, _ bot.Args) { i.freezes() }},
	"deploy keep":    {args: bot.Args{"service or all": "all", "environment": "staging"}, before: func(i *idle, _ bot.Args) { i.locksAll() }},
	"deploy notify":  {args: bot.Args{"service": "checkout", "environment": "staging", "ref": "main"}, before: func(i *idle, _ bot.Args) { i.deploys() }},
	"deploy leave":   {args: bot.Args{"service": "checkout", "environment": "staging"}, before: func(i *idle, _ bot.Args) { i.waitsInLine() }},
	"deploy take":    {args: bot.Args{"service": "checkout", "environment": "staging"}, before: func(i *idle, _ bot.Args) { i.isFirst() }},
	"deploy status":  {args: bot.Args{}, before: func(i *idle, _ bot.Args) { i.deploys() }},
	"deploy history": {args: bot.Args{"service": "checkout"}, before: func(i *idle, _ bot.Args) { i.deploys() }},
	"deploy stats":   {args: bot.Args{"service": "checkout", "environment": "staging"}, before: func(i *idle, _ bot.Args) { i.ships("Good") }},
	"pipeline":       {args: bot.Args{"service": "checkout"}},
	"pipeline watch": {args: bot.Args{"service": "checkout"}},
	"pipeline rerun": {args: bot.Args{"service": "checkout", "jobs": "failed"}, before: func(i *idle, _ bot.Args) { i.failsCI() }},
	"oncall":         {args: bot.Args{"team or service": "checkout"}},
	"oncall am i":    {args: bot.Args{}},
	"oncall next":    {args: bot.Args{"team or service": "payments", "span": "3d"}},
	"page":           {args: bot.Args{"team or service": "checkout", "sure": "confirm:yes", "message": "it is slow"}},
	"page ack":       {args: bot.Args{}, before: func(i *idle, a bot.Args) { a["page"] = i.pages() }},
	"page escalate":  {args: bot.Args{}, before: func(i *idle, a bot.Args) { a["page"] = i.pages() }},
	"page resolve":   {args: bot.Args{}, before: func(i *idle, a bot.Args) { a["page"] = i.pages() }},
	"page note":      {args: bot.Args{"text": "it is the disk"}, before: func(i *idle, a bot.Args) { a["page"] = i.pages() }},
	"page add":       {args: bot.Args{"text": "you know it"}, before: func(i *idle, a bot.Args) { a["page"], a["person"] = i.pages(), i.people["ben"] }},
	"page again":     {args: bot.Args{}, before: func(i *idle, a bot.Args) { a["page"] = i.givesUp() }},
	"oncall take":    {args: bot.Args{"team or service": "storefront", "long": "2h", "sure": "confirm:yes"}},
	"oncall give": {args: bot.Args{"team or service": "payments", "long": "2h", "sure": "confirm:yes"},
		before: func(i *idle, a bot.Args) { a["person"] = i.people["ben"] }},
	"oncall accept":     {args: bot.Args{}, before: func(i *idle, a bot.Args) { a["handover"] = i.isOffered() }},
	"oncall decline":    {args: bot.Args{}, before: func(i *idle, a bot.Args) { a["handover"] = i.isOffered() }},
	"oncall undo":       {args: bot.Args{}, before: func(i *idle, a bot.Args) { a["handover"] = i.isOffered() }},
	"incident":          {args: bot.Args{"incident": "1"}, before: func(i *idle, _ bot.Args) { i.declares() }},
	"incident new":      {args: bot.Args{"title": "it is down", "severity": "sev1", "service": "checkout", "page": "yes"}},
	"incident list":     {args: bot.Args{}, before: func(i *idle, _ bot.Args) { i.declares() }},
	"incident timeline": {args: bot.Args{"incident": "1"}, before: func(i *idle, _ bot.Args) { i.declares() }},
	"incident stats":    {args: bot.Args{}, before: func(i *idle, _ bot.Args) { i.declares() }},
	"incident severity": {args: bot.Args{"incident": "1", "severity": "sev2"}, before: func(i *idle, _ bot.Args) { i.declares() }},
	"incident status":   {args: bot.Args{"incident": "1", "status": "resolved"}, before: func(i *idle, _ bot.Args) { i.declares() }},
	"incident reopen":   {args: bot.Args{"incident": "1", "reason": "it is back"}, before: func(i *idle, _ bot.Args) { i.resolves(i.declares()) }},
	"incident role": {args: bot.Args{"incident": "1", "role": "commander"}, before: func(i *idle, a bot.Args) {
		i.declares()
		a["person"] = i.people["ben"]
	}},
	"incident edit":     {args: bot.Args{"incident": "1", "title": "it is very slow", "severity": "sev2", "impact": "nobody can pay"}, before: func(i *idle, _ bot.Args) { i.declares() }},
	"incident impact":   {args: bot.Args{"incident": "1", "text": "nobody can pay"}, before: func(i *idle, _ bot.Args) { i.declares() }},
	"incident title":    {args: bot.Args{"incident": "1", "text": "cards fail"}, before: func(i *idle, _ bot.Args) { i.declares() }},
	"incident add":      {args: bot.Args{"incident": "1", "service": "checkout"}, before: func(i *idle, _ bot.Args) { i.declares() }},
	"incident remove":   {args: bot.Args{"incident": "1", "service": "catalog"}, before: func(i *idle, _ bot.Args) { i.declares() }},
	"incident note":     {args: bot.Args{"incident": "1", "text": "it is the disk"}, before: func(i *idle, _ bot.Args) { i.declares() }},
	"incident update":   {args: bot.Args{"incident": "1", "text": "it is the disk", "next": "1h"}, before: func(i *idle, _ bot.Args) { i.declares() }},
	"incident snooze":   {args: bot.Args{"incident": "1", "duration": "15m"}, before: func(i *idle, _ bot.Args) { i.declares() }},
	"postmortem":        {args: bot.Args{"incident": "1"}, before: func(i *idle, _ bot.Args) { i.learns() }},
	"postmortem due":    {args: bot.Args{}, before: func(i *idle, _ bot.Args) { i.learns() }},
	"postmortem list":   {args: bot.Args{}, before: func(i *idle, _ bot.Args) { i.learns() }},
	"postmortem items":  {args: bot.Args{"service": "catalog"}, before: func(i *idle, _ bot.Args) { i.learns() }},
	"postmortem accept": {args: bot.Args{"incident": "1"}, before: func(i *idle, _ bot.Args) { i.learns() }},
	"postmortem owner": {args: bot.Args{"incident": "1"}, before: func(i *idle, a bot.Args) {
		i.learns()
		a["person"] = i.people["dev"]
	}},
	"postmortem snooze":     {args: bot.Args{"incident": "1", "duration": "3d"}, before: func(i *idle, _ bot.Args) { i.learns() }},
	"postmortem not-needed": {args: bot.Args{"incident": "1", "reason": "a drill"}, before: func(i *idle, _ bot.Args) { i.learns() }},
	"postmortem new":        {args: bot.Args{"incident": "1"}, before: func(i *idle, _ bot.Args) { i.hasEnded() }},
	"postmortem done":       {args: bot.Args{"incident": "1"}, before: func(i *idle, _ bot.Args) { i.learns() }},
	"adr new":               {args: bot.Args{"title": "Use NATS"}, before: func(i *idle, _ bot.Args) { i.keepsDecisions() }},
	"adr list":              {args: bot.Args{}, before: func(i *idle, _ bot.Args) { i.proposes() }},
	"adr show":              {args: bot.Args{"decision": "1"}, before: func(i *idle, _ bot.Args) { i.keepsDecisions() }},
	"adr toc":               {args: bot.Args{}, before: func(i *idle, _ bot.Args) { i.keepsDecisions() }},
	"adr supersede":         {args: bot.Args{"decision": "1", "title": "Use NATS"}, before: func(i *idle, _ bot.Args) { i.keepsDecisions() }},
	"adr accept":            {args: bot.Args{}, before: proposed(false)},
	"adr reject":            {args: bot.Args{"why": "no"}, before: proposed(false)},
	"adr deprecate":         {args: bot.Args{"decision": "1"}, before: func(i *idle, _ bot.Args) { i.keepsDecisions() }},
	"adr renumber":          {args: bot.Args{}, before: collides},
	"adr adopt":             {args: bot.Args{}, before: fromLaptop},
	"adr up":                {args: bot.Args{}, before: proposed(false)},
	"adr down":              {args: bot.Args{"why": "what of it?"}, before: proposed(false)},
	"adr unvote":            {args: bot.Args{}, before: proposed(true)},
	"schedule":              {args: bot.Args{}, before: func(i *idle, _ bot.Args) { i.schedules("") }},
	"schedule show":         {args: bot.Args{}, before: func(i *idle, a bot.Args) { a["schedule"] = i.schedules("") }},
	"schedule add":          {args: bot.Args{"sure": "confirm:yes", "times": "0 9 * * *", "line": "deploy status"}},
	"schedule pause":        {args: bot.Args{}, before: func(i *idle, a bot.Args) { a["schedule"] = i.schedules("") }},
	"schedule resume":       {args: bot.Args{}, before: func(i *idle, a bot.Args) { a["schedule"] = i.schedules("schedule pause") }},
	"schedule skip":         {args: bot.Args{}, before: func(i *idle, a bot.Args) { a["schedule"] = i.schedules("") }},
	"schedule run":          {args: bot.Args{}, before: func(i *idle, a bot.Args) { a["schedule"] = i.schedules("") }},
	"schedule remove":       {args: bot.Args{}, before: func(i *idle, a bot.Args) { a["schedule"] = i.schedules("") }},
	"digest":                {args: bot.Args{}, before: func(i *idle, _ bot.Args) { i.hasDigests() }},
	"digest preview":        {args: bot.Args{"team": "payments"}, before: func(i *idle, _ bot.Args) { i.hasDigests() }},
	"digest now":            {args: bot.Args{"team": "payments"}, before: func(i *idle, _ bot.Args) { i.hasDigests() }},
	"digest mute":           {args: bot.Args{"team": "payments", "duration": "2d"}, before: func(i *idle, _ bot.Args) { i.hasDigests() }},
	"digest unmute":         {args: bot.Args{"team": "payments"}, before: func(i *idle, _ bot.Args) { i.mutes() }},
	"digest settings":       {args: bot.Args{"team": "payments", "sections": "deploys,oncall", "quiet": "nothing", "details": "button"}, before: func(i *idle, _ bot.Args) { i.hasDigests() }},
	"digest details":        {args: bot.Args{}, before: func(i *idle, a bot.Args) { a["digest"] = i.tells() }},
	"debt":                  {args: bot.Args{}, before: func(i *idle, _ bot.Args) { i.owes() }},
	"debt add":              {args: bot.Args{"service": "checkout", "title": "Two clocks", "costs": "We pay twice.", "cost": "high", "size": "M"}},
	"debt take":             {args: bot.Args{}, before: func(i *idle, a bot.Args) { a["item"] = i.owes() }},
	"debt snooze":           {args: bot.Args{"until": "6w", "reason": "after the move"}, before: func(i *idle, a bot.Args) { a["item"] = i.owes() }},
	"debt drop":             {args: bot.Args{"reason": "never"}, before: func(i *idle, a bot.Args) { a["item"] = i.owes() }},
	"home":                  {args: bot.Args{}},
	"shipmate notify":       {args: bot.Args{"topic": "shipped", "choice": "on"}},
	"shipmate link":         {args: bot.Args{"provider": "github", "login": "ben"}, before: func(i *idle, a bot.Args) { a["person"] = i.people["ben"] }},
	"shipmate unlink":       {args: bot.Args{"provider": "github"}, before: func(i *idle, a bot.Args) { a["person"] = i.people["ben"] }},
	"shipmate links":        {args: bot.Args{}},
	"shipmate doctor":       {args: bot.Args{}, varies: true},
	"shipmate help":         {args: bot.Args{}},
	"shipmate version":      {args: bot.Args{}},
}

// Every command is run twice with the same request, in the same process and again in the next one, as after a crash: the
// same records, the same answer.
func TestEveryCommandTwice(t *testing.T) {
	t.Parallel()
	for _, c := range newIdle(t).app.commands {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			i := newIdle(t)
			row, ok := twice[c.Name]
			if c.On&bot.Event != 0 {
				return // events are run twice where they happen
			}
			if !ok {
				t.Fatalf("%q has no row in the table: it must say how it is run twice", c.Name)
			}
			if row.before != nil {
				row.before(i, row.args)
			}
			req := bot.Request{ID: "1d3c79ab-0ffb-41f3-a080-d19e85f53649", At: i.clock.Now(), Via: bot.Slash, User: i.people["ana"],
				Channel: i.channel("payments"), Line: c.Name, Args: row.args, Config: i.app.live.Current()}
			i.varies = row.varies
			i.notMade(c.Name, req)
			first := i.answer(c.Name, req)
			records, changes := i.records(), i.changes()
			for _, again := range []string{"in the same process", "in the next process"} {
				if second := i.answer(c.Name, req); second != first {
					t.Errorf("answers %s, then %s: %s", first, again, second)
				}
				i.made(c.Name, req, first)
				if now := i.records(); now != records {
					t.Errorf("wrote something the second time, %s. Before:\n%s\nafter:\n%s", again, records, now)
				}
				if now := i.changes(); now != changes {
					t.Errorf("changed GitHub or PagerDuty %d times, then %d times more, %s", changes, now-changes, again)
				}
				i.crash()
				records = i.records()
			}
		})
	}
}

// idle is the program, built and not running: nothing happens but what a test does.
type idle struct {
	*stage
	app    *app
	varies bool // the numbers in answers do not count
}

func newIdle(t *testing.T) *idle {
	t.Helper()
	i := &idle{stage: newStage(t)}
	i.build()
	t.Cleanup(func() { _ = i.app.db.Close() }) // it may have been closed
	return i
}

func (i *idle) build() {
	i.Helper()
	a, err := build(context.Background(), parts{Config: i.configPath(), Clock: i.clock, Log: slog.New(slog.DiscardHandler),
		Secrets: config.Secrets{SlackApp: config.NewSecret(i.slack.AppToken), SlackBot: config.NewSecret(i.slack.BotToken),
			GitHubToken: config.NewSecret(githubtest.DefaultToken), PagerDuty: config.NewSecret(i.pagerToken)}})
	if err != nil {
		i.Fatal(err)
	}
	i.app = a
}

// crash leaves the program without a word, and builds the next on what is on the disk.
func (i *idle) crash() {
	i.Helper()
	if err := i.app.db.Close(); err != nil {
		i.Fatal(err)
	}
	i.build()
}

func (i *idle) command(name string) bot.Command {
	for _, c := range i.app.commands {
		if c.Name == name {
			return c
		}
	}
	i.Fatalf("no command %q", name)
	return bot.Command{}
}

// answer runs a command and returns its whole answer as text.
func (i *idle) answer(name string, req bot.Request) string {
	i.Helper()
	reply, err := i.command(name).Run(context.Background(), req)
	if err != nil {
		i.Fatalf("running it: %v", err)
	}
	return i.text(reply)
}

// notMade checks that a command does not think it has done what it has not.
func (i *idle) notMade(name string, req bot.Request) {
	i.Helper()
	if c := i.command(name); c.Made != nil {
		if _, ok, err := c.Made(context.Background(), req); ok || err != nil {
			i.Errorf("says it was done before it was: %v", err)
		}
	}
}

// made checks that a command knows what it has done, and says the same of it.
func (i *idle) made(name string, req bot.Request, want string) {
	i.Helper()
	c := i.command(name)
	if c.Made == nil {
		return
	}
	reply, ok, err := c.Made(context.Background(), req)
	if got := i.text(reply); !ok || err != nil || got != want {
		i.Errorf("answered %s; what was made is told as %s, %v, %v", want, got, ok, err)
	}
}

func (i *idle) text(reply bot.Reply) string {
	i.Helper()
	out, err := json.Marshal(reply)
	if err != nil {
		i.Fatal(err)
	}
	if i.varies {
		return numbers.ReplaceAllString(string(out), "#")
	}
	return string(out)
}

var numbers = regexp.MustCompile(`[0-9]+( records?\b| [KM]iB\b)?`)

// changes counts the calls that changed something on GitHub or PagerDuty.
func (i *idle) changes() int {
	n := 0
	for _, c := range i.github.Calls() {
		if c.Applied && c.Method != "GET" && c.Method != "HEAD" {
			n++
		}
	}
	for _, c := range i.pager.Calls() {
		if c.Applied && c.Method != "GET" {
			n++
		}
	}
	return n
}

// records are all keys with their values.
func (i *idle) records() string {
	i.Helper()
	all := map[string]string{}
	err := i.app.db.View(context.Background(), func(s store.Snapshot) error {
		clear(all)
		for key, value := range s.Scan("", "") {
			all[key] = string(value)
		}
		return nil
	})
	if err != nil {
		i.Fatal(err)
	}
	out, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		i.Fatal(err)
	}
	return string(out)
}

// deploys wants a deployment and returns its ID.
func (i *idle) deploys() string {
	i.Helper()
	d, err := i.app.deliveries.Deploy(context.Background(), delivery.Want{Request: "the first", At: i.clock.Now(), Service: "checkout",
		Environment: "staging", By: i.people["ana"]})
	if err != nil {
		i.Fatal(err)
	}
	return d.ID
}

// ships deploys a new commit to staging.
func (i *idle) ships(subject string) *delivery.Deployment {
	i.Helper()
	i.checkout().Commit("main", "ana", subject, githubtest.Files{"app.txt": subject})
	i.clock.Advance(time.Minute)
	d, err := i.app.deliveries.Deploy(context.Background(), delivery.Want{Request: subject, At: i.clock.Now(), Service: "checkout",
		Environment: "staging", By: i.people["ana"]})
	if err != nil {
		i.Fatal(err)
	}
	for next := i.clock.Now(); !next.IsZero(); {
		i.clock.Set(next)
		if next, err = i.app.deliveries.Step(context.Background(), d.ID); err != nil {
			i.Fatal(err)
		}
	}
	return d
}

// rollsBack undoes a commit on staging and returns it.
func (i *idle) rollsBack() string {
	i.Helper()
	i.ships("Good")
	bad := i.ships("Bad")
	if _, err := i.app.deliveries.Rollback(context.Background(), delivery.Want{Request: "back", At: i.clock.Now(), Service: "checkout",
		Environment: "staging", By: i.people["ana"]}); err != nil {
		i.Fatal(err)
	}
	return bad.Commit.SHA
}

// breaks deploys past shut gates for dev, and returns the ID.
func (i *idle) breaks() string {
	i.Helper()
	d, err := i.app.deliveries.Deploy(context.Background(), delivery.Want{Request: "past", At: i.clock.Now(), Service: "checkout",
		Environment: "guarded", By: i.people["dev"], Glass: true, Reason: "orders are lost"})
	if err != nil {
		i.Fatal(err)
	}
	return d.ID
}

// waits wants a deployment that waits: to guarded for an approval, to slow for a check.
func (i *idle) waits(environment string) *delivery.Deployment {
	i.Helper()
	d, err := i.app.deliveries.Deploy(context.Background(), delivery.Want{Request: "the first", At: i.clock.Now(), Service: "checkout",
		Environment: environment, By: i.people["ana"]})
	if err != nil {
		i.Fatal(err)
	}
	return d
}

// startable is a deployment of ana's whose checks have passed while it waited.
func (i *idle) startable() string {
	i.Helper()
	i.checkout().SetStatus("main", "ci/build", "pending", "", "")
	d := i.waits("slow")
	i.checkout().SetStatus("main", "ci/build", "success", "", "")
	i.clock.Advance(time.Minute)
	if _, err := i.app.deliveries.Step(context.Background(), d.ID); err != nil {
		i.Fatal(err)
	}
	return d.ID
}

// locks locks what ana could deploy.
func (i *idle) locks() {
	i.Helper()
	if _, err := i.app.deliveries.Lock(context.Background(), delivery.LockWant{Request: "the lock", At: i.clock.Now(), By: i.people["dev"],
		Service: "checkout", Environment: "staging", Reason: "something else"}); err != nil {
		i.Fatal(err)
	}
}

// locksAll is ana locking all services.
func (i *idle) locksAll() {
	i.Helper()
	if _, err := i.app.deliveries.Lock(context.Background(), delivery.LockWant{Request: "the lock", At: i.clock.Now(), By: i.people["ana"],
		Service: delivery.AllServices, Environment: "staging", Reason: "something else"}); err != nil {
		i.Fatal(err)
	}
}

// waitsInLine has ana wait for what is locked.
func (i *idle) waitsInLine() {
	i.Helper()
	i.locks()
	if _, err := i.app.deliveries.Join(context.Background(), delivery.LineWant{Request: "the place", At: i.clock.Now(), By: i.people["ana"],
		Service: "checkout", Environment: "staging"}); err != nil {
		i.Fatal(err)
	}
}

// isFirst makes it ana's turn.
func (i *idle) isFirst() {
	i.Helper()
	i.waitsInLine()
	if _, err := i.app.deliveries.Unlock(context.Background(), delivery.LockWant{Request: "the unlock", At: i.clock.Now(), By: i.people["dev"],
		Service: "checkout", Environment: "staging"}); err != nil {
		i.Fatal(err)
	}
	if _, err := i.app.deliveries.StepLine(context.Background(), "checkout/staging"); err != nil {
		i.Fatal(err)
	}
}

// freezes freezes where ana could deploy.
func (i *idle) freezes() {
	i.Helper()
	if _, err := i.app.deliveries.Freeze(context.Background(), delivery.FreezeWant{Request: "the freeze", At: i.clock.Now(), By: i.people["dev"],
		Environment: "staging", Reason: "something else"}); err != nil {
		i.Fatal(err)
	}
}

// fails makes a deployment that fails and returns its ID.
func (i *idle) fails() string {
	i.Helper()
	broken(i.stage)
	id := i.deploys()
	i.ends(id)
	return id
}

// succeeds makes a deployment that succeeds.
func (i *idle) succeeds(environment string) {
	i.Helper()
	d, err := i.app.deliveries.Deploy(context.Background(), delivery.Want{Request: "good", At: i.clock.Now(), Service: "checkout",
		Environment: environment, By: i.people["ana"]})
	if err != nil {
		i.Fatal(err)
	}
	i.ends(d.ID)
}

// ends sees a deployment through.
func (i *idle) ends(id string) {
	i.Helper()
	for next := i.clock.Now(); !next.IsZero(); {
		i.clock.Set(next)
		var err error
		if next, err = i.app.deliveries.Step(context.Background(), id); err != nil {
			i.Fatal(err)
		}
	}
}

const ciWorkflow = `name: CI
on: {push: {branches: [main]}}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - {name: Unit tests, run: make test}
`

// failsCI has the newest commit fail its tests.
func (i *idle) failsCI() {
	i.checkout().Script("ci.yml", githubtest.FailAt("test", "Unit tests"))
	i.checkout().Commit("main", "ana", "Test it", githubtest.Files{".github/workflows/ci.yml": ciWorkflow})
	i.clock.Advance(time.Minute)
}
