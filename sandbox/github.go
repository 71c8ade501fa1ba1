package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"shipmate/integrations/github/githubtest"
)

var gitHubTemplate = template.Must(template.New("github.html").Funcs(template.FuncMap{
	"short": func(sha any) string { return fmt.Sprintf("%.7s", sha) },
	"first": func(text any) string { line, _, _ := strings.Cut(fmt.Sprint(text), "\n"); return line },
	"shown": func(text any) string { return strings.TrimSpace(hidden.ReplaceAllString(fmt.Sprint(text), "")) },
}).ParseFS(webFiles, "web/github.html"))

// hidden is what GitHub does not show of a text: comments of HTML, which hold what a bot wants to find again.
var hidden = regexp.MustCompile(`(?s)<!--.*?-->`)

// gitHubPage is what a link to GitHub shows on the stage: what GitHub's API tells about it, asked over HTTP, so that the
// page is as up or down as GitHub is.
type gitHubPage struct {
	Repo    string
	Kind    string // run, commit, pull, issue, compare, file, directory, repo
	Subject map[string]any
	Jobs    []any
	Logs    map[string]string // by job's name, of jobs that failed

	Files    []any // of a pull request or a directory
	Reviews  []any // of a pull request
	Comments []any // of an issue or pull request
	Problem  string
	Refresh  bool
	People   []string    // who can do something there, on the page of a pull request or a repository
	Document *gitHubFile // the text that it is about, to be written on: its one file of Markdown

	Thumbs   []thumbs    // of a pull request, up and down
	Statuses []any       // of a pull request's newest commit
	Pulls    []any       // of a repository, those that are open
	Record   *gitHubFile // what somebody could propose there from a laptop
}

