package adr_test

import (
	"slices"
	"strings"
	"testing"

	"shipmate/adr"
	"shipmate/integrations/github/githubtest"
)

// Where the configuration names no directory, the one that a repository has is found, and records go there.
func TestDirectoriesAreFound(t *testing.T) {
	t.Parallel()
	old := short(6)
	for name, c := range map[string]struct {
		files githubtest.Files
		want  string
		n     int
	}{
		"none":                   {githubtest.Files{}, "doc/adr", 1},
		"adr-tools":              {githubtest.Files{"doc/adr/0006-a.md": old}, "doc/adr", 7},
		"docs":                   {githubtest.Files{"docs/adr/0006-a.md": old}, "docs/adr", 7},
		"MADR":                   {githubtest.Files{"docs/decisions/0006-a.md": old}, "docs/decisions", 7},
		"plural":                 {githubtest.Files{"docs/adrs/0006-a.md": old}, "docs/adrs", 7},
		"architecture":           {githubtest.Files{"doc/architecture/decisions/0006-a.md": old}, "doc/architecture/decisions", 7},
		"architecture in docs":   {githubtest.Files{"docs/architecture/decisions/0006-a.md": old}, "docs/architecture/decisions", 7},
		"hidden":                 {githubtest.Files{".decisions/0006-a.md": old}, ".decisions", 7},
		"the first":              {githubtest.Files{"docs/decisions/0009-a.md": old, "docs/adr/0006-a.md": old}, "docs/adr", 7},
		"said":                   {githubtest.Files{".adr-dir": "notes/decided\n", "notes/decided/0006-a.md": old, "doc/adr/0009-a.md": old}, "notes/decided", 7},
		"said, not there yet":    {githubtest.Files{".adr-dir": "\uFEFF./notes/decided/\r\n"}, "notes/decided", 1},
		"said nothing":           {githubtest.Files{".adr-dir": " \n", "docs/adr/0006-a.md": old}, "docs/adr", 7},
		"a file is no directory": {githubtest.Files{"doc/adr": "see docs/decisions"}, "doc/adr", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			if len(c.files) > 0 {
				s.repo.Commit("main", "ana", "As it is", c.files)
			}
			if b := s.book(); b.Log.Dir != c.want || b.Log.Scope() != "acme/decisions:" {
				t.Errorf("it is in %q, in scope %s", b.Log.Dir, b.Log.Scope())
			}
			if c.n == 0 {
				return
			}
			s.connect()
			p := s.opened("Use NATS")
			if p.Dir != c.want || p.Number != c.n || p.File != c.want+"/"+adr.FileName(c.n, "Use NATS") {
				t.Errorf("%s, %d, %s", p.Dir, p.Number, p.File)
			}
			if _, there := s.repo.File(p.Branch, p.File); !there {
				t.Error("it is not there")
			}
			s.thumb(p.ID, ben, adr.Up)
			s.thumb(p.ID, cy, adr.Up)
			s.ended(p.ID, adr.Accepted)
		})
	}
}

// Everything that is done with records is done in the directory that was found.
func TestEverythingIsInTheDirectoryThatWasFound(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.repo.Commit("main", "ana", "Decide", githubtest.Files{"docs/decisions/0001-use-kafka.md": record(1, "Use Kafka", "d"), "docs/decisions/0002-use-it.md": record(2, "Use it", "d")})
	p := s.opened("Use NATS", supersedes(1))
	if content, _ := s.repo.File(p.Branch, "docs/decisions/0001-use-kafka.md"); adr.Parse("0001-use-kafka.md", []byte(content)).Status != adr.StatusSuperseded {
		t.Errorf("the old one: %s", content)
	}
	q := s.opened("Use ZeroMQ", supersedes(3))
	if q.Supersedes[0].Title != "Use NATS" {
		t.Errorf("%+v", q.Supersedes)
	}
	changed := s.opened("", func(w *adr.Want) { w.Number, w.Change = 2, &adr.Change{To: adr.StatusDeprecated} })
	if changed.File != "docs/decisions/0002-use-it.md" {
		t.Error(changed.File)
	}
	n := s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: "x", Files: githubtest.Files{"docs/decisions/0001-mine.md": record(1, "Mine", "d")}})
	elsewhere := s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: "x", Files: githubtest.Files{"doc/adr.md": "1"}})
	if state, says := s.judged(s.github.Pulls("acme/decisions")[n-1].Pull.HeadSHA); state != "failure" || !strings.Contains(says, "0001-use-kafka.md") {
		t.Errorf("%s: %s", state, says)
	}
	_, err := s.Adopt(t.Context(), adr.AdoptWant{Request: request(), At: s.clock.Now(), By: cy, Pull: elsewhere, Renumber: true})
	s.refuses(adr.NoPull, err)
	mine, err := s.Adopt(t.Context(), adr.AdoptWant{Request: request(), At: s.clock.Now(), By: cy, Pull: n, Renumber: true})
	if err != nil {
		t.Fatal(err)
	}
	mine = s.until(mine.ID, "it has a number", func(p *adr.Proposal) bool { return p.Number == 5 })
	if mine.File != "docs/decisions/0005-mine.md" {
		t.Error(mine.File)
	}
}

