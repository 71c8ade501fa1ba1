package githubtest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// obj is a JSON object; keys come out sorted, so equal states have equal bytes and so equal ETags.
type obj = map[string]any

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func stampOrNil(t *time.Time) any {
	if t == nil {
		return nil
	}
	return stamp(*t)
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func num(n any) string { return fmt.Sprint(n) }

// api is an address of this API.
func (q *request) api(format string, args ...any) string {
	return q.s.base + "/" + fmt.Sprintf(format, args...)
}

// html is an address of the web pages.
func (q *request) html(format string, args ...any) string {
	return q.s.opts.HTMLURL + "/" + fmt.Sprintf(format, args...)
}

// of is an address below the request's repository.
func (q *request) of(format string, args ...any) string {
	return q.api("repos/%s/%s", q.repo.full(), fmt.Sprintf(format, args...))
}

// page is a web page below the request's repository.
func (q *request) page(format string, args ...any) string {
	return q.html("%s/%s", q.repo.full(), fmt.Sprintf(format, args...))
}

// How long titles and descriptions may be, in characters.
const (
	maxTitle = 256
	maxBody  = 65536
)

func tooLong(text string, limit int) bool { return utf8.RuneCountInString(text) > limit }

// tooLong is 422 for a text beyond its limit.
func (q *request) tooLong(resource, field string, limit int) reply {
	return q.fail(422, "Validation Failed", obj{"resource": resource, "field": field, "code": "custom",
		"message": fmt.Sprintf("%s is too long (maximum is %d characters)", field, limit)})
}

// read decodes the body into v, which has the fields GitHub knows; what is no JSON is 400.
func (q *request) read(v any) *reply {
	if len(q.body) == 0 {
		return nil
	}
	if err := json.Unmarshal(q.body, v); err != nil {
		if _, wrong := err.(*json.UnmarshalTypeError); wrong {
			return refuse(q.fail(422, "Invalid request.\n\nFor 'properties', "+strings.TrimPrefix(err.Error(), "json: ")+"."))
		}
		return refuse(q.fail(400, "Problems parsing JSON"))
	}
	return nil
}

// num reads a number from the path; 0 when it is none.
func (q *request) num(name string) int64 {
	n, _ := strconv.ParseInt(q.vars[name], 10, 64)
	return n
}

// paged cuts the asked page out of a list and links to the others ("GitHub REST: Using pagination").
func paged[T any](q *request, items []T) ([]T, string) {
	size, at := 30, 1
	if n, err := strconv.Atoi(q.query.Get("per_page")); err == nil && n > 0 {
		size = min(n, 100)
	}
	if n, err := strconv.Atoi(q.query.Get("page")); err == nil && n > 0 {
		at = n
	}
	last := max(1, (len(items)+size-1)/size)
	var links []string
	link := func(page int, rel string) {
		v := url.Values{}
		for k, old := range q.query {
			v[k] = old
		}
		v.Set("page", fmt.Sprint(page))
		links = append(links, fmt.Sprintf(`<http://%s%s?%s>; rel="%s"`, q.Host, q.URL.EscapedPath(), v.Encode(), rel))
	}
	if at > 1 {
		link(min(at-1, last), "prev")
	}
	if at < last {
		link(at+1, "next")
		link(last, "last")
	}
	if at > 1 {
		link(1, "first")
	}
	from := min((at-1)*size, len(items))
	return items[from:min(from+size, len(items))], strings.Join(links, ", ")
}

// listed answers with the asked page of a list, each item shown by show.
func listed[T any](q *request, items []T, show func(T) obj) reply {
	cut, links := paged(q, items)
	return ok(each(cut, show)).linked(links)
}

// counted answers as listed does, inside an object that tells the total.
func counted[T any](q *request, name string, items []T, show func(T) obj) reply {
	cut, links := paged(q, items)
	return ok(obj{"total_count": len(items), name: each(cut, show)}).linked(links)
}

func (r reply) linked(links string) reply {
	if links == "" {
		return r
	}
	return r.with("Link", links)
}

func each[T any](items []T, show func(T) obj) []obj {
	out := make([]obj, 0, len(items)) // [] and never null
	for _, item := range items {
		out = append(out, show(item))
	}
	return out
}