// serveGitHub shows the pages that messages link to.
func (s *Stage) serveGitHub(w http.ResponseWriter, r *http.Request) {
	repo, rest := r.PathValue("owner")+"/"+r.PathValue("repo"), r.PathValue("rest")
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	p, err := s.gitHubPage(ctx, repo, rest)
	if err != nil {
		p.Problem = err.Error()
		w.Header().Set("Cache-Control", "no-store")
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := gitHubTemplate.Execute(w, p); err != nil {
		s.opts.Log.Debug("a page of GitHub was not sent", "err", err)
	}
}

func (s *Stage) gitHubPage(ctx context.Context, repo, rest string) (gitHubPage, error) {
	p := gitHubPage{Repo: repo, Kind: "repo"}
	kind, id, _ := strings.Cut(rest, "/")
	at := "repos/" + repo
	switch {
	case strings.HasPrefix(rest, "actions/runs/"):
		run, _, _ := strings.Cut(strings.TrimPrefix(rest, "actions/runs/"), "/")
		p.Kind = "run"
		err := s.runPage(ctx, at, url.PathEscape(run), &p)
		return p, err
	case kind == "commit":
		p.Kind, at = "commit", at+"/commits/"+url.PathEscape(id)
	case kind == "pull":
		p.Kind = "pull"
		err := s.talkPage(ctx, at, url.PathEscape(id), &p)
		return p, err
	case kind == "issues":
		p.Kind = "issue"
		err := s.talkPage(ctx, at, url.PathEscape(id), &p)
		return p, err
	case kind == "blob" || kind == "tree":
		p.Kind = map[string]string{"blob": "file", "tree": "directory"}[kind]
		err := s.filePage(ctx, at, id, &p)
		return p, err
	case kind == "compare":
		p.Kind, at = "compare", at+"/compare/"+url.PathEscape(id)
	default:
		p.People, p.Record = people(), s.exampleRecord(ctx, at)
		if err := s.askGitHub(ctx, at+"/pulls", &p.Pulls); err != nil {
			return p, err
		}
	}
	err := s.askGitHub(ctx, at, &p.Subject)
	return p, err
}

// talkPage is a pull request or an issue with what is said of it.
func (s *Stage) talkPage(ctx context.Context, at, id string, p *gitHubPage) error {
	subject := at + "/issues/" + id
	if p.Kind == "pull" {
		subject = at + "/pulls/" + id
	}
	if err := s.askGitHub(ctx, subject, &p.Subject); err != nil {
		return err
	}
	if p.Kind == "pull" {
		p.People = people()
		if err := s.askGitHub(ctx, subject+"/files", &p.Files); err != nil {
			return err
		}
		if err := s.askGitHub(ctx, subject+"/reviews", &p.Reviews); err != nil {
			return err
		}
		p.Document = s.documentOf(p)
		if err := s.statusesOf(ctx, at, p); err != nil {
			return err
		}
		if err := s.thumbsOf(ctx, at+"/issues/"+id+"/reactions", p); err != nil {
			return err
		}
	}
	return s.askGitHub(ctx, at+"/issues/"+id+"/comments", &p.Comments)
}

// statusesOf are what tools say of a pull request's newest commit, the newest of each.
func (s *Stage) statusesOf(ctx context.Context, at string, p *gitHubPage) error {
	head, _ := p.Subject["head"].(map[string]any)
	var combined struct{ Statuses []any }
	err := s.askGitHub(ctx, fmt.Sprintf("%s/commits/%v/status", at, head["sha"]), &combined)
	p.Statuses = combined.Statuses
	return err
}

// filePage shows a file, or the files of a directory, at a commit: "c0ffee/doc/adr/0001-a.md".
func (s *Stage) filePage(ctx context.Context, at, id string, p *gitHubPage) error {
	ref, name, _ := strings.Cut(id, "/")
	there := at + "/contents/" + (&url.URL{Path: name}).EscapedPath() + "?ref=" + url.QueryEscape(ref)
	if p.Kind == "directory" {
		p.Subject = map[string]any{"name": name, "ref": ref}
		return s.askGitHub(ctx, there, &p.Files)
	}
	var file struct{ Content []byte }
	err := s.askGitHub(ctx, there, &file)
	p.Document = &gitHubFile{Path: name, Text: string(file.Content)}
	return err
}

// thumbs are those of one kind below a pull request.
type thumbs struct {
	Content string // +1 or -1
	Shown   string
	By      []string // logins
}

func (s *Stage) thumbsOf(ctx context.Context, at string, p *gitHubPage) error {
	var all []struct {
		Content string
		User    struct{ Login string }
	}
	if err := s.askGitHub(ctx, at+"?per_page=100", &all); err != nil {
		return err
	}
	p.Thumbs = []thumbs{{Content: "+1", Shown: "👍"}, {Content: "-1", Shown: "👎"}}
	for _, one := range all {
		for i := range p.Thumbs {
			if p.Thumbs[i].Content == one.Content {
				p.Thumbs[i].By = append(p.Thumbs[i].By, one.User.Login)
			}
		}
	}
	return nil
}

// gitHubFile is a file that people write on.
type gitHubFile struct{ Path, Text string }

// documentOf is the one file of Markdown of a pull request, as it is on its branch; nil when there is none, or more.
func (s *Stage) documentOf(p *gitHubPage) *gitHubFile {
	head, _ := p.Subject["head"].(map[string]any)
	ref, _ := head["ref"].(string)
	if len(p.Files) != 1 || ref == "" || p.Subject["state"] != "open" {
		return nil
	}
	file, _ := p.Files[0].(map[string]any)
	name, _ := file["filename"].(string)
	text, found := s.github.Repo(p.Repo).File(ref, name)
	if !found || !strings.HasSuffix(name, ".md") {
		return nil
	}
	return &gitHubFile{Path: name, Text: text}
}

// people are the logins of those who can do something on GitHub's own side.
func people() []string {
	var out []string
	for _, e := range employees {
		out = append(out, e.name)
	}
	return out
}

func (s *Stage) runPage(ctx context.Context, at, run string, p *gitHubPage) error {
	if err := s.askGitHub(ctx, at+"/actions/runs/"+run, &p.Subject); err != nil {
		return err
	}
	p.Refresh = p.Subject["status"] != "completed"
	var list struct{ Jobs []any }
	if err := s.askGitHub(ctx, at+"/actions/runs/"+run+"/jobs", &list); err != nil {
		return err
	}
	p.Jobs, p.Logs = list.Jobs, map[string]string{}
	for _, j := range list.Jobs {
		job, _ := j.(map[string]any)
		if job["conclusion"] != "failure" {
			continue
		}
		if text, err := s.readGitHub(ctx, fmt.Sprintf("%s/actions/jobs/%.0f/logs", at, job["id"])); err == nil {
			p.Logs[fmt.Sprint(job["name"])] = string(text)
		}
	}
	return nil
}

func (s *Stage) askGitHub(ctx context.Context, path string, v any) error {
	body, err := s.readGitHub(ctx, path)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, v)
}

func (s *Stage) readGitHub(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.github.URL()+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+githubtest.DefaultToken)
	req.Header.Set("Accept", "application/vnd.github+json")
	req.Header.Set("User-Agent", "shipmate-stage")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("GitHub gave no answer")
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GitHub answered %s", res.Status)
	}
	return io.ReadAll(io.LimitReader(res.Body, 4<<20))
}
