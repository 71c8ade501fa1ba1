package githubtest

import (
	"slices"
	"strings"
)

// allRoutes is the API this server speaks: operation ids, paths and permissions as in GitHub's description. Of two that
// match the first one answers, so what is more specific stands before what swallows slashes.
func (s *Server) allRoutes() []*route {
	const r = "/repos/{owner}/{repo}"
	routes := []*route{
		// Who is asking, and what is there.
		{op: "users/get-authenticated", method: "GET", path: "/user", doc: "users/users#get-the-authenticated-user", need: "user", handle: getAuthenticated},
		{op: "users/get-by-username", method: "GET", path: "/users/{username}", doc: "users/users#get-a-user", handle: getUser},
		{op: "rate-limit/get", method: "GET", path: "/rate_limit", doc: "rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user", free: true, handle: getRateLimit},
		{op: "meta/get", method: "GET", path: "/meta", doc: "meta/meta#get-github-meta-information", handle: getMeta},
		{op: "apps/create-installation-access-token", method: "POST", path: "/app/installations/{id}/access_tokens", doc: "apps/apps#create-an-installation-access-token-for-an-app", need: "jwt", handle: createInstallationToken},
		{op: "apps/get-installation", method: "GET", path: "/app/installations/{id}", doc: "apps/apps#get-an-installation-for-the-authenticated-app", need: "jwt", handle: getInstallation},
		{op: "apps/get-repo-installation", method: "GET", path: r + "/installation", doc: "apps/apps#get-a-repository-installation-for-the-authenticated-app", need: "jwt", handle: getInstallation},

		// Organisations and teams.
		{op: "teams/list", method: "GET", path: "/orgs/{org}/teams", doc: "teams/teams#list-teams", need: "members:read", handle: listTeams},
		{op: "teams/get-by-name", method: "GET", path: "/orgs/{org}/teams/{slug}", doc: "teams/teams#get-a-team-by-name", need: "members:read", handle: getTeam},
		{op: "teams/list-members-in-org", method: "GET", path: "/orgs/{org}/teams/{slug}/members", doc: "teams/members#list-team-members", need: "members:read", handle: listTeamMembers},
		{op: "teams/get-membership-for-user-in-org", method: "GET", path: "/orgs/{org}/teams/{slug}/memberships/{username}", doc: "teams/members#get-team-membership-for-a-user", need: "members:read", handle: getTeamMembership},

		// Repositories, branches, tags.
		{op: "repos/get", method: "GET", path: r, doc: "repos/repos#get-a-repository", need: "metadata:read", handle: getRepo},
		{op: "repos/get-collaborator-permission-level", method: "GET", path: r + "/collaborators/{username}/permission", doc: "collaborators/collaborators#get-repository-permissions-for-a-user", need: "metadata:read", handle: getPermission},
		{op: "repos/get-branch-rules", method: "GET", path: r + "/rules/branches/{branch+}", doc: "repos/rules#get-rules-for-a-branch", need: "metadata:read", handle: getBranchRules},
		{op: "repos/list-branches", method: "GET", path: r + "/branches", doc: "branches/branches#list-branches", need: "contents:read", handle: listBranches},
		{op: "repos/get-status-checks-protection", method: "GET", path: r + "/branches/{branch+}/protection/required_status_checks", doc: "branches/branch-protection#get-status-checks-protection", need: "administration:read", handle: getStatusChecksProtection},
		{op: "repos/get-branch", method: "GET", path: r + "/branches/{branch+}", doc: "branches/branches#get-a-branch", need: "contents:read", handle: getBranch},
		{op: "repos/list-tags", method: "GET", path: r + "/tags", doc: "repos/repos#list-repository-tags", need: "metadata:read", handle: listTags},

		// Commits: what is on them, then the commit itself.
		{op: "repos/list-commits", method: "GET", path: r + "/commits", doc: "commits/commits#list-commits", need: "contents:read", handle: listCommits},
		{op: "repos/list-pull-requests-associated-with-commit", method: "GET", path: r + "/commits/{sha}/pulls", doc: "commits/commits#list-pull-requests-associated-with-a-commit", need: "pull_requests:read", handle: listPullsOfCommit},
		{op: "repos/get-combined-status-for-ref", method: "GET", path: r + "/commits/{ref+}/status", doc: "commits/statuses#get-the-combined-status-for-a-specific-reference", need: "statuses:read", handle: getCombinedStatus},
		{op: "repos/list-commit-statuses-for-ref", method: "GET", path: r + "/commits/{ref+}/statuses", doc: "commits/statuses#list-commit-statuses-for-a-reference", need: "statuses:read", handle: listStatuses},
		{op: "checks/list-for-ref", method: "GET", path: r + "/commits/{ref+}/check-runs", doc: "checks/runs#list-check-runs-for-a-git-reference", need: "checks:read", handle: listCheckRuns},
		{op: "checks/list-suites-for-ref", method: "GET", path: r + "/commits/{ref+}/check-suites", doc: "checks/suites#list-check-suites-for-a-git-reference", need: "checks:read", handle: listCheckSuites},
		{op: "repos/get-commit", method: "GET", path: r + "/commits/{ref+}", doc: "commits/commits#get-a-commit", need: "contents:read", handle: getCommit},
		{op: OpMergeBranch, method: "POST", path: r + "/merges", doc: "branches/branches#merge-a-branch", need: "contents:write", handle: mergeBranch},
		{op: "repos/compare-commits-with-basehead", method: "GET", path: r + "/compare/{basehead+}", doc: "commits/commits#compare-two-commits", need: "contents:read", handle: compare},
		{op: "repos/create-commit-status", method: "POST", path: r + "/statuses/{sha}", doc: "commits/statuses#create-a-commit-status", need: "statuses:write", handle: createStatus},
		{op: "checks/get", method: "GET", path: r + "/check-runs/{id}", doc: "checks/runs#get-a-check-run", need: "checks:read", handle: getCheckRun},

		// Git objects.
		{op: "git/get-ref", method: "GET", path: r + "/git/ref/{ref+}", doc: "git/refs#get-a-reference", need: "contents:read", handle: getRef},
		{op: "git/list-matching-refs", method: "GET", path: r + "/git/matching-refs/{ref+}", doc: "git/refs#list-matching-references", need: "contents:read", handle: matchingRefs},
		{op: "git/create-ref", method: "POST", path: r + "/git/refs", doc: "git/refs#create-a-reference", need: "contents:write", handle: createRef},
		{op: "git/update-ref", method: "PATCH", path: r + "/git/refs/{ref+}", doc: "git/refs#update-a-reference", need: "contents:write", handle: updateRef},
		{op: "git/delete-ref", method: "DELETE", path: r + "/git/refs/{ref+}", doc: "git/refs#delete-a-reference", need: "contents:write", handle: deleteRef},
		{op: "git/get-blob", method: "GET", path: r + "/git/blobs/{sha}", doc: "git/blobs#get-a-blob", need: "contents:read", handle: getBlob},
		{op: "git/create-blob", method: "POST", path: r + "/git/blobs", doc: "git/blobs#create-a-blob", need: "contents:write", handle: createBlob},
		{op: "git/get-tree", method: "GET", path: r + "/git/trees/{sha+}", doc: "git/trees#get-a-tree", need: "contents:read", handle: getTree},
		{op: "git/create-tree", method: "POST", path: r + "/git/trees", doc: "git/trees#create-a-tree", need: "contents:write", handle: createTree},
		{op: "git/get-commit", method: "GET", path: r + "/git/commits/{sha}", doc: "git/commits#get-a-commit-object", need: "contents:read", handle: getGitCommit},
		{op: "git/create-commit", method: "POST", path: r + "/git/commits", doc: "git/commits#create-a-commit", need: "contents:write", handle: createGitCommit},
		{op: "git/get-tag", method: "GET", path: r + "/git/tags/{sha}", doc: "git/tags#get-a-tag", need: "contents:read", handle: getGitTag},
		{op: "repos/get-content", method: "GET", path: r + "/contents/{path+}", doc: "repos/contents#get-repository-content", need: "contents:read", handle: getContent},
		{op: "repos/get-content", method: "GET", path: r + "/contents", doc: "repos/contents#get-repository-content", need: "contents:read", handle: getContent},
		{op: "repos/create-or-update-file-contents", method: "PUT", path: r + "/contents/{path+}", doc: "repos/contents#create-or-update-file-contents", need: "contents:write", handle: putContent},
		{op: OpTarball, method: "GET", path: r + "/tarball/{ref+}", doc: "repos/contents#download-a-repository-archive-tar", need: "contents:read", handle: downloadTarball},

		// Pull requests and issues.
		{op: "pulls/list", method: "GET", path: r + "/pulls", doc: "pulls/pulls#list-pull-requests", need: "pull_requests:read", handle: listPulls},
		{op: "pulls/create", method: "POST", path: r + "/pulls", doc: "pulls/pulls#create-a-pull-request", need: "pull_requests:write", handle: createPull},
		{op: "pulls/get", method: "GET", path: r + "/pulls/{number}", doc: "pulls/pulls#get-a-pull-request", need: "pull_requests:read", handle: getPull},
		{op: "pulls/update", method: "PATCH", path: r + "/pulls/{number}", doc: "pulls/pulls#update-a-pull-request", need: "pull_requests:write", handle: updatePull},
		{op: "pulls/merge", method: "PUT", path: r + "/pulls/{number}/merge", doc: "pulls/pulls#merge-a-pull-request", need: "contents:write", handle: mergePull},
		{op: "pulls/list-files", method: "GET", path: r + "/pulls/{number}/files", doc: "pulls/pulls#list-pull-requests-files", need: "pull_requests:read", handle: listPullFiles},
		{op: "pulls/list-commits", method: "GET", path: r + "/pulls/{number}/commits", doc: "pulls/pulls#list-commits-on-a-pull-request", need: "pull_requests:read", handle: listPullCommits},
		{op: "pulls/list-reviews", method: "GET", path: r + "/pulls/{number}/reviews", doc: "pulls/reviews#list-reviews-for-a-pull-request", need: "pull_requests:read", handle: listReviews},
		{op: "pulls/request-reviewers", method: "POST", path: r + "/pulls/{number}/requested_reviewers", doc: "pulls/review-requests#request-reviewers-for-a-pull-request", need: "pull_requests:write", handle: requestReviewers},
		{op: "issues/create", method: "POST", path: r + "/issues", doc: "issues/issues#create-an-issue", need: "issues:write", handle: createIssue},
		{op: "issues/update", method: "PATCH", path: r + "/issues/{number}", doc: "issues/issues#update-an-issue", need: "issues:write", handle: updateIssue},
		{op: "issues/add-labels", method: "POST", path: r + "/issues/{number}/labels", doc: "issues/labels#add-labels-to-an-issue", need: "issues:write", handle: addLabels},
		{op: "issues/add-assignees", method: "POST", path: r + "/issues/{number}/assignees", doc: "issues/assignees#add-assignees-to-an-issue", need: "issues:write", handle: addAssignees},
		{op: "issues/list-for-repo", method: "GET", path: r + "/issues", doc: "issues/issues#list-repository-issues", need: "issues:read", handle: listIssues},
		{op: "issues/get", method: "GET", path: r + "/issues/{number}", doc: "issues/issues#get-an-issue", need: "issues:read", handle: getIssue},
		{op: "issues/list-events-for-timeline", method: "GET", path: r + "/issues/{number}/timeline", doc: "issues/timeline#list-timeline-events-for-an-issue", need: "issues:read", handle: listTimeline},
		{op: "issues/list-comments", method: "GET", path: r + "/issues/{number}/comments", doc: "issues/comments#list-issue-comments", need: "issues:read", handle: listComments},
		{op: "issues/create-comment", method: "POST", path: r + "/issues/{number}/comments", doc: "issues/comments#create-an-issue-comment", need: "issues:write", handle: createComment},
		{op: "issues/update-comment", method: "PATCH", path: r + "/issues/comments/{id}", doc: "issues/comments#update-an-issue-comment", need: "issues:write", handle: updateComment},
		{op: "reactions/list-for-issue", method: "GET", path: r + "/issues/{number}/reactions", doc: "reactions/reactions#list-reactions-for-an-issue", need: "issues:read", handle: listIssueReactions},

		// Actions.
		{op: "actions/list-repo-workflows", method: "GET", path: r + "/actions/workflows", doc: "actions/workflows#list-repository-workflows", need: "actions:read", handle: listWorkflows},
		{op: "actions/get-workflow", method: "GET", path: r + "/actions/workflows/{workflow}", doc: "actions/workflows#get-a-workflow", need: "actions:read", handle: getWorkflow},
		{op: "actions/create-workflow-dispatch", method: "POST", path: r + "/actions/workflows/{workflow}/dispatches", doc: "actions/workflows#create-a-workflow-dispatch-event", need: "actions:write", handle: dispatchWorkflow},
		{op: "actions/list-workflow-runs", method: "GET", path: r + "/actions/workflows/{workflow}/runs", doc: "actions/workflow-runs#list-workflow-runs-for-a-workflow", need: "actions:read", handle: listRuns},
		{op: "actions/list-workflow-runs-for-repo", method: "GET", path: r + "/actions/runs", doc: "actions/workflow-runs#list-workflow-runs-for-a-repository", need: "actions:read", handle: listRuns},
		{op: "actions/get-workflow-run", method: "GET", path: r + "/actions/runs/{run}", doc: "actions/workflow-runs#get-a-workflow-run", need: "actions:read", handle: getRun},
		{op: "actions/get-workflow-run-attempt", method: "GET", path: r + "/actions/runs/{run}/attempts/{attempt}", doc: "actions/workflow-runs#get-a-workflow-run-attempt", need: "actions:read", handle: getRun},
		{op: "actions/list-jobs-for-workflow-run", method: "GET", path: r + "/actions/runs/{run}/jobs", doc: "actions/workflow-jobs#list-jobs-for-a-workflow-run", need: "actions:read", handle: listJobs},
		{op: "actions/list-jobs-for-workflow-run-attempt", method: "GET", path: r + "/actions/runs/{run}/attempts/{attempt}/jobs", doc: "actions/workflow-jobs#list-jobs-for-a-workflow-run-attempt", need: "actions:read", handle: listJobs},
		{op: "actions/get-job-for-workflow-run", method: "GET", path: r + "/actions/jobs/{job}", doc: "actions/workflow-jobs#get-a-job-for-a-workflow-run", need: "actions:read", handle: getJob},
		{op: "actions/download-job-logs-for-workflow-run", method: "GET", path: r + "/actions/jobs/{job}/logs", doc: "actions/workflow-jobs#download-job-logs-for-a-workflow-run", need: "actions:read", handle: jobLogs},
		{op: "actions/download-workflow-run-logs", method: "GET", path: r + "/actions/runs/{run}/logs", doc: "actions/workflow-runs#download-workflow-run-logs", need: "actions:read", handle: runLogs},
		{op: "actions/cancel-workflow-run", method: "POST", path: r + "/actions/runs/{run}/cancel", doc: "actions/workflow-runs#cancel-a-workflow-run", need: "actions:write", handle: cancelRun},
		{op: "actions/force-cancel-workflow-run", method: "POST", path: r + "/actions/runs/{run}/force-cancel", doc: "actions/workflow-runs#force-cancel-a-workflow-run", need: "actions:write", handle: cancelRun},
		{op: "actions/re-run-workflow", method: "POST", path: r + "/actions/runs/{run}/rerun", doc: "actions/workflow-runs#re-run-a-workflow", need: "actions:write", handle: rerunAll},
		{op: "actions/re-run-workflow-failed-jobs", method: "POST", path: r + "/actions/runs/{run}/rerun-failed-jobs", doc: "actions/workflow-runs#re-run-failed-jobs-from-a-workflow-run", need: "actions:write", handle: rerunFailed},
		{op: "actions/re-run-job-for-workflow-run", method: "POST", path: r + "/actions/jobs/{job}/rerun", doc: "actions/workflow-runs#re-run-a-job-from-a-workflow-run", need: "actions:write", handle: rerunJob},

		// Deployments.
		{op: "repos/list-deployments", method: "GET", path: r + "/deployments", doc: "deployments/deployments#list-deployments", need: "deployments:read", handle: listDeployments},
		{op: "repos/create-deployment", method: "POST", path: r + "/deployments", doc: "deployments/deployments#create-a-deployment", need: "deployments:write", handle: createDeployment},
		{op: "repos/get-deployment", method: "GET", path: r + "/deployments/{id}", doc: "deployments/deployments#get-a-deployment", need: "deployments:read", handle: getDeployment},
		{op: "repos/list-deployment-statuses", method: "GET", path: r + "/deployments/{id}/statuses", doc: "deployments/statuses#list-deployment-statuses", need: "deployments:read", handle: listDeploymentStatuses},
		{op: "repos/create-deployment-status", method: "POST", path: r + "/deployments/{id}/statuses", doc: "deployments/statuses#create-a-deployment-status", need: "deployments:write", handle: createDeploymentStatus},
		{op: "repos/get-all-environments", method: "GET", path: r + "/environments", doc: "deployments/environments#list-environments", need: "actions:read", handle: listEnvironments},
		{op: "repos/get-environment", method: "GET", path: r + "/environments/{name}", doc: "deployments/environments#get-an-environment", need: "actions:read", handle: getEnvironment},

		// Where the logs really are; on GitHub another host, with a key in the address instead of a token.
		{op: opLog, method: "GET", path: "/_logs/{owner}/{repo}/{kind}/{id}", free: true, handle: downloadLog},

		// Where archives really are; on GitHub codeload.github.com, likewise.
		{op: OpCodeload, method: "GET", path: "/_codeload/{owner}/{repo}/legacy.tar.gz/{ref+}", free: true, handle: codeload},
	}
	for _, rt := range routes {
		rt.compile()
	}
	return routes
}

// Operations lists GitHub's ids of the operations this server knows, each once, sorted.
func (s *Server) Operations() []string {
	var ops []string
	for _, rt := range s.routes {
		if !strings.HasPrefix(rt.op, elsewhereOp) {
			ops = append(ops, rt.op)
		}
	}
	slices.Sort(ops)
	return slices.Compact(ops)
}

// elsewhereOp begins what is no operation of the API but where its redirects lead.
const elsewhereOp = "githubtest/"

const opLog = elsewhereOp + "log"
