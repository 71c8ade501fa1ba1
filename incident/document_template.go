package incident

// documentTemplate is the document before anything is filled in: lines with @@ are parts that Shipmate writes, all else is for people.
// What it asks for goes by what good guides have in common (PagerDuty: Postmortem documentation; Google: Site Reliability Engineering,
// Example Postmortem; Atlassian: Incident Management Handbook), in our own words.
const documentTemplate = `---
@@facts
---

@@head

> Everybody did what made sense to them with what they knew at the time. Write what happened and what made it possible, in roles rather
> than names. Nobody is to blame: what one person could break, the system let them break.

Shipmate keeps the parts between its marks (comments in this file) up to date while the pull request is open, as long as nobody has
changed them. Everything else is yours and stays as you write it.

## Summary

@@summary

<!-- Two or three sentences for somebody who was not there: what broke, for whom, and what ended it. -->

## Impact

@@impact

<!-- How many customers, for how long, what did they see? How do we know? -->

## Timeline

@@timeline

<!-- What happened before it was declared? Add it here, with where it can be seen. -->

## Detection

@@detection

<!-- Who or what noticed first? What would have noticed in half the time? -->

## Response

@@response

<!-- What helped, what held us up? Did the right people come, and did they have what they needed? -->

## Deployments around it

@@deploys

## Contributing factors

<!-- Several things had to come together. What were they, and what surprised us? There is seldom one root cause. -->

-

## What went well

-

## What was hard

-

## Where we got lucky

-

## Known before?

@@earlier

<!-- Was it known that this could happen? Has something like it happened before? -->

## Action items

<!-- Each row becomes an issue when this is merged: something that can be done, by somebody, with an end to it. Owner is a GitHub login
(@ana), a name or an e-mail address; due is a day like 2026-01-31; type is what it does: prevent, detect, mitigate or process. Leave the
issue empty, or name one that is open already. -->

| Action | Owner | Due | Type | Issue |
|---|---|---|---|---|
|  |  |  |  |  |

## Considered and not done

<!-- What else was thought of, and why is it not worth it? -->

-
`
