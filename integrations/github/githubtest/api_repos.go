package githubtest

import (
	"maps"
	"slices"
	"strings"
)

// templates are the addresses every repository carries: field → what follows the repository's own.
var templates = map[string]string{"archive_url": "{archive_format}{/ref}", "assignees_url": "assignees{/user}", "blobs_url": "git/blobs{/sha}",
	"branches_url": "branches{/branch}", "collaborators_url": "collaborators{/collaborator}", "comments_url": "comments{/number}",
	"commits_url": "commits{/sha}", "compare_url": "compare/{base}...{head}", "contents_url": "contents/{+path}",
	"contributors_url": "contributors", "deployments_url": "deployments", "downloads_url": "downloads", "events_url": "events",
	"forks_url": "forks", "git_commits_url": "git/commits{/sha}", "git_refs_url": "git/refs{/sha}", "git_tags_url": "git/tags{/sha}",
	"hooks_url": "hooks", "issue_comment_url": "issues/comments{/number}", "issue_events_url": "issues/events{/number}",
	"issues_url": "issues{/number}", "keys_url": "keys{/key_id}", "labels_url": "labels{/name}", "languages_url": "languages",
	"merges_url": "merges", "milestones_url": "milestones{/number}", "notifications_url": "notifications{?since,all,participating}",
	"pulls_url": "pulls{/number}", "releases_url": "releases{/id}", "stargazers_url": "stargazers", "statuses_url": "statuses/{sha}",
	"subscribers_url": "subscribers", "subscription_url": "subscription", "tags_url": "tags", "teams_url": "teams", "trees_url": "git/trees{/sha}"}

// repository shows the request's repository as it stands inside other objects.
func (q *request) repository() obj {
	d := q.repo
	o := obj{"id": d.ID, "node_id": nodeID("R", d.ID), "name": d.Name, "full_name": d.full(), "private": d.Private, "owner": q.user(d.Owner),
		"html_url": q.html("%s", d.full()), "description": orNil(d.Description), "fork": false, "url": q.api("repos/%s", d.full())}
	for field, rest := range templates {
		o[field] = q.api("repos/%s/", d.full()) + rest
	}
	return o
}

// fullRepository shows it on its own.
func (q *request) fullRepository() obj {
	d, o := q.repo, q.repository()
	visibility := "public"
	if d.Private {
		visibility = "private"
	}
	open := 0
	for _, i := range d.Issues {
		if i.State == "open" {
			open++
		}
	}
	level := slices.Index(levels, q.s.level(d, q.who.login))
	may := func(l string) bool { return level >= slices.Index(levels, l) }
	for k, v := range map[string]any{"clone_url": q.html("%s.git", d.full()), "git_url": "git://github.com/" + d.full() + ".git",
		"ssh_url": "git@github.com:" + d.full() + ".git", "svn_url": q.html("%s", d.full()), "mirror_url": nil, "homepage": nil,
		"language": nil, "license": nil, "topics": []string{}, "visibility": visibility, "default_branch": d.DefaultBranch,
		"forks": 0, "forks_count": 0, "network_count": 0, "stargazers_count": 0, "subscribers_count": 0, "watchers": 0, "watchers_count": 0,
		"open_issues": open, "open_issues_count": open, "size": len(d.Git.Blobs), "has_issues": true, "has_projects": true, "has_wiki": false,
		"has_pages": false, "has_discussions": false, "has_downloads": true, "archived": false, "disabled": false, "is_template": false,
		"allow_forking": true, "allow_merge_commit": true, "allow_squash_merge": true, "allow_rebase_merge": true, "delete_branch_on_merge": d.TidiesUp, "web_commit_signoff_required": false, "created_at": stamp(d.Created), "updated_at": stamp(d.Pushed),
		"pushed_at": stamp(d.Pushed), "permissions": obj{"admin": may("admin"), "maintain": may("maintain"), "push": may("push"),
			"triage": may("triage"), "pull": may("pull")}} {
		o[k] = v
	}
	return o
}

func getRepo(q *request) reply { return ok(q.fullRepository()) }

