package bot

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"shipmate/store"
	"shipmate/store/storetest"
)

var linkTime = time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)

// byAdmin and claim are what an admin says of somebody and what somebody says of themselves.
func byAdmin(person, login string) Naming {
	return Naming{Person: person, Service: OnGitHub, Login: login, By: "U0DEV", At: linkTime, Proven: true}
}

func claim(person, login string) Naming {
	return Naming{Person: person, Service: OnGitHub, Login: login, By: person, At: linkTime}
}

func set(t *testing.T, l *Links, n Naming) Account {
	t.Helper()
	a, err := l.Set(t.Context(), n)
	if err != nil {
		t.Fatalf("%+v: %v", n, err)
	}
	return a
}

// refusedWith fails the test unless err is a refusal with that code whose words hold the others.
func refusedWith(t *testing.T, err error, code, words string) {
	t.Helper()
	var no *Refusal
	if !errors.As(err, &no) || no.Code != code || !strings.Contains(string(no.Text), words) {
		t.Errorf("got %v (%+v), want %s with %q", err, no, code, words)
	}
}

// bothWays looks a link up from both ends, inside a transaction as whoever decides does.
func bothWays(t *testing.T, db store.DB, l *Links, person, login string) (found string, owner string, proven bool) {
	t.Helper()
	err := db.Update(context.Background(), func(tx store.Tx) (err error) {
		if found, proven, err = l.Login(tx, person, OnGitHub); err != nil {
			return err
		}
		var same bool
		if owner, same, err = l.Person(tx, OnGitHub, login); err == nil && owner == person && same != proven {
			t.Errorf("%s is proven one way and not the other", person)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found, owner, proven
}

func TestLinksAreFoundBothWays(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	l := NewLinks(db)
	set(t, l, byAdmin("U0ANA", "Ana-L"))
	set(t, l, claim("U0BEN", "ben"))
	if login, owner, proven := bothWays(t, db, l, "U0ANA", "ana-l"); login != "Ana-L" || owner != "U0ANA" || !proven {
		t.Errorf("ana: %q, %q, %t", login, owner, proven)
	}
	if login, owner, proven := bothWays(t, db, l, "U0BEN", "BEN"); login != "ben" || owner != "U0BEN" || proven {
		t.Errorf("ben's claim: %q, %q, %t", login, owner, proven)
	}
	if login, owner, proven := bothWays(t, db, l, "U0DEV", "dev"); login != "" || owner != "" || proven {
		t.Errorf("nobody: %q, %q, %t", login, owner, proven)
	}
	all, err := l.All(t.Context())
	if err != nil || len(all) != 2 || all[0].Person != "U0ANA" || all[1].Accounts[OnGitHub].Login != "ben" {
		t.Errorf("all: %+v, %v", all, err)
	}
}

func TestOneLoginBelongsToOnePerson(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	l := NewLinks(db)
	set(t, l, claim("U0BEN", "ana"))
	_, err := l.Set(t.Context(), byAdmin("U0ANA", "ANA"))
	refusedWith(t, err, "link.taken", "<@U0BEN> already by their own word")
	if _, err := l.Remove(t.Context(), Removal{Request: "r", Person: "U0BEN", Service: OnGitHub, By: "U0DEV", Proven: true}); err != nil {
		t.Fatal(err)
	}
	set(t, l, byAdmin("U0ANA", "ANA"))
	_, err = l.Set(t.Context(), claim("U0BEN", "ana"))
	refusedWith(t, err, "link.taken", "<@U0ANA> already.")
	// The same word at another service is another account.
	if _, err := l.Set(t.Context(), Naming{Person: "U0BEN", Service: OnPagerDuty, Login: "ana@acme.example", By: "U0DEV", At: linkTime}); err != nil {
		t.Error(err)
	}
}

func TestANewLoginFreesTheOldOne(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	l := NewLinks(db)
	set(t, l, byAdmin("U0ANA", "ana"))
	set(t, l, byAdmin("U0ANA", "ana-new"))
	if login, owner, _ := bothWays(t, db, l, "U0ANA", "ana"); login != "ana-new" || owner != "" {
		t.Errorf("ana is %q and the old login is of %q", login, owner)
	}
	set(t, l, claim("U0BEN", "ana"))
}

func TestAClaimNeverWeakensOrMakesProof(t *testing.T) {
	t.Parallel()
	l := NewLinks(storetest.New(t))
	set(t, l, claim("U0ANA", "ana"))
	if a := set(t, l, byAdmin("U0ANA", "ana")); !a.Proven || a.By != "U0DEV" {
		t.Errorf("an admin's word: %+v", a)
	}
	if a := set(t, l, claim("U0ANA", "ana")); !a.Proven || a.By != "U0DEV" {
		t.Errorf("claimed again: %+v", a)
	}
	_, err := l.Set(t.Context(), claim("U0ANA", "mallory"))
	refusedWith(t, err, "link.proven", "You are `ana` on *GitHub* because an admin said so")
	_, err = l.Remove(t.Context(), Removal{Request: "r", Person: "U0ANA", Service: OnGitHub, By: "U0ANA"})
	refusedWith(t, err, "link.proven", "only an admin")
}

func TestTheSameRequestAgainIsAnsweredTheSame(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	l := NewLinks(db)
	first := set(t, l, byAdmin("U0ANA", "ana"))
	later := byAdmin("U0ANA", "ana")
	later.By, later.At = "U0OTHER", linkTime.Add(time.Hour)
	if again := set(t, l, later); again != first {
		t.Errorf("linked again: %+v, first %+v", again, first)
	}
	byDev := Removal{Request: "r1", Person: "U0ANA", Service: OnGitHub, By: "U0DEV", At: linkTime, Proven: true}
	gone, err := l.Remove(t.Context(), byDev)
	if err != nil || gone.Was != "ana" {
		t.Fatalf("%+v, %v", gone, err)
	}
	again, err := l.Remove(t.Context(), byDev)
	if err != nil || again != gone {
		t.Errorf("removed again: %+v, %v", again, err)
	}
	another := byDev
	another.Request = "r2"
	if other, err := l.Remove(t.Context(), another); err != nil || other.Was != "" {
		t.Errorf("another request finds something to remove: %+v, %v", other, err)
	}
	if of, err := l.Of(t.Context(), "U0ANA"); err != nil || len(of.Accounts) != 0 {
		t.Errorf("what is gone is still there: %+v, %v", of, err)
	}
	if login, owner, _ := bothWays(t, db, l, "U0ANA", "ana"); login != "" || owner != "" {
		t.Errorf("what is gone is found: %q, %q", login, owner)
	}
}

func TestCheckLogin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ service, login, want string }{
		{OnGitHub, "ana", "ana"}, {OnGitHub, "@ana", "ana"}, {OnGitHub, "Ana-L-2", "Ana-L-2"}, {OnGitHub, "https://github.com/ana/", "ana"},
		{OnGitHub, "ana_acme", "ana_acme"}, {OnGitHub, strings.Repeat("a", 39), strings.Repeat("a", 39)},
		{OnGitHub, strings.Repeat("a", 40), ""}, {OnGitHub, "-ana", ""}, {OnGitHub, "ana-", ""}, {OnGitHub, "a--b", ""},
		{OnGitHub, "ana@acme.example", ""}, {OnGitHub, "a/b", ""}, {OnGitHub, "", ""}, {OnGitHub, "ána", ""},
		{OnPagerDuty, "PXPGF42", "PXPGF42"}, {OnPagerDuty, "Ana@Acme.example", "ana@acme.example"},
		{OnPagerDuty, "ana", ""}, {OnPagerDuty, "anamaria", ""}, {OnPagerDuty, "a@b", ""}, {OnPagerDuty, "", ""}, {"jira", "ana", ""},
	} {
		got, no := CheckLogin(c.service, c.login)
		if got != c.want || (no == nil) != (c.want != "") {
			t.Errorf("%s %q: %q, %v", c.service, c.login, got, no)
		}
	}
}