// Nobody can propose into a directory that cannot be: whoever asks reads why, and a proposal waits until it is mended.
func TestDirectoriesThatCannotBe(t *testing.T) {
	t.Parallel()
	for content, says := range map[string]string{
		"../adr":      `The file .adr-dir of acme/decisions says "../adr", which is no directory in it; correct that, or name the directory in the configuration.`,
		"/etc/adr":    `says "/etc/adr", which is no directory in it`,
		".":           `says ".", which is no directory in it`,
		"doc/adr\nno": `says "doc/adr\nno", which is no directory in it`,
		"web/adr":     "says web/adr, where the log web has its records",
	} {
		t.Run(content, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.configure(strings.Replace(stageYAML, "announce:", "logs: {web: {dir: web/adr}}, announce:", 1))
			s.repo.Commit("main", "ana", "As it is", githubtest.Files{".adr-dir": content + "\n"})
			_, err := s.Book(t.Context(), s.log())
			if words := sentence(t, err); !strings.Contains(words, says) {
				t.Error(words)
			}
			p := s.proposes("Use NATS")
			p = s.until(p.ID, "it says why", func(p *adr.Proposal) bool { return p.Hitches["open"].Said })
			if !strings.Contains(p.Hitches["open"].Why, says) {
				t.Error(p.Hitches)
			}
			s.repo.Commit("main", "ana", "Mend it", githubtest.Files{".adr-dir": "docs/adr\n"})
			p = s.until(p.ID, "it is open", func(p *adr.Proposal) bool { return p.State == adr.Open })
			if p.Dir != "docs/adr" || len(p.Hitches) != 0 {
				t.Errorf("%+v", p)
			}
		})
	}
}

// The directory of another log is not found.
func TestDirectoriesOfOtherLogsArePassedOver(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(strings.Replace(stageYAML, "announce:", "logs: {web: {dir: doc/adr}}, announce:", 1))
	s.repo.Commit("main", "ana", "As it is", githubtest.Files{"doc/adr/0001-web.md": short(1), "docs/decisions/0004-all.md": short(4)})
	if b := s.book(); b.Log.Dir != "docs/decisions" {
		t.Error(b.Log.Dir)
	}
	web, err := s.Book(t.Context(), s.config.DecisionLogs()[1])
	if err != nil || len(web.Records) != 1 || web.Records[0].Number != 1 {
		t.Errorf("%+v, %v", web, err)
	}
	if p := s.opened("Use NATS"); p.Number != 5 {
		t.Errorf("%s", p.File)
	}
	if p := s.opened("Use React", func(w *adr.Want) { w.Log = "web" }); p.File != "doc/adr/0002-use-react.md" || p.Branch != "adr/web/0002" {
		t.Errorf("%s on %s", p.File, p.Branch)
	}
}

// A proposal stays in the directory that it was opened in. Where the records have moved away from there it is not merged, and says so.
func TestTheRecordsMove(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.decided("Use Kafka")
	p := s.opened("Use NATS")
	content, _ := s.repo.File("main", "doc/adr/0001-use-kafka.md")
	s.repo.Commit("main", "ana", "Move", githubtest.Files{".adr-dir": "docs/decisions\n", "docs/decisions/0001-use-kafka.md": content})
	s.thumb(p.ID, ben, adr.Up)
	s.thumb(p.ID, cy, adr.Up)
	p = s.until(p.ID, "it says why", func(p *adr.Proposal) bool { return p.Hitches["look"].Said })
	if want := "The decisions are in docs/decisions now, and ADR-2 was proposed for doc/adr; close it, and propose it again."; p.Hitches["look"].Why != want || p.File != "doc/adr/0002-use-nats.md" {
		t.Errorf("%+v", p)
	}
	if q := s.opened("Use ZeroMQ"); q.File != "docs/decisions/0003-use-zeromq.md" {
		t.Error(q.File)
	}
	if err := s.ends(ana, p.ID, "It moves.", false); err != nil {
		t.Fatal(err)
	}
	s.ended(p.ID, adr.Closed)
}

// One that is open when the configuration names a directory ends where it was opened; what comes then goes there.
func TestTheConfigurationNamesADirectory(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.decided("Use Kafka")
	p, waiting := s.opened("Use NATS"), s.proposes("Use Pulsar")
	s.configure(strings.Replace(stageYAML, "announce:", "dir: docs/adr, announce:", 1))
	if q := s.opened("Use ZeroMQ"); q.File != "docs/adr/0003-use-zeromq.md" { // 2 has a branch
		t.Error(q.File)
	}
	if waiting = s.until(waiting.ID, "it is open", func(p *adr.Proposal) bool { return p.State == adr.Open }); waiting.File != "doc/adr/0004-use-pulsar.md" {
		t.Error(waiting.File)
	}
	s.thumb(p.ID, ben, adr.Up)
	s.thumb(p.ID, cy, adr.Up)
	s.ended(p.ID, adr.Accepted)
	if r := s.record("main", "0002-use-nats.md"); r.Number != 2 {
		t.Errorf("%+v", r)
	}
}

// A directory's own template is what records are made of.
func TestTheTemplateOfTheDirectory(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.repo.Commit("main", "ana", "Template", githubtest.Files{"docs/decisions/" + adr.TemplateFile: "# NUMBER. TITLE\n\nDate: DATE\n\n## Status\n\nSTATUS\n\n## Context\n\n## Security\n\nWho looked at it?\n\n## Decision\n\n## Consequences\n"})
	p := s.opened("Use NATS", func(w *adr.Want) { w.Alternatives = "Kafka." })
	content := s.text(p)
	r := adr.Parse("0001-use-nats.md", []byte(content))
	var headings []string
	for _, section := range r.Sections {
		headings = append(headings, section.Heading)
	}
	if !slices.Equal(headings, []string{"Status", "Context", "Security", "Decision", "Alternatives", "Consequences"}) || r.Section("Security") != "Who looked at it?" || r.Section("Decision") != "We do it." ||
		r.Status != adr.StatusAccepted || r.Date != "2026-03-09" || r.Title != "Use NATS" || r.Section("Alternatives") != "Kafka." {
		t.Errorf("%v: %s", headings, content)
	}
	if again := s.opened("Use ZeroMQ"); again.Number != 2 { // the template has no number
		t.Errorf("%d", again.Number)
	}
}