// getPermission tells what a user may do here; the role is the finer word for it.
func getPermission(q *request) reply {
	a := q.s.w.Accounts[strings.ToLower(q.vars["username"])]
	if a == nil {
		return q.fail(404, q.vars["username"]+" is not a user")
	}
	level := q.s.level(q.repo, a.Login)
	permission := map[string]string{"": "none", "pull": "read", "triage": "read", "push": "write", "maintain": "write", "admin": "admin"}[level]
	role := map[string]string{"": "none", "pull": "read", "triage": "triage", "push": "write", "maintain": "maintain", "admin": "admin"}[level]
	user := q.account(a)
	user["role_name"] = role
	at := slices.Index(levels, level)
	user["permissions"] = obj{"pull": at >= 1, "triage": at >= 2, "push": at >= 3, "maintain": at >= 4, "admin": at >= 5}
	return ok(obj{"permission": permission, "role_name": role, "user": user})
}

// refNames lists the short names below a prefix such as refs/heads/, sorted.
func (d *repo) refNames(prefix string) []string {
	var names []string
	for _, ref := range slices.Sorted(maps.Keys(d.Git.Refs)) {
		if name, ok := strings.CutPrefix(ref, prefix); ok {
			names = append(names, name)
		}
	}
	return names
}

func (d *repo) protected(branch string) bool {
	_, classic := d.Protection[branch]
	return classic || len(d.Rulesets[branch]) > 0
}

func listBranches(q *request) reply {
	names := q.repo.refNames("refs/heads/")
	if p := q.query.Get("protected"); p != "" {
		names = slices.DeleteFunc(names, func(n string) bool { return q.repo.protected(n) != (p == "true") })
	}
	return listed(q, names, func(name string) obj {
		sha := q.repo.Git.Refs["refs/heads/"+name]
		return obj{"name": name, "commit": obj{"sha": sha, "url": q.of("commits/%s", sha)}, "protected": q.repo.protected(name)}
	})
}

func getBranch(q *request) reply {
	name := q.vars["branch"]
	sha, ok_ := q.repo.Git.Refs["refs/heads/"+name]
	if !ok_ {
		return q.fail(404, "Branch not found")
	}
	contexts, classic := q.repo.Protection[name]
	level := "off"
	if classic {
		level = "non_admins"
	}
	return ok(obj{"name": name, "commit": q.commit(sha), "protected": q.repo.protected(name),
		"_links":         obj{"self": q.of("branches/%s", name), "html": q.page("tree/%s", name)},
		"protection":     obj{"enabled": classic, "required_status_checks": obj{"enforcement_level": level, "contexts": list0(contexts), "checks": checksOf(contexts)}},
		"protection_url": q.of("branches/%s/protection", name)})
}

// list0 is never null in JSON.
func list0[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

func checksOf(contexts []string) []obj {
	return each(contexts, func(c string) obj { return obj{"context": c, "app_id": nil} })
}

func getStatusChecksProtection(q *request) reply {
	name := q.vars["branch"]
	if _, there := q.repo.Git.Refs["refs/heads/"+name]; !there {
		return q.fail(404, "Branch not found")
	}
	contexts, classic := q.repo.Protection[name]
	switch {
	case !classic:
		return q.fail(404, "Branch not protected")
	case len(contexts) == 0:
		return q.fail(404, "Required status checks not enabled")
	}
	at := q.of("branches/%s/protection/required_status_checks", name)
	return ok(obj{"url": at, "contexts_url": at + "/contexts", "strict": false, "contexts": contexts, "checks": checksOf(contexts)})
}

func getBranchRules(q *request) reply {
	var rules []obj
	if contexts := q.repo.Rulesets[q.vars["branch"]]; len(contexts) > 0 {
		rules = append(rules, obj{"type": "required_status_checks", "ruleset_source_type": "Repository", "ruleset_source": q.repo.full(),
			"ruleset_id": q.repo.ID, "parameters": obj{"strict_required_status_checks_policy": false,
				"required_status_checks": each(contexts, func(c string) obj { return obj{"context": c} })}})
	}
	return listed(q, rules, func(o obj) obj { return o })
}

func listTags(q *request) reply {
	return listed(q, q.repo.refNames("refs/tags/"), func(name string) obj {
		sha := q.repo.Git.peel(q.repo.Git.Refs["refs/tags/"+name])
		return obj{"name": name, "node_id": nodeID("REF", name), "commit": obj{"sha": sha, "url": q.of("commits/%s", sha)},
			"zipball_url": q.of("zipball/refs/tags/%s", name), "tarball_url": q.of("tarball/refs/tags/%s", name)}
	})
}
