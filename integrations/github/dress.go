package github

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// dress gives a pull request the labels and reviewers that it still lacks. It may be done without, so that failures are only told;
// one that is over is left as it is.
func (c *Client) dress(ctx context.Context, p Proposal, pull *gh.PullRequest) Proposed {
	out := Proposed{Number: pull.GetNumber(), URL: pull.GetHTMLURL(), Branch: p.Branch, Head: pull.GetHead().GetSHA()}
	out.Merged = pull.MergedAt != nil
	out.Closed = pull.GetState() == "closed" && !out.Merged
	if pull.GetState() == "closed" {
		return out
	}
	var has []string
	for _, l := range pull.Labels {
		has = append(has, l.GetName())
	}
	out.Problems = append(c.label(ctx, p.Repo, out.Number, lacking(p.Labels, has)), c.askReviewers(ctx, p, pull)...)
	return out
}

// lacking are those of wanted that are not in has, in any case.
func lacking(wanted, has []string) []string {
	var out []string
	for _, w := range wanted {
		same := func(h string) bool { return strings.EqualFold(h, w) }
		if !slices.ContainsFunc(has, same) && !slices.ContainsFunc(out, same) {
			out = append(out, w)
		}
	}
	return out
}

// label puts labels on an issue or pull request and says which it has not got.
func (c *Client) label(ctx context.Context, repo string, number int, labels []string) (problems []string) {
	if len(labels) == 0 {
		return nil
	}
	var all []*gh.Label
	_, err := c.postRepo(ctx, "add labels", repo, map[string][]string{"labels": labels}, &all, "issues", strconv.Itoa(number), "labels")
	if err != nil {
		return []string{fmt.Sprintf("It is without %s: %s", named("the label", labels), said(err))}
	}
	return withoutLabels(labels, namesOf(all))
}

func namesOf(labels []*gh.Label) []string {
	var out []string
	for _, l := range labels {
		out = append(out, l.GetName())
	}
	return out
}

func loginsOf(users []*gh.User) []string {
	var out []string
	for _, u := range users {
		out = append(out, u.GetLogin())
	}
	return out
}

// withoutLabels says which labels GitHub was given and has left out without a word (GitHub REST: Create an issue).
func withoutLabels(wanted, got []string) []string {
	if left := lacking(wanted, got); len(left) > 0 {
		return []string{fmt.Sprintf("It is without %s: GitHub takes labels only from who has write access.", named("the label", left))}
	}
	return nil
}

// named lists names: "the label a", "the labels a, b".
func named(what string, names []string) string {
	if len(names) > 1 {
		what += "s"
	}
	return what + " " + strings.Join(names, ", ")
}

// said is an error in a sentence for people.
func said(err error) string {
	var e interface{ UserMessage() string }
	if errors.As(err, &e) {
		return e.UserMessage()
	}
	return "GitHub was not asked."
}

// askReviewers asks those for a review that are not asked and have not given one. GitHub asks all of a call or none, so after a refusal
// they are asked one by one.
func (c *Client) askReviewers(ctx context.Context, p Proposal, pull *gh.PullRequest) (problems []string) {
	asked := loginsOf(pull.RequestedReviewers)
	owner, _, _ := strings.Cut(p.Repo, "/")
	for _, t := range pull.RequestedTeams {
		asked = append(asked, owner+"/"+t.GetSlug())
	}
	want := lacking(p.Reviewers, asked)
	if len(want) == 0 {
		return nil
	}
	if p.Retry { // somebody who has reviewed is no longer asked, and is not to be asked again
		reviews, err := c.reviews(ctx, p.Repo, pull.GetNumber())
		if err != nil {
			return []string{fmt.Sprintf("%s may not have been asked for a review: %s", strings.Join(want, ", "), said(err))}
		}
		for _, r := range reviews {
			asked = append(asked, r.GetUser().GetLogin())
		}
		if want = lacking(want, asked); len(want) == 0 {
			return nil
		}
	}
	err := c.requestReviews(ctx, p.Repo, pull.GetNumber(), want)
	if refusedFor(err, "") && len(want) > 1 {
		for _, one := range want {
			if err := c.requestReviews(ctx, p.Repo, pull.GetNumber(), []string{one}); err != nil {
				problems = append(problems, notAsked(one, err))
			}
		}
		return problems
	}
	if err != nil {
		return []string{notAsked(strings.Join(want, ", "), err)}
	}
	return nil
}

func notAsked(who string, err error) string {
	return fmt.Sprintf("A review could not be asked of %s: %s", who, said(err))
}

func (c *Client) requestReviews(ctx context.Context, repo string, number int, who []string) error {
	people, teams := []string{}, []string{}
	for _, w := range who {
		if _, slug, team := strings.Cut(w, "/"); team {
			teams = append(teams, slug)
		} else {
			people = append(people, w)
		}
	}
	body := map[string][]string{"reviewers": people, "team_reviewers": teams}
	_, err := c.postRepo(ctx, "ask for a review", repo, body, nil, "pulls", strconv.Itoa(number), "requested_reviewers")
	return err
}
