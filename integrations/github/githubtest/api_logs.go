package githubtest

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"time"
)

// logTime is how GitHub stamps the lines of a log.
const logTime = "2006-01-02T15:04:05.0000000Z"

// jobLogs sends to where the log is, once the job is done.
func jobLogs(q *request) reply {
	_, _, v := q.jobAsked(q.num("job"))
	if v == nil || v.Status != "completed" || v.Conclusion == "skipped" {
		return q.notFound()
	}
	return q.elsewhere("job", v.ID)
}

func runLogs(q *request) reply {
	r, a := q.runAsked()
	if r == nil || q.repo.view(a, q.now).Status != "completed" {
		return q.notFound()
	}
	return q.elsewhere("run", r.ID)
}

// elsewhere redirects to another host name, as GitHub does, so that an HTTP client drops its credentials on the way.
func (q *request) elsewhere(kind string, id int64) reply {
	return reply{status: 302}.with("Location", fmt.Sprintf("%s/_logs/%s/%s/%d", q.otherHost(), q.repo.full(), kind, id))
}

// otherHost is this server by another name.
func (q *request) otherHost() string { return strings.Replace(q.s.base, "127.0.0.1", "localhost", 1) }

// downloadLog is the other host. Like the store GitHub keeps logs in, it refuses a request that brings its own
// credentials beside the address.
func downloadLog(q *request) reply {
	if q.Header.Get("Authorization") != "" {
		q.s.problems = append(q.s.problems, "the GitHub credentials were sent to the host the logs are on")
		return reply{status: 401, raw: []byte("Server failed to authenticate the request.")}
	}
	if q.repo == nil {
		return q.notFound()
	}
	if q.vars["kind"] == "run" {
		return q.zipped(q.repo.run(q.num("id")))
	}
	_, _, v := q.jobAsked(q.num("id"))
	if v == nil {
		return q.notFound()
	}
	return reply{status: 200, raw: []byte(v.log())}.with("Content-Type", "text/plain; charset=utf-8")
}

// zipped is the archive of a whole run's logs, a file per job.
func (q *request) zipped(r *run) reply {
	if r == nil {
		return q.notFound()
	}
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for i, v := range q.jobs(r.last()) {
		w, err := z.Create(fmt.Sprintf("%d_%s.txt", i, strings.ReplaceAll(v.Name, "/", "")))
		if err == nil {
			_, err = w.Write([]byte(v.log()))
		}
		if err != nil {
			return q.fail(500, "Server Error")
		}
	}
	if err := z.Close(); err != nil {
		return q.fail(500, "Server Error")
	}
	return reply{status: 200, raw: buf.Bytes()}.with("Content-Type", "application/zip")
}

// log is what a runner prints: every line stamped, steps in groups, a failing one ending with an error.
func (v *jobView) log() string {
	var out strings.Builder
	for _, st := range v.Steps {
		if st.Conclusion == "skipped" || st.Status == "queued" {
			continue
		}
		lines := st.lines(v)
		for i, line := range lines {
			at := st.Started.Add(st.Completed.Sub(st.Started) * time.Duration(i) / time.Duration(len(lines)))
			fmt.Fprintf(&out, "%s %s\n", at.Format(logTime), line)
		}
	}
	return out.String()
}

func (st *stepView) lines(v *jobView) []string {
	switch st.Name {
	case "Set up job":
		return []string{"Current runner version: '2.334.0'", "##[group]Runner Image", "Image: ubuntu-24.04", "##[endgroup]",
			"Complete job name: " + v.Name}
	case "Complete job":
		return []string{"Cleaning up orphan processes"}
	}
	first, _, _ := strings.Cut(st.Run, "\n")
	lines := []string{"##[group]Run " + first, "##[endgroup]"}
	for _, l := range st.Log {
		lines = append(lines, strings.Split(l, "\n")...)
	}
	switch st.Conclusion {
	case "failure":
		lines = append(lines, "##[error]Process completed with exit code 1.")
	case "cancelled":
		lines = append(lines, "##[error]The operation was canceled.")
	}
	return lines
}
